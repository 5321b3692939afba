"""Bulk flags: favourite, hidden, trash, public; by name and by what a grid shows."""

import pytest

from librephotos.accounts.events import Origin
from librephotos.accounts.viewer import Viewer
from librephotos.photos.queries.flags import change_flag
from librephotos.photos.selection import Grid, SelectionInput, parse_selection
from tests.builders import stored
from tests.photos.rows import day_count, events_of, list_version, photo_row

MISSING = "0123456789abcdef0123456789abcdef1"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
# Path, key, column, and the value behind true.
FLAGS = {
    "favorite": ("favorite", "rating", 4),
    "hide": ("hidden", "is_hidden", 1),
    "setdeleted": ("deleted", "is_trashed", 1),
    "makepublic": ("val_public", "is_public", 1),
}
EMPTY = {
    "status": True,
    "count": 0,
    "updated_hashes": [],
    "not_updated_hashes": [],
    "results": [],
    "updated": [],
    "not_updated": [],
}


def post(client, name, body):
    return client.post(f"/api/photosedit/{name}/", json=body)


def errors(answer):
    assert answer.status_code == 400, answer.text
    return {each["field"]: each["message"] for each in answer.json()["errors"]}


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_set_and_taken_back(client, instance, builder, user, stranger, name):
    key, column, value = FLAGS[name]
    first, second, third = (builder.add_photo(user, with_files=False) for _ in range(3))
    foreign = builder.add_photo(stranger, with_files=False, is_public=True)
    removed = builder.add_photo(user, with_files=False, is_removed=True)
    before = [photo_row(instance, each, "modified_at")[0] for each in (first, second, third)]
    version = list_version(instance, user)
    asked = [second.image_hash, MISSING, first.uuid, second.uuid, foreign.image_hash, "x", removed.image_hash]
    answer = post(client, name, {"image_hashes": asked, key: True}).json()
    assert list(answer) == list(EMPTY)
    assert (answer["status"], answer["count"]) == (True, 2)
    assert answer["updated_hashes"] == [second.image_hash, first.uuid]
    assert answer["not_updated_hashes"] == []
    assert answer["results"] == answer["updated"]
    assert [each["id"] for each in answer["updated"]] == [second.uuid, first.uuid]
    assert [photo_row(instance, each, column)[0] for each in (first, second)] == [value, value]
    assert photo_row(instance, third, column, "modified_at") == (0, before[2])
    assert photo_row(instance, first, "modified_at")[0] > before[0]
    assert photo_row(instance, removed, column)[0] == 0
    assert photo_row(instance, foreign, "is_hidden", "is_trashed", "rating") == (0, 0, 0)
    assert list_version(instance, user) > version
    again = post(client, name, {"image_hashes": [third.uuid, first.uuid], key: True}).json()
    assert (again["updated_hashes"], again["not_updated_hashes"]) == ([third.uuid], [first.uuid])
    assert [each["id"] for each in again["not_updated"]] == [first.uuid]
    back = post(client, name, {"image_hashes": [first.image_hash], key: False}).json()
    assert back["updated_hashes"] == [first.image_hash]
    assert photo_row(instance, first, column)[0] == 0


@pytest.mark.parametrize("name", FLAGS)
def test_others_photos_are_passed_over_like_unknown_ones(client, instance, builder, stranger, name):
    foreign = builder.add_photo(stranger, with_files=False, is_public=True)
    key = FLAGS[name][0]
    before = photo_row(instance, foreign, "rating", "is_hidden", "is_trashed", "is_public", "modified_at")
    for asked in (foreign.image_hash, foreign.uuid, MISSING, UNKNOWN):
        answer = post(client, name, {"image_hashes": [asked], key: name != "makepublic"})
        assert (answer.status_code, answer.json()) == (200, EMPTY)
    after = photo_row(instance, foreign, "rating", "is_hidden", "is_trashed", "is_public", "modified_at")
    assert after == before


