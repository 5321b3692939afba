"""Persons: the list, one of them, making, naming, merging, covers, deleting; what is found by their names follows."""

from typing import Any

import httpx
import pytest

from librephotos.db.tables import person
from librephotos.photos.changes import photos_changed, recount_all
from tests.builders import Builder, Photo, change_row
from tests.instance import Account, Instance
from tests.photos.rows import read_all

UNKNOWN = [{"field": "detail", "message": "No Person matches the given query."}]


@pytest.fixture
def photos(builder: Builder, user: Account) -> list[Photo]:
    return [
        builder.add_photo(user, taken_local=f"2023-07-0{day}T10:00:00", metadata={}, with_files=False)
        for day in (1, 2, 3)
    ]


@pytest.fixture
def ann(instance: Instance, builder: Builder, user: Account, photos: list[Photo]) -> int:
    """A person with a face on each of the photos."""
    person_id = builder.add_person(user, "Ann")
    for each in photos:
        builder.add_face(each, person_id=person_id)
    follow(instance, user, photos)
    return person_id


def follow(instance: Instance, owner: Account, photos: list[Photo]) -> None:
    instance.db.commit(photos_changed, owner.user_id, [each.photo_id for each in photos])


def listed(client: httpx.Client, query: str = "") -> list[tuple[str, int]]:
    return [(row["name"], row["face_count"]) for row in client.get(f"/api/persons/{query}").json()["results"]]


def found(client: httpx.Client, word: str) -> int:
    return int(client.get("/api/photos/", params={"search": word}).json()["count"])


def image_of(instance: Instance, face_id: int) -> str:
    return str(read_all(instance, f"SELECT image FROM face WHERE id = {face_id}")[0][0])


def tombstones(instance: Instance, owner: Account) -> list[str]:
    sql = f"SELECT entity_id FROM deletion_log WHERE owner_id = {owner.user_id} AND entity = 'person'"
    return [row[0] for row in read_all(instance, sql)]


def test_persons_are_listed_by_name_those_without_faces_too(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], ann: int
) -> None:
    nobody = builder.add_person(user, "adam")
    builder.add_person(user, "Unknown 1", kind="CLUSTER")
    page = client.get("/api/persons?page_size=1000").json()
    assert (page["count"], page["next"], page["previous"]) == (2, None, None)
    adam, shown = page["results"]
    assert adam == {
        "name": "adam",
        "face_url": "",
        "face_count": 0,
        "face_photo_url": "",
        "video": False,
        "id": nobody,
    }
    assert shown["face_url"].startswith(f"/media/faces/{photos[0].image_hash}_")
    assert (shown["name"], shown["face_count"], shown["id"]) == ("Ann", 3, ann)
    assert (shown["face_photo_url"], shown["video"]) == (photos[0].image_hash, False)
    assert listed(client, "?search=AN") == [("Ann", 3)]
    assert client.get(f"/api/persons/{ann}").json() == shown
    assert client.head(f"/api/persons/{ann}/").content == b""
    assert client.get("/api/persons/?page=2").status_code == 404


def test_counts_and_covers_follow_the_photos(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], ann: int
) -> None:
    body = {"image_hashes": [photos[0].uuid], "hidden": True}
    assert client.post("/api/photosedit/hide/", json=body).status_code == 200
    shown = client.get(f"/api/persons/{ann}/").json()
    assert (shown["face_count"], shown["face_photo_url"]) == (2, photos[1].image_hash)
    with instance.db.transaction() as tx:
        change_row(tx, person, ann, face_count=77, cover_face_id=None)
    instance.db.commit(recount_all, user.user_id)
    assert client.get(f"/api/persons/{ann}/").json() == shown


def test_likely_suggestions_count_as_the_owner_asks(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], ann: int
) -> None:
    builder.add_face(photos[0], classification_person_id=ann, classification_probability=0.8)
    follow(instance, user, photos)
    assert listed(client) == [("Ann", 3)]
    path = f"/api/user/{user.user_id}/"
    assert client.patch(path, json={"confidence_person": 0.7}).status_code == 200
    assert listed(client) == [("Ann", 4)]


