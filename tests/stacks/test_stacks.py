"""Stacks over the wire: made, filled, merged, dissolved; what grids show; and what follows changed photos."""

import uuid
from typing import Any

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.kit import json
from librephotos.stacks.numbering import NumberedRequest
from librephotos.stacks.queries import stacks
from tests.builders import Builder, Photo
from tests.instance import Account, Instance
from tests.photos.rows import read_all as rows
from tests.stacks.running import remove_for_good

JULY = "2023-07-01T14:05:{:02}"


@pytest.fixture
def photos(builder: Builder, user: Account) -> list[Photo]:
    """Four of one day, a second apart; the third has the most pixels."""
    sizes = [(40, 30), (60, 40), (90, 60), (10, 10)]
    return [
        builder.add_photo(
            user,
            taken_local=JULY.format(second),
            with_files=False,
            size_bytes=1000 + second,
            metadata={"width": width, "height": height, "camera_model": "X100"},
        )
        for second, (width, height) in enumerate(sizes)
    ]


def stack(client: httpx.Client, *photos: Photo) -> str:
    made = client.post("/api/stacks/manual", json={"photo_hashes": [each.image_hash for each in photos]})
    assert made.status_code == 201, made.text
    assert (made.json()["status"], made.json()["photo_count"]) == ("created", len(photos))
    return str(made.json()["stack_id"])