@pytest.mark.parametrize("name", FLAGS)
def test_a_query_of_a_client_never_reaches_others_photos(client, instance, builder, user, stranger, name):
    """Whatever the query says: it once opened everybody's public photos to being hidden, deleted and published."""
    key = FLAGS[name][0]
    builder.change_user(stranger, public_sharing=True)
    foreign = builder.add_photo(stranger, with_files=False, is_public=True, rating=1)
    shared = builder.add_photo(stranger, with_files=False, rating=1)
    builder.share_photo(shared, user)
    builder.share_album(builder.add_album(stranger, shared), user)
    of_strangers = builder.add_person(stranger, "Bea")
    builder.add_face(foreign, person_id=of_strangers)
    tag_of_strangers = builder.add_tag(stranger, foreign)
    columns = ("rating", "is_hidden", "is_trashed", "is_public", "modified_at")
    before = [photo_row(instance, each, *columns) for each in (foreign, shared)]
    for query in (
        {},
        {"public": True},
        {"public": "1", "username": stranger.username},
        {"username": stranger.username, "owner": stranger.user_id, "owner_id": stranger.user_id},
        {"last_modified": "1970-01-01"},
        {"person": of_strangers},
        {"tag": tag_of_strangers},
        {"tag": str(tag_of_strangers), "public": True},
        {"folder": str(foreign.path.parent)},
        {"show_all_stack_photos": True, "apply_default": True},
    ):
        answer = post(client, name, {"select_all": True, "query": query, key: name == "makepublic" or True})
        assert (answer.status_code, answer.json()) == (200, {"status": True, "count": 0}), query
    assert [photo_row(instance, each, *columns) for each in (foreign, shared)] == before


@pytest.mark.parametrize("name", FLAGS)
def test_bad_input_is_told_by_its_field(client, builder, user, name):
    key = FLAGS[name][0]
    photo = builder.add_photo(user, with_files=False)
    named = {"image_hashes": [photo.image_hash]}
    required = "This field is required."
    assert errors(post(client, name, named)) == {key: required}
    assert errors(post(client, name, {key: True})) == {"image_hashes": required}
    assert errors(post(client, name, {key: True, "select_all": False})) == {"image_hashes": required}
    for value in ("true", 1, 0, "yes", [], {}):
        assert errors(post(client, name, {**named, key: value})) == {key: "Must be a valid boolean."}
    assert errors(post(client, name, {**named, key: None})) == {key: "This field may not be null."}
    assert errors(post(client, name, {"image_hashes": "x", key: True})) == {
        "image_hashes": "Expected a list of items."
    }
    assert errors(post(client, name, {"image_hashes": [[]], key: True})) == {
        "image_hashes": "Not a valid string."
    }
    assert errors(post(client, name, {"select_all": "true", key: True})) == {
        "select_all": "Must be a valid boolean."
    }
    assert errors(post(client, name, {"select_all": True, "query": [], key: True})) == {
        "query": "Expected a dictionary of items."
    }
    for field in ("person", "tag"):
        for value in ("x", True, 1.5, -1, [1], "9" * 30):
            body = {"select_all": True, "query": {field: value}, key: True}
            assert errors(post(client, name, body)) == {field: "A valid integer is required."}
    for field, value in (("folder", 1), ("media", {}), ("favorite", []), ("video", {})):
        assert set(errors(post(client, name, {"select_all": True, "query": {field: value}, key: True}))) == {
            field
        }
    assert post(client, name, []).status_code == 400
    assert client.post(f"/api/photosedit/{name}/", content=b"{").status_code == 415
    assert client.get(f"/api/photosedit/{name}/").status_code == 405


@pytest.mark.parametrize("name", FLAGS)
def test_both_spellings_of_the_path_answer(client, anonymous, name):
    key = FLAGS[name][0]
    for path in (f"/api/photosedit/{name}", f"/api/photosedit/{name}/"):
        answer = client.post(path, json={"image_hashes": [], key: True})
        assert (answer.status_code, answer.json()) == (200, EMPTY)
        assert anonymous.post(path, json={"image_hashes": [], key: True}).status_code == 401