def test_a_person_is_made_once(client: httpx.Client, builder: Builder, user: Account) -> None:
    made = client.post("/api/persons", json={"name": " Bea "})
    assert (made.status_code, made.json()["name"]) == (201, "Bea")
    again = client.post("/api/persons/", json={"name": "Bea"})
    assert (again.status_code, again.json()) == (201, made.json())
    group = builder.add_person(user, "Unknown 1", kind="CLUSTER")
    assert client.post("/api/persons/", json={"name": "Unknown 1"}).json()["id"] == group
    assert listed(client) == [("Bea", 0)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "This field is required."),
        ({"name": " "}, "This field may not be blank."),
        ({"name": None}, "This field may not be null."),
        ({"name": "x" * 129}, "Ensure this field has no more than 128 characters."),
        ({"name": "Unknown - Other"}, '"Unknown - Other" is what faces of nobody are called.'),
    ],
)
def test_a_name_that_cannot_be_is_refused(client: httpx.Client, body: dict[str, Any], message: str) -> None:
    refused = client.post("/api/persons/", json=body)
    assert (refused.status_code, refused.json()["errors"]) == (400, [{"field": "name", "message": message}])


def test_photos_are_found_by_the_new_name_of_a_person(
    client: httpx.Client, photos: list[Photo], ann: int
) -> None:
    changed = client.patch(f"/api/persons/{ann}", json={"newPersonName": " Annabel ", "cover_photo": "no"})
    assert (changed.status_code, changed.json()["name"], changed.json()["merged_ids"]) == (200, "Annabel", [])
    assert (found(client, "annabel"), listed(client)) == (3, [("Annabel", 3)])
    replaced = client.put(f"/api/persons/{ann}/", json={"name": "ignored"})
    assert (replaced.status_code, replaced.json()["name"]) == (200, "Annabel")
    replaced = client.put(f"/api/persons/{ann}/", json={"name": "x", "newPersonName": "Zoe"})
    assert (replaced.json()["name"], found(client, "annabel"), found(client, "zoe")) == ("Zoe", 0, 3)
    assert client.patch(f"/api/persons/{ann}/", json={"name": "nothing"}).json()["name"] == "Zoe"
    assert client.put(f"/api/persons/{ann}/", json={}).json()["errors"][0]["field"] == "name"
    for name in ("", "  ", None, "x" * 101, "Unknown - Other"):
        refused = client.patch(f"/api/persons/{ann}/", json={"newPersonName": name})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "newPersonName")


def test_two_persons_of_one_name_become_one_and_the_older_stays(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], ann: int
) -> None:
    other = builder.add_photo(user, metadata={}, with_files=False)
    bea = builder.add_person(user, "Bea")
    builder.add_face(other, person_id=bea)
    follow(instance, user, [other])
    assert client.patch(f"/api/persons/{bea}/", json={"cover_photo": other.uuid}).status_code == 200
    merged = client.patch(f"/api/persons/{bea}/", json={"newPersonName": "Ann"}).json()
    assert (merged["id"], merged["name"], merged["face_count"]) == (ann, "Ann", 4)
    assert (merged["merged_ids"], merged["face_photo_url"]) == ([bea], other.image_hash)
    assert tombstones(instance, user) == [str(bea)]
    assert (listed(client), found(client, "Ann"), found(client, "Bea")) == ([("Ann", 4)], 4, 0)
    # The older one takes the name of the younger and stays, too.
    carl = builder.add_person(user, "Carl")
    again = client.patch(f"/api/persons/{ann}/", json={"newPersonName": "Carl"}).json()
    assert (again["id"], again["name"], again["merged_ids"]) == (ann, "Carl", [carl])
    assert found(client, "Carl") == 4


def test_a_name_of_a_group_is_not_taken(
    client: httpx.Client, builder: Builder, user: Account, ann: int
) -> None:
    builder.add_person(user, "Unknown 1", kind="CLUSTER")
    refused = client.patch(f"/api/persons/{ann}/", json={"newPersonName": "Unknown 1"})
    assert (refused.status_code, listed(client)) == (400, [("Ann", 3)])


