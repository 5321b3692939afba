"""Lists and albums take a fixed number of statements, and so does following a change."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import MediaFilter
from librephotos.albums.hashtags import listed_types
from librephotos.albums.queries.events import get_event, list_events
from librephotos.albums.queries.grouped import get_place
from librephotos.albums.queries.listed import list_places, list_things
from librephotos.albums.queries.tags import get_grouped_tag
from librephotos.albums.queries.user_album_edits import list_edited
from librephotos.albums.queries.user_albums import get_user_album, list_full_albums, list_user_albums
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import place_album
from librephotos.db.transactions import Tx
from librephotos.http.paging import HUGE, parse_page
from librephotos.photos.changes import photos_changed
from tests.builders import Builder, Photo
from tests.instance import Account, Instance
from tests.places.arranging import LISBON, locate

PAGE = parse_page("/", "", HUGE)
FEW, MANY = 3, 40
Ask = Callable[[Tx, Viewer, dict[str, int]], Any]
_PLACE = Statement(
    select(place_album.c.id).where(place_album.c.owner_id == bindparam("owner")).limit(1), scalar
)

ASKED: dict[str, Ask] = {
    "places": lambda tx, viewer, ids: list_places(tx, viewer, (), PAGE),
    "a place": lambda tx, viewer, ids: get_place(tx, viewer, ids["place"], MediaFilter()),
    "things": lambda tx, viewer, ids: list_things(tx, viewer, (), PAGE, listed_types("None")),
    "events": lambda tx, viewer, ids: list_events(tx, viewer, (), PAGE),
    "an event": lambda tx, viewer, ids: get_event(tx, viewer, ids["event"]),
    "own albums": lambda tx, viewer, ids: list_user_albums(tx, viewer, "own", (), PAGE),
    "albums in full": lambda tx, viewer, ids: list_full_albums(tx, viewer, PAGE),
    "albums to edit": lambda tx, viewer, ids: list_edited(tx, viewer, PAGE),
    "an album": lambda tx, viewer, ids: get_user_album(tx, viewer, ids["album"], MediaFilter()),
    "a tag": lambda tx, viewer, ids: get_grouped_tag(tx, viewer, ids["tag"], MediaFilter()),
}


@pytest.fixture(scope="module")
def grown(instance: Instance) -> list[dict[str, int]]:
    """How many statements each takes, for few photos in few groups and for many in many."""
    builder, owner = Builder(instance), instance.add_user()
    return [ask_all(instance, builder, owner, number) for number in (FEW, MANY)]


def ask_all(instance: Instance, builder: Builder, owner: Account, number: int) -> dict[str, int]:
    photos: list[Photo] = []
    ids: dict[str, int] = {}
    for _ in range(number):
        photos.append(builder.add_photo(owner, gps_lat=38.7, gps_lon=-9.1, metadata={}, with_files=False))
        ids["event"] = builder.add_event(owner, *photos)
        ids["album"] = builder.add_album(owner, *photos)
        ids["tag"] = builder.add_tag(owner, *photos)
        builder.add_thing(owner, *photos)
    locate(instance, owner, LISBON)
    counts: dict[str, int] = {}
    with instance.db.snapshot() as tx:
        ids["place"] = tx.one(_PLACE, owner=owner.user_id)
    for name, ask in ASKED.items():
        with instance.db.snapshot() as tx:
            ask(tx, Viewer(user_id=owner.user_id), ids)
            counts[name] = tx.statement_count
    with instance.db.transaction() as tx:
        photos_changed(tx, owner.user_id, [each.photo_id for each in photos])
        counts["following"] = tx.statement_count
    return counts


@pytest.mark.parametrize("name", [*ASKED, "following"])
def test_many_take_as_many_statements_as_few(grown: list[dict[str, int]], name: str) -> None:
    few, many = grown
    assert many[name] == few[name]
