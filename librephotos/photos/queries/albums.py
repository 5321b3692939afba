"""The user albums that a photo is in, as far as the viewer may know of them."""

from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, exists, func, or_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, id_list, is_in
from librephotos.db.tables import album, album_link, album_photo, album_share, photo, user
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.kit.clock import iso, iso_or_none
from librephotos.photos.grid import wall_time
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.grid import USER_COLUMNS
from librephotos.photos.schemas import PhotoSuperSimple, SharingOptions, SimpleUser, UserAlbumListItem
from librephotos.photos.visibility import (
    IS_ALBUM_OF_KEY,
    IS_IN_SHARED_ALBUM,
    IS_OPENABLE,
    IS_OWN,
    IS_SHARED_DIRECTLY,
    IS_VISIBLE_TO_VIEWER,
    VIEWER_ID,
    narrowed,
)

NO_COVER = PhotoSuperSimple("", 0, False, None, False, False)


def _access(is_uuid: bool, is_limited: bool) -> Statement[Any]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    return Statement(
        select(photo.c.id, or_(IS_OWN, IS_SHARED_DIRECTLY, IS_IN_SHARED_ALBUM))
        .where(key == bindparam("key"), narrowed(IS_OPENABLE, is_limited))
        .order_by(IS_OWN.desc(), photo.c.id)
        .limit(1),
        as_row,
    )


_ACCESS = {
    (is_uuid, is_limited): _access(is_uuid, is_limited)
    for is_uuid in (True, False)
    for is_limited in (True, False)
}


class AlbumRow(msgspec.Struct, frozen=True):
    album_id: int
    title: str
    saved_at: int
    is_favorite: bool
    is_locked: bool
    cover_photo_id: int | None
    photo_count: int
    owner_id: int
    username: str
    first_name: str
    last_name: str
    link_album_id: int | None
    is_enabled: bool | None
    slug: str | None
    expires_at: int | None
    share_location: bool | None
    share_camera_info: bool | None
    share_timestamps: bool | None
    share_captions: bool | None
    share_faces: bool | None


_members = and_(album_photo.c.album_id == album.c.id, photo.c.id == album_photo.c.photo_id)
_of_album = and_(album_share.c.album_id == album.c.id, album_share.c.user_id == VIEWER_ID)
_holding = album_photo.alias("holding")


def listed_albums(is_limited: bool) -> Any:  # a SELECT
    """Select user albums as `AlbumRow`: the count and the cover are of what the viewer may see of each."""
    is_visible = narrowed(IS_VISIBLE_TO_VIEWER, is_limited)
    count = (
        select(func.count())
        .select_from(album_photo.join(photo, photo.c.id == album_photo.c.photo_id))
        .where(album_photo.c.album_id == album.c.id, is_visible)
        .correlate(album)
        .scalar_subquery()
    )
    cover = (
        select(photo.c.id)
        .where(photo.c.id == album.c.cover_photo_id, is_visible)
        .correlate(album)
        .scalar_subquery()
    )
    first = (
        select(photo.c.id)
        .where(_members, is_visible)
        .order_by(photo.c.taken_local, photo.c.id)
        .limit(1)
        .correlate(album)
        .scalar_subquery()
    )
    return select(
        album.c.id,
        album.c.title,
        album.c.saved_at,
        album.c.is_favorite,
        album.c.is_locked,
        func.coalesce(cover, first),
        count,
        *USER_COLUMNS,
        album_link.c.album_id,
        album_link.c.is_enabled,
        album_link.c.slug,
        album_link.c.expires_at,
        album_link.c.share_location,
        album_link.c.share_camera_info,
        album_link.c.share_timestamps,
        album_link.c.share_captions,
        album_link.c.share_faces,
    )


WITH_OWNER_AND_LINK = album.join(user, user.c.id == album.c.owner_id).outerjoin(
    album_link, album_link.c.album_id == album.c.id
)
IS_SHARED_WITH_VIEWER = exists().where(_of_album).correlate(album)


