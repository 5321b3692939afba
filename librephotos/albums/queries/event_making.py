"""What events are made from, and what is made of it. One statement a list; writes are as small as their caller asks."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, func, insert, select, update

from librephotos.albums.events import Group, Moment, title_event
from librephotos.albums.queries.kinds import EVENTS
from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, as_row, scalar, statement
from librephotos.db.tables import event_album, event_photo, face, person, photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.kit.clock import parse_wall
from librephotos.photos.changes import lists_changed
from librephotos.photos.visibility import IS_VISIBLE

_OWNER: BindParameter[int] = bindparam("owner")
_MOMENTS = Statement(
    select(photo.c.id, photo.c.taken_local, photo.c.gps_lat, photo.c.gps_lon)
    .where(photo.c.owner_id == _OWNER, IS_VISIBLE, photo.c.taken_local.is_not(None))
    .order_by(photo.c.taken_local, photo.c.id),
    Moment,
)
_EVENTS: Statement[tuple[str, int]] = Statement(
    select(event_album.c.happened_local, event_album.c.id)
    .where(event_album.c.owner_id == _OWNER)
    .order_by(event_album.c.happened_local),
    lambda happened, album_id: (happened, album_id),
)
_MEMBERS = Statement(
    select(event_photo.c.photo_id)
    .join(event_album, event_album.c.id == event_photo.c.album_id)
    .where(event_album.c.id == bindparam("album_id")),
    scalar,
)
_INSERT = Statement(
    insert(event_album)
    .values(
        owner_id=bindparam("owner"),
        happened_local=bindparam("happened"),
        latitude=bindparam("lat"),
        longitude=bindparam("lon"),
        created_at=bindparam("now"),
        modified_at=UNSTAMPED,
    )
    .returning(event_album.c.id),
    scalar,
)
_TITLED_BY_OWNER = Statement(
    select(event_album.c.has_own_title).where(event_album.c.id == bindparam("album_id")), scalar
)
_SPAN = Statement(
    select(func.min(photo.c.taken_local), func.max(photo.c.taken_local))
    .select_from(event_photo.join(photo, photo.c.id == event_photo.c.photo_id))
    .where(event_photo.c.album_id == bindparam("album_id"), IS_VISIBLE, photo.c.taken_local.is_not(None)),
    as_row,
)
_PEOPLE = Statement(
    select(person.c.name)
    .select_from(
        event_photo.join(face, face.c.photo_id == event_photo.c.photo_id)
        .join(person, person.c.id == face.c.person_id)
        .join(photo, photo.c.id == face.c.photo_id)
    )
    .where(
        event_photo.c.album_id == bindparam("album_id"),
        face.c.is_deleted.is_(False),
        person.c.kind == "USER",
        IS_VISIBLE,
    ),
    scalar,
)
_PLACES = Statement(
    select(photo_metadata.c.geolocation)
    .select_from(
        event_photo.join(photo, photo.c.id == event_photo.c.photo_id).join(
            photo_metadata, photo_metadata.c.photo_id == photo.c.id
        )
    )
    .where(
        event_photo.c.album_id == bindparam("album_id"),
        photo_metadata.c.geolocation.is_not(None),
        IS_VISIBLE,
    ),
    scalar,
)
_SET_TITLE = statement(
    update(event_album)
    .where(event_album.c.id == bindparam("row_id"), event_album.c.has_own_title.is_(False))
    .values(title=bindparam("new_title"))
)


class EventNames(msgspec.Struct, frozen=True):
    """What an event's title is made from."""

    first: str
    last: str
    people: list[str]
    places: list[str]

    @property
    def title(self) -> str:
        return title_event(parse_wall(self.first), parse_wall(self.last), self.people, self.places)


def list_moments(tx: Tx, owner_id: int) -> list[Moment]:
    """Return all visible dated photos of an owner in order of time."""
    return tx.all(_MOMENTS, owner=owner_id)


def list_events(tx: Tx, owner_id: int) -> list[tuple[str, int]]:
    """Return (beginning, id) of an owner's events in order."""
    return tx.all(_EVENTS, owner=owner_id)


def list_members(tx: Tx, album_id: int) -> set[int]:
    return set(tx.all(_MEMBERS, album_id=album_id))


def create_event(tx: Tx, owner_id: int, group: Group) -> int:
    """Make an event without photos; return its id."""
    lat, lon = group.center or (None, None)
    album_id: int = tx.one(
        _INSERT, owner=owner_id, happened=group.window[0], lat=lat, lon=lon, now=clock.now()
    )
    tx.touch(event_album, [album_id])
    return album_id


def add_photos(tx: Tx, owner_id: int, album_id: int, photo_ids: Sequence[int]) -> None:
    """Make photos members of an event. The photos themselves do not change."""
    EVENTS.put(tx, [(album_id, photo_id) for photo_id in photo_ids])
    EVENTS.changed(tx, owner_id, photo_ids)
    lists_changed(tx, owner_id)


def find_names(tx: Tx, album_id: int) -> EventNames | None:
    """Return what an event is to be called by; None when nothing is to be seen in it, or its owner gave it a title."""
    first, last = tx.one(_SPAN, album_id=album_id)
    if first is None or tx.first(_TITLED_BY_OWNER, album_id=album_id):
        return None
    found: list[Any] = [json.loads(text) for text in tx.all(_PLACES, album_id=album_id)]
    places = [each["places"][0] for each in found if each.get("places")]
    return EventNames(first, last, tx.all(_PEOPLE, album_id=album_id), places)


def set_title(tx: Tx, owner_id: int, album_id: int, title: str) -> None:
    """Call an event so, unless its owner gave it a title."""
    if tx.execute(_SET_TITLE, row_id=album_id, new_title=title):
        tx.touch(event_album, [album_id])
    lists_changed(tx, owner_id)
