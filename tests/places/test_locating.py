"""Places of photos in the database: albums with counts and covers that follow every change of their photos."""

from typing import Any

from librephotos.kit import json
from librephotos.photos.changes import photos_changed, recount_all
from librephotos.places.geolocation import describe_town
from librephotos.places.queries.locating import Located, list_waiting, store_places
from tests.builders import Builder, Photo
from tests.instance import Account, Instance
from tests.places.arranging import LISBON, PORTO, locate


def places(instance: Instance, owner: Account) -> dict[str, tuple[int, int, list[int]]]:
    """Level, count and covers of the owner's places by title."""
    sql = (
        "SELECT title, geolocation_level, photo_count, cover_ids FROM place_album "
        f"WHERE owner_id = {owner.user_id} ORDER BY title"
    )
    with instance.db.snapshot() as tx:
        rows = tx.connection.execute(sql).fetchall()
    return {title: (level, count, json.loads(covers)) for title, level, count, covers in rows}


def column(instance: Instance, sql: str) -> list[Any]:
    with instance.db.snapshot() as tx:
        return [row[0] for row in tx.connection.execute(sql).fetchall()]


def add_located(builder: Builder, owner: Account, day: int, **columns: Any) -> Photo:
    columns = {"gps_lat": 38.71, "gps_lon": -9.14, **columns}
    taken = f"2023-07-{day:02}T10:00:00"
    return builder.add_photo(owner, taken_local=taken, with_files=False, metadata={}, **columns)


def test_photos_join_the_albums_of_their_places(instance: Instance, builder: Builder) -> None:
    owner = instance.add_user()
    photos = [add_located(builder, owner, day) for day in range(1, 7)]
    hidden = add_located(builder, owner, 9, is_hidden=True)
    assert locate(instance, owner, LISBON) == 7
    newest = [each.photo_id for each in reversed(photos)][:4]
    assert places(instance, owner) == {
        "Estremadura": (2, 6, newest),
        "Lisboa": (3, 6, newest),
        "Portugal": (1, 6, newest),
    }
    stored = column(instance, f"SELECT location FROM photo WHERE id = {hidden.photo_id}")
    assert stored == ["Lisboa, Estremadura, Portugal"]
    assert column(instance, f"SELECT location FROM day WHERE id = {photos[0].day_id}") == ["Estremadura"]
    assert locate(instance, owner, PORTO) == 0


def test_counts_and_covers_follow_hiding_and_showing(instance: Instance, builder: Builder) -> None:
    owner = instance.add_user()
    early, late = add_located(builder, owner, 1), add_located(builder, owner, 2)
    locate(instance, owner, LISBON)
    for changes, expected in (
        ({"is_hidden": True}, [early.photo_id]),
        ({"is_hidden": False}, [late.photo_id, early.photo_id]),
        ({"is_trashed": True}, [early.photo_id]),
        ({"is_trashed": False, "taken_local": None}, [early.photo_id, late.photo_id]),
    ):
        builder.change_photo(owner, late, **changes)
        instance.db.commit(photos_changed, owner.user_id, [late.photo_id])
        assert places(instance, owner)["Lisboa"] == (3, len(expected), expected)


def test_another_position_is_another_place_and_none_is_none(instance: Instance, builder: Builder) -> None:
    owner = instance.add_user()
    stays, moves = add_located(builder, owner, 1), add_located(builder, owner, 2)
    locate(instance, owner, LISBON)
    builder.change_photo(owner, moves, gps_lat=41.15, gps_lon=-8.61)
    assert locate(instance, owner, PORTO) == 1
    assert {title: count for title, (_, count, _) in places(instance, owner).items()} == {
        "Estremadura": 1,
        "Lisboa": 1,
        "Norte": 1,
        "Portugal": 2,
        "Porto": 1,
    }
    builder.change_photo(owner, moves, gps_lat=None, gps_lon=None)
    assert locate(instance, owner, None) == 1
    assert set(places(instance, owner)) == {"Estremadura", "Lisboa", "Portugal"}
    assert places(instance, owner)["Portugal"] == (1, 1, [stays.photo_id])
    stored = f"SELECT geolocation FROM photo_metadata WHERE photo_id = {moves.photo_id}"
    assert column(instance, stored) == [None]
    assert column(instance, f"SELECT location FROM photo WHERE id = {moves.photo_id}") == [""]
    # Whoever keeps a copy learns that these are gone.
    gone = f"SELECT entity_id FROM deletion_log WHERE owner_id = {owner.user_id} AND entity = 'album_place'"
    assert len(column(instance, gone)) == 2


def test_a_recount_mends_what_is_stored(instance: Instance, builder: Builder) -> None:
    owner = instance.add_user()
    photo = add_located(builder, owner, 1)
    locate(instance, owner, LISBON)
    builder.change_photo(owner, photo, is_hidden=True)  # Nobody followed.
    assert places(instance, owner)["Lisboa"] == (3, 1, [photo.photo_id])
    instance.db.commit(recount_all, owner.user_id)
    assert places(instance, owner)["Lisboa"] == (3, 0, [])
    changed = f"SELECT modified_at FROM place_album WHERE owner_id = {owner.user_id} ORDER BY id"
    before = column(instance, changed)
    instance.db.commit(recount_all, owner.user_id)
    assert column(instance, changed) == before


def test_a_batch_of_a_large_place_is_short(instance: Instance, builder: Builder) -> None:
    """The number of statements does not depend on how many photos a place has."""
    owner = instance.add_user()
    counts = []
    for day in (1, 2):
        for _ in range(day * 3):
            add_located(builder, owner, day)
        with instance.db.snapshot() as tx:
            waiting = list_waiting(tx, owner.user_id, 0, 100)
        with instance.db.transaction() as tx:
            store_places(
                tx, owner.user_id, [Located(each, describe_town(LISBON, "Portugal")) for each in waiting]
            )
            counts.append(tx.statement_count)
    assert counts[0] == counts[1]