def _albums(is_limited: bool) -> Statement[AlbumRow]:
    may_know = or_(album.c.owner_id == VIEWER_ID, IS_SHARED_WITH_VIEWER)
    return Statement(
        listed_albums(is_limited)
        .select_from(WITH_OWNER_AND_LINK.join(_holding, _holding.c.album_id == album.c.id))
        .where(
            _holding.c.photo_id == bindparam("photo_id"),
            and_(may_know, IS_ALBUM_OF_KEY) if is_limited else may_know,
        )
        .order_by(album.c.id),
        AlbumRow,
    )


_ALBUMS = {is_limited: _albums(is_limited) for is_limited in (True, False)}
_SHARES = Statement(
    select(album_share.c.album_id, *USER_COLUMNS)
    .select_from(album_share.join(user, user.c.id == album_share.c.user_id))
    .where(is_in(album_share.c.album_id, "album_ids"))
    .order_by(user.c.id),
    as_row,
)
_COVERS = Statement(
    select(
        photo.c.id,
        photo.c.image_hash,
        photo.c.rating,
        photo.c.is_hidden,
        photo.c.taken_local,
        photo.c.is_public,
        photo.c.is_video,
    ).where(is_in(photo.c.id, "photo_ids")),
    as_row,
)


def list_albums_of_photo(tx: Tx, viewer: Viewer, key: PhotoKey | None) -> list[UserAlbumListItem]:
    """Return the viewer's own albums and those shared with them, by id; none for who merely may see the photo.

    Raises an empty 404 for everybody else.
    """
    if key is None:
        raise Refusal(404)
    values = {"viewer_id": viewer.user_id, "key_id": viewer.key_id}
    row = tx.first(_ACCESS[key.is_uuid, viewer.is_limited], key=key.value, **values)
    if row is None:
        raise Refusal(404)
    photo_id, is_trusted = row
    if not is_trusted:
        return []
    rows = tx.all(_ALBUMS[viewer.is_limited], photo_id=photo_id, **values)
    return album_items(tx, rows)


def album_items(tx: Tx, rows: list[AlbumRow]) -> list[UserAlbumListItem]:
    """Return albums as lists show them, in their order: two statements for any number."""
    shares = sharees_of(tx, [row.album_id for row in rows])
    cover_ids = [row.cover_photo_id for row in rows if row.cover_photo_id is not None]
    covers = {
        photo_id: PhotoSuperSimple(image_hash, rating, hidden, wall_time(taken_local), public, video)
        for photo_id, image_hash, rating, hidden, taken_local, public, video in tx.all(
            _COVERS, photo_ids=id_list(cover_ids)
        )
    }
    return [
        _album_item(row, shares[row.album_id], covers.get(row.cover_photo_id or 0, NO_COVER)) for row in rows
    ]


def sharees_of(tx: Tx, album_ids: list[int]) -> dict[int, list[SimpleUser]]:
    """Return with whom each of these albums is shared, by id."""
    shares: dict[int, list[SimpleUser]] = {album_id: [] for album_id in album_ids}
    for album_id, *named in tx.all(_SHARES, album_ids=id_list(album_ids)):
        shares[album_id].append(SimpleUser(*named))
    return shares


def sharing_options(row: AlbumRow) -> SharingOptions | None:
    """The switches of the album's link, None while it never had one."""
    if row.link_album_id is None:
        return None
    return SharingOptions(
        row.share_location, row.share_camera_info, row.share_timestamps, row.share_captions, row.share_faces
    )


def _album_item(row: AlbumRow, shared_to: list[SimpleUser], cover: PhotoSuperSimple) -> UserAlbumListItem:
    return UserAlbumListItem(
        id=row.album_id,
        cover_photo=cover,
        created_on=iso(row.saved_at),
        favorited=row.is_favorite,
        locked=row.is_locked,
        title=row.title,
        shared_to=shared_to,
        owner=SimpleUser(row.owner_id, row.username, row.first_name, row.last_name),
        photo_count=row.photo_count,
        public=bool(row.is_enabled),
        public_slug=row.slug or "",
        public_expires_at=iso_or_none(row.expires_at),
        public_sharing_options=sharing_options(row),
    )
