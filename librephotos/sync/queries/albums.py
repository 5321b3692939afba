"""The feeds of user albums, own and shared ones, and of events, each with the photos that it shows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, exists, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import album, album_photo, album_share, event_album, event_photo, photo
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_VISIBLE, VIEWER_ID
from librephotos.sync.queries.pulling import (
    SIZE,
    Feed,
    Found,
    found,
    milliseconds,
    page_of,
    part,
    wall_milliseconds,
)
from librephotos.sync.schemas import SyncEvent, SyncUserAlbum

# --- user albums

_IS_OWN_ALBUM = album.c.owner_id == VIEWER_ID
_SHARED = album.join(album_share, album_share.c.album_id == album.c.id)
_IS_SHARED = and_(album_share.c.user_id == VIEWER_ID, album.c.owner_id != VIEWER_ID)
_ALBUMS = page_of(part(album, _IS_OWN_ALBUM), part(album, _IS_SHARED, source=_SHARED))
# A cover that is no longer in the album, or not to be seen, is none: then the album itself has changed.
_cover = (
    select(photo.c.image_hash)
    .join(album_photo, album_photo.c.photo_id == photo.c.id)
    .where(photo.c.id == album.c.cover_photo_id, album_photo.c.album_id == album.c.id, IS_VISIBLE)
    .correlate(album)
    .scalar_subquery()
)
_ALBUM_ROWS = Statement(
    select(
        _ALBUMS.c.at,
        _ALBUMS.c.key,
        album.c.title,
        album.c.owner_id,
        album.c.is_favorite,
        exists().where(album_share.c.album_id == album.c.id).correlate(album),
        _cover,
        album.c.saved_at,
    )
    .select_from(_ALBUMS.join(album, album.c.id == _ALBUMS.c.row_id))
    .order_by(_ALBUMS.c.at, _ALBUMS.c.key)
    .limit(SIZE),
    found,
)
# As who has the album shared with them sees it: an album only vouches for photos of its own owner.
_ALBUM_MEMBERS: Statement[Row] = Statement(
    select(album_photo.c.album_id, photo.c.uuid)
    .select_from(
        album_photo.join(album, album.c.id == album_photo.c.album_id).join(
            photo, and_(photo.c.id == album_photo.c.photo_id, photo.c.owner_id == album.c.owner_id)
        )
    )
    .where(is_in(album_photo.c.album_id, "album_ids"), IS_VISIBLE)
    .order_by(album_photo.c.album_id, photo.c.taken_local, photo.c.id),
    as_row,
)
ALBUM_COUNT = (
    select(func.count()).select_from(album).where(_IS_OWN_ALBUM).scalar_subquery()
    + select(func.count()).select_from(_SHARED).where(_IS_SHARED).scalar_subquery()
)


def _albums(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncUserAlbum]:
    members: dict[int, list[str]] = {row.key: [] for row in rows}
    for album_id, uuid in tx.all(_ALBUM_MEMBERS, album_ids=id_list(members)):
        members[album_id].append(uuid)
    return [_album(row.at, row.key, members[row.key], *row.columns) for row in rows]


def _album(at: int, album_id: int, members: list[str], *columns: Any) -> SyncUserAlbum:
    title, owner_id, is_favorite, is_shared, cover, saved_at = columns
    return SyncUserAlbum(
        album_id,
        title,
        owner_id,
        is_favorite,
        int(is_shared),
        cover,
        len(members),
        milliseconds(saved_at),
        milliseconds(at),
        members,
    )


USER_ALBUMS = Feed(_ALBUM_ROWS, Statement(select(ALBUM_COUNT), scalar), _albums, "album_user")

# --- events

_IS_OWN_EVENT = event_album.c.owner_id == VIEWER_ID
_EVENTS = page_of(part(event_album, _IS_OWN_EVENT))
_EVENT_ROWS = Statement(
    select(
        _EVENTS.c.at,
        _EVENTS.c.key,
        event_album.c.title,
        event_album.c.happened_local,
        event_album.c.is_favorite,
    )
    .select_from(_EVENTS.join(event_album, event_album.c.id == _EVENTS.c.row_id))
    .order_by(_EVENTS.c.at, _EVENTS.c.key)
    .limit(SIZE),
    found,
)
_EVENT_MEMBERS: Statement[Row] = Statement(
    select(event_photo.c.album_id, photo.c.uuid, photo.c.image_hash)
    .select_from(event_photo.join(photo, photo.c.id == event_photo.c.photo_id))
    .where(is_in(event_photo.c.album_id, "album_ids"), IS_VISIBLE)
    .order_by(event_photo.c.album_id, photo.c.taken_local, photo.c.id),
    as_row,
)
EVENT_COUNT = select(func.count()).select_from(event_album).where(_IS_OWN_EVENT).scalar_subquery()


def _events(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncEvent]:
    members: dict[int, list[Row]] = {row.key: [] for row in rows}
    for album_id, *photo_names in tx.all(_EVENT_MEMBERS, album_ids=id_list(members)):
        members[album_id].append(tuple(photo_names))
    return [_event(row.at, row.key, members[row.key], *row.columns) for row in rows]


def _event(
    at: int, event_id: int, members: list[Row], title: str, happened: str, is_favorite: bool
) -> SyncEvent:
    return SyncEvent(
        event_id,
        title,
        wall_milliseconds(happened),
        is_favorite,
        len(members),
        members[0][1] if members else None,
        milliseconds(at),
        [uuid for uuid, _ in members],
    )


EVENTS = Feed(_EVENT_ROWS, Statement(select(EVENT_COUNT), scalar), _events, "album_auto")
