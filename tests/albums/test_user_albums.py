"""User albums: their lists, one with its photos, renaming, deleting."""

from typing import Any

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.user_albums import list_user_albums
from librephotos.http.paging import HUGE, parse_page
from librephotos.kit import clock
from tests.builders import Builder, stored
from tests.instance import Account, Instance

UNKNOWN = [{"field": "detail", "message": "No AlbumUser matches the given query."}]


def titles(client: httpx.Client, path: str = "/api/albums/user/list/") -> list[str]:
    return [row["title"] for row in client.get(path).json()["results"]]


def test_own_albums_are_listed_by_title_when_they_show_a_photo(
    client: httpx.Client, builder: Builder, user: Account, stranger: Account
) -> None:
    first, second = (
        builder.add_photo(user, taken_local=f"2023-07-0{day}T10:00:00", rating=day, with_files=False)
        for day in (1, 2)
    )
    hidden = builder.add_photo(user, is_hidden=True, with_files=False)
    lisbon = builder.add_album(user, second, first, hidden, title="Lisbon", is_locked=True)
    builder.add_album(user, first, title="alps", cover_photo_id=first.photo_id)
    builder.add_album(user, hidden, title="Nothing to see")
    builder.add_album(user, title="Empty")
    builder.add_album(stranger, builder.add_photo(stranger, with_files=False), title="Theirs")
    builder.share_album(lisbon, stranger)
    listed = client.get("/api/albums/user/list").json()
    assert [row["title"] for row in listed["results"]] == ["alps", "Lisbon"]
    row = listed["results"][1]
    assert row == {
        "id": lisbon,
        "cover_photo": {
            "image_hash": first.image_hash,
            "rating": 1,
            "hidden": False,
            "exif_timestamp": "2023-07-01T10:00:00Z",
            "public": False,
            "video": False,
        },
        "created_on": row["created_on"],
        "favorited": False,
        "locked": True,
        "title": "Lisbon",
        "shared_to": [
            {"id": stranger.user_id, "username": stranger.username, "first_name": "", "last_name": ""}
        ],
        "owner": {"id": user.user_id, "username": user.username, "first_name": "", "last_name": ""},
        "photo_count": 2,
        "public": False,
        "public_slug": "",
        "public_expires_at": None,
        "public_sharing_options": None,
    }
    assert titles(client, "/api/albums/user/list/?search=LIS") == ["Lisbon"]
    assert titles(client, "/api/albums/user/shared/fromme/") == ["Lisbon"]
    assert titles(client, "/api/albums/user/shared/tome/") == []
    etag = client.get("/api/albums/user/list/").headers["etag"]
    assert client.get("/api/albums/user/list/", headers={"If-None-Match": etag}).status_code == 304


def test_an_album_shared_with_me_counts_what_i_see(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, stranger: Account
) -> None:
    seen = builder.add_photo(stranger, with_files=False)
    hidden = builder.add_photo(stranger, is_hidden=True, with_files=False)
    full = builder.add_album(stranger, hidden, seen, title="Full")
    empty = builder.add_album(stranger, title="Empty")
    for album in (full, empty):
        builder.share_album(album, user)
    rows = client.get("/api/albums/user/shared/tome").json()["results"]
    assert [(row["title"], row["photo_count"]) for row in rows] == [("Full", 1), ("Empty", 0)]
    assert rows[1]["cover_photo"] == {
        "image_hash": "", "rating": 0, "hidden": False, "exif_timestamp": None, "public": False, "video": False,
    }  # fmt: skip
    detail = client.get(f"/api/albums/user/{full}/").json()
    assert [item["id"] for group in detail["grouped_photos"] for item in group["items"]] == [seen.uuid]
    # Seen, but not theirs to change.
    for method in ("PATCH", "PUT", "DELETE"):
        for path in (f"/api/albums/user/{full}/", f"/api/albums/user/edit/{full}/"):
            answer = client.request(method, path, json={"title": "Mine", "photos": []})
            assert (answer.status_code, answer.json()["errors"]) == (404, UNKNOWN)


def test_an_album_shows_its_photos_newest_first(
    client: httpx.Client, builder: Builder, user: Account
) -> None:
    early = builder.add_photo(
        user, taken_local="2023-07-01T10:00:00", location="Lisboa, Portugal", with_files=False
    )
    late = builder.add_photo(user, taken_local="2023-07-02T10:00:00", is_video=True, with_files=False)
    undated = builder.add_photo(user, taken_local=None, is_document=True, with_files=False)
    album = builder.add_album(user, early, undated, late, title="Trip")
    detail = client.get(f"/api/albums/user/{album}").json()
    assert list(detail) == [
        *("id", "title", "locked", "owner", "shared_to", "date", "location", "grouped_photos"),
        *("public", "public_slug", "public_expires_at", "public_sharing_options"),
    ]
    assert (detail["id"], detail["date"], detail["location"]) == (
        str(album),
        "2023-07-02T10:00:00Z",
        "Lisboa, Portugal",
    )
    dates = [group["date"] for group in detail["grouped_photos"]]
    assert dates == ["2023-07-02T10:00:00Z", "2023-07-01T10:00:00Z", None]
    for query, expected in (
        ("video=1", [late.uuid]),
        ("photo=1", [early.uuid, undated.uuid]),
        ("is_document=1", [undated.uuid]),
        ("is_screenshot=1", []),
    ):
        groups = client.get(f"/api/albums/user/{album}/?{query}").json()["grouped_photos"]
        assert [item["id"] for group in groups for item in group["items"]] == expected
    empty = client.get(f"/api/albums/user/{builder.add_album(user)}/").json()
    assert (empty["date"], empty["location"], empty["grouped_photos"]) == ("", "", [])


