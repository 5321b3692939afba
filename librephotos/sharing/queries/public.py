"""What visitors see by a link: an album, one photo of it, a photo by a link of its own."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, exists, literal, select

from librephotos.albums.filters import MediaFilter
from librephotos.albums.masking import SharingSettings, effective_settings
from librephotos.albums.queries.user_albums import find_linked_album, show_linked
from librephotos.db.statements import Statement, id_list, scalar
from librephotos.db.tables import (
    album,
    album_link,
    album_photo,
    file,
    photo,
    photo_link,
    photo_metadata,
    user,
)
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.photos.keys import PhotoKey
from librephotos.photos.looks import CONTENT_IF_REDRAWN
from librephotos.photos.queries.details import FACE_ROWS
from librephotos.photos.visibility import IS_VISIBLE, LINKS_ARE_ALLOWED
from librephotos.sharing.disclosing import PublicRow, linked_photo, public_photo
from librephotos.sharing.schemas import (
    LinkedAlbumAnswer,
    LinkedPhotoAnswer,
    PublicPhoto,
    PublicPhotoAnswer,
)
from librephotos.sharing.slugs import digest_of

_IS_KNOWN = Statement(select(album_link.c.album_id).where(album_link.c.slug == bindparam("slug")), scalar)
_IS_KNOWN_PHOTO = Statement(
    select(photo_link.c.photo_id).where(photo_link.c.digest == bindparam("digest")), scalar
)
_COLUMNS = (
    photo.c.id,
    photo.c.image_hash,
    photo.c.is_video,
    photo.c.aspect_ratio,
    photo.c.taken_local,
    photo.c.gps_lat,
    photo.c.gps_lon,
    photo.c.location,
    photo_metadata.c.geolocation,
    photo_metadata.c.camera_make,
    photo_metadata.c.camera_model,
    photo_metadata.c.lens,
    photo_metadata.c.focal_length,
    photo_metadata.c.fstop,
    photo_metadata.c.iso,
    photo_metadata.c.shutter_speed,
    photo_metadata.c.width,
    photo_metadata.c.height,
    photo_metadata.c.captions,
)
_WITH_METADATA = photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)


def _in_album(is_uuid: bool) -> Statement[PublicRow]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    # The album vouches for its owner's own photos.
    is_member: ColumnElement[bool] = (
        exists(literal(1))
        .where(
            album_photo.c.photo_id == photo.c.id,
            album_photo.c.album_id == bindparam("album_id"),
            album.c.id == album_photo.c.album_id,
            album.c.owner_id == photo.c.owner_id,
        )
        .correlate(photo)
    )
    return Statement(
        select(*_COLUMNS)
        .select_from(_WITH_METADATA)
        .where(key == bindparam("key"), IS_VISIBLE, is_member)
        .order_by(photo.c.id)
        .limit(1),
        PublicRow,
        raw=True,
    )


_IN_ALBUM = {is_uuid: _in_album(is_uuid) for is_uuid in (True, False)}
_WORKS = and_(
    photo_link.c.digest == bindparam("digest"), user.c.is_active.is_(True), LINKS_ARE_ALLOWED, IS_VISIBLE
)


def _with_defaults(*columns: Any) -> tuple[PublicRow, SharingSettings]:
    *row, defaults = columns
    return PublicRow(*row), effective_settings(json.loads(defaults) if defaults else None, None)


_BY_LINK = Statement(
    select(*_COLUMNS, user.c.public_sharing_defaults)
    .select_from(
        _WITH_METADATA.join(photo_link, photo_link.c.photo_id == photo.c.id).join(
            user, user.c.id == photo.c.owner_id
        )
    )
    .where(_WORKS),
    _with_defaults,
    raw=True,
)


class LinkedFile(msgspec.Struct, frozen=True):
    """What is needed to send the picture or the video behind a photo's link."""

    image_hash: str
    owner_id: int
    is_video: int
    orientation: int
    content: str | None
    path: bytes | None
    mime: str | None
    defaults: str | None

    @property
    def shares_original(self) -> bool:
        """Whether the owner shares all that an original tells beside its pixels."""
        settings = effective_settings(json.loads(self.defaults) if self.defaults else None, None)
        return settings.share_location and settings.share_camera_info and settings.share_timestamps


_FILE = Statement(
    select(
        photo.c.image_hash,
        photo.c.owner_id,
        photo.c.is_video,
        photo.c.local_orientation,
        CONTENT_IF_REDRAWN,
        file.c.path_bytes,
        file.c.mime,
        user.c.public_sharing_defaults,
    )
    .select_from(
        photo_link.join(photo, photo.c.id == photo_link.c.photo_id)
        .join(user, user.c.id == photo.c.owner_id)
        .outerjoin(file, file.c.id == photo.c.main_file_id)
    )
    .where(_WORKS),
    LinkedFile,
    raw=True,
)


class Found(msgspec.Struct, frozen=True):
    """What a link leads to; `answer` is None where the album has no such photo."""

    answer: LinkedAlbumAnswer | PublicPhotoAnswer | None
    is_chosen: bool


def find_album(tx: Tx, slug: str, wanted: MediaFilter) -> Found | None:
    """Return the album behind a link that works."""
    linked = find_linked_album(tx, slug)
    if linked is None:
        return None
    return Found(LinkedAlbumAnswer(show_linked(tx, linked, wanted), linked.settings), linked.is_chosen)


def find_album_photo(tx: Tx, slug: str, key: PhotoKey | None) -> Found | None:
    """Return one photo of the album behind a link that works."""
    linked = find_linked_album(tx, slug)
    if linked is None:
        return None
    row = None
    if key is not None:
        row = tx.first(_IN_ALBUM[key.is_uuid], key=key.value, album_id=linked.row.album_id)
    if row is None:
        return Found(None, linked.is_chosen)
    return Found(PublicPhotoAnswer(_shown(tx, row, linked.settings), linked.settings), linked.is_chosen)


def is_known_album_slug(tx: Tx, slug: str) -> bool:
    """Whether an album's link has this slug, which may have expired: who asks for it has guessed nothing."""
    return tx.first(_IS_KNOWN, slug=slug) is not None


def is_known_photo_slug(tx: Tx, slug: str) -> bool:
    """Whether a photo's link has this slug, though the photo may be hidden."""
    return tx.first(_IS_KNOWN_PHOTO, digest=digest_of(slug)) is not None


def find_photo(tx: Tx, slug: str) -> LinkedPhotoAnswer | None:
    """Return the photo behind a link of its own, while it is neither hidden nor in the trash."""
    found = tx.first(_BY_LINK, digest=digest_of(slug))
    if found is None:
        return None
    row, settings = found
    return LinkedPhotoAnswer(linked_photo(_shown(tx, row, settings), slug), settings)


def find_photo_file(tx: Tx, slug: str) -> LinkedFile | None:
    return tx.first(_FILE, digest=digest_of(slug))


def _shown(tx: Tx, row: PublicRow, settings: SharingSettings) -> PublicPhoto:
    faces = tx.all(FACE_ROWS, photo_ids=id_list([row.photo_id])) if settings.share_faces else []
    return public_photo(row, faces, settings)
