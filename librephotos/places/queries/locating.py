"""Photos whose position was not looked up yet, or is another one by now; and what was found."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, ColumnElement, bindparam, case, func, literal_column, select, update

from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement, upsert, upsert_with
from librephotos.db.tables import photo, photo_metadata, place_album, place_photo
from librephotos.db.tables.photos import to_locate
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.photos.changes import photos_changed
from librephotos.photos.collections import Collection
from librephotos.places.geolocation import Geolocation

PLACES = Collection("album_place", place_album, place_photo)


class Waiting(msgspec.Struct, frozen=True):
    """A photo and its position in degrees, None for one that lost it."""

    photo_id: int
    latitude: float | None
    longitude: float | None


class Located(msgspec.Struct, frozen=True):
    """`geolocation` is None for a position that is nowhere."""

    photo: Waiting
    geolocation: Geolocation | None


def _is_waiting(dialect: str) -> ColumnElement[bool]:
    return literal_column(to_locate(dialect), Boolean())


_COUNT = Statement(
    lambda dialect: (
        select(func.count())
        .select_from(photo)
        .where(photo.c.owner_id == bindparam("owner"), _is_waiting(dialect))
    ),
    scalar,
)
_LIST = Statement(
    lambda dialect: (
        select(photo.c.id, photo.c.gps_lat, photo.c.gps_lon)
        .where(photo.c.owner_id == bindparam("owner"), photo.c.id > bindparam("after"), _is_waiting(dialect))
        .order_by(photo.c.id)
        .limit(bindparam("size"))
    ),
    Waiting,
)
_COLUMNS = ("owner_id", "title", "geolocation_level", "latitude", "longitude", "modified_at")


def _most_general(excluded: Any) -> dict[str, Any]:
    """A name that is a town's here and a region's there is the region's."""
    level = place_album.c.geolocation_level
    lower = case((excluded.geolocation_level < level, excluded.geolocation_level), else_=level)
    return {"geolocation_level": lower}


_MAKE_ALBUM = statement(
    upsert_with(place_album, columns=_COLUMNS, key=["owner_id", "title"], changes=_most_general)
)
_FIND_ALBUMS = Statement(
    select(place_album.c.title, place_album.c.id).where(
        place_album.c.owner_id == bindparam("owner"), is_in(place_album.c.title, "titles")
    ),
    lambda title, album_id: (title, album_id),
)
_SET_PHOTO = statement(
    update(photo)
    .where(photo.c.id == bindparam("row_id"))
    .values(
        located_lat=bindparam("lat"),
        located_lon=bindparam("lon"),
        location=bindparam("address"),
        place=bindparam("day_place"),
    )
)
_SET_METADATA = statement(upsert(photo_metadata, key=["photo_id"], update=["geolocation"]))


def count_waiting(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT, owner=owner_id)
    return count


def list_waiting(tx: Tx, owner_id: int, after: int, size: int) -> list[Waiting]:
    """Return the next of an owner's photos to look up, in the order of their ids."""
    return tx.all(_LIST, owner=owner_id, after=after, size=size)


def store_places(tx: Tx, owner_id: int, located: Sequence[Located]) -> None:
    """Store what was found for photos of one owner: their address, and the albums they are in from now on."""
    photo_ids = [each.photo.photo_id for each in located]
    left = PLACES.take_out(tx, photo_ids)
    albums = _make_albums(tx, owner_id, located)
    pairs = [
        (albums[name.title], each.photo.photo_id)
        for each in located
        if each.geolocation is not None
        for name in each.geolocation.albums
    ]
    PLACES.put(tx, pairs)
    tx.execute_many(_SET_PHOTO, [_photo_values(each) for each in located])
    tx.execute_many(
        _SET_METADATA,
        [
            {
                "photo_id": each.photo.photo_id,
                "geolocation": json.dumps(each.geolocation.as_json()) if each.geolocation else None,
            }
            for each in located
        ],
    )
    PLACES.drop_empty(tx, owner_id, left)
    photos_changed(tx, owner_id, photo_ids)


def _make_albums(tx: Tx, owner_id: int, located: Sequence[Located]) -> dict[str, int]:
    """Return the ids of all albums that these photos are to be in, by title."""
    rows: dict[str, dict[str, Any]] = {}
    for found in (each.geolocation for each in located):
        for name in found.albums if found else []:
            known = rows.get(name.title)
            if known is None or name.level < known["geolocation_level"]:
                rows[name.title] = {
                    "owner_id": owner_id,
                    "title": name.title,
                    "geolocation_level": name.level,
                    "latitude": found.latitude if found else None,
                    "longitude": found.longitude if found else None,
                    "modified_at": UNSTAMPED,
                }
    # In one order for all, so that two transactions never wait for each other.
    tx.execute_many(_MAKE_ALBUM, [rows[title] for title in sorted(rows)])
    albums: dict[str, int] = dict(tx.all(_FIND_ALBUMS, owner=owner_id, titles=id_list(rows)))
    # One that is there already may be of a more general level now.
    tx.touch(place_album, albums.values())
    return albums


def _photo_values(each: Located) -> dict[str, Any]:
    found = each.geolocation
    return {
        "row_id": each.photo.photo_id,
        "lat": each.photo.latitude,
        "lon": each.photo.longitude,
        "address": found.address if found else "",
        "day_place": found.day_place if found else "",
    }