def test_a_cover_is_chosen_among_ones_own_photos(
    client: httpx.Client, builder: Builder, user: Account, stranger: Account, photos: list[Photo], ann: int
) -> None:
    chosen = client.patch(f"/api/persons/{ann}/", json={"cover_photo": photos[2].image_hash}).json()
    assert (chosen["face_photo_url"], chosen["face_count"]) == (photos[2].image_hash, 3)
    assert photos[2].image_hash in chosen["face_url"]
    without_face = builder.add_photo(user, is_video=True, with_files=False)
    chosen = client.patch(f"/api/persons/{ann}/", json={"cover_photo": without_face.uuid}).json()
    assert (chosen["face_photo_url"], chosen["video"]) == (without_face.image_hash, True)
    assert photos[0].image_hash in chosen["face_url"]
    foreign = builder.add_photo(stranger, is_public=True, with_files=False)
    for name in (foreign.uuid, foreign.image_hash, "nonsense", "0" * 32 + "1", ""):
        refused = client.patch(f"/api/persons/{ann}/", json={"cover_photo": name})
        errors = [{"field": "cover_photo", "message": f"Photo not found: {name}"}]
        assert (refused.status_code, refused.json()["errors"]) == (400, errors)


def test_the_faces_of_a_deleted_person_are_nobodys(
    instance: Instance, client: httpx.Client, user: Account, photos: list[Photo], ann: int
) -> None:
    client.patch(f"/api/persons/{ann}/", json={"newPersonName": "Annabel"})
    assert client.delete(f"/api/persons/{ann}").status_code == 204
    assert tombstones(instance, user) == [str(ann)]
    assert (listed(client), found(client, "annabel")) == ([], 0)
    groups = client.get("/api/faces/incomplete/").json()
    assert groups == [{"id": 0, "name": "Unknown - Other", "kind": "Unknown - Other", "face_count": 3}]
    people = client.get(f"/api/photos/{photos[0].uuid}/").json()["people"]
    assert [each["name"] for each in people] == [""]


def test_persons_of_others_and_groups_are_not_there(
    instance: Instance, client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account,
    stranger: Account,
) -> None:  # fmt: skip
    foreign = builder.add_person(stranger, "Ann")
    group = builder.add_person(user, "Unknown 1", kind="CLUSTER")
    before = read_all(instance, f"SELECT * FROM person WHERE id IN ({foreign}, {group}) ORDER BY id")
    for person_id in (foreign, group, 987654321):
        path = f"/api/persons/{person_id}/"
        for answer in (
            client.get(path),
            client.patch(path, json={"newPersonName": "Eve"}),
            client.put(path, json={"name": "Eve", "newPersonName": "Eve"}),
            client.delete(path),
        ):
            assert (answer.status_code, answer.json()["errors"]) == (404, UNKNOWN)
        assert client.get(f"/api/albums/person/{person_id}/").json()["errors"] == UNKNOWN
        assert anonymous.delete(path).status_code == 401
    assert client.get("/api/persons/nonsense/").json()["errors"][0]["message"] == "Not found."
    assert read_all(instance, f"SELECT * FROM person WHERE id IN ({foreign}, {group}) ORDER BY id") == before


def test_the_photos_of_a_person_come_by_days(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], ann: int
) -> None:
    builder.add_face(photos[0], person_id=ann)
    album = client.get(f"/api/albums/person/{ann}").json()["results"]
    assert (album["id"], album["name"]) == (str(ann), "Ann")
    seen = [item["id"] for group in album["grouped_photos"] for item in group["items"]]
    assert seen == [each.uuid for each in reversed(photos)]
    every = client.get("/api/albums/person/").json()
    assert (every["count"], every["results"]) == (1, [album])


def test_who_appears_together_is_drawn_once(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], ann: int
) -> None:
    assert client.get("/api/socialgraph").json() == {"nodes": [], "links": []}
    bea, carl = builder.add_person(user, "Bea"), builder.add_person(user, "Carl")
    for each in photos:
        builder.add_face(each, person_id=bea)
    builder.add_face(photos[0], person_id=carl, is_deleted=True)
    client.patch(f"/api/persons/{carl}/", json={"newPersonName": "Carlo"})
    graph = client.get("/api/socialgraph/").json()
    assert graph["links"] == [{"source": "Ann", "target": "Bea"}]
    assert [each["id"] for each in graph["nodes"]] == ["Ann", "Bea"]
    assert max(abs(each[axis]) for each in graph["nodes"] for axis in ("x", "y")) == 1000
