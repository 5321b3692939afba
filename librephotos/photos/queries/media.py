"""The photos that a media name may mean, and how the viewer stands to each: one statement for any picture."""

from typing import Any

from sqlalchemy import and_, bindparam, case, exists, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, scalar
from librephotos.db.tables import album, album_link, album_photo, embedded_media, face, file, photo, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.photos.grants import Disclosure, MediaRow, disclosed
from librephotos.photos.keys import PhotoKey
from librephotos.photos.looks import CONTENT_IF_REDRAWN
from librephotos.photos.visibility import (
    IS_IN_LIVE_LINK,
    IS_IN_SHARED_ALBUM,
    IS_SHARED_DIRECTLY,
    IS_VISIBLE,
    LINKS_OF_PHOTO,
    narrowed,
)


def _media(is_uuid: bool, is_limited: bool) -> Statement[MediaRow]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    return Statement(
        select(
            photo.c.id,
            photo.c.image_hash,
            photo.c.owner_id,
            photo.c.is_video,
            photo.c.is_removed,
            case((and_(IS_VISIBLE), 1), else_=0),
            photo.c.is_public,
            IS_SHARED_DIRECTLY,
            IS_IN_SHARED_ALBUM,
            IS_IN_LIVE_LINK,
            file.c.path_bytes,
            file.c.mime,
            photo.c.local_orientation,
            CONTENT_IF_REDRAWN,
        )
        .select_from(photo.outerjoin(file, file.c.id == photo.c.main_file_id))
        .where(narrowed(key == bindparam("key"), is_limited))
        .order_by(photo.c.id),
        MediaRow,
        raw=True,
    )


_MEDIA = {
    (is_uuid, is_limited): _media(is_uuid, is_limited)
    for is_uuid in (True, False)
    for is_limited in (True, False)
}


def list_media(tx: Tx, viewer: Viewer, key: PhotoKey) -> list[MediaRow]:
    return tx.all(
        _MEDIA[key.is_uuid, viewer.is_limited],
        key=key.value,
        viewer_id=viewer.user_id,
        key_id=viewer.key_id,
        now=clock.now(),
    )


_SWITCHES = (
    album_link.c.share_location,
    album_link.c.share_camera_info,
    album_link.c.share_timestamps,
    album_link.c.share_faces,
)
_DEFAULTS = Statement(
    select(user.c.public_sharing_defaults).where(user.c.id == bindparam("owner_id")), scalar
)
_LINKS = Statement(
    select(*_SWITCHES)
    .select_from(photo, album_photo, album, album_link)
    .where(photo.c.id == bindparam("photo_id"), LINKS_OF_PHOTO),
    lambda *switches: dict(zip((column.name for column in _SWITCHES), switches, strict=True)),
)


def get_disclosure(tx: Tx, row: MediaRow) -> Disclosure:
    """Return what visitors may learn of a photo that they may see."""
    defaults = tx.first(_DEFAULTS, owner_id=row.owner_id)
    links = tx.all(_LINKS, photo_id=row.photo_id, now=clock.now())
    return disclosed(json.loads(defaults) if defaults else None, links, is_public=bool(row.is_public))


_CLIP = Statement(
    select(embedded_media.c.path)
    .where(embedded_media.c.photo_id == bindparam("photo_id"), embedded_media.c.is_video.is_(True))
    .order_by(embedded_media.c.id)
    .limit(1),
    scalar,
)
_FACE = Statement(
    select(
        exists().where(
            face.c.photo_id == bindparam("photo_id"),
            face.c.is_deleted.is_(False),
            face.c.image.in_([bindparam("name"), bindparam("stored_name")]),
        )
    ),
    scalar,
)
_ROOTS = Statement(
    select(user.c.scan_directory, user.c.upload_directory).where(user.c.id == bindparam("owner_id")), as_row
)


_WISH = Statement(select(user.c.transcode_videos).where(user.c.id == bindparam("viewer_id")), scalar)


def wants_transcoding(tx: Tx, user_id: int) -> bool:
    """Whether videos that this user plays are to be converted."""
    return bool(tx.first(_WISH, viewer_id=user_id))


def find_clip_path(tx: Tx, photo_id: int) -> str | None:
    return tx.first(_CLIP, photo_id=photo_id)


def is_face_image(tx: Tx, photo_id: int, name: str) -> bool:
    """Whether a face of the photo that was not deleted has this picture."""
    return bool(tx.one(_FACE, photo_id=photo_id, name=name, stored_name=f"faces/{name}"))


def list_owner_roots(tx: Tx, owner_id: int) -> list[str]:
    row: tuple[Any, ...] = tx.first(_ROOTS, owner_id=owner_id) or ()
    return [root for root in row if root]
