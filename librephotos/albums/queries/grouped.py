"""The photos of one of the caller's own albums, by days, newest first."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, select

from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import MediaFilter
from librephotos.albums.queries.listed import HAS_LISTED_TYPE, THINGS
from librephotos.albums.schemas import GroupedAlbum
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in
from librephotos.db.tables import photo, place_album, place_photo, thing_album, thing_photo, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.photos.grid import pig_photo
from librephotos.photos.groups import group_by_day
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.schemas import PigPhoto, SimpleUser
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID

_TABLES: dict[str, tuple[Table, Table]] = {
    "AlbumPlace": (place_album, place_photo),
    "AlbumThing": (thing_album, thing_photo),
}
_OWNER = Statement(select(*USER_COLUMNS).where(user.c.id == VIEWER_ID), SimpleUser)


def chosen(wanted: MediaFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter on photos."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.is_video is not None:
        conditions.append(photo.c.is_video.is_(wanted.is_video))
    if wanted.is_screenshot:
        conditions.append(photo.c.is_screenshot.is_(True))
    if wanted.is_document:
        conditions.append(photo.c.is_document.is_(True))
    return conditions


@lru_cache(maxsize=64)
def _photos(model: str, wanted: MediaFilter) -> Statement[Row]:
    _, members = _TABLES[model]
    return Statement(
        select(*GRID_COLUMNS)
        .select_from(members.join(photo, photo.c.id == members.c.photo_id))
        .where(members.c.album_id == bindparam("album_id"), IS_OWN, IS_VISIBLE, *chosen(wanted))
        .order_by(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc()),
        as_row,
        raw=True,
    )


def _album(model: str, *conditions: Any) -> Statement[Row]:
    albums, _ = _TABLES[model]
    return Statement(
        select(albums.c.id, albums.c.title).where(
            and_(albums.c.id == bindparam("album_id"), albums.c.owner_id == VIEWER_ID, *conditions)
        ),
        as_row,
    )


_PLACE = _album("AlbumPlace")
_THING = _album("AlbumThing", HAS_LISTED_TYPE)


def own_photos(tx: Tx, viewer: Viewer, statement: Statement[Row], **values: Any) -> list[PigPhoto]:
    """Run a statement that gives GRID_COLUMNS of the caller's own photos."""
    owner = tx.one(_OWNER, viewer_id=viewer.user_id)
    return [pig_photo(row, owner, viewer) for row in tx.all(statement, viewer_id=viewer.user_id, **values)]


def get_place(tx: Tx, viewer: Viewer, album_id: int, wanted: MediaFilter) -> GroupedAlbum:
    """Raises NotFound for a place that is not the caller's."""
    return _grouped(
        tx, viewer, "AlbumPlace", tx.first(_PLACE, album_id=album_id, viewer_id=viewer.user_id), wanted
    )


def get_thing(
    tx: Tx, viewer: Viewer, album_id: int, wanted: MediaFilter, thing_types: frozenset[str]
) -> GroupedAlbum:
    """Raises NotFound for a thing that is not the caller's, or of a type that is not listed."""
    types = id_list(sorted(thing_types))
    row = tx.first(_THING, album_id=album_id, viewer_id=viewer.user_id, thing_types=types)
    return _grouped(tx, viewer, "AlbumThing", row, wanted)


def _grouped(tx: Tx, viewer: Viewer, model: str, row: Row | None, wanted: MediaFilter) -> GroupedAlbum:
    if row is None:
        raise NotFound.of(model)
    album_id, title = row
    photos = own_photos(tx, viewer, _photos(model, wanted), album_id=album_id)
    return GroupedAlbum(str(album_id), title, group_by_day(photos))


_LISTED_THINGS = Statement(
    select(thing_album.c.id, thing_album.c.title)
    .where(thing_album.c.owner_id == VIEWER_ID, thing_album.c.photo_count > 0, HAS_LISTED_TYPE)
    .order_by(*THINGS.order),
    as_row,
)
_PHOTOS_OF_THINGS = Statement(
    select(thing_photo.c.album_id, *GRID_COLUMNS)
    .select_from(thing_photo.join(photo, photo.c.id == thing_photo.c.photo_id))
    .where(is_in(thing_photo.c.album_id, "album_ids"), IS_OWN, IS_VISIBLE)
    .order_by(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc()),
    as_row,
    raw=True,
)


def list_titles_of_things(tx: Tx, viewer: Viewer, thing_types: frozenset[str]) -> list[tuple[int, str]]:
    """Return id and title of each of the viewer's things that are listed, in the order of the list."""
    rows = tx.all(_LISTED_THINGS, viewer_id=viewer.user_id, thing_types=id_list(sorted(thing_types)))
    return [(album_id, title) for album_id, title in rows]


def group_things(tx: Tx, viewer: Viewer, titles: Sequence[tuple[int, str]]) -> list[GroupedAlbum]:
    """Return these things of the viewer's with all their photos, in two statements."""
    owner = tx.one(_OWNER, viewer_id=viewer.user_id)
    photos: dict[int, list[PigPhoto]] = {album_id: [] for album_id, _ in titles}
    for row in tx.all(_PHOTOS_OF_THINGS, album_ids=id_list(photos), viewer_id=viewer.user_id):
        photos[row[0]].append(pig_photo(row[1:], owner, viewer))
    return [GroupedAlbum(str(album_id), title, group_by_day(photos[album_id])) for album_id, title in titles]