def test_counts_of_days_and_public_photos_follow(client, instance, builder, user):
    photo, other = builder.add_photo(user, with_files=False), builder.add_photo(user, with_files=False)
    for name, value, count in (
        ("hide", True, 1),
        ("hide", False, 2),
        ("setdeleted", True, 1),
        ("setdeleted", False, 2),
    ):
        post(client, name, {"image_hashes": [photo.uuid], FLAGS[name][0]: value})
        assert day_count(instance, other) == count
    post(client, "makepublic", {"image_hashes": [photo.uuid], "val_public": True})
    assert events_of(instance, user, "share_changed") == [("public photos", '{"photos":1,"public":true}')]
    with instance.client() as visitor:
        assert visitor.get(f"/api/photos/{photo.uuid}/").status_code == 200
    post(client, "makepublic", {"image_hashes": [photo.uuid], "val_public": False})
    with instance.client() as visitor:
        assert visitor.get(f"/api/photos/{photo.uuid}/").status_code == 404


def test_a_favourite_has_the_rating_that_its_owner_asks_for(client, instance, builder, user):
    builder.change_user(user, favorite_min_rating=3)
    low, high = (builder.add_photo(user, with_files=False, rating=rating) for rating in (1, 5))
    answer = post(client, "favorite", {"image_hashes": [low.uuid, high.uuid], "favorite": True}).json()
    assert (answer["updated_hashes"], answer["not_updated_hashes"]) == ([low.uuid], [high.uuid])
    assert [photo_row(instance, each, "rating")[0] for each in (low, high)] == [3, 5]
    builder.change_photo(user, low, rating=2)
    answer = post(client, "favorite", {"image_hashes": [low.uuid, high.uuid], "favorite": False}).json()
    assert (answer["updated_hashes"], answer["not_updated_hashes"]) == ([high.uuid], [low.uuid])
    assert [photo_row(instance, each, "rating")[0] for each in (low, high)] == [2, 0]


def test_a_hash_that_several_own_photos_share_means_all_of_them(client, instance, builder, user, stranger):
    one = builder.add_photo(user, with_files=False)
    two = builder.add_photo(user, with_files=False, image_hash=one.image_hash)
    foreign = builder.add_photo(stranger, with_files=False, image_hash=one.image_hash)
    builder.change_photo(user, two, is_hidden=True)
    answer = post(client, "hide", {"image_hashes": [one.image_hash], "hidden": True}).json()
    assert (answer["count"], answer["updated_hashes"]) == (1, [one.image_hash])
    assert answer["not_updated_hashes"] == []
    assert photo_row(instance, foreign, "is_hidden")[0] == 0


