"""Thirty-two clients edit albums, tags, flags and descriptions of one library at once, and nothing of it is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from librephotos.db.tables import metadata
from librephotos.photos.changes import recount_all
from tests.builders import Builder, Photo, stored
from tests.instance import Account, Instance
from tests.photos.rows import read_all

CLIENTS = 32
FIELDS = ("title", "copyright", "creator", "location_city", "location_country")
# What is kept of photos elsewhere, so that it may be wrong.
COUNTED = ("day", "user", "album", "thing_album", "place_album", "event_album", "person", "tag")


def counted(instance: Instance, owner: Account) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is counted or chosen of an owner's photos; when it was is another matter."""
    found = {}
    for name in COUNTED:
        columns = [
            f'"{column.name}"'
            for column in metadata.tables[name].columns
            if not column.name.endswith("_at") and column.name != "list_version"
        ]
        key = "id" if name == "user" else "owner_id"
        sql = f'SELECT {", ".join(columns)} FROM "{name}" WHERE {key} = {owner.user_id} ORDER BY id'
        found[name] = read_all(instance, sql)
    return found


@pytest.fixture
def photos(instance: Instance, user: Account) -> list[Photo]:
    builder = Builder(instance)
    return [
        builder.add_photo(
            user, taken_local=f"2023-07-0{number % 4 + 1}T10:00:00", metadata={}, with_files=False
        )
        for number in range(CLIENTS)
    ]


def test_no_edit_is_lost_and_counts_and_covers_are_right(
    instance: Instance, user: Account, photos: list[Photo]
):
    builder = Builder(instance)
    person = builder.add_person(user, "Bea")
    for each in photos:
        builder.add_face(each, person_id=person)
    filled, emptied = builder.add_album(user), builder.add_album(user, *photos)
    tag = builder.add_tag(user, name="tram")
    shared = photos[0]

    def edit(number: int) -> list[int]:
        """Every client has a photo of its own, and one that all describe."""
        mine = photos[number].uuid
        name = {"image_hashes": [mine]}
        requests: list[tuple[str, str, dict[str, object]]] = [
            ("PATCH", f"/api/albums/user/edit/{filled}/", {"photos": [mine], "cover_photo": mine}),
            ("POST", f"/api/tags/{tag}/add/", {"photos": [mine]}),
            ("PATCH", f"/api/photos/{shared.uuid}/metadata/", {FIELDS[number % len(FIELDS)]: f"by {number}"}),
            ("POST", "/api/photosedit/favorite/", {**name, "favorite": True}),
            ("POST", "/api/photosedit/savecaption/", {"image_hash": mine, "caption": f"#all #{number % 3}"}),
            ("PATCH", f"/api/photos/{mine}/metadata/", {"keywords": ["tram", f"k{number % 5}"]}),
            ("POST", "/api/photosedit/hide/", {**name, "hidden": number % 4 == 3}),
            ("POST", "/api/albums/user/edit/", {"title": f"Album {number % 8}", "photos": [mine]}),
            (
                "PATCH",
                f"/api/photos/edit/{mine}/",
                {"exif_timestamp": f"2023-07-0{number % 6 + 1}T11:00:00Z"},
            ),
        ]
        if number % 2:
            requests.append(("PATCH", f"/api/albums/user/edit/{emptied}/", {"removedPhotos": [mine]}))
        # In another order each, so that whoever holds one thing waits for all the others.
        turn = number % len(requests)
        with instance.client(user.bearer) as client:
            return [
                client.request(method, path, json=body).status_code
                for method, path, body in (*requests[turn:], *requests[:turn])
            ]

    with ThreadPoolExecutor(CLIENTS) as threads:
        answers = [status for each in threads.map(edit, range(CLIENTS)) for status in each]
    assert {status for status in answers if status not in (200, 201)} == set()
    with instance.client(user.bearer) as client:
        edited = {each["id"]: each for each in client.get("/api/albums/user/edit/").json()["results"]}
        assert len(edited[filled]["photos"]) == CLIENTS
        assert len(edited[emptied]["photos"]) == CLIENTS // 2
        named = {row["title"]: len(row["photos"]) for row in edited.values()}
        assert [named[f"Album {number}"] for number in range(8)] == [CLIENTS // 8] * 8
        log = client.get(f"/api/photos/{shared.uuid}/metadata/history/?page_size=100").json()["results"]
        assert sorted(each["new_value"] for each in log if each["field_name"] in FIELDS) == sorted(
            f"by {number}" for number in range(CLIENTS)
        )
        # Each edit began where the one before it had ended.
        told = client.get(f"/api/photos/{shared.uuid}/metadata/").json()
        for field in FIELDS:
            edits = [each for each in reversed(log) if each["field_name"] == field]
            assert [each["old_value"] for each in edits[1:]] == [each["new_value"] for each in edits[:-1]]
            assert told[field] == edits[-1]["new_value"]
        visible = CLIENTS * 3 // 4
        tags = {row["name"]: row["photo_count"] for row in client.get("/api/tags/").json()["results"]}
        things = {
            row["title"]: row["photo_count"]
            for row in client.get("/api/albums/thing/list/").json()["results"]
        }
        assert (tags["tram"], things["#all"]) == (visible, visible)
        assert client.get("/api/stats/").json()["num_photos"] == visible
    rated = read_all(instance, f"SELECT rating FROM photo WHERE owner_id = {user.user_id}")
    assert rated == [(4,)] * CLIENTS
    words = read_all(instance, f"SELECT keywords FROM photo_metadata WHERE photo_id = {photos[6].photo_id}")
    assert words in ([(stored(["tram", "k1"]),)], [(stored(["k1", "tram"]),)])
    before = counted(instance, user)
    # What `doctor` does: count anew, whatever is stored.
    instance.db.commit(recount_all, user.user_id)
    assert counted(instance, user) == before
