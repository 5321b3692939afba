"""Structured metadata over HTTP: what is shown, edited, logged and taken back."""

import pytest

from librephotos.library.compare import Pending
from tests.builders import Builder, stored
from tests.library.test_edits import NOT_FOUND, UNKNOWN, counts
from tests.photos.rows import list_version, photo_row, read_all

KEYS = [
    "id",
    "aperture",
    "shutter_speed",
    "shutter_speed_seconds",
    "iso",
    "focal_length",
    "focal_length_35mm",
    "exposure_compensation",
    "flash_fired",
    "metering_mode",
    "white_balance",
    "camera_make",
    "camera_model",
    "lens_make",
    "lens_model",
    "serial_number",
    "camera_display",
    "lens_display",
    "width",
    "height",
    "orientation",
    "color_space",
    "bit_depth",
    "resolution",
    "megapixels",
    "date_taken",
    "date_taken_subsec",
    "date_modified",
    "timezone_offset",
    "gps_latitude",
    "gps_longitude",
    "gps_altitude",
    "location_country",
    "location_state",
    "location_city",
    "location_address",
    "has_location",
    "title",
    "caption",
    "keywords",
    "rating",
    "copyright",
    "creator",
    "source",
    "version",
    "created_at",
    "updated_at",
    "edit_history",
    "sidecar_files",
]
TAGS = {
    "EXIF:DateTimeOriginal": "2023:07:01 14:05:09",
    "EXIF:OffsetTimeOriginal": "-01:30",
    "EXIF:ModifyDate": "2023:07:02 10:00:00",
    "EXIF:Flash": "16",
    "EXIF:MeteringMode": "5",
    "EXIF:WhiteBalance": "0",
    "EXIF:ColorSpace": "1",
    "EXIF:ExposureCompensation": "-0.3333",
    "EXIF:Orientation": "6",
    "EXIF:BitsPerSample": "8 8 8",
    "EXIF:SerialNumber": "0123",
    "EXIF:Copyright": "Ann",
    "Composite:GPSAltitude": "12.5",
    "XMP:Title": "From the file",
}


@pytest.fixture
def builder(instance):
    return Builder(instance)


@pytest.fixture
def photo(builder, user):
    return builder.add_photo(
        user,
        rating=2,
        gps_lat=38.71,
        gps_lon=-9.14,
        taken_offset_minutes=-90,
        location="Lisboa, Lisbon District, Portugal",
        metadata={
            "fstop": 2.8,
            "shutter_speed": "1/250",
            "camera_make": "Canon",
            "camera_model": "Canon EOS R5",
            "width": 6000,
            "height": 4000,
            "keywords": stored(["tram"]),
            "geolocation": stored({"places": ["Lisboa", "Lisbon District", "Portugal"]}),
            "tags": stored(TAGS),
        },
    )


def address(photo, rest=""):
    return f"/api/photos/{photo.uuid}/metadata/{rest}"


def get(client, photo):
    answer = client.get(address(photo))
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == KEYS
    return answer.json()


def edit(client, photo, **body):
    answer = client.patch(address(photo), json=body)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == KEYS
    return answer.json()


def test_everything_known_is_shown(client, builder, user, photo):
    builder.add_file(user, photo, photo.path.with_suffix(".xmp"), kind=3)
    shown = get(client, photo)
    assert client.get(f"/api/photos/{photo.image_hash}/metadata").json() == shown
    expected = {
        "aperture": 2.8,
        "shutter_speed_seconds": 0.004,
        "exposure_compensation": -0.3333,
        "flash_fired": False,
        "metering_mode": "Multi-segment",
        "white_balance": "Auto",
        "camera_display": "Canon EOS R5",
        "orientation": 6,
        "color_space": "sRGB",
        "bit_depth": 8,
        "resolution": "6000x4000",
        "megapixels": 24.0,
        "date_taken": "2023-07-01T14:05:09Z",
        "date_modified": "2023-07-02T10:00:00Z",
        "timezone_offset": "-01:30",
        "gps_altitude": 12.5,
        "location_country": "Portugal",
        "location_state": "Lisbon District",
        "location_city": "Lisboa",
        "location_address": "Lisboa, Lisbon District, Portugal",
        "has_location": True,
        "title": "From the file",
        "keywords": ["tram"],
        "rating": 2,
        "copyright": "Ann",
        "serial_number": "0123",
        "source": "embedded",
        "version": 1,
        "edit_history": [],
    }
    assert {name: shown[name] for name in expected} == expected
    assert [each["file_type"] for each in shown["sidecar_files"]] == ["xmp"]
    head = client.head(address(photo))
    assert (head.status_code, head.content) == (200, b"")