def test_everything_that_a_grid_shows_is_changed_but_what_is_excluded(client, instance, builder, user):
    def add(**more):
        return builder.add_photo(user, with_files=False, **more)

    plain, favourite, video, hidden, trashed = (
        add(),
        add(rating=5),
        add(is_video=True),
        add(is_hidden=True),
        add(is_trashed=True),
    )
    shot, document, early = add(is_screenshot=True), add(is_document=True), add(aspect_ratio=None)
    person = builder.add_person(user, "Bea")
    builder.add_face(plain, person_id=person)
    normal = [plain, favourite, video, shot, document]
    everything = [*normal, hidden, trashed, early]

    def changed_by(query, excluded=()):
        before = [photo_row(instance, each, "modified_at")[0] for each in everything]
        answer = post(
            client, "makepublic",
            {"select_all": True, "query": query, "excluded_hashes": list(excluded), "val_public": False},
        )  # fmt: skip
        after = [photo_row(instance, each, "modified_at")[0] for each in everything]
        found = [each for each, old, new in zip(everything, before, after, strict=True) if old != new]
        assert answer.json() == {"status": True, "count": len(found)}
        return found

    assert changed_by({}) == normal
    assert changed_by({}, [plain.image_hash, video.uuid, "x"]) == [favourite, shot, document]
    assert changed_by({"favorite": True}) == [favourite]
    assert changed_by({"favorite": False}) == normal
    assert changed_by({"video": "true"}) == changed_by({"media": "videos"}) == [video]
    assert changed_by({"photo": True}) == [plain, favourite, shot, document]
    assert changed_by({"hidden": True}) == [hidden]
    assert changed_by({"hidden": False}) == normal
    assert changed_by({"in_trashcan": "1"}) == [trashed]
    assert changed_by({"is_screenshot": True}) == [shot]
    assert changed_by({"hide_screenshots": True, "hide_documents": True}) == [plain, favourite, video]
    assert changed_by({"person": person}) == changed_by({"person": str(person)}) == [plain]
    assert changed_by({"folder": str(plain.path.parent)}) == normal
    assert changed_by({"folder": "/elsewhere"}) == []
    tag = builder.add_tag(user, plain, video, hidden)
    assert changed_by({"tag": tag}) == changed_by({"tag": str(tag)}) == [plain, video]
    assert changed_by({"tag": tag, "media": "videos"}, [plain.uuid]) == [video]
    assert changed_by({"tag": tag, "hidden": True}) == [hidden]
    assert changed_by({"tag": 987654321}) == changed_by({"person": 987654321}) == []
    assert changed_by({"last_modified": "2000-01-01", "unknown": {}}) == normal
    builder.change_photo(user, plain, is_public=True)
    assert changed_by({"public": True}) == [plain]
    builder.change_user(user, default_timeline_filter=stored({"media": "videos"}))
    assert changed_by({"apply_default": True}) == [video]
    assert changed_by({"apply_default": True, "media": "all"}) == normal


def test_a_selection_counts_favourites_only_when_they_change(client, builder, user):
    builder.add_photo(user, with_files=False, rating=5)
    builder.add_photo(user, with_files=False)
    body = {"select_all": True, "query": {}, "favorite": True}
    assert post(client, "favorite", body).json() == {"status": True, "count": 1}
    assert post(client, "favorite", body).json() == {"status": True, "count": 0}


def test_details_of_more_than_a_hundred_photos_are_left_out(client, builder, user):
    photos = [builder.add_photo(user, with_files=False) for _ in range(101)]
    body = {"image_hashes": [each.uuid for each in photos], "hidden": True}
    answer = post(client, "hide", body).json()
    assert (answer["count"], len(answer["updated_hashes"])) == (101, 101)
    assert answer["results"] == answer["updated"] == answer["not_updated"] == []


def test_bulk_changes_make_a_fixed_number_of_statements(instance, builder, user):
    photos = [builder.add_photo(user, with_files=False) for _ in range(20)]
    viewer = Viewer(user_id=user.user_id)
    counts = set()
    for number in (2, 20):
        texts = [each.uuid for each in photos[:number]]
        named = parse_selection(SelectionInput(image_hashes=texts))
        for value in (True, False):
            with instance.db.transaction() as tx:
                change_flag(tx, viewer, named, "hidden", value, Origin())
                counts.add(tx.statement_count)
    assert len(counts) == 1, counts


def test_a_grid_is_described_without_anybody_elses_name():
    body = SelectionInput(
        select_all=True, query={"public": True, "username": "ann", "last_modified": "2020-01-01"}
    )
    grid = parse_selection(body)
    assert isinstance(grid, Grid)
    assert (grid.only_public, grid.wanted.is_public, grid.wanted.username) == (True, False, None)
    assert grid.wanted.modified_since is None


def test_the_photos_of_an_answer_are_whole(client, builder, user, stranger):
    photo = builder.add_photo(user, with_files=False)
    builder.share_photo(photo, stranger)
    answer = post(client, "hide", {"image_hashes": [photo.uuid], "hidden": True}).json()
    detail = client.get(f"/api/photos/{photo.uuid}/").json()
    assert answer["results"] == [detail]
    assert (detail["hidden"], detail["shared_to"], detail["similar_photos"]) == (True, [stranger.user_id], [])
