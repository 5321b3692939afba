"""Place albums: the list and the photos of one."""

import httpx
import pytest

from tests.builders import Builder, Photo
from tests.instance import Account, Instance
from tests.places.arranging import LISBON, PORTO, locate


@pytest.fixture
def scene(instance: Instance, builder: Builder, user: Account) -> list[Photo]:
    """Three photos in Lisbon, the last one hidden, and one in Porto."""
    here = {"gps_lat": 38.71, "gps_lon": -9.14, "with_files": False}
    photos = [
        builder.add_photo(user, taken_local="2023-07-01T10:00:00", **here),
        builder.add_photo(user, taken_local="2023-07-02T10:00:00", is_video=True, **here),
        builder.add_photo(user, taken_local="2023-07-02T11:00:00", is_hidden=True, **here),
    ]
    locate(instance, user, LISBON)
    photos.append(
        builder.add_photo(
            user, taken_local=None, gps_lat=41.15, gps_lon=-8.6, is_screenshot=True, with_files=False
        )
    )
    locate(instance, user, PORTO)
    return photos


def place_id(client: httpx.Client, title: str) -> int:
    rows = client.get("/api/albums/place/list/").json()["results"]
    found: int = next(row["id"] for row in rows if row["title"] == title)
    return found


def test_places_are_listed_by_title_with_counts_and_covers(client: httpx.Client, scene: list[Photo]) -> None:
    listed = client.get("/api/albums/place/list").json()
    assert (listed["count"], listed["next"], listed["previous"]) == (5, None, None)
    assert [(row["title"], row["geolocation_level"], row["photo_count"]) for row in listed["results"]] == [
        ("Estremadura", 2, 2),
        ("Lisboa", 3, 2),
        ("Norte", 2, 1),
        ("Porto", 3, 1),
        ("Portugal", 1, 3),
    ]
    lisbon = listed["results"][1]
    assert list(lisbon) == ["id", "geolocation_level", "cover_photos", "title", "photo_count"]
    assert lisbon["cover_photos"] == [
        {"image_hash": scene[1].image_hash, "video": True},
        {"image_hash": scene[0].image_hash, "video": False},
    ]
    found = client.get("/api/albums/place/list/?search=port").json()
    assert [row["title"] for row in found["results"]] == ["Porto", "Portugal"]
    page = client.get("/api/albums/place/list/?page_size=2&page=2").json()
    assert [row["title"] for row in page["results"]] == ["Norte", "Porto"]
    assert page["next"].endswith("/api/albums/place/list/?page=3&page_size=2")
    assert client.get("/api/albums/place/list/?page=9").status_code == 404
    assert client.get("/api/albums/place/list/?search=%00").status_code == 400


def test_a_place_shows_its_photos_by_days_newest_first(client: httpx.Client, scene: list[Photo]) -> None:
    answer = client.get(f"/api/albums/place/{place_id(client, 'Portugal')}/").json()
    album = answer["results"]
    assert list(album) == ["id", "title", "grouped_photos"]
    assert album["id"] == str(place_id(client, "Portugal"))
    groups = album["grouped_photos"]
    assert [(group["date"], group["location"]) for group in groups] == [
        ("2023-07-02T10:00:00Z", ""),
        ("2023-07-01T10:00:00Z", ""),
        (None, ""),
    ]
    assert [item["id"] for group in groups for item in group["items"]] == [
        scene[1].uuid,
        scene[0].uuid,
        scene[3].uuid,
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("video=false", [1]),
        ("photo=1", [0, 3]),
        ("video=1&photo=1", [1]),
        ("is_screenshot=true", [3]),
        ("is_screenshot=false", [1, 0, 3]),
        ("is_document=true", []),
        ("video=", [1, 0, 3]),
    ],
)
def test_filters_narrow_the_photos(
    client: httpx.Client, scene: list[Photo], query: str, expected: list[int]
) -> None:
    album = client.get(f"/api/albums/place/{place_id(client, 'Portugal')}?{query}").json()["results"]
    seen = [item["id"] for group in album["grouped_photos"] for item in group["items"]]
    assert seen == [scene[index].uuid for index in expected]


def test_a_list_comes_with_an_etag_that_a_change_replaces(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, scene: list[Photo]
) -> None:
    for path in ("/api/albums/place/list/", f"/api/albums/place/{place_id(client, 'Lisboa')}/"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        builder.change_photo(user, scene[0], rating=3)
        assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_places_of_others_and_unknown_ones_are_not_found(
    instance: Instance, client: httpx.Client, stranger: Account, scene: list[Photo]
) -> None:
    path = f"/api/albums/place/{place_id(client, 'Lisboa')}/"
    message = [{"field": "detail", "message": "No AlbumPlace matches the given query."}]
    with instance.client(stranger.bearer) as other:
        assert other.get("/api/albums/place/list/").json()["results"] == []
        foreign = other.get(path)
    unknown = client.get("/api/albums/place/987654321/")
    for answer in (foreign, unknown):
        assert (answer.status_code, answer.json()["errors"]) == (404, message)
    assert client.get("/api/albums/place/abc/").json()["errors"][0]["message"] == "Not found."
    with instance.client() as nobody:
        assert nobody.get(path).status_code == 401
        assert nobody.get("/api/albums/place/list/").status_code == 401