def test_a_photo_of_which_nothing_was_read_has_metadata_all_the_same(client, builder, user):
    photo = builder.add_photo(user, with_files=False)
    shown = get(client, photo)
    assert shown["id"] == get(client, photo)["id"]
    assert (shown["title"], shown["keywords"], shown["has_location"], shown["version"]) == (
        None,
        None,
        False,
        1,
    )
    assert edit(client, photo, title="Now")["title"] == "Now"


def test_each_changed_field_is_logged(client, instance, user, photo):
    version = list_version(instance, user)
    edited = edit(
        client,
        photo,
        title="  Tram ",
        keywords=["lisbon", "tram"],
        rating=4,
        copyright="Ann",
        iso=100,
        nonsense=1,
    )
    assert (edited["title"], edited["keywords"], edited["rating"]) == ("Tram", ["lisbon", "tram"], 4)
    assert (edited["source"], edited["version"], edited["iso"]) == ("user_edit", 2, None)
    log = edited["edit_history"]
    assert {each["field_name"]: (each["old_value"], each["new_value"]) for each in log} == {
        "title": ("From the file", "Tram"),
        "keywords": (["tram"], ["lisbon", "tram"]),
        "rating": (2, 4),
    }
    assert {(each["user"], each["user_name"], each["synced_to_file"], each["synced_at"]) for each in log} == {
        (user.user_id, user.username, False, None)
    }
    assert photo_row(instance, photo, "rating") == (4,)
    assert list_version(instance, user) > version
    assert client.get("/api/photos/?search=lisbon").json()["count"] == 1
    summary = client.get(f"/api/photos/{photo.uuid}/").json()["metadata"]
    assert (summary["rating"], summary["source"], summary["version"], summary["has_edits"]) == (
        4,
        "user_edit",
        2,
        True,
    )
    assert edit(client, photo, title="Tram") == edited, "nothing changed"
    assert edit(client, photo, title=None)["title"] is None
    assert edit(client, photo, title="")["version"] == 3


def test_time_and_position_are_edited_where_lists_show_them(client, instance, user, photo):
    edited = edit(client, photo, date_taken="2020-05-06T07:08:09Z", gps_latitude=41.9, gps_longitude=12.5)
    assert edited["date_taken"] == "2020-05-06T07:08:09Z"
    assert counts(instance, user) == {"2020-05-06": 1}
    assert photo_row(instance, photo, "gps_lat", "gps_lon", "location") == (41.9, 12.5, "")
    assert (edited["location_country"], edited["has_location"]) == (None, True)
    gone = edit(client, photo, gps_latitude=None, gps_longitude=None, date_taken=None)
    assert (gone["has_location"], gone["date_taken"]) == (False, "2023-07-01T14:05:09Z")
    assert photo_row(instance, photo, "gps_lat", "user_position") == (None, "[null,null]")


def tags_of(client, photo):
    found = client.get("/api/tags/", params={"photo": photo.uuid}).json()["results"]
    return [each["name"] for each in found]


