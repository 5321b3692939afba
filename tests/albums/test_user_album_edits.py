"""Making and changing user albums by their photos, and sharing them."""

from typing import Any

import httpx
import pytest

from tests.builders import Builder, Photo
from tests.instance import Account, Instance

EDIT = "/api/albums/user/edit/"


@pytest.fixture
def photos(builder: Builder, user: Account) -> list[Photo]:
    return [
        builder.add_photo(user, taken_local=f"2023-07-0{day}T10:00:00", with_files=False) for day in (1, 2, 3)
    ]


def refused(answer: httpx.Response) -> tuple[int, list[dict[str, str]]]:
    return answer.status_code, answer.json()["errors"]


def no_photo(field: str, name: str) -> list[dict[str, str]]:
    return [{"field": field, "message": f'Invalid pk "{name}" - object does not exist.'}]


def test_an_album_is_made_of_photos_by_uuid_or_hash(client: httpx.Client, photos: list[Photo]) -> None:
    body = {"title": "Lisbon", "photos": [photos[1].image_hash, photos[0].uuid, photos[0].uuid]}
    made = client.post(EDIT, json=body)
    album = made.json()
    assert made.status_code == 201
    assert album == {
        "id": album["id"],
        "title": "Lisbon",
        "photos": [photos[0].uuid, photos[1].uuid],
        "created_on": album["created_on"],
        "favorited": False,
        "locked": False,
        "cover_photo": None,
    }
    # The same title again adds to the same album.
    again = client.post(
        EDIT.rstrip("/"),
        json={"title": " Lisbon ", "photos": [photos[2].uuid], "removedPhotos": [photos[0].image_hash]},
    )
    assert (again.status_code, again.json()["id"]) == (201, album["id"])
    assert again.json()["photos"] == [photos[1].uuid, photos[2].uuid]
    assert again.json()["created_on"] > album["created_on"]


def test_changes_are_made_in_order(client: httpx.Client, photos: list[Photo]) -> None:
    album = client.post(EDIT, json={"title": "A", "photos": [photos[0].uuid]}).json()
    path = f"{EDIT}{album['id']}/"
    # Removed before it is added: it stays.
    changed = client.patch(
        path,
        json={
            "title": "B",
            "photos": [photos[0].uuid, photos[1].uuid],
            "removedPhotos": [photos[0].uuid, photos[2].uuid, "unknown"],
            "cover_photo": photos[1].image_hash,
            "locked": True,
        },
    ).json()
    assert (changed["title"], changed["locked"]) == ("B", True)
    assert changed["photos"] == [photos[0].uuid, photos[1].uuid]
    assert changed["cover_photo"] == photos[1].uuid
    locked = client.patch(path, json={"photos": [photos[2].uuid]})
    assert refused(locked)[1][0]["field"] == "locked"
    assert client.patch(path, json={"removedPhotos": [photos[0].uuid]}).status_code == 400
    assert client.patch(path, json={"title": "C", "cover_photo": None}).json()["cover_photo"] is None
    opened = client.patch(path, json={"photos": [photos[2].uuid], "locked": False}).json()
    assert (len(opened["photos"]), opened["locked"]) == (3, False)
    assert client.get(path).json() == opened
    assert client.get(EDIT).json()["results"] == [opened]
    put = client.put(path, json={"title": "C", "photos": []})
    assert (put.status_code, len(put.json()["photos"])) == (200, 3)


def test_nothing_changes_when_a_photo_is_unknown_or_foreign(
    client: httpx.Client, builder: Builder, stranger: Account, photos: list[Photo]
) -> None:
    foreign = builder.add_photo(stranger, is_public=True, with_files=False)
    album = client.post(EDIT, json={"title": "A", "photos": []}).json()
    path = f"{EDIT}{album['id']}/"
    for name in (foreign.uuid, foreign.image_hash, "nonsense", "00000000-0000-4000-8000-000000000000"):
        answer = client.patch(path, json={"title": "B", "photos": [photos[0].uuid, name]})
        assert refused(answer) == (400, no_photo("photos", name))
        answer = client.patch(path, json={"title": "B", "photos": [photos[0].uuid], "cover_photo": name})
        assert refused(answer) == (400, no_photo("cover_photo", name))
        assert client.post(EDIT, json={"title": "New", "photos": [name]}).status_code == 400
    assert [row["title"] for row in client.get(EDIT).json()["results"]] == ["A"]
    assert client.get(path).json() == album


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"title": "A"}, "photos", "This field is required."),
        ({"photos": []}, "title", "This field is required."),
        ({"title": "", "photos": []}, "title", "This field may not be blank."),
        ({"title": "A", "photos": None}, "photos", "This field may not be null."),
        ({"title": "A", "photos": "x"}, "photos", "Expected a list of items."),
        ({"title": "A", "photos": [], "locked": "perhaps"}, "locked", "Must be a valid boolean."),
    ],
)
def test_bad_input_names_its_field(
    client: httpx.Client, body: dict[str, Any], field: str, message: str
) -> None:
    assert refused(client.post(EDIT, json=body)) == (400, [{"field": field, "message": message}])


