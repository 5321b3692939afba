"""A page of the albums of one kind, read off what followers keep: three statements, however many there are."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Table, UnaryExpression, and_, bindparam, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.albums.schemas import PlaceItem, ThingItem
from librephotos.db.statements import Row, Statement, as_row, contains, id_list, is_in, like_pattern, scalar
from librephotos.db.tables import photo, place_album, thing_album
from librephotos.db.transactions import Tx
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import json
from librephotos.photos.schemas import PhotoHash
from librephotos.photos.visibility import VIEWER_ID

T = TypeVar("T")
COVER_COUNT = 4
Search = tuple[str, ...]


class Listing(msgspec.Struct, frozen=True):
    """How albums of one kind are listed: what of each, in which order, and which beside having any photo."""

    albums: Table
    columns: tuple[Any, ...]
    order: tuple[ColumnElement[Any] | UnaryExpression[Any], ...]
    condition: ColumnElement[bool] | None = None


PLACES = Listing(
    place_album,
    (place_album.c.geolocation_level,),
    (func.lower(place_album.c.title), place_album.c.title, place_album.c.id),
)
HAS_LISTED_TYPE = is_in(thing_album.c.thing_type, "thing_types")
THINGS = Listing(
    thing_album,
    (thing_album.c.thing_type,),
    (func.lower(thing_album.c.title).desc(), thing_album.c.title.desc(), thing_album.c.id.desc()),
    HAS_LISTED_TYPE,
)
_BY_NAME = {"places": PLACES, "things": THINGS}


class _Statements(msgspec.Struct, frozen=True):
    count: Statement[int]
    page: Statement[Row]


@lru_cache(maxsize=64)
def _statements(name: str, term_count: int) -> _Statements:
    listing = _BY_NAME[name]
    albums = listing.albums
    found = [contains(albums.c.title, f"term_{number}") for number in range(term_count)]
    condition = and_(
        albums.c.owner_id == VIEWER_ID,
        albums.c.photo_count > 0,
        *([] if listing.condition is None else [listing.condition]),
        *found,
    )
    page = (
        select(albums.c.id, albums.c.title, albums.c.photo_count, albums.c.cover_ids, *listing.columns)
        .where(condition)
        .order_by(*listing.order)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    return _Statements(
        Statement(select(func.count()).select_from(albums).where(condition), scalar), Statement(page, as_row)
    )


_COVERS = Statement(
    select(photo.c.id, photo.c.image_hash, photo.c.is_video).where(is_in(photo.c.id, "photo_ids")),
    lambda photo_id, image_hash, is_video: (photo_id, PhotoHash(image_hash, is_video)),
)


def find_covers(tx: Tx, photo_ids: Iterable[int]) -> dict[int, PhotoHash]:
    """Return the covers of these ids, as far as the photos exist."""
    return dict(tx.all(_COVERS, photo_ids=id_list(photo_ids)))


def search_values(terms: Search) -> dict[str, str]:
    return {f"term_{number}": like_pattern(term) for number, term in enumerate(terms)}


def _list(
    tx: Tx,
    viewer: Viewer,
    name: str,
    terms: Search,
    asked: PageRequest,
    make: Callable[[Row, list[PhotoHash]], T],
    values: Mapping[str, Any],
) -> Page[T]:
    statements = _statements(name, len(terms))
    scope = {"viewer_id": viewer.user_id, **search_values(terms), **values}
    count: int = tx.one(statements.count, **scope)
    page = asked.settle(count)
    rows = tx.all(statements.page, size=page.size, skipped=page.offset, **scope)
    cover_ids: list[list[int]] = [json.loads(row[3]) for row in rows]
    covers = find_covers(tx, {each for few in cover_ids for each in few})
    items = [
        make(row, [covers[each] for each in few if each in covers])
        for row, few in zip(rows, cover_ids, strict=True)
    ]
    return page.answer(count, items)


def list_places(tx: Tx, viewer: Viewer, terms: Search, asked: PageRequest) -> Page[PlaceItem]:
    def make(row: Row, covers: list[PhotoHash]) -> PlaceItem:
        album_id, title, count, _, level = row
        return PlaceItem(album_id, level, covers, title, count)

    return _list(tx, viewer, "places", terms, asked, make, {})


def list_things(
    tx: Tx, viewer: Viewer, terms: Search, asked: PageRequest, thing_types: frozenset[str]
) -> Page[ThingItem]:
    def make(row: Row, covers: list[PhotoHash]) -> ThingItem:
        album_id, title, count, _, thing_type = row
        return ThingItem(album_id, covers, title, count, thing_type or None)

    return _list(tx, viewer, "things", terms, asked, make, {"thing_types": id_list(sorted(thing_types))})