def test_keywords_and_tags_are_one_thing(client, instance, builder, user, stranger, photo):
    builder.add_tag(user, photo, name="tram")
    builder.add_tag(stranger, name="sea")
    edit(client, photo, keywords=["sea", "tram", "sea"])
    assert tags_of(client, photo) == ["sea", "tram"]
    (sea,) = client.get("/api/tags/?search=sea").json()["results"]
    assert sea["photo_count"] == 1
    # From the tags' side: what was typed as keywords is no second truth.
    assert client.patch(f"/api/tags/{sea['id']}/", json={"name": "ocean"}).status_code == 200
    assert get(client, photo)["keywords"] == ["ocean", "tram"]
    other = builder.add_photo(user, with_files=False)
    assert client.post(f"/api/tags/{sea['id']}/add/", json={"photos": [other.uuid]}).status_code == 200
    assert get(client, other)["keywords"] == ["ocean"], "of a photo of which nothing was read"
    edit(client, photo, keywords=["tram"])
    undone = client.post(address(photo, f"revert/{get(client, photo)['edit_history'][0]['id']}/")).json()
    assert (undone["keywords"], tags_of(client, photo)) == (["ocean", "tram"], ["ocean", "tram"])
    edit(client, photo, keywords=None)
    assert (get(client, photo)["keywords"], tags_of(client, photo)) == (None, [])
    body = {"photo_ids": [photo.uuid, other.uuid], "updates": {"keywords": ["both"]}}
    assert client.patch("/api/photos/metadata/bulk/", json=body).json()["updated_count"] == 2
    assert [tags_of(client, each) for each in (photo, other)] == [["both"], ["both"]]
    assert client.get("/api/photos/?search=both").json()["count"] == 2
    client.post(address(photo, "revert-all/"))
    assert (get(client, photo)["keywords"], tags_of(client, photo)) == (["tram"], ["tram"])


def test_edits_are_paged_newest_first(client, photo):
    for number in range(12):
        edit(client, photo, title=f"Title {number}")
    shown = get(client, photo)
    assert [each["new_value"] for each in shown["edit_history"]] == [f"Title {n}" for n in range(11, 1, -1)]
    page = client.get(address(photo, "history/"), params={"page": 2, "page_size": 5}).json()
    assert list(page) == ["results", "count", "page", "page_size"]
    assert (page["count"], page["page"], page["page_size"]) == (12, 2, 5)
    assert [each["new_value"] for each in page["results"]] == [f"Title {n}" for n in range(6, 1, -1)]
    odd = client.get(address(photo, "history"), params={"page": "x", "page_size": "9999"}).json()
    assert (odd["page"], odd["page_size"]) == (1, 100)
    assert client.get(address(photo, "history/?page=9")).json()["results"] == []


def test_one_edit_is_undone(client, instance, user, photo):
    first = edit(client, photo, title="One", date_taken="2020-05-06T07:08:09Z")["edit_history"]
    edits = {each["field_name"]: each["id"] for each in first}
    edit(client, photo, title="Two")
    undone = client.post(address(photo, f"revert/{edits['title']}/")).json()
    assert undone["title"] == "From the file"
    assert (undone["edit_history"][0]["old_value"], undone["edit_history"][0]["new_value"]) == (
        "Two",
        "From the file",
    )
    undone = client.post(address(photo, f"revert/{edits['date_taken']}")).json()
    assert undone["date_taken"] == "2023-07-01T14:05:09Z"
    assert photo_row(instance, photo, "user_taken_local") == (None,)
    assert counts(instance, user) == {"2023-07-01": 1}
    for unknown in (UNKNOWN, "x"):
        answer = client.post(address(photo, f"revert/{unknown}/"))
        assert (answer.status_code, answer.json()) == (404, {"error": "Edit not found"})


def test_all_edits_are_dropped(client, instance, photo):
    before = get(client, photo)
    edit(
        client,
        photo,
        title="One",
        rating=5,
        keywords=None,
        location_city="Porto",
        gps_latitude=1,
        gps_longitude=1,
    )
    edit(client, photo, title="Two", date_taken="2020-05-06T07:08:09Z")
    after = client.post(address(photo, "revert-all/")).json()
    # The place was forgotten with the position and is looked up anew.
    volatile = {"edit_history", "version", "updated_at"}
    places = {"location_country", "location_state", "location_city", "location_address"}
    assert {name: after[name] for name in KEYS if name not in volatile | places} == {
        name: before[name] for name in KEYS if name not in volatile | places
    }
    assert (after["source"], after["version"]) == ("embedded", 4)
    assert photo_row(instance, photo, "user_position", "user_taken_local") == (None, None)
    assert read_all(instance, f"SELECT pending FROM file WHERE id = {photo.file_id}") == [
        (int(Pending.METADATA),)
    ]


