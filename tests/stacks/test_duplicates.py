"""Duplicate groups over the wire: found, resolved, taken back whole, dismissed; and what follows changed photos."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.db.tables import album
from librephotos.photos.changes import photos_changed
from librephotos.photos.merging import merge_photos
from librephotos.stacks.numbering import NumberedRequest
from librephotos.stacks.queries import duplicates
from librephotos.stacks.queries.duplicates import GroupQuery
from tests.builders import Builder, Photo, change_row, stored
from tests.instance import Account, Instance
from tests.photos.rows import events_of, photo_row
from tests.photos.rows import read_all as rows
from tests.stacks.running import remove_for_good, run_duplicates

# Hashes that differ in one, four and 32 bits from the first.
LOOKS = ("00000000ffffffff", "00000000fffffffe", "0000000fffffffff", "ffffffff00000000")

Add = Callable[..., Photo]


@pytest.fixture
def add(builder: Builder, user: Account) -> Add:
    def make(looks: str = LOOKS[0], width: int = 40, **columns: Any) -> Photo:
        metadata = {"width": width, "height": width // 2, **columns.pop("metadata", {})}
        size = columns.pop("size_bytes", width * 100)
        return builder.add_photo(
            user, with_files=False, perceptual_hash=looks, metadata=metadata, size_bytes=size, **columns
        )

    return make


def groups(client: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/duplicates?{query}")
    assert answer.status_code == 200
    return list(answer.json()["results"])


def only(client: httpx.Client) -> str:
    (group,) = groups(client)
    return str(group["id"])


def post(client: httpx.Client, group_id: str, action: str, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"/api/duplicates/{group_id}/{action}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def set_flag(client: httpx.Client, flag: str, name: str, value: bool, *photos: Photo) -> None:
    body = {"image_hashes": [each.image_hash for each in photos], name: value}
    assert client.post(f"/api/photosedit/{flag}/", json=body).status_code == 200


def names(group: dict[str, Any]) -> set[str]:
    return {each["image_hash"] for each in group["preview_photos"]}


def test_pictures_that_look_alike_are_found_and_listed(
    instance: Instance, client: httpx.Client, user: Account, add: Add
) -> None:
    small, large, far = add(), add(LOOKS[1], 80, taken_local=None), add(LOOKS[3])
    add(LOOKS[0], is_hidden=True)
    add(LOOKS[0], is_trashed=True)
    add(LOOKS[0], is_video=True)
    assert run_duplicates(instance, user) == {
        "current": 3 + 1,
        "total": 4,
        "stage": "visual_duplicates",
        "found": 1,
    }
    (group,) = groups(client, "duplicate_type=visual_duplicate&status=pending&page=4")
    assert names(group) == {small.image_hash, large.image_hash}
    told = (
        "duplicate_type_display",
        "review_status_display",
        "photo_count",
        "potential_savings",
        "kept_photo",
    )
    assert [group[name] for name in told] == ["Visual Duplicates", "Pending Review", 2, 4000, None]
    assert group["similarity_score"] == round(1 - 1 / 64, 4)
    assert groups(client, "duplicate_type=exact_copy") == groups(client, "status=resolved") == []
    one = client.get(f"/api/duplicates/{group['id']}/").json()
    assert (one["kept_photo_hash"], one["suggested_photo_hash"]) == (None, large.image_hash)
    assert [(each["image_hash"], each["is_kept"]) for each in one["photos"]] == [
        (small.image_hash, False),
        (large.image_hash, False),
    ]
    assert one["photos"][0]["file_type"] == "Image"
    stats = client.get("/api/duplicates/stats").json()
    assert stats == {
        "total_duplicates": 1,
        "pending_duplicates": 1,
        "resolved_duplicates": 0,
        "dismissed_duplicates": 0,
        "by_type": {"exact_copy": 0, "visual_duplicate": 1},
        "photos_in_duplicates": 2,
        "total_photos": 4,
        "potential_savings_bytes": 4000,
        "potential_savings_mb": 0.0,
    }
    # Found again, and with another one, it is the same group; two that a picture between them connects become one.
    alone, between = add(LOOKS[2]), add("00000007ffffffff")
    assert run_duplicates(instance, user, visual_threshold=1)["found"] == 2
    run_duplicates(instance, user)
    assert [(each["id"], names(each)) for each in groups(client)] == [
        (group["id"], {each.image_hash for each in (small, large, alone, between)})
    ]
    assert far.image_hash not in names(groups(client)[0])
    # Cleared, what nobody decided about is found anew.
    run_duplicates(instance, user, clear_pending=True, visual_threshold=0)
    assert groups(client) == []


def test_copies_are_found_by_their_files(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, add: Add
) -> None:
    one, other = add(name="a.jpg"), add(LOOKS[0], name="longer name.jpg")
    sidecar = {"hash": f"{'a' * 32}{user.user_id}", "kind": 3}
    for number, each in enumerate((one, other, add(LOOKS[3]))):
        builder.add_file(user, each, each.path.with_name(f"{number}.xmp"), **sidecar)
    assert run_duplicates(instance, user)["found"] == 1  # alike, but no copies
    assert groups(client)[0]["duplicate_type"] == "visual_duplicate"
    builder.add_file(user, other, other.path.with_name("b.jpg"), hash=one.image_hash)
    run_duplicates(instance, user, clear_pending=True)
    # That copies look alike says nothing new.
    (group,) = groups(client)
    assert (group["duplicate_type"], group["similarity_score"]) == ("exact_copy", None)
    assert client.get(f"/api/duplicates/{group['id']}").json()["suggested_photo_hash"] == one.image_hash


def test_resolving_keeps_what_the_others_had_and_goes_back_whole(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, stranger: Account, add: Add
) -> None:
    words = {"captions": stored({"user_caption": "Tram"}), "keywords": stored(["tram"])}
    kept = add(width=4000, rating=1, metadata={"captions": stored({"user_caption": "Lisboa"})})
    other = add(LOOKS[1], 2000, rating=5, is_public=True, metadata=words)
    both, theirs = builder.add_album(user, kept, other), builder.add_album(user, other)
    foreign = builder.add_album(stranger, other)
    with instance.db.transaction() as tx:
        change_row(tx, album, theirs, cover_photo_id=other.photo_id)
    builder.add_tag(user, other, name="tram")
    builder.share_photo(other, stranger)
    person = builder.add_person(user, "Bea")
    box = {"location_top": 100, "location_right": 300, "location_bottom": 200, "location_left": 100}
    builder.add_face(other, person_id=person, **box)
    run_duplicates(instance, user)
    group_id = only(client)

    def state() -> list[Any]:
        of = f"photo_id = {kept.photo_id}"
        return [
            photo_row(instance, kept, "rating", "is_public", "is_trashed"),
            photo_row(instance, other, "rating", "is_public", "is_trashed"),
            rows(instance, f"SELECT captions, keywords FROM photo_metadata WHERE {of}"),
            rows(instance, f"SELECT album_id FROM album_photo WHERE {of} ORDER BY 1"),
            rows(instance, f"SELECT tag_id FROM photo_tag WHERE {of}"),
            rows(instance, f"SELECT user_id FROM photo_share WHERE {of}"),
            rows(instance, f"SELECT person_id, location_left FROM face WHERE {of}"),
            rows(instance, f"SELECT cover_photo_id FROM album WHERE id = {theirs}"),
        ]

    before = state()
    answer = post(client, group_id, "resolve", keep_photo_hash=kept.image_hash)
    assert answer == {"status": "resolved", "kept_photo": kept.image_hash, "trashed_count": 1}
    assert photo_row(instance, other, "is_trashed") == (1,)
    detail = client.get(f"/api/photos/{kept.uuid}/").json()
    assert (detail["rating"], detail["public"]) == (5, True)
    assert detail["captions_json"]["user_caption"] == "Lisboa\nTram"
    assert [each["name"] for each in detail["people"]] == ["Bea"]
    # Twice the picture, of which the thumbnails show 1080 lines and 1000.
    assert [each["location"]["left"] for each in detail["people"]] == [108]
    assert state()[3] == [(both,), (theirs,)]
    assert foreign not in [row[0] for row in state()[3]]
    assert state()[7] == [(kept.photo_id,)]
    assert len(state()[4]) == len(state()[5]) == 1
    assert client.get("/api/photos/searchlist/?search=tram").json()["results"]
    (group,) = groups(client, "status=resolved")
    assert group["kept_photo"]["image_hash"] == kept.image_hash
    assert [each["is_kept"] for each in client.get(f"/api/duplicates/{group_id}").json()["photos"]] == [
        True,
        False,
    ]
    assert client.get("/api/duplicates/stats").json()["potential_savings_bytes"] == 0
    # What was reviewed is not asked again.
    run_duplicates(instance, user)
    assert len(groups(client)) == 1

    assert post(client, group_id, "revert") == {"status": "reverted", "restored_count": 1}
    assert state() == before
    assert post(client, group_id, "revert", 400) == {"error": "Can only revert resolved duplicates"}
    assert groups(client)[0]["review_status"] == "pending"
    told = [target for target, _ in events_of(instance, user, "duplicates_reviewed")]
    assert told == ["resolved", "reverted"]

    # What somebody changed meanwhile stays as they made it.
    post(client, group_id, "resolve", keep_photo_hash=kept.uuid)
    set_flag(client, "favorite", "favorite", False, kept)
    client.post("/api/photosedit/savecaption/", json={"image_hash": kept.image_hash, "caption": "Mine"})
    assert (
        client.patch(f"/api/albums/user/edit/{theirs}/", json={"removedPhotos": [kept.uuid]}).status_code
        == 200
    )
    post(client, group_id, "revert")
    now = state()
    assert now[0][0] == 0
    assert "Mine" in now[2][0][0]
    assert now[3] == [(both,)]
    assert now[1][2] == 0


def test_resolving_again_another_way_leaves_one_kept_photo(
    instance: Instance, client: httpx.Client, user: Account, add: Add
) -> None:
    photos = [add(width=40 * number) for number in (1, 2, 3)]
    run_duplicates(instance, user)
    group_id = only(client)
    statuses: list[int] = []

    def keep(of: Photo) -> None:
        with instance.client(user.bearer) as own:
            body = {"keep_photo_hash": of.uuid}
            statuses.append(own.post(f"/api/duplicates/{group_id}/resolve", json=body).status_code)

    threads = [threading.Thread(target=keep, args=(each,)) for each in photos * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert statuses == [200] * 6
    trashed = [photo_row(instance, each, "is_trashed")[0] for each in photos]
    assert sorted(map(bool, trashed)) == [False, True, True]
    (group,) = groups(client)
    assert group["kept_photo"]["image_hash"] == photos[trashed.index(0)].image_hash
    left = post(client, group_id, "resolve", keep_photo_hash=photos[0].uuid, trash_others=False)
    assert left["trashed_count"] == 0
    assert [photo_row(instance, each, "is_trashed") for each in photos] == [(0,)] * 3
    # Out of the trash again, the question is open again.
    post(client, group_id, "resolve", keep_photo_hash=photos[0].uuid)
    set_flag(client, "setdeleted", "deleted", False, photos[1])
    (group,) = groups(client)
    assert (group["review_status"], group["photo_count"], group["kept_photo"]) == ("pending", 2, None)


def test_what_was_dismissed_stays_dismissed(
    instance: Instance, client: httpx.Client, user: Account, add: Add
) -> None:
    one, other = add(), add(LOOKS[1])
    run_duplicates(instance, user)
    group_id = only(client)
    assert post(client, group_id, "dismiss") == {"status": "dismissed"}
    for options in ({}, {"clear_pending": True}):
        run_duplicates(instance, user, **options)
        assert [each["review_status"] for each in groups(client)] == ["dismissed"]
    assert groups(client, "status=pending") == []
    assert client.get("/api/duplicates/stats").json()["photos_in_duplicates"] == 0
    # Another one that looks like one of them is a new question.
    new = add(LOOKS[0])
    run_duplicates(instance, user, visual_threshold=0)
    (pending,) = groups(client, "status=pending")
    assert names(pending) == {one.image_hash, new.image_hash}
    assert client.delete(f"/api/duplicates/{group_id}/delete").json() == {
        "status": "deleted",
        "unlinked_count": 2,
    }
    run_duplicates(instance, user)
    assert names(groups(client)[0]) == {one.image_hash, other.image_hash, new.image_hash}


def test_groups_follow_their_photos(
    instance: Instance, client: httpx.Client, user: Account, add: Add
) -> None:
    one, other, third = add(), add(LOOKS[0]), add(LOOKS[1], 200)
    run_duplicates(instance, user)
    group_id = only(client)
    set_flag(client, "hide", "hidden", True, third)
    assert groups(client)[0]["photo_count"] == 2
    assert groups(client)[0]["potential_savings"] == 4000
    set_flag(client, "setdeleted", "deleted", True, other)
    assert groups(client) == []
    set_flag(client, "setdeleted", "deleted", False, other)
    set_flag(client, "hide", "hidden", False, third)
    assert groups(client)[0]["photo_count"] == 3
    # A scan that finds two to be one photo.
    with instance.db.transaction() as tx:
        merge_photos(tx, one.photo_id, other.photo_id)
        photos_changed(tx, user.user_id, [one.photo_id, other.photo_id])
    assert groups(client)[0]["photo_count"] == 2
    remove_for_good(instance, user, third)
    assert client.get(f"/api/duplicates/{group_id}").status_code == 404
    assert rows(instance, f"SELECT count(*) FROM duplicate_group WHERE owner_id = {user.user_id}") == [(0,)]


def test_what_is_not_ones_own_or_of_no_use_is_refused(
    instance: Instance, client: httpx.Client, user: Account, stranger: Account, add: Add
) -> None:
    add()
    add()
    away = add(LOOKS[3])
    run_duplicates(instance, user)
    group_id = only(client)
    assert post(client, group_id, "resolve", 400)["error"] == "keep_photo_hash is required"
    for name in (away.image_hash, "nonsense", str(uuid.uuid4())):
        refused = post(client, group_id, "resolve", 400, keep_photo_hash=name)
        assert refused["error"] == "Photo not found in this duplicate group"
    with instance.client(stranger.bearer) as other:
        assert groups(other) == []
        for name in (group_id, "nonsense"):
            for action in ("resolve", "dismiss", "revert"):
                assert post(other, name, action, 404) == {"error": "Duplicate group not found"}
            assert other.get(f"/api/duplicates/{name}").status_code == 404
            assert other.delete(f"/api/duplicates/{name}/delete").status_code == 404
    for body in (
        {"visual_threshold": "x"},
        {"batch_size": 1.5},
        {"visual_threshold": True},
        {"batch_size": None},
    ):
        answer = client.post("/api/duplicates/detect", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(body)))
    queued = client.post("/api/duplicates/detect/", json={"batch_size": 1, "visual_threshold": "7"})
    assert (queued.status_code, queued.json()["status"]) == (202, "queued")
    assert queued.json()["options"] == {
        "detect_exact_copies": True,
        "detect_visual_duplicates": True,
        "visual_threshold": 7,
        "clear_pending": False,
        "batch_size": 100,
    }
    assert client.get("/api/jobs/").json()["results"][0]["job_type"] == 15


def test_lists_take_as_many_statements_for_many_groups_as_for_few(
    instance: Instance, client: httpx.Client, user: Account, add: Add
) -> None:
    viewer = Viewer(user_id=user.user_id, username=user.username)

    def count() -> int:
        run_duplicates(instance, user, visual_threshold=0)
        with instance.db.snapshot() as tx:
            duplicates.list_groups(tx, viewer, GroupQuery(), NumberedRequest(1, 100))
            return tx.statement_count

    def both(number: int) -> None:
        for _ in range(2):
            add(f"{number:016x}")

    both(1)
    few = count()
    for number in range(2, 6):
        both(number)
    assert count() == few
    assert len(groups(client)) == 5
