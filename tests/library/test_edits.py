"""Editing when and where a photo was taken, over HTTP."""

import pytest

from tests.builders import Builder, stored
from tests.photos.rows import list_version, photo_row, read_all

KEYS = [
    "image_hash",
    "hidden",
    "rating",
    "in_trashcan",
    "removed",
    "video",
    "exif_timestamp",
    "timestamp",
    "exif_gps_lat",
    "exif_gps_lon",
    "is_screenshot",
    "is_document",
    "category_source",
]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
NOT_FOUND = {"errors": [{"field": "detail", "message": "No Photo matches the given query."}]}


@pytest.fixture
def builder(instance):
    return Builder(instance)


def patch(client, photo, **body):
    answer = client.patch(f"/api/photos/edit/{photo.uuid}/", json=body)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == KEYS
    return answer.json()


def counts(instance, user):
    sql = (
        f"SELECT date, photo_count FROM day WHERE owner_id = {user.user_id} AND photo_count > 0 ORDER BY date"
    )
    return dict(read_all(instance, sql))


def test_a_time_that_somebody_sets_moves_the_photo_to_another_day(client, instance, builder, user):
    photo, other = (builder.add_photo(user, taken_local="2023-07-01T14:05:09") for _ in range(2))
    version, modified = list_version(instance, user), photo_row(instance, photo, "modified_at")[0]
    for sent, expected in (
        ("2021-02-03T04:05:06Z", "2021-02-03T04:05:06Z"),
        ("2021-02-03T23:30:00.250-02:00", "2021-02-04T01:30:00.250000Z"),
        ("2021-02-05T10:00:00", "2021-02-05T10:00:00Z"),
    ):
        edited = patch(client, photo, exif_timestamp=sent, rating=5, hidden=True, timestamp=None)
        assert (edited["exif_timestamp"], edited["timestamp"]) == (expected, expected)
        assert (edited["rating"], edited["hidden"]) == (0, False)
        assert counts(instance, user) == {expected[:10]: 1, "2023-07-01": 1}
    assert list_version(instance, user) > version
    assert photo_row(instance, photo, "modified_at")[0] > modified
    detail = client.get(f"/api/photos/{photo.uuid}/").json()
    assert detail["exif_timestamp"] == "2021-02-05T10:00:00Z"
    days = client.get("/api/albums/date/list/").json()["results"]
    assert [(each["date"], each["numberOfItems"]) for each in days] == [("2023-07-01", 1), ("2021-02-05", 1)]
    assert client.get(f"/api/photos/{other.uuid}/").json()["exif_timestamp"] == "2023-07-01T14:05:09Z"


def test_without_it_the_files_own_time_comes_back(client, instance, builder, user):
    tags = stored({"EXIF:DateTimeOriginal": "2019:08:07 06:05:04", "EXIF:OffsetTimeOriginal": "+02:00"})
    photo = builder.add_photo(user, metadata={"tags": tags})
    patch(client, photo, exif_timestamp="2001-01-01T00:00:00Z")
    assert photo_row(instance, photo, "taken_by", "taken_offset_minutes") == ('{"rule":14,"tag":null}', None)
    edited = patch(client, photo, exif_timestamp=None)
    assert (edited["exif_timestamp"], edited["timestamp"]) == ("2019-08-07T06:05:04Z", None)
    assert photo_row(instance, photo, "taken_offset_minutes") == (120,)
    assert counts(instance, user) == {"2019-08-07": 1}
    bare = builder.add_photo(user, name="none.jpg", with_files=False)
    assert patch(client, bare, exif_timestamp=None)["exif_timestamp"] is None
    assert counts(instance, user) == {None: 1, "2019-08-07": 1}


def test_the_rules_of_the_account_are_asked(client, instance, builder, user):
    rule = {"id": 3, "name": "n", "rule_type": "path"}
    builder.change_user(user, datetime_rules=stored([rule]))
    photo = builder.add_photo(user, name="IMG_20180102_030405.jpg")
    edited = patch(client, photo, exif_timestamp="2021-02-03T04:05:06Z")
    # Nothing in this account's rules asks for the time that somebody set.
    assert edited["exif_timestamp"] == "2018-01-02T03:04:05Z"
    assert edited["timestamp"] == "2021-02-03T04:05:06Z"