def test_others_photos_are_not_found_save_by_staff(
    client, instance, builder, user, stranger, admin, anonymous
):
    foreign = builder.add_photo(stranger, is_public=True)
    shared = builder.add_photo(stranger)
    builder.share_photo(shared, user)
    removed = builder.add_photo(user, is_removed=True)
    for name in (foreign.uuid, foreign.image_hash, shared.uuid, removed.uuid, UNKNOWN, "x"):
        base = f"/api/photos/{name}/metadata/"
        for answer in (
            client.get(base),
            client.patch(base, json={"title": "x"}),
            client.get(f"{base}history/"),
            client.post(f"{base}revert/{UNKNOWN}/"),
            client.post(f"{base}revert-all/"),
        ):
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND), answer.url
    assert anonymous.get(address(foreign)).status_code == 401
    with instance.client(admin.bearer) as staff:
        assert staff.patch(address(shared), json={"title": "By staff"}).json()["title"] == "By staff"
        assert staff.post(address(shared, "revert-all/")).json()["title"] is None


def test_bad_input_is_told_by_its_field(client, photo):
    for field, value in (
        ("title", "x" * 501),
        ("title", []),
        ("creator", "x" * 201),
        ("location_city", "x" * 101),
        ("timezone_offset", "x" * 11),
        ("keywords", "tram"),
        ("keywords", [1.5, {}]),
        ("rating", 6),
        ("rating", -1),
        ("rating", True),
        ("gps_latitude", 91),
        ("date_taken", "soon"),
        ("caption", "\x00"),
    ):
        answer = client.patch(address(photo), json={"title": "fine", field: value})
        assert answer.status_code == 400, (field, value)
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    two = client.patch(address(photo), json={"rating": 9, "title": {}}).json()["errors"]
    assert {each["field"] for each in two} == {"title", "rating"}
    for body in ([], "x"):
        answer = client.patch(address(photo), json=body)
        assert answer.json()["errors"][0]["field"] == "non_field_errors"
    assert get(client, photo)["version"] == 1


def test_short_metadata_of_several_photos(client, builder, user, stranger, photo):
    foreign = builder.add_photo(stranger, is_public=True)
    names = [photo.image_hash, foreign.uuid, UNKNOWN, "x"]
    answer = client.get("/api/photos/metadata/bulk/", params={"photo_ids": ",".join(names)})
    assert answer.json() == {
        photo.image_hash: {
            "camera": "Canon EOS R5",
            "lens": None,
            "date_taken": "2023-07-01T14:05:09Z",
            "has_location": True,
            "rating": 2,
        }
    }
    for query, text in (
        ({}, "photo_ids is required"),
        ({"photo_ids": ",".join("x" * 101)}, "At most 100 photos at once"),
    ):
        refused = client.get("/api/photos/metadata/bulk", params=query)
        assert (refused.status_code, refused.json()) == (400, {"error": text})


def test_several_photos_are_told_the_same(client, instance, builder, user, stranger, photo):
    other, foreign = builder.add_photo(user), builder.add_photo(stranger, is_public=True)
    body = {
        "photo_ids": [photo.uuid, other.image_hash, foreign.uuid, "x"],
        "updates": {"title": "Trip", "rating": 3, "gps_latitude": 1},
    }
    answer = client.patch("/api/photos/metadata/bulk/", json=body)
    assert answer.json() == {"updated_count": 2, "message": "Updated 2 photos"}
    assert [get(client, each)["title"] for each in (photo, other)] == ["Trip", "Trip"]
    assert photo_row(instance, other, "rating", "gps_lat") == (3, None)
    assert photo_row(instance, foreign, "rating") == (0,)
    for wrong, text in (
        ({"updates": {"title": "x"}}, "photo_ids is required"),
        ({"photo_ids": photo.uuid, "updates": {"title": "x"}}, "photo_ids is required"),
        ({"photo_ids": [1], "updates": {"title": "x"}}, "photo_ids is required"),
        ({"photo_ids": ["x"] * 101, "updates": {"title": "x"}}, "At most 100 photos at once"),
        ({"photo_ids": ["x"]}, "updates is required"),
        ({"photo_ids": ["x"], "updates": []}, "updates is required"),
        (
            {"photo_ids": ["x"], "updates": {"rating": 9}},
            "rating: Ensure this value is less than or equal to 5.",
        ),
    ):
        refused = client.patch("/api/photos/metadata/bulk/", json=wrong)
        assert (refused.status_code, refused.json()) == (400, {"error": text})
