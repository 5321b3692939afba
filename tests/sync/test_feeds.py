"""What feeds say: their envelope, their items and their cursors, and what reading them costs."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import SQLITE
from librephotos.db.tables import deletion_log, photo, sight
from librephotos.kit import clock
from librephotos.photos.changes import photos_changed
from librephotos.photos.tombstones import KEPT_DAYS, prune_deletions, record_deletions
from librephotos.sync.cursors import AGED, parse_size, write_cursor
from librephotos.sync.queries import albums, groups, photos, sharing
from librephotos.sync.queries.pulling import Feed, pull
from tests.builders import Builder, Photo, add_row, change_row
from tests.instance import Account, Instance
from tests.sync.mirror import FEEDS, Mirror

PHOTOS = "/api/sync/photos/"
OLD = (KEPT_DAYS + 10) * clock.DAY


def cursor_of(*parts: str) -> str:
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode()


def iso_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")


@pytest.fixture
def builder(instance: Instance) -> Builder:
    return Builder(instance)


def test_the_first_page_says_how_many_there_are_and_the_last_is_empty(
    client: httpx.Client, user: Account, builder: Builder
) -> None:
    made = {builder.add_photo(user, with_files=False).uuid for _ in range(3)}
    first = client.get("/api/sync/photos?cursor=&page_size=2").json()
    assert list(first) == ["v", "items", "tombstones", "next_cursor", "server_time", "total"]
    assert (first["v"], first["total"], first["tombstones"], len(first["items"])) == (1, 3, [], 2)
    assert datetime.fromisoformat(first["server_time"]).tzinfo is not None
    assert first["server_time"].endswith("+00:00")
    at, key = base64.urlsafe_b64decode(first["next_cursor"]).decode().split("|")
    last = first["items"][-1]
    assert key == last["id"]
    assert datetime.fromisoformat(at).timestamp() * 1000 == pytest.approx(last["last_modified"], abs=1)
    assert len(at) == len("2026-03-02T08:00:00.123456+00:00")
    second = client.get(PHOTOS, params={"cursor": first["next_cursor"]}).json()
    assert {item["id"] for item in [*first["items"], *second["items"]]} == made
    assert "total" not in second
    third = client.get(PHOTOS, params={"cursor": second["next_cursor"]}).json()
    assert (third["items"], third["next_cursor"]) == ([], None)


def test_a_photo_is_told_in_full(client: httpx.Client, user: Account, builder: Builder) -> None:
    made = builder.add_photo(
        user,
        with_files=False,
        taken_local="2023-07-01T14:05:09",
        rating=4,
        is_hidden=True,
        is_video=True,
        video_length="12.345",
        gps_lat=38.71,
        gps_lon=-9.14,
        location="Rua Augusta, Lisboa, Portugal",
    )
    plain = builder.add_photo(
        user, with_files=False, taken_local=None, aspect_ratio=None, dominant_color="", has_motion_clip=True
    )
    items = {item["id"]: item for item in client.get(PHOTOS).json()["items"]}
    told = items[made.uuid]
    for name in ("added_on", "last_modified"):
        assert abs(told.pop(name) - clock.now() // 1000) < 600_000
    assert told == {
        "id": made.uuid,
        "image_hash": made.image_hash,
        "owner_id": user.user_id,
        "timestamp": 1688220309000,
        "type": "video",
        "video_length_ms": 12345,
        "rating": 4,
        "is_favorite": True,
        "hidden": True,
        "in_trashcan": False,
        "removed": False,
        "is_public": False,
        "aspect_ratio": 1.5,
        "latitude": 38.71,
        "longitude": -9.14,
        "search_location": "Rua Augusta, Lisboa, Portugal",
        "dominant_color": "#4a5a3c",
    }
    bare = items[plain.uuid]
    nothing = ("timestamp", "video_length_ms", "aspect_ratio", "latitude", "longitude", "dominant_color")
    assert {name: bare[name] for name in nothing} == dict.fromkeys(nothing)
    assert (bare["type"], bare["search_location"], bare["is_favorite"]) == ("motion", "", False)
    # Which photos are favourites is the owner's limit's business.
    before = client.get(PHOTOS).json()
    cursor = client.get(PHOTOS, params={"cursor": before["next_cursor"]})
    assert cursor.json()["items"] == []
    client.patch(f"/api/user/{user.user_id}/", json={"favorite_min_rating": 5})
    changed = client.get(PHOTOS, params={"cursor": before["next_cursor"]}).json()["items"]
    assert [(item["id"], item["is_favorite"]) for item in changed] == [(made.uuid, False)]


def test_what_is_shared_comes_and_what_is_withdrawn_is_told(
    client: httpx.Client, instance: Instance, user: Account, stranger: Account, builder: Builder
) -> None:
    direct, inside, loose = (builder.add_photo(user, with_files=False) for _ in range(3))
    made = {"title": "Ours", "photos": [inside.uuid]}
    album = client.post("/api/albums/user/edit/", json=made).json()["id"]
    to_friend = {"target_user_id": stranger.user_id}
    share_album = {"album_id": album, **to_friend, "shared": True}
    with instance.client(stranger.bearer) as theirs:
        copy = Mirror(theirs)
        copy.pull()

        def seen() -> set[str]:
            copy.pull()
            assert copy.repeated == []
            return set(copy.rows["photos"])

        def edit(path: str, named: Photo, **body: Any) -> None:
            assert client.post(path, json={"image_hashes": [named.uuid], **body}).status_code == 200

        def change(**body: Any) -> None:
            assert client.patch(f"/api/albums/user/edit/{album}/", json=body).status_code == 200

        edit("/api/photosedit/share/", direct, **to_friend, val_shared=True)
        assert client.post("/api/useralbum/share/", json=share_album).status_code == 200
        assert seen() == {direct.uuid, inside.uuid}
        told = copy.rows["albums/user"][str(album)]
        assert (told["owner_id"], told["shared"], told["photo_ids"]) == (user.user_id, 1, [inside.uuid])
        assert list(copy.rows["sharing"]) == [str(user.user_id)]
        assert copy.rows["sharing"][str(user.user_id)]["username"] == user.username
        change(photos=[loose.uuid])
        assert seen() == {direct.uuid, inside.uuid, loose.uuid}
        assert copy.rows["albums/user"][str(album)]["photo_count"] == 2
        edit("/api/photosedit/hide/", direct, hidden=True)
        assert seen() == {inside.uuid, loose.uuid}
        edit("/api/photosedit/hide/", direct, hidden=False)
        change(removedPhotos=[inside.uuid])
        assert seen() == {direct.uuid, loose.uuid}
        edit("/api/photosedit/share/", direct, **to_friend, val_shared=False)
        assert seen() == {loose.uuid}
        assert client.delete(f"/api/albums/user/{album}/").status_code == 204
        assert seen() == set()
        assert copy.rows["albums/user"] == {}
        # The owner has all of it still, and was told of the album.
        own = Mirror(client)
        own.pull()
        assert set(own.rows["photos"]) == {direct.uuid, inside.uuid, loose.uuid}


def test_what_a_deleted_account_shared_is_told(
    instance: Instance, admin: Account, stranger: Account, builder: Builder
) -> None:
    leaver = instance.add_user()
    direct, inside = (builder.add_photo(leaver, with_files=False) for _ in range(2))
    album = builder.add_album(leaver, inside)
    with instance.client(leaver.bearer) as mine, instance.client(stranger.bearer) as theirs:
        share = {"image_hashes": [direct.uuid], "target_user_id": stranger.user_id, "val_shared": True}
        assert mine.post("/api/photosedit/share/", json=share).json()["count"] == 1
        share = {"album_id": album, "target_user_id": stranger.user_id, "shared": True}
        assert mine.post("/api/useralbum/share/", json=share).status_code == 200
        copy = Mirror(theirs)
        copy.pull()
        assert set(copy.rows["photos"]) == {direct.uuid, inside.uuid}
        assert list(copy.rows["albums/user"]) == [str(album)]
        with instance.client(admin.bearer) as managing:
            assert managing.delete(f"/api/delete/user/{leaver.user_id}/").status_code == 204
        copy.pull()
        assert (copy.rows["photos"], copy.rows["albums/user"]) == ({}, {})


def test_groups_are_told_with_what_they_show(client: httpx.Client, user: Account, builder: Builder) -> None:
    first = builder.add_photo(user, with_files=False, metadata={}, taken_local="2023-07-01T10:00:00")
    second = builder.add_photo(user, with_files=False, metadata={}, taken_local="2023-07-01T11:00:00")
    hidden = builder.add_photo(user, with_files=False, metadata={}, is_hidden=True)
    event = builder.add_event(user, second, first, hidden)
    thing = builder.add_thing(user, second, hidden)
    tag = client.post("/api/tags/", json={"name": "sea"}).json()["id"]
    client.post(f"/api/tags/{tag}/add/", json={"photos": [first.uuid, hidden.uuid]})
    person = client.post("/api/persons/", json={"name": "Bea"}).json()["id"]
    album = client.post("/api/albums/user/edit/", json={"title": "A", "photos": [first.uuid]}).json()["id"]
    copy = Mirror(client)
    copy.pull()
    rows = copy.rows
    told = rows["albums/auto"][str(event)]
    assert (told["photo_ids"], told["photo_count"]) == ([first.uuid, second.uuid], 2)
    assert (told["cover_hash"], told["favorited"]) == (first.image_hash, False)
    assert isinstance(told["timestamp"], int)
    things = rows["albums/thing"][str(thing)]
    assert (things["photo_count"], things["cover_hashes"]) == (1, [second.image_hash])
    tags = rows["albums/tag"][str(tag)]
    assert (tags["title"], tags["photo_count"], tags["cover_hashes"]) == ("sea", 1, [])
    bea = rows["persons"][str(person)]
    assert {name: bea[name] for name in ("id", "name", "kind", "face_count", "cover_photo_hash")} == {
        "id": person,
        "name": "Bea",
        "kind": "USER",
        "face_count": 0,
        "cover_photo_hash": None,
    }
    assert rows["albums/user"][str(album)]["cover_hash"] is None
    client.patch(f"/api/persons/{person}/", json={"cover_photo": first.uuid})
    client.patch(f"/api/albums/user/edit/{album}/", json={"cover_photo": first.uuid})
    copy.pull()
    assert rows["persons"][str(person)]["cover_photo_hash"] == first.image_hash
    assert rows["albums/user"][str(album)]["cover_hash"] == first.image_hash
    # Whatever shows a photo learns that it is hidden.
    client.post("/api/photosedit/hide/", json={"image_hashes": [first.uuid], "hidden": True})
    copy.pull()
    assert rows["persons"][str(person)]["cover_photo_hash"] is None
    album_row = rows["albums/user"][str(album)]
    assert (album_row["cover_hash"], album_row["photo_ids"]) == (None, [])
    assert rows["albums/auto"][str(event)]["photo_ids"] == [second.uuid]
    assert rows["albums/tag"][str(tag)]["photo_count"] == 0
    client.delete(f"/api/tags/{tag}/")
    client.delete(f"/api/persons/{person}/")
    copy.pull()
    assert (rows["albums/tag"], rows["persons"]) == ({}, {})
    assert copy.repeated == []
    counts = client.get("/api/sync/counts").json()
    del counts["server_time"]
    assert counts == {
        "photos": 3,
        "persons": 0,
        "user_albums": 1,
        "auto_albums": 1,
        "thing_albums": 1,
        "place_albums": 0,
        "tags": 0,
    }


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "%%%",
        "é",
        "x" * 5000,
        cursor_of("2026-03-02T08:00:00.123456+00:00"),
        cursor_of("2026-03-02T08:00:00.123456+00:00", "7"),
        cursor_of("2026-03-02T08:00:00.123456", "3f2b0c1e-7a4d-4a55-9a3f-0d9f3f4f8a11"),
        cursor_of("yesterday", "3f2b0c1e-7a4d-4a55-9a3f-0d9f3f4f8a11"),
        cursor_of("0001-01-01T00:00:00+23:59", "3f2b0c1e-7a4d-4a55-9a3f-0d9f3f4f8a11"),
    ],
)
def test_what_is_no_cursor_is_refused(client: httpx.Client, cursor: str) -> None:
    answer = client.get(PHOTOS, params={"cursor": cursor})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_cursor"})


def test_a_cursor_older_than_the_tombstones_has_expired(client: httpx.Client) -> None:
    key = "3f2b0c1e-7a4d-4a55-9a3f-0d9f3f4f8a11"
    for feed in FEEDS:
        name = key if feed == "photos" else "7"
        answer = client.get(f"/api/sync/{feed}", params={"cursor": cursor_of(iso_ago(91), name)})
        assert (answer.status_code, answer.json()) == (410, {"error": "cursor_expired"})
        kept = client.get(f"/api/sync/{feed}", params={"cursor": cursor_of(iso_ago(89), name).rstrip("=")})
        assert kept.status_code == 200


def test_a_library_in_which_nothing_has_changed_for_long_is_not_begun_anew_for_ever(
    client: httpx.Client, instance: Instance, user: Account, builder: Builder
) -> None:
    quiet = builder.add_photo(user, with_files=False, modified_at=clock.now() - OLD)
    copy = Mirror(client, "photos")
    copy.pull()
    copy.pull()
    assert list(copy.rows["photos"]) == [quiet.uuid]
    # The cursor says when it was given, and is as old as that.
    assert len(base64.urlsafe_b64decode(copy.cursors["photos"]).decode().split("|")) == 3
    now = clock.now()
    given_long_ago = write_cursor(now - 2 * OLD, quiet.uuid, now - OLD)
    assert client.get(PHOTOS, params={"cursor": given_long_ago}).status_code == 410
    assert write_cursor(now - AGED + clock.HOUR, quiet.uuid, now).count("|") == 0
    # What was deleted since is told; what nobody can ask for any more is forgotten.
    instance.db.commit(record_deletions, user.user_id, "photo", ["gone"])
    with instance.db.transaction() as tx:
        add_row(
            tx,
            deletion_log,
            owner_id=user.user_id,
            entity="photo",
            entity_id="gone long ago",
            deleted_at=now - OLD + clock.HOUR,
        )
    instance.db.commit(prune_deletions)
    copy.pull()
    assert copy.dropped == ["gone"]


def test_sizes_of_pages_are_clipped() -> None:
    asked = {None: 500, "": 500, "x": 500, "1.5": 500, "0": 1, "-3": 1, "1": 1, "700": 700, "1001": 1000}
    assert {text: parse_size(text) for text in asked} == asked
    assert parse_size("9" * 30) == 500


ALL: dict[str, Feed[Any]] = {
    "photos": photos.PHOTOS,
    "user albums": albums.USER_ALBUMS,
    "events": albums.EVENTS,
    "things": groups.THINGS,
    "places": groups.PLACES,
    "tags": groups.TAGS,
    "persons": groups.PERSONS,
    "sharing": sharing.SHARING,
}


def test_pages_take_a_fixed_number_of_statements(instance: Instance, builder: Builder) -> None:
    counts: list[list[int]] = []
    for number in (2, 12):
        owner = instance.add_user()
        for _ in range(number):
            made = builder.add_photo(owner, with_files=False, metadata={})
            builder.add_event(owner, made)
            builder.add_thing(owner, made)
            builder.add_tag(owner, made)
            builder.add_album(owner, made)
        counts.append([])
        for feed in ALL.values():
            with instance.db.snapshot() as tx:
                pull(tx, Viewer(user_id=owner.user_id), feed, None, 500)
                counts[-1].append(tx.statement_count)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 3


# Where in an index SQLite begins. Of photos a million may have one time of change.
LEADS = {
    "photos": ["(modified_at,uuid)>(?,?)", "(modified_at,photo_uuid)>(?,?)"],
    **{name: ["modified_at>?"] for name in ALL if name not in ("photos", "sharing")},
}


@pytest.mark.parametrize("name", LEADS)
def test_a_page_begins_where_an_index_leads(instance: Instance, name: str) -> None:
    """A page in the middle of a million rows reads no more of them than the first."""
    compiled = ALL[name].page.compiled(instance.db.engine.dialect)
    key = "3f2b0c1e-7a4d-4a55-9a3f-0d9f3f4f8a11" if name == "photos" else 7
    values = {**compiled.defaults, "viewer_id": 1, "after_at": 1, "after_key": key, "size": 500}
    with instance.db.snapshot() as tx:
        if instance.db.engine.dialect == SQLITE:
            plan = [row[3] for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values)]
            scanned = [line for line in plan if line.startswith("SCAN")]
            # What is read whole are the pages of each part, and those with whom albums are shared.
            assert all(line.split()[1] in ("page", "album_share") or "anon_" in line for line in scanned), (
                plan
            )
            for lead in LEADS[name]:
                assert any(lead in line and "INDEX" in line for line in plan), plan
        else:
            # With hardly a row, reading all of a table would be quicker than any index.
            for kind in ("seqscan", "bitmapscan"):
                tx.connection.execute(f"SET LOCAL enable_{kind} = off")
            plan = [row[0] for row in tx.connection.execute(f"EXPLAIN {compiled.sql}", values)]
            # Of the viewer's own rows; how others' shared ones are read, the planner chooses by what it knows of them.
            leads = [line for line in plan if "Index Cond" in line and "= '1'::bigint) AND (ROW(" in line]
            assert len(leads) == len(LEADS[name]), plan


def test_writers_of_photos_leave_no_time_open(
    instance: Instance, user: Account, stranger: Account, builder: Builder
) -> None:
    made = builder.add_photo(user, with_files=False)
    builder.share_photo(made, stranger)
    with instance.db.transaction() as tx:
        change_row(tx, photo, made.photo_id, modified_at=0)
        photos_changed(tx, user.user_id, [made.photo_id])
    with instance.db.snapshot() as tx:
        of_photo = f"SELECT modified_at FROM photo WHERE id = {made.photo_id}"
        of_sight = f"SELECT modified_at FROM {sight.name} WHERE photo_id = {made.photo_id}"
        times = [tx.connection.execute(sql).fetchone() for sql in (of_photo, of_sight)]
    assert times[0] == times[1]
    assert abs(times[0][0] - clock.now()) < 10 * clock.MINUTE  # type: ignore[index]