@pytest.fixture
def linked(builder: Builder, user: Account) -> int:
    photo = builder.add_photo(
        user, gps_lat=38.7, gps_lon=-9.1, location="Secret Street", is_video=True, with_files=False
    )
    hidden = builder.add_photo(user, is_hidden=True, with_files=False)
    album = builder.add_album(user, photo, hidden, title="Linked")
    builder.link_album(album)
    return album


def test_a_link_opens_an_album_to_visitors_as_far_as_its_owner_shares(
    instance: Instance, anonymous: httpx.Client, builder: Builder, user: Account, linked: int
) -> None:
    path = f"/api/albums/user/{linked}/?public=1"
    masked = anonymous.get(path)
    assert list(masked.json()) == ["id", "title", "owner", "date", "location", "grouped_photos"]
    assert "Secret Street" not in masked.text and "38.7" not in masked.text and "2023" not in masked.text
    assert len(masked.json()["grouped_photos"]) == 1
    builder.change_user(user, public_sharing_defaults=stored({"share_timestamps": True}))
    builder.change_link(linked, share_location=True)
    shown = anonymous.get(f"{path}&username={user.username}").json()
    assert (shown["date"], shown["location"]) == ("2023-07-01T14:05:09Z", "Secret Street")
    (item,) = shown["grouped_photos"][0]["items"]
    assert (item["exif_gps_lat"], item["date"]) == (38.7, "2023-07-01T14:05:09+00:00")
    # What is narrowed away still gives the album its date.
    narrowed = anonymous.get(f"{path}&photo=1").json()
    assert (narrowed["date"], narrowed["grouped_photos"]) == ("2023-07-01T14:05:09Z", [])


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"expires_at": clock.now() - clock.SECOND}])
def test_without_a_working_link_there_is_nothing_to_see(
    anonymous: httpx.Client, builder: Builder, user: Account, linked: int, change: dict[str, Any]
) -> None:
    path = f"/api/albums/user/{linked}/"
    assert anonymous.get(path).status_code == 401
    assert anonymous.get(f"{path}?public=1&username=somebody-else").status_code == 404
    builder.change_link(linked, **change)
    dead = anonymous.get(f"{path}?public=1")
    assert (dead.status_code, dead.json()["errors"]) == (404, UNKNOWN)


def test_renaming_keeps_titles_unique(client: httpx.Client, builder: Builder, user: Account) -> None:
    album = builder.add_album(user, builder.add_photo(user, with_files=False), title="Old")
    builder.add_album(user, title="Taken")
    path = f"/api/albums/user/{album}/"
    renamed = client.patch(path, json={"title": "  New  ", "photos": ["ignored"]})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "New")
    assert client.put(path, json={"title": "New"}).json()["title"] == "New"
    for title, message in (
        ("Taken", "You already have an album with this title."),
        (" ", "This field may not be blank."),
        ("x" * 513, "Ensure this field has no more than 512 characters."),
        (None, "This field may not be null."),
    ):
        refused = client.patch(path, json={"title": title})
        assert (refused.status_code, refused.json()["errors"]) == (
            400,
            [{"field": "title", "message": message}],
        )
    assert titles(client) == ["New"]


def test_an_empty_album_is_made_by_its_title(client: httpx.Client) -> None:
    made = client.post("/api/albums/user", json={"title": "Plans"})
    assert (made.status_code, made.json()["title"], made.json()["grouped_photos"]) == (201, "Plans", [])
    again = client.post("/api/albums/user/", json={"title": "Plans"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "title")
    assert [row["title"] for row in client.get("/api/albums/user/").json()["results"]] == ["Plans"]


@pytest.mark.parametrize("path", ["/api/albums/user/{}/", "/api/albums/user/edit/{}"])
def test_deleting_keeps_the_photos_and_is_told_to_copies(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, stranger: Account, path: str
) -> None:
    photo = builder.add_photo(user, with_files=False)
    album = builder.add_album(user, photo)
    builder.share_album(album, stranger)
    builder.link_album(album)
    assert client.delete(path.format(album)).status_code == 204
    assert client.delete(path.format(album)).status_code == 404
    assert client.get(f"/api/photos/{photo.uuid}/").status_code == 200
    with instance.db.snapshot() as tx:
        sql = f"SELECT owner_id FROM deletion_log WHERE entity = 'album_user' AND entity_id = '{album}'"
        told = {row[0] for row in tx.connection.execute(sql).fetchall()}
    assert told == {user.user_id, stranger.user_id}


def test_what_is_no_number_is_not_found(client: httpx.Client) -> None:
    for path in ("/api/albums/user/abc/", "/api/albums/user/edit/abc/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "Not found.")
    assert client.get("/api/albums/user/987654321/").json()["errors"] == UNKNOWN


def test_a_list_takes_as_many_statements_for_many_albums_as_for_few(
    instance: Instance, builder: Builder, user: Account
) -> None:
    viewer = Viewer(user_id=user.user_id)
    counts = []
    for number in (3, 30):
        for _ in range(number):
            builder.add_album(user, builder.add_photo(user, with_files=False))
        with instance.db.snapshot() as tx:
            list_user_albums(tx, viewer, "own", (), parse_page("/", "", HUGE))
            counts.append(tx.statement_count)
    assert counts[0] == counts[1]