def shown(client: httpx.Client, of: Photo, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/albums/date/{of.day_id}?{query}")
    assert answer.status_code == 200
    day = answer.json()["results"]
    assert day["numberOfItems"] == len(day["items"])
    return list(day["items"])


def hashes(items: list[dict[str, Any]]) -> set[str]:
    return {each["image_hash"] for each in items}


def post(client: httpx.Client, path: str, status: int, **body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_manual_stack_shows_its_best_photo_with_a_badge(
    instance: Instance, client: httpx.Client, photos: list[Photo]
) -> None:
    stack_id = stack(client, *photos[:3])
    assert uuid.UUID(stack_id)
    items = shown(client, photos[0])
    assert hashes(items) == {photos[2].image_hash, photos[3].image_hash}
    badge = {"id": stack_id, "type": "manual", "photo_count": 3, "is_primary": True}
    assert [each["stacks"] for each in items if each["image_hash"] == photos[2].image_hash] == [[badge]]
    assert len(shown(client, photos[0], "show_all_stack_photos=1")) == 4
    (day,) = client.get("/api/albums/date/list").json()["results"]
    assert day["numberOfItems"] == 2
    layout = client.get("/api/albums/date/list/?show_all_stack_photos=1").json()["results"]
    assert [each["numberOfItems"] for each in layout] == [4]
    # Selecting all that the grid shows means what it shows.
    body = {"select_all": True, "query": {}, "rating": True, "favorite": True}
    assert client.post("/api/photosedit/favorite/", json=body).json()["count"] == 2

    (item,) = client.get("/api/stacks?page=7&page_size=none").json()["results"]
    assert item["primary_photo"]["image_hash"] == photos[2].image_hash
    assert [each["image_hash"] for each in item["preview_photos"]] == [each.image_hash for each in photos[:3]]
    assert (item["sequence_start"], item["sequence_end"]) == ("2023-07-01T14:05:00Z", "2023-07-01T14:05:02Z")
    assert client.get("/api/stacks/?stack_type=burst").json()["results"] == []
    page = client.get("/api/stacks/?stack_type=nonsense&page=7").json()
    assert (page["count"], page["num_pages"], page["page"], page["has_next"]) == (1, 1, 7, False)

    one = client.get(f"/api/stacks/{stack_id}/").json()
    assert one["primary_photo_hash"] == photos[2].image_hash
    assert [each["is_primary"] for each in one["photos"]] == [False, False, True]
    member = one["photos"][0]
    assert (member["camera"], member["width"], member["size"]) == ("X100", 40, 1000)
    assert member["file_type"] == "image"
    assert [each["is_main"] for each in member["file_variants"]] == [True]

    detail = client.get(f"/api/photos/{photos[0].uuid}/").json()["stacks"]
    assert [(each["id"], each["type_display"], each["is_primary"]) for each in detail] == [
        (stack_id, "Manual Stack", False)
    ]
    assert [each["is_primary"] for each in detail[0]["photos"]] == [False, False, True]
    # An archive may take the whole stack along.
    for more, count in (({}, 1), ({"include_stacked_photos": True}, 3)):
        asked = {"image_hashes": [photos[0].image_hash], **more}
        job_id = client.post("/api/photos/download", json=asked).json()["job_id"]
        ((arguments,),) = rows(instance, f"SELECT arguments FROM job WHERE job_id = '{job_id}'")
        assert len(json.loads(arguments)["photos"]) == count
    stats = client.get("/api/stacks/stats").json()
    assert stats["by_type"] == {"burst": 0, "bracket": 0, "manual": 1, "raw_jpeg": 0, "live_photo": 0}
    assert (stats["total_stacks"], stats["photos_in_stacks"], stats["total_photos"]) == (1, 3, 4)


def test_stacks_are_filled_emptied_merged_and_dissolved(client: httpx.Client, photos: list[Photo]) -> None:
    first, second, third, fourth = photos
    stack_id = stack(client, first, second)
    path = f"/api/stacks/{stack_id}"
    assert post(client, f"{path}/primary", 200, photo_hash=first.uuid) == {
        "status": "updated",
        "primary_photo_hash": first.uuid,
    }
    assert hashes(shown(client, first)) == {first.image_hash, third.image_hash, fourth.image_hash}
    assert (
        post(client, f"{path}/primary", 400, photo_hash=third.uuid)["error"]
        == "Photo not found in this stack"
    )
    assert post(client, f"{path}/primary/", 400)["error"] == "photo_hash is required"
    asked = [third.image_hash, second.uuid, "nonsense", str(uuid.uuid4())]
    added = post(client, f"{path}/add", 200, photo_hashes=asked)
    assert added == {"status": "updated", "added_count": 1, "total_count": 3}
    # Whoever goes with a new photo to a stack joins it.
    assert stack(client, second, fourth) == stack_id
    assert len(client.get(path).json()["photos"]) == 4
    gone = post(client, f"{path}/remove", 200, photo_hashes=[first.image_hash])
    assert gone == {"status": "updated", "removed_count": 1, "total_count": 3}
    assert client.get(path).json()["primary_photo_hash"] == third.image_hash
    ended = post(client, f"{path}/remove", 200, photo_hashes=[second.uuid, third.uuid])
    assert (ended["status"], ended["removed_count"]) == ("deleted", 2)
    assert client.get(path).status_code == 404
    assert len(shown(client, first)) == 4
    assert all(each["stacks"] is None for each in shown(client, first))

    one, other = stack(client, first, second), stack(client, third, fourth)
    names = [first.uuid, fourth.image_hash]
    merged = post(client, "/api/stacks/merge", 200, photo_hashes=names)
    assert merged == {"status": "merged", "stack_id": one, "photo_count": 4, "merged_count": 1}
    assert post(client, "/api/stacks/merge", 200, photo_hashes=names)["status"] == "no_merge_needed"
    assert client.get(f"/api/stacks/{other}").status_code == 404
    assert client.delete(f"/api/stacks/{one}").json() == {"status": "deleted", "unlinked_count": 4}
    again = stack(client, first, second)
    assert client.delete(f"/api/stacks/{again}/delete/").json() == {"status": "deleted", "unlinked_count": 2}
    assert post(client, "/api/stacks/merge", 400, photo_hashes=names)["error"].startswith("No manual stacks")


def test_what_names_no_own_photos_or_stack_changes_nothing(
    client: httpx.Client, builder: Builder, photos: list[Photo], stranger: Account
) -> None:
    foreign = builder.add_photo(stranger, with_files=False)
    for body in ({}, {"photo_hashes": []}, {"photo_hashes": [photos[0].uuid] * 2}):
        assert post(client, "/api/stacks/manual", 400, **body)["error"].startswith("At least 2 unique photos")
    both = {"photo_hashes": [photos[0].uuid, foreign.uuid]}
    assert post(client, "/api/stacks/manual", 400, **both)["error"] == "Some photos not found"
    assert post(client, "/api/stacks/merge", 400, **both)["error"] == "Some photos not found"
    assert post(client, "/api/stacks/merge", 400)["error"] == "photo_hashes is required"
    wrong = client.post("/api/stacks/manual", json={"photo_hashes": "all"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "photo_hashes")
    assert client.get("/api/stacks").json()["count"] == 0
    for name in ("nonsense", str(uuid.uuid4())):
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("DELETE", "/delete"),
            ("POST", "/primary"),
            ("POST", "/add"),
            ("POST", "/remove"),
        ):
            answer = client.request(method, f"/api/stacks/{name}{path}")
            assert (answer.status_code, answer.json()) == (404, {"error": "Photo stack not found"})


def test_stacks_follow_their_photos(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    first, second, third, fourth = photos
    stack_id = stack(client, first, second, third)

    def change(flag: str, name: str, of: list[Photo], value: bool) -> None:
        body = {"image_hashes": [each.image_hash for each in of], name: value}
        assert client.post(f"/api/photosedit/{flag}/", json=body).status_code == 200

    # In the trash, the chosen one gives way and takes its place again.
    change("setdeleted", "deleted", [third], True)
    assert hashes(shown(client, first)) == {second.image_hash, fourth.image_hash}
    assert client.get(f"/api/stacks/{stack_id}").json()["photo_count"] == 2
    trash = client.get(f"/api/albums/date/{first.day_id}?in_trashcan=1").json()["results"]["items"]
    assert [(each["image_hash"], each["stacks"]) for each in trash] == [(third.image_hash, None)]
    # One that is left alone is no stack.
    change("hide", "hidden", [second], True)
    assert hashes(shown(client, first)) == {first.image_hash, fourth.image_hash}
    assert client.get(f"/api/stacks/{stack_id}").status_code == 404
    assert client.get("/api/stacks").json()["count"] == 0
    change("hide", "hidden", [second], False)
    change("setdeleted", "deleted", [third], False)
    assert hashes(shown(client, first)) == {third.image_hash, fourth.image_hash}
    # Deleted for good they leave, and with the last but one the stack is gone.
    remove_for_good(instance, user, second, third)
    assert rows(instance, f"SELECT count(*) FROM photo_stack WHERE owner_id = {user.user_id}") == [(0,)]
    assert hashes(shown(client, first)) == {first.image_hash, fourth.image_hash}


def test_a_stack_is_nobody_elses_to_see(
    client: httpx.Client,
    instance: Instance,
    builder: Builder,
    user: Account,
    photos: list[Photo],
    stranger: Account,
) -> None:
    stack_id = stack(client, *photos)
    album_id = builder.add_album(user, *photos)
    builder.share_album(album_id, stranger)
    own = client.get(f"/api/albums/user/{album_id}/").json()
    assert [len(each["stacks"]) for group in own["grouped_photos"] for each in group["items"]] == [1, 1, 1, 1]
    with instance.client(stranger.bearer) as other:
        assert other.get(f"/api/stacks/{stack_id}").status_code == 404
        assert other.get(f"/api/photos/{photos[0].uuid}/").json()["stacks"] is None
        theirs = other.get(f"/api/albums/user/{album_id}/").json()
        items = [each for group in theirs["grouped_photos"] for each in group["items"]]
        assert [each["stacks"] for each in items] == [None] * 4


def test_lists_take_as_many_statements_for_many_stacks_as_for_few(
    instance: Instance, builder: Builder, user: Account, client: httpx.Client
) -> None:
    viewer = Viewer(user_id=user.user_id, username=user.username)

    def count() -> int:
        with instance.db.snapshot() as tx:
            stacks.list_stacks(tx, viewer, "", NumberedRequest(1, 100))
            return tx.statement_count

    def add(number: int) -> None:
        for _ in range(number):
            stack(client, *(builder.add_photo(user, with_files=False) for _ in range(2)))

    add(1)
    few = count()
    add(5)
    assert count() == few
