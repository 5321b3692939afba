"""Tags: the list, one of them, tagging, renaming, merging, deleting."""

from typing import Any

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.tags import TagQuery, list_tags
from librephotos.http.paging import STANDARD, parse_page
from tests.builders import Builder, Photo, stored
from tests.instance import Account, Instance

UNKNOWN = [{"field": "detail", "message": "No Tag matches the given query."}]


@pytest.fixture
def photos(builder: Builder, user: Account) -> list[Photo]:
    return [
        builder.add_photo(
            user,
            taken_local=f"2023-07-0{day}T10:00:00",
            metadata={"keywords": stored(["sea"])},
            with_files=False,
        )
        for day in (1, 2, 3)
    ]


def named(client: httpx.Client, query: str = "") -> list[tuple[str, int]]:
    return [(row["name"], row["photo_count"]) for row in client.get(f"/api/tags/{query}").json()["results"]]


def test_tags_are_listed_by_name_empty_ones_too(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    hidden = builder.add_photo(user, is_hidden=True, with_files=False)
    holiday = builder.add_tag(user, *photos, hidden, name="holiday")
    builder.add_tag(user, name="Empty")
    listed = client.get("/api/tags").json()
    assert [row["name"] for row in listed["results"]] == ["Empty", "holiday"]
    assert listed["results"][1] == {
        "id": holiday,
        "name": "holiday",
        "photo_count": 3,
        "cover_photos": [{"image_hash": each.image_hash, "video": False} for each in reversed(photos)],
    }
    assert named(client, "?search=HOLI") == [("holiday", 3)]
    for name in (photos[0].uuid, photos[0].image_hash):
        assert named(client, f"?photo={name}") == [("holiday", 3)]
    assert named(client, "?photo=nonsense") == []


def test_a_tag_shows_its_photos_newest_first(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    tag = builder.add_tag(user, *photos)
    detail = client.get(f"/api/tags/{tag}").json()["results"]
    assert detail["id"] == tag
    seen = [item["id"] for group in detail["grouped_photos"] for item in group["items"]]
    assert seen == [each.uuid for each in reversed(photos)]
    assert client.get(f"/api/tags/{tag}/?video=1").json()["results"]["grouped_photos"] == []


def test_a_name_is_made_once(client: httpx.Client) -> None:
    made = client.post("/api/tags", json={"name": " sea "})
    assert (made.status_code, made.json()) == (
        201,
        {"id": made.json()["id"], "name": "sea", "photo_count": 0},
    )
    again = client.post("/api/tags/", json={"name": "sea"})
    assert (again.status_code, again.json()) == (200, made.json())
    assert named(client) == [("sea", 0)]
    bad: list[tuple[dict[str, Any], str]] = [
        ({}, "This field is required."),
        ({"name": " "}, "This field may not be blank."),
        ({"name": "x" * 513}, "Ensure this field has no more than 512 characters."),
    ]
    for body, message in bad:
        refused = client.post("/api/tags/", json=body)
        assert (refused.status_code, refused.json()["errors"]) == (
            400,
            [{"field": "name", "message": message}],
        )


def test_photos_are_tagged_and_their_keywords_follow(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    tag = builder.add_tag(user, name="holiday")
    path = f"/api/tags/{tag}/add/"
    body = {"photos": [photos[0].uuid, photos[1].image_hash, photos[0].image_hash]}
    tagged = client.post(path, json=body)
    assert (tagged.status_code, tagged.json()) == (200, {"id": tag, "name": "holiday", "photo_count": 2})
    assert keywords(instance, photos[0]) == '["sea","holiday"]'
    found = client.get("/api/photos/?search=holiday").json()["count"]
    assert found == 2
    everything = client.post(path, json={"select_all": True, "query": {}, "excluded_hashes": []})
    assert everything.json()["photo_count"] == 3
    untagged = client.post(f"/api/tags/{tag}/remove", json={"photos": [photos[0].uuid]})
    assert untagged.json()["photo_count"] == 2
    assert keywords(instance, photos[0]) == '["sea"]'
    assert client.post(f"/api/tags/{tag}/remove/", json={"photos": [photos[0].uuid]}).status_code == 200


def keywords(instance: Instance, photo: Photo) -> str:
    with instance.db.snapshot() as tx:
        sql = f"SELECT keywords FROM photo_metadata WHERE photo_id = {photo.photo_id}"
        row = tx.connection.execute(sql).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("name", ["add", "remove"])
def test_tagging_says_what_is_wrong_and_changes_nothing(
    client: httpx.Client, builder: Builder, user: Account, stranger: Account, photos: list[Photo], name: str
) -> None:
    tag = builder.add_tag(user, photos[0])
    foreign = builder.add_photo(stranger, is_public=True, with_files=False)
    path = f"/api/tags/{tag}/{name}/"
    for body in ({}, {"photos": []}):
        refused = client.post(path, json=body)
        assert (refused.status_code, refused.json()) == (400, {"error": "No photos provided"})
    for unknown in (foreign.uuid, "nonsense"):
        answer = client.post(path, json={"photos": [photos[0].uuid, photos[1].uuid, unknown]})
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "Unknown photo")
    assert named(client)[0][1] == 1


def test_a_tag_is_renamed_unless_the_name_is_taken(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    tag = builder.add_tag(user, photos[0], name="sea")
    builder.add_tag(user, name="taken")
    renamed = client.patch(f"/api/tags/{tag}/", json={"name": "ocean"})
    assert (renamed.status_code, renamed.json()) == (200, {"id": tag, "name": "ocean", "photo_count": 1})
    assert keywords(instance, photos[0]) == '["ocean"]'
    assert client.put(f"/api/tags/{tag}", json={"name": "ocean"}).status_code == 200
    refused = client.patch(f"/api/tags/{tag}/", json={"name": "taken"})
    assert (refused.status_code, refused.json()["errors"]) == (
        400,
        [{"field": "name", "message": "Tag 'taken' already exists."}],
    )


def test_a_tag_takes_in_another(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    kept, source = (
        builder.add_tag(user, *photos[:2], name="ocean"),
        builder.add_tag(user, *photos[1:], name="sea"),
    )
    path = f"/api/tags/{kept}/merge/"
    for body, message in (
        ({}, "No tag provided"),
        ({"tag": kept}, "A tag cannot be merged into itself"),
    ):
        refused = client.post(path, json=body)
        assert (refused.status_code, refused.json()) == (400, {"error": message})
    for unknown in (987654321, "x", True, 1.5):
        answer = client.post(path, json={"tag": unknown})
        assert (answer.status_code, answer.content) == (404, b"")
    merged = client.post(path, json={"tag": source})
    assert (merged.status_code, merged.json()) == (200, {"id": kept, "name": "ocean", "photo_count": 3})
    assert named(client) == [("ocean", 3)]
    assert keywords(instance, photos[2]) == '["ocean"]'
    with instance.db.snapshot() as tx:
        sql = f"SELECT entity_id FROM deletion_log WHERE owner_id = {user.user_id} AND entity = 'tag'"
        assert tx.connection.execute(sql).fetchall() == [(str(source),)]


def test_deleting_a_tag_keeps_its_photos(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    tag = builder.add_tag(user, *photos)
    assert client.delete(f"/api/tags/{tag}").status_code == 204
    assert client.delete(f"/api/tags/{tag}/").status_code == 404
    assert client.get(f"/api/photos/{photos[0].uuid}/").status_code == 200
    assert named(client) == []


def test_tags_of_others_are_not_found(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, stranger: Account
) -> None:
    tag = builder.add_tag(stranger, name="theirs")
    own = builder.add_tag(user)
    for method, path in (
        ("GET", f"/api/tags/{tag}/"),
        ("PATCH", f"/api/tags/{tag}/"),
        ("DELETE", f"/api/tags/{tag}/"),
        ("POST", f"/api/tags/{tag}/add/"),
        ("POST", f"/api/tags/{tag}/merge/"),
    ):
        answer = client.request(method, path, json={"name": "mine"})
        assert (answer.status_code, answer.json()["errors"]) == (404, UNKNOWN)
    assert client.post(f"/api/tags/{own}/merge/", json={"tag": tag}).status_code == 404
    assert client.get("/api/tags/abc/").json()["errors"][0]["message"] == "Not found."


def test_a_list_takes_as_many_statements_for_many_tags_as_for_few(
    instance: Instance, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    counts = []
    for number in (3, 30):
        for _ in range(number):
            builder.add_tag(user, *photos)
        with instance.db.snapshot() as tx:
            list_tags(tx, Viewer(user_id=user.user_id), TagQuery(), parse_page("/", "", STANDARD))
            counts.append(tx.statement_count)
    assert counts[0] == counts[1]
