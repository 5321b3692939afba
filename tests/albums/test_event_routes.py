"""Events: the list, one of them, changing and deleting."""

import httpx
import pytest

from librephotos.photos.changes import photos_changed
from tests.builders import Builder, Photo
from tests.instance import Account, Instance

UNKNOWN = [{"field": "detail", "message": "No AlbumAuto matches the given query."}]


@pytest.fixture
def photos(builder: Builder, user: Account) -> list[Photo]:
    return [
        builder.add_photo(
            user,
            taken_local=f"2023-07-01T{hour}:00:00",
            location="Lisboa, Portugal",
            metadata={"search_captions": "tram"},
            with_files=False,
            gps_lat=38.7,
            gps_lon=-9.1,
            is_video=hour == 15,
        )
        for hour in (14, 15)
    ]


@pytest.fixture
def event(instance: Instance, builder: Builder, user: Account, photos: list[Photo]) -> int:
    ann = builder.add_person(user, "Ann")
    # Her cover is a photo of another time.
    portrait = builder.add_photo(user, taken_local="2001-01-01T00:00:00", with_files=False)
    builder.add_face(portrait, person_id=ann)
    builder.add_face(photos[0], person_id=ann)
    instance.db.commit(photos_changed, user.user_id, [portrait.photo_id, photos[0].photo_id])
    return builder.add_event(
        user, *photos, happened_local="2023-07-01T02:01:00", title="Tram", latitude=38.7, longitude=-9.1
    )


def test_events_are_listed_newest_first_with_a_cover(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], event: int
) -> None:
    older = builder.add_event(user, photos[0], happened_local="2020-01-01T00:00:00", title="Older")
    builder.add_event(user, happened_local="2024-01-01T00:00:00", title="Empty")
    listed = client.get("/api/albums/auto/list").json()
    assert [row["id"] for row in listed["results"]] == [event, older]
    assert listed["count"] == 2
    assert listed["results"][0] == {
        "id": event,
        "title": "Tram",
        "timestamp": "2023-07-01T02:01:00Z",
        "start": "2023-07-01T14:00:00Z",
        "photos": {"image_hash": photos[1].image_hash, "video": True},
        "photo_count": 2,
        "favorited": False,
    }
    for term, expected in (("tram", 2), ("lisboa", 2), ("ann", 2), ("tram%20nobody", 0)):
        found = client.get(f"/api/albums/auto/list/?search={term}").json()
        assert found["count"] == expected, term


def test_one_event_shows_its_people_and_photos(client: httpx.Client, photos: list[Photo], event: int) -> None:
    detail = client.get(f"/api/albums/auto/{event}/").json()
    assert list(detail) == [
        *("id", "title", "favorited", "timestamp", "created_on", "gps_lat", "people", "gps_lon", "photos")
    ]
    (person,) = client.get("/api/persons/").json()["results"]
    assert detail["people"] == [person]
    assert (person["name"], person["face_count"]) == ("Ann", 2)
    assert person["face_photo_url"] not in ("", photos[0].image_hash)
    first, second = detail["photos"]
    assert first["id"] == photos[0].uuid
    assert first["square_thumbnail"] == f"/media/square_thumbnails/{photos[0].image_hash}.webp"
    assert second["square_thumbnail"].endswith(".mp4")
    assert (first["exif_timestamp"], first["geolocation_json"]) == ("2023-07-01T14:00:00Z", None)
    assert list(first) == [
        *("id", "square_thumbnail", "image_hash", "exif_timestamp", "exif_gps_lat", "exif_gps_lon", "rating"),
        *("geolocation_json", "public", "video", "aspectRatio", "dominantColor", "video_length", "is_hdr"),
    ]


def test_an_event_without_a_visible_photo_is_not_there(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], event: int
) -> None:
    for number, photo in enumerate(photos, 1):
        builder.change_photo(user, photo, is_hidden=True)
        instance.db.commit(photos_changed, user.user_id, [photo.photo_id])
        listed = client.get("/api/albums/auto/list/").json()["results"]
        assert [row["photo_count"] for row in listed] == [2 - number][: 2 - number]
    answer = client.get(f"/api/albums/auto/{event}/")
    assert (answer.status_code, answer.json()["errors"]) == (404, UNKNOWN)


def test_an_event_is_renamed_and_favored(client: httpx.Client, event: int) -> None:
    path = f"/api/albums/auto/{event}/"
    renamed = client.patch(path, json={"title": " My trip "})
    assert (renamed.status_code, renamed.json()["title"], renamed.json()["favorited"]) == (
        200,
        "My trip",
        False,
    )
    assert client.patch(path, json={"favorited": True}).json()["favorited"] is True
    assert client.put(path, json={"title": "Again"}).json()["title"] == "Again"
    listed = client.get("/api/albums/auto/list/").json()["results"]
    assert [(row["title"], row["favorited"]) for row in listed] == [("Again", True)]
    for body, field in (({"title": ""}, "title"), ({"favorited": "x"}, "favorited")):
        refused = client.patch(path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    assert client.put(path, json={}).status_code == 400


def test_events_are_deleted_and_their_photos_stay(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo], event: int
) -> None:
    builder.add_event(user, photos[0])
    assert client.delete(f"/api/albums/auto/{event}/").status_code == 204
    assert client.delete(f"/api/albums/auto/{event}").status_code == 404
    assert client.get("/api/albums/auto/list/").json()["count"] == 1
    gone = client.post("/api/albums/auto/delete_all/")
    assert (gone.status_code, gone.content, gone.headers["content-type"]) == (
        200,
        b'"success"',
        "application/json",
    )
    assert client.get("/api/albums/auto/list/").json()["count"] == 0
    assert client.get(f"/api/photos/{photos[0].uuid}/").status_code == 200
    with instance.db.snapshot() as tx:
        sql = f"SELECT count(*) FROM deletion_log WHERE owner_id = {user.user_id} AND entity = 'album_auto'"
        assert tx.connection.execute(sql).fetchone() == (2,)


def test_events_of_others_are_not_found(
    instance: Instance, stranger: Account, client: httpx.Client, event: int
) -> None:
    with instance.client(stranger.bearer) as other:
        assert other.get("/api/albums/auto/list/").json()["results"] == []
        for method in ("GET", "PATCH", "DELETE"):
            answer = other.request(method, f"/api/albums/auto/{event}/", json={"title": "Mine"})
            assert (answer.status_code, answer.json()["errors"]) == (404, UNKNOWN)
        assert other.post("/api/albums/auto/delete_all/").status_code == 200
    assert client.get("/api/albums/auto/list/").json()["count"] == 1
    assert client.get("/api/albums/auto/abc/").json()["errors"][0]["message"] == "Not found."
