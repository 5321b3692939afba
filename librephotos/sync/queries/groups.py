"""The feeds of what photos are grouped by without listing them: things, places, tags and persons."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, and_, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import face, person, photo, photo_tag, place_album, tag, thing_album
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.people.names import USER
from librephotos.photos.visibility import IS_VISIBLE, VIEWER_ID
from librephotos.sync.queries.pulling import SIZE, Feed, Found, found, milliseconds, page_of, part
from librephotos.sync.schemas import SyncGroup, SyncPerson, SyncPlace


def _own(table: Table, *conditions: Any) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(table.c.owner_id == VIEWER_ID, *conditions)
        .scalar_subquery()
    )


_HASHES = Statement(
    select(photo.c.id, photo.c.image_hash).where(is_in(photo.c.id, "photo_ids")),
    lambda photo_id, image_hash: (photo_id, image_hash),
)


def _rows(table: Table, *columns: Any) -> Statement[Found]:
    page = page_of(part(table, table.c.owner_id == VIEWER_ID))
    return Statement(
        select(page.c.at, page.c.key, *columns)
        .select_from(page.join(table, table.c.id == page.c.row_id))
        .order_by(page.c.at, page.c.key)
        .limit(SIZE),
        found,
    )


def _covers(tx: Tx, stored: Sequence[str]) -> list[list[str]]:
    """Return the hashes of the covers of each row, of whose photos the ids are stored."""
    ids: list[list[int]] = [json.loads(text) for text in stored]
    hashes = dict(tx.all(_HASHES, photo_ids=id_list(sorted({each for some in ids for each in some}))))
    return [[hashes[each] for each in some if each in hashes] for some in ids]


# --- things and places

_STORED = ("title", "photo_count", "cover_ids")
_THING_ROWS = _rows(thing_album, *(thing_album.c[name] for name in _STORED))
_PLACE_ROWS = _rows(place_album, *(place_album.c[name] for name in (*_STORED, "geolocation_level")))
THING_COUNT, PLACE_COUNT = _own(thing_album), _own(place_album)


def _things(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncGroup]:
    covers = _covers(tx, [row.columns[2] for row in rows])
    return [
        SyncGroup(row.key, row.columns[0], row.columns[1], hashes, milliseconds(row.at))
        for row, hashes in zip(rows, covers, strict=True)
    ]


def _places(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncPlace]:
    covers = _covers(tx, [row.columns[2] for row in rows])
    return [
        SyncPlace(row.key, row.columns[0], row.columns[1], hashes, milliseconds(row.at), row.columns[3])
        for row, hashes in zip(rows, covers, strict=True)
    ]


THINGS = Feed(_THING_ROWS, Statement(select(THING_COUNT), scalar), _things, "album_thing")
PLACES = Feed(_PLACE_ROWS, Statement(select(PLACE_COUNT), scalar), _places, "album_place")

# --- tags

_tagged = (
    select(func.count())
    .select_from(photo_tag.join(photo, photo.c.id == photo_tag.c.photo_id))
    .where(photo_tag.c.tag_id == tag.c.id, IS_VISIBLE)
    .correlate(tag)
    .scalar_subquery()
)
_TAG_ROWS = _rows(tag, tag.c.name, _tagged)
TAG_COUNT = _own(tag)


def _tags(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncGroup]:
    return [SyncGroup(row.key, row.columns[0], row.columns[1], [], milliseconds(row.at)) for row in rows]


TAGS = Feed(_TAG_ROWS, Statement(select(TAG_COUNT), scalar), _tags, "tag")

# --- persons

_shown_on, _chosen = photo.alias("shown_on"), photo.alias("chosen")
_is_chosen_seen = and_(
    _chosen.c.id == person.c.cover_photo_id,
    _chosen.c.owner_id == person.c.owner_id,
    _chosen.c.aspect_ratio.is_not(None),
    _chosen.c.is_hidden.is_(False),
    _chosen.c.is_trashed.is_(False),
    _chosen.c.is_removed.is_(False),
)
_PERSONS = page_of(part(person, person.c.owner_id == VIEWER_ID, person.c.kind == USER))
_PERSON_ROWS = Statement(
    select(
        _PERSONS.c.at,
        _PERSONS.c.key,
        person.c.name,
        person.c.kind,
        person.c.face_count,
        func.coalesce(_chosen.c.image_hash, _shown_on.c.image_hash),
    )
    .select_from(
        _PERSONS.join(person, person.c.id == _PERSONS.c.row_id)
        .outerjoin(face, face.c.id == person.c.cover_face_id)
        .outerjoin(_shown_on, _shown_on.c.id == face.c.photo_id)
        .outerjoin(_chosen, _is_chosen_seen)
    )
    .order_by(_PERSONS.c.at, _PERSONS.c.key)
    .limit(SIZE),
    found,
)
PERSON_COUNT = _own(person, person.c.kind == USER)


def _persons(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncPerson]:
    return [_person(row.at, row.key, *row.columns) for row in rows]


def _person(at: int, person_id: int, name: str, kind: str, face_count: int, cover: str | None) -> SyncPerson:
    return SyncPerson(person_id, name, kind, face_count, cover, milliseconds(at))


PERSONS = Feed(_PERSON_ROWS, Statement(select(PERSON_COUNT), scalar), _persons, "person")
