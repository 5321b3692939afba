"""The day list and the photos of a day, over HTTP."""

import pytest

from librephotos.kit import clock, json
from tests.builders import stored

ENVELOPE_404 = {"errors": [{"field": "detail", "message": "No AlbumDate matches the given query."}]}
PIG_KEYS = [
    "id",
    "image_hash",
    "dominantColor",
    "url",
    "location",
    "date",
    "birthTime",
    "aspectRatio",
    "type",
    "video_length",
    "rating",
    "owner",
    "exif_gps_lat",
    "exif_gps_lon",
    "removed",
    "in_trashcan",
    "stacks",
    "has_raw_variant",
    "local_orientation",
    "is_hdr",
]


def days_of(client, query=""):
    answer = client.get(f"/api/albums/date/list/{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def hashes_of(client, day_id, query=""):
    answer = client.get(f"/api/albums/date/{day_id}/{query}")
    assert answer.status_code == 200, answer.text
    return [item["image_hash"] for item in answer.json()["results"]["items"]]


def seen(client, query=""):
    """All photos that the day list leads to under a query."""
    return {hash_ for day in days_of(client, query) for hash_ in hashes_of(client, day["id"], query)}


def test_days_are_listed_newest_first_and_the_undated_one_last(client, builder, user):
    undated = builder.add_photo(user, taken_local=None)
    old = builder.add_photo(user, taken_local="2020-02-03T10:00:00")
    builder.add_photo(user, taken_local="2023-07-01T10:00:00")
    new = builder.add_photo(user, taken_local="2023-07-01T11:00:00")
    assert days_of(client) == [
        {
            "id": str(new.day_id),
            "date": "2023-07-01",
            "location": "",
            "incomplete": True,
            "numberOfItems": 2,
            "items": [],
        },
        {
            "id": str(old.day_id),
            "date": "2020-02-03",
            "location": "",
            "incomplete": True,
            "numberOfItems": 1,
            "items": [],
        },
        {
            "id": str(undated.day_id),
            "date": None,
            "location": "",
            "incomplete": True,
            "numberOfItems": 1,
            "items": [],
        },
    ]
    assert list(days_of(client)[0]) == ["id", "date", "location", "incomplete", "numberOfItems", "items"]


def test_a_day_shows_its_photos_in_the_published_shape(client, builder, user):
    photo = builder.add_photo(
        user,
        location="Rua Augusta, Lisboa, Portugal",
        gps_lat=38.71,
        gps_lon=-9.14,
        rating=3,
        local_orientation=6,
    )
    for path in (f"/api/albums/date/{photo.day_id}/", f"/api/albums/date/{photo.day_id}?page=1"):
        answer = client.get(path)
        results = answer.json()["results"]
        assert list(results) == ["id", "date", "location", "incomplete", "numberOfItems", "items"]
        assert (results["id"], results["incomplete"], results["numberOfItems"]) == (
            str(photo.day_id),
            False,
            1,
        )
        (item,) = results["items"]
        assert list(item) == PIG_KEYS
        assert item == {
            "id": photo.uuid,
            "image_hash": photo.image_hash,
            "dominantColor": "#4a5a3c",
            "url": photo.image_hash,
            "location": "Rua Augusta, Lisboa, Portugal",
            "date": "2023-07-01T14:05:09+00:00",
            "birthTime": "2023-07-01T14:05:09Z",
            "aspectRatio": 0.67,  # as it is shown, turned by a quarter
            "type": "image",
            "video_length": "",
            "rating": 3,
            "owner": {"id": user.user_id, "username": user.username, "first_name": "", "last_name": ""},
            "exif_gps_lat": 38.71,
            "exif_gps_lon": -9.14,
            "removed": False,
            "in_trashcan": False,
            "stacks": None,
            "has_raw_variant": False,
            "local_orientation": 6,
            "is_hdr": False,
        }
        assert item["removed"] is False


def test_videos_and_motion_photos_say_so_and_unknown_times_are_empty_texts(client, builder, user):
    video = builder.add_photo(user, taken_local=None, is_video=True, video_length="12.345", is_hdr=True)
    motion = builder.add_photo(user, taken_local=None, has_motion_clip=True, has_raw_variant=True)
    items = {
        item["image_hash"]: item
        for item in client.get(f"/api/albums/date/{video.day_id}/").json()["results"]["items"]
    }
    assert items[video.image_hash]["type"] == "video"
    assert items[video.image_hash]["dominantColor"] == ""
    assert items[video.image_hash]["video_length"] == "12.345"
    assert items[video.image_hash]["is_hdr"] is True
    assert items[video.image_hash]["date"] == items[video.image_hash]["birthTime"] == ""
    assert items[motion.image_hash]["type"] == "motion_photo"
    assert items[motion.image_hash]["has_raw_variant"] is True


def test_a_day_is_ordered_by_time_then_path_then_id(client, builder, user):
    early = builder.add_photo(user, taken_local="2022-01-01T08:00:00")
    b = builder.add_photo(user, taken_local="2022-01-01T09:00:00", name="b.jpg")
    a = builder.add_photo(user, taken_local="2022-01-01T09:00:00", name="a.jpg")
    assert hashes_of(client, early.day_id) == [a.image_hash, b.image_hash, early.image_hash]


@pytest.mark.parametrize("is_dated", [True, False])
def test_pages_of_any_size_follow_one_order(client, builder, user, is_dated):
    minutes = (5, 3, 3, 3, 2, 1, 1, 0)
    names = "hgbadfec"
    added = [
        builder.add_photo(
            user, taken_local=f"2022-01-01T08:0{minute}:00" if is_dated else None, name=f"{name}.jpg"
        )
        for minute, name in zip(minutes, names, strict=True)
    ]
    by_name = dict(zip(names, (photo.image_hash for photo in added), strict=True))
    ordered = [by_name[name] for name in ("habgdefc" if is_dated else "abcdefgh")]
    day_id = added[0].day_id
    for size in range(1, 10):
        pages = range(1, -(-len(ordered) // size) + 1)
        shown = [hash_ for page in pages for hash_ in hashes_of(client, day_id, f"?size={size}&page={page}")]
        assert shown == ordered, size


def test_nothing_of_a_strangers_is_listed_and_their_day_is_unknown(client, builder, user, stranger):
    theirs = builder.add_photo(stranger)
    assert days_of(client) == []
    foreign = client.get(f"/api/albums/date/{theirs.day_id}/")
    unknown = client.get("/api/albums/date/999999999/")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    assert foreign.json() == ENVELOPE_404
    for odd in ("abc", "-1", "1.5", "99999999999999999999999"):
        assert client.get(f"/api/albums/date/{odd}/").json() == ENVELOPE_404


def test_anonymous_callers_are_refused_without_public(anonymous, builder, user):
    photo = builder.add_photo(user, is_public=True)
    for path in (
        "/api/albums/date/list/",
        f"/api/albums/date/{photo.day_id}/",
        "/api/albums/date/list/?public=",
    ):
        answer = anonymous.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Bearer realm="api"')


def test_public_opens_reading_only(anonymous, client, builder, user):
    photo = builder.add_photo(user, is_public=True)
    for path in ("/api/albums/date/list/?public=1", f"/api/albums/date/{photo.day_id}/?public=1"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert anonymous.request(method, path).status_code == 401
            assert client.request(method, path).status_code == 405


def test_only_visible_photos_are_in_the_main_timeline(client, builder, user):
    shown = builder.add_photo(user)
    for column in ("is_hidden", "is_trashed", "is_removed"):
        builder.add_photo(user, **{column: True})
    builder.add_photo(user, aspect_ratio=None)
    assert seen(client) == {shown.image_hash}
    assert days_of(client)[0]["numberOfItems"] == 1
    # A count under another filter is computed, the plain one stored: they agree.
    assert days_of(client, "?media=all") == days_of(client)


def test_hidden_and_trash_views_are_presence_flags(client, builder, user):
    builder.add_photo(user)
    hidden = builder.add_photo(user, is_hidden=True)
    trashed = builder.add_photo(user, is_trashed=True)
    both = builder.add_photo(user, is_hidden=True, is_trashed=True)
    builder.add_photo(user, is_trashed=True, is_removed=True)
    assert seen(client, "?hidden=false") == {hidden.image_hash}
    assert seen(client, "?in_trashcan=true") == {trashed.image_hash}
    assert seen(client, "?in_trashcan=true&hidden=1") == {both.image_hash}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?media=videos", {"video"}),
        ("?media=photos", {"still", "screenshot", "document", "favorite"}),
        ("?video=true", {"video"}),
        ("?video=false", {"still", "screenshot", "document", "favorite"}),
        ("?photo=true", {"still", "screenshot", "document", "favorite"}),
        ("?photo=off", {"video"}),
        ("?video=true&photo=true", {"video"}),
        ("?media=photos&video=true", {"still", "screenshot", "document", "favorite"}),
        ("?media=all&video=true", {"video", "still", "screenshot", "document", "favorite"}),
        ("?favorite=true", {"favorite"}),
        ("?favorite=false", {"video", "still", "screenshot", "document", "favorite"}),
        ("?is_screenshot=1", {"screenshot"}),
        ("?is_screenshot=no", {"video", "still", "document", "favorite"}),
        ("?hide_screenshots=true&hide_documents=true", {"video", "still", "favorite"}),
        ("?hide_screenshots=false", {"video", "still", "screenshot", "document", "favorite"}),
        ("?is_document=true", {"document"}),
        ("?show_all_stack_photos=1", {"video", "still", "screenshot", "document", "favorite"}),
    ],
)
def test_timeline_filters_choose(client, builder, user, query, names):
    photos = {
        "still": builder.add_photo(user),
        "video": builder.add_photo(user, is_video=True, taken_local=None),
        "screenshot": builder.add_photo(user, is_screenshot=True),
        "document": builder.add_photo(user, is_document=True),
        "favorite": builder.add_photo(user, rating=4),
    }
    assert seen(client, query) == {photos[name].image_hash for name in names}


def test_the_stored_filter_applies_on_request_and_yields_key_by_key(client, builder, user):
    still = builder.add_photo(user)
    shot = builder.add_photo(user, is_screenshot=True)
    video = builder.add_photo(user, is_video=True)
    default = {"media": "photos", "hide_screenshots": True, "hide_documents": False, "favorites": False}
    builder.change_user(user, default_timeline_filter=stored(default))
    everything = {still.image_hash, shot.image_hash, video.image_hash}
    assert seen(client) == everything
    assert seen(client, "?apply_default=false") == everything
    assert seen(client, "?apply_default=true") == {still.image_hash}
    assert seen(client, "?apply_default=true&hide_screenshots=false") == {still.image_hash, shot.image_hash}
    assert seen(client, "?apply_default=true&media=all") == {still.image_hash, video.image_hash}
    assert seen(client, "?apply_default=true&video=true") == {video.image_hash}
    builder.change_user(user, default_timeline_filter=stored({"favorites": True}))
    assert seen(client, "?apply_default=true") == set()
    assert seen(client, "?apply_default=true&favorite=false") == everything


def test_a_persons_photos_are_the_labelled_and_the_likely_ones(client, builder, user, stranger):
    bea = builder.add_person(user, "Bea")
    labelled, likely, unlikely, deleted, other = (builder.add_photo(user) for _ in range(5))
    builder.add_face(labelled, person_id=bea)
    builder.add_face(likely, classification_person_id=bea, classification_probability=0.95)
    builder.add_face(unlikely, classification_person_id=bea, classification_probability=0.85)
    builder.add_face(deleted, person_id=bea, is_deleted=True)
    builder.add_face(other, person_id=builder.add_person(user, "Al"), classification_person_id=bea)
    assert seen(client, f"?person={bea}") == {labelled.image_hash, likely.image_hash}
    builder.change_user(user, confidence_person=0.8)
    assert unlikely.image_hash in seen(client, f"?person={bea}")
    theirs = builder.add_person(stranger, "Bea")
    builder.add_face(other, person_id=theirs)
    assert seen(client, f"?person={theirs}") == set()
    refused = client.get("/api/albums/date/list/?person=bea")
    assert refused.status_code == 400
    assert refused.json() == {"errors": [{"field": "person", "message": "A valid integer is required."}]}


def test_a_folder_holds_what_lies_in_it_and_below(client, builder, user, instance):
    inside = builder.add_photo(user, name="Trips/one.jpg")
    below = builder.add_photo(user, name="Trips/2023/two.jpg")
    builder.add_photo(user, name="Trips2/three.jpg")
    builder.add_photo(user, name="trips/four.jpg")
    folder = instance.library / user.username / "Trips"
    found = {inside.image_hash, below.image_hash}
    assert seen(client, f"?folder={folder}") == found
    assert seen(client, f"?folder={folder}/") == found
    assert seen(client, "?folder=/nowhere") == set()
    assert seen(client, f"?folder={instance.library}/%25") == set()


def test_last_modified_gives_what_changed_in_any_state(client, builder, user):
    hour_ago = clock.now() - clock.HOUR
    builder.add_photo(user, modified_at=hour_ago - clock.HOUR)
    changed = {
        builder.add_photo(user, modified_at=hour_ago).image_hash,
        builder.add_photo(user, is_hidden=True).image_hash,
        builder.add_photo(user, is_trashed=True).image_hash,
        builder.add_photo(user, aspect_ratio=None).image_hash,
    }
    builder.add_photo(user, is_removed=True)
    for text in (
        clock.iso(hour_ago),
        clock.iso(hour_ago).replace("Z", "+00:00"),
        clock.iso(hour_ago).rstrip("Z"),
    ):
        assert seen(client, f"?last_modified={text}&favorite=true&hidden=1") == changed
    assert seen(client, "?last_modified=2100-01-01") == set()
    assert len(seen(client, "?last_modified=2000-01-01")) == 5
    # What is no time counts as not given.
    assert len(seen(client, "?last_modified=soon")) == 2


def test_pages_of_a_day_hold_a_hundred_and_the_last_one_repeats(client, builder, user):
    for _ in range(105):
        photo = builder.add_photo(user, with_files=False)

    def count(query):
        return len(hashes_of(client, photo.day_id, query))

    assert client.get(f"/api/albums/date/{photo.day_id}/").json()["results"]["numberOfItems"] == 105
    assert [count(q) for q in ("", "?page=1", "?page=2", "?page=99", "?page=0", "?page=-3")] == [
        100,
        100,
        5,
        5,
        5,
        5,
    ]
    assert [count(q) for q in ("?page=x", "?size=7", "?size=x", "?size=50&page=3")] == [100, 7, 100, 5]
    assert count("?page=99999999999999999999999999") == 5
    assert set(hashes_of(client, photo.day_id, "?page=1")).isdisjoint(
        hashes_of(client, photo.day_id, "?page=2")
    )


def test_placeholders_stand_in_the_order_of_the_page(client, builder, user, stranger):
    for hour, color in enumerate(("#00ff0a", "", "#768a1c")):
        taken = f"2023-07-01T1{hour}:00:00"
        photo = builder.add_photo(user, taken_local=taken, thumbhash=f"a{hour}", dominant_color=color)
    builder.add_photo(user, taken_local="2023-07-01T09:00:00")
    builder.add_photo(user, taken_local="2023-07-01T08:00:00", thumbhash="b0", local_orientation=6)
    (day,) = client.get("/api/timeline/layout/").json()["results"]
    assert (len(day["ratios"]), day["colors"]) == (5, "7818880f0453453")
    path = f"/api/timeline/placeholders/{photo.day_id}/"
    assert client.get(path).json() == {"results": ["a2", "a1", "a0", "", ""]}
    assert client.get(f"{path}?size=2&page=2").json() == {"results": ["a0", ""]}
    assert client.get(f"{path}?media=videos").status_code == 404
    assert client.get(f"{path}?public=1").status_code == 400
    theirs = builder.add_photo(stranger, thumbhash="c0")
    for day_id in (theirs.day_id, 987654321, "x"):
        answer = client.get(f"/api/timeline/placeholders/{day_id}/")
        assert (answer.status_code, answer.json()) == (404, ENVELOPE_404)


def test_hidden_trash_favourite_and_person_days_come_whole_without_a_page(client, builder, user):
    for _ in range(103):
        photo = builder.add_photo(user, with_files=False, is_hidden=True)
    assert len(hashes_of(client, photo.day_id, "?hidden=1")) == 103
    assert len(hashes_of(client, photo.day_id, "?hidden=1&page=1")) == 100


def test_a_day_without_a_match_is_empty_for_its_owner(client, builder, user):
    photo = builder.add_photo(user)
    results = client.get(f"/api/albums/date/{photo.day_id}/?is_screenshot=true").json()["results"]
    assert (results["numberOfItems"], results["items"]) == (0, [])
    assert days_of(client, "?is_screenshot=true") == []


def test_a_gallery_shows_public_visible_photos_of_its_owner_to_anyone(
    anonymous, client, builder, user, stranger
):
    geolocation = stored({"places": ["Rua Augusta", "Lisboa", "Portugal"], "address": "Rua Augusta, Lisboa"})
    bare = stored({"places": ["Portugal"], "address": "x", "center": [1, 2]})
    builder.add_photo(user, is_public=True, taken_local="2023-07-01T01:00:00", metadata={"geolocation": bare})
    shown = builder.add_photo(user, is_public=True, metadata={"geolocation": geolocation})
    builder.add_photo(
        user,
        metadata={"geolocation": stored({"places": ["a", "Secret", "b"]})},
        taken_local="2023-07-01T02:00:00",
    )
    for column in ("is_hidden", "is_trashed", "is_removed"):
        builder.add_photo(user, is_public=True, **{column: True})
    private_day = builder.add_photo(user, taken_local="2001-01-01T00:00:00")
    theirs = builder.add_photo(stranger, is_public=True)
    gallery = f"?public=true&username={user.username.upper()}"
    for caller in (anonymous, client):
        (day,) = days_of(caller, gallery)
        assert (day["id"], day["location"], day["numberOfItems"]) == (str(shown.day_id), "Lisboa", 2)
        answer = caller.get(f"/api/albums/date/{shown.day_id}/{gallery}")
        assert answer.json()["results"]["location"] == "Lisboa"
        assert len(answer.json()["results"]["items"]) == 2
        assert "etag" not in answer.headers
        assert caller.get(f"/api/albums/date/{private_day.day_id}/{gallery}").status_code == 404
        assert caller.get(f"/api/albums/date/{theirs.day_id}/{gallery}").json() == ENVELOPE_404
        assert seen(caller, f"{gallery}&hidden=1") == set()
        assert seen(caller, f"{gallery}&in_trashcan=1") == set()
        assert days_of(caller, "?public=true&username=nobody") == []
        assert theirs.image_hash in seen(caller, "?public=1")
    # A filter that leaves nothing does not hide a day that has public photos.
    assert (
        anonymous.get(f"/api/albums/date/{shown.day_id}/{gallery}&video=1").json()["results"]["items"] == []
    )
    # Folders and persons are the caller's own business.
    assert days_of(anonymous, f"{gallery}&folder=/") == []
    assert len(days_of(client, f"{gallery}&folder=/")) == 1
    assert seen(anonymous, f"{gallery}&favorite=true") == seen(anonymous, gallery)


def test_an_unchanged_list_is_answered_with_304_and_a_changed_one_anew(client, builder, user):
    photo = builder.add_photo(user)
    for path in ("/api/albums/date/list/", f"/api/albums/date/{photo.day_id}/", "/api/photos/"):
        first = client.get(path)
        etag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        assert "Authorization" in first.headers["vary"]
        again = client.get(path, headers={"If-None-Match": f'W/"other", {etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
        builder.change_photo(user, photo, rating=1 + int(path == "/api/photos/"))
        changed = client.get(path, headers={"If-None-Match": etag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != etag
    assert (
        client.head("/api/albums/date/list/").headers["etag"]
        == client.get("/api/albums/date/list/").headers["etag"]
    )


def test_what_is_kept_for_one_caller_is_never_given_to_another(instance, builder, user, stranger):
    mine, theirs = builder.add_photo(user), builder.add_photo(stranger)
    for account, photo in ((user, mine), (stranger, theirs), (user, mine)):
        with instance.client(account.bearer) as caller:
            assert seen(caller) == {photo.image_hash}
            assert [each["image_hash"] for each in caller.get("/api/photos/").json()["results"]] == [
                photo.image_hash
            ]


def test_lists_have_no_blanks_between_tokens(client, builder, user):
    builder.add_photo(user, location="Köln")
    content = client.get("/api/photos/").content
    assert "Köln".encode() in content
    assert json.dump_bytes(json.loads(content)) == content