def test_a_position_is_stored_and_its_place_looked_up_anew(client, instance, builder, user):
    photo = builder.add_photo(
        user,
        location="Rome",
        gps_lat=41.9,
        gps_lon=12.5,
        metadata={"geolocation": stored({"places": ["Rome"]})},
    )
    for ignored in (
        {"exif_gps_lat": 1.0},
        {"exif_gps_lon": 1.0},
        {"exif_gps_lat": None, "exif_gps_lon": None},
    ):
        before = photo_row(instance, photo, "modified_at")
        assert patch(client, photo, **ignored)["exif_gps_lat"] == 41.9
        assert photo_row(instance, photo, "modified_at") == before
    edited = patch(client, photo, exif_gps_lat=38.71, exif_gps_lon=-9)
    assert (edited["exif_gps_lat"], edited["exif_gps_lon"]) == (38.71, -9.0)
    assert photo_row(instance, photo, "location", "user_position") == ("", "[38.71,-9.0]")
    sql = f"SELECT geolocation FROM photo_metadata WHERE photo_id = {photo.photo_id}"
    assert read_all(instance, sql) == [(None,)]
    detail = client.get(f"/api/photos/{photo.uuid}/").json()
    assert (detail["exif_gps_lat"], detail["search_location"], detail["geolocation_json"]) == (
        38.71,
        "",
        None,
    )


def test_marks_of_the_category_are_set_as_given(client, builder, user):
    photo = builder.add_photo(user)
    assert patch(client, photo)["category_source"] == "auto"
    edited = patch(client, photo, is_screenshot=True)
    assert (edited["is_screenshot"], edited["is_document"], edited["category_source"]) == (
        True,
        False,
        "user",
    )
    edited = patch(client, photo, is_screenshot=False, is_document="yes", category_source="auto")
    assert (edited["is_screenshot"], edited["is_document"], edited["category_source"]) == (
        False,
        True,
        "user",
    )


def test_only_the_owner_edits_and_only_what_is_not_removed(
    client, instance, builder, user, stranger, anonymous
):
    foreign = builder.add_photo(stranger, is_public=True)
    shared = builder.add_photo(stranger)
    builder.share_photo(shared, user)
    removed = builder.add_photo(user, is_removed=True)
    body = {"exif_timestamp": "2021-02-03T04:05:06Z", "exif_gps_lat": 1, "exif_gps_lon": 1}
    names = [foreign.uuid, foreign.image_hash, shared.uuid, removed.uuid, UNKNOWN, "x"]
    for name in names:
        for answer in (
            client.patch(f"/api/photos/edit/{name}/", json=body),
            client.get(f"/api/photos/edit/{name}"),
        ):
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND), name
    assert photo_row(instance, foreign, "taken_local", "gps_lat") == ("2023-07-01T14:05:09", None)
    assert anonymous.patch(f"/api/photos/edit/{foreign.uuid}/", json=body).status_code == 401
    hidden = builder.add_photo(user, is_hidden=True, is_trashed=True, aspect_ratio=None)
    assert patch(client, hidden, **body)["in_trashcan"] is True


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("exif_timestamp", "yesterday", "Datetime has wrong format."),
        ("exif_timestamp", 20210203, "Datetime has wrong format."),
        ("exif_timestamp", "0001-01-01T00:00:00+14:00", "Datetime has wrong format."),
        ("timestamp", [], "Datetime has wrong format."),
        ("exif_gps_lat", 90.5, "Ensure this value is less than or equal to 90"),
        ("exif_gps_lon", -181, "Ensure this value is greater than or equal to -180"),
        ("exif_gps_lat", "north", "A valid number is required."),
        ("exif_gps_lon", True, "A valid number is required."),
        ("rating", "x", "A valid integer is required."),
        ("is_screenshot", "maybe", "Must be a valid boolean."),
        ("is_document", None, "This field may not be null."),
        ("category_source", "mine", '"mine" is not a valid choice.'),
    ],
)
def test_bad_input_is_told_by_its_field(client, builder, user, field, value, text):
    photo = builder.add_photo(user, with_files=False)
    answer = client.patch(
        f"/api/photos/edit/{photo.uuid}/", json={"exif_gps_lat": 1, "exif_gps_lon": 1, field: value}
    )
    assert answer.status_code == 400
    (entry,) = answer.json()["errors"]
    assert entry["field"] == field
    assert entry["message"].startswith(text)
    assert client.get(f"/api/photos/edit/{photo.uuid}/").json()["exif_gps_lat"] is None


def test_a_body_is_an_object(client, builder, user):
    photo = builder.add_photo(user, with_files=False)
    for body in ([], "x", 1):
        answer = client.patch(f"/api/photos/edit/{photo.uuid}", json=body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "non_field_errors"


def test_the_editors_list_has_own_photos_in_any_state(client, builder, user, stranger):
    old = builder.add_photo(user, taken_local="2001-01-01T00:00:00", is_hidden=True)
    new = builder.add_photo(user, with_files=False)
    builder.add_photo(user, is_removed=True)
    builder.add_photo(stranger, is_public=True)
    page = client.get("/api/photos/edit/").json()
    assert page["count"] == 2
    assert [each["image_hash"] for each in page["results"]] == [new.image_hash, old.image_hash]
    assert list(page["results"][0]) == KEYS
    assert client.get("/api/photos/edit?page=3").status_code == 404
    head = client.head(f"/api/photos/edit/{new.uuid}")
    assert (head.status_code, head.content) == (200, b"")