def test_everything_that_a_grid_shows_can_be_added(client: httpx.Client, photos: list[Photo]) -> None:
    body = {
        "title": "All",
        "photos": [],
        "select_all": True,
        "query": {"photo": True},
        "excluded_hashes": [photos[1].image_hash],
    }
    made = client.post(EDIT, json=body)
    assert (made.status_code, made.json()["photos"]) == (201, [photos[0].uuid, photos[2].uuid])


def test_a_change_shows_in_the_list_at_once(client: httpx.Client, photos: list[Photo]) -> None:
    assert client.get("/api/albums/user/list/").json()["results"] == []
    album = client.post(EDIT, json={"title": "A", "photos": [photos[0].uuid]}).json()
    listed = client.get("/api/albums/user/list/").json()["results"]
    assert [(row["title"], row["photo_count"]) for row in listed] == [("A", 1)]
    client.patch(f"{EDIT}{album['id']}/", json={"photos": [photos[1].uuid]})
    assert client.get("/api/albums/user/list/").json()["results"][0]["photo_count"] == 2


def test_an_album_is_shared_and_no_longer(
    instance: Instance, client: httpx.Client, stranger: Account, photos: list[Photo]
) -> None:
    album = client.post(EDIT, json={"title": "A", "photos": [photos[0].uuid]}).json()
    body = {"album_id": album["id"], "target_user_id": stranger.user_id, "shared": True}
    with instance.client(stranger.bearer) as friend:
        assert friend.get(f"/api/albums/user/{album['id']}/").status_code == 404
        for _ in range(2):
            shared = client.post("/api/useralbum/share", json=body)
            assert shared.status_code == 200
            assert [each["id"] for each in shared.json()["shared_to"]] == [stranger.user_id]
        assert shared.json()["created_on"] > album["created_on"]
        assert friend.get(f"/api/albums/user/{album['id']}/").status_code == 200
        # A sharee may not give it away; to others there is no such album.
        message = "You cannot share an album you don't own"
        foreign = friend.post("/api/useralbum/share/", json=body)
        assert (foreign.status_code, foreign.json()) == (400, {"status": False, "message": message})
        for _ in range(2):
            ended = client.post("/api/useralbum/share/", json={**body, "shared": False})
            assert (ended.status_code, ended.json()["shared_to"]) == (200, [])
        assert friend.get(f"/api/albums/user/{album['id']}/").status_code == 404
        unseen = friend.post("/api/useralbum/share/", json=body)
        assert unseen.json() == {"status": False, "message": "No such album"}
    assert told(instance, stranger) == [str(album["id"])]
    client.post("/api/useralbum/share/", json=body)
    assert told(instance, stranger) == []


def told(instance: Instance, account: Account) -> list[str]:
    """Which albums this account's copies are to drop."""
    with instance.db.snapshot() as tx:
        sql = (
            f"SELECT entity_id FROM deletion_log WHERE owner_id = {account.user_id} AND entity = 'album_user'"
        )
        return [row[0] for row in tx.connection.execute(sql).fetchall()]


def test_sharing_says_what_is_wrong(client: httpx.Client, stranger: Account) -> None:
    path = "/api/useralbum/share/"
    body = {"album_id": 987654321, "target_user_id": 987654321, "shared": True}
    assert client.post(path, json=body).json() == {"status": False, "message": "No such user"}
    body["target_user_id"] = stranger.user_id
    unknown = client.post(path, json=body)
    assert (unknown.status_code, unknown.json()) == (400, {"status": False, "message": "No such album"})
    for name, wrong in (("album_id", "x"), ("target_user_id", None), ("shared", "perhaps")):
        assert refused(client.post(path, json={**body, name: wrong}))[1][0]["field"] == name
    missing = refused(client.post(path, json={}))
    assert [each["field"] for each in missing[1]] == ["album_id", "target_user_id", "shared"]
