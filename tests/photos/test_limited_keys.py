"""A key that is limited to albums sees their photos and nothing of others: no row, no file, no count, no place, no day.

Every route that says it keeps to the limit has a probe here, which asks it for photos outside.
"""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, delete

from librephotos.app import ROUTES
from librephotos.db.statements import statement
from librephotos.db.tables import album as album_table
from librephotos.db.tables import album_photo, album_share, photo_stack
from librephotos.photos.changes import photos_changed
from librephotos.stacks.queries.stack_edits import insert_stack
from tests.builders import Builder, Photo, change_row, stored
from tests.instance import Account, Instance
from tests.keys import Key, add_key

SCOPES = ("photos:read", "albums:read", "search:read")
INSIDE_DAY, OUTSIDE_DAY = "2023-07-01T14:05:09", "2019-03-02T08:00:00"
FAR = "Secret Street, Hidden City, Nowhere"
MEDIA = (
    "thumbnails_big",
    "square_thumbnails",
    "square_thumbnails_small",
    "photos",
    "video",
    "embedded_media",
)


@dataclass
class Scene:
    """The owner's photos inside and outside the key's album, and a friend's on both sides too."""

    owner: Account
    key: Key
    album: int
    other_album: int
    inside: Photo
    shared_inside: Photo
    same_day: Photo
    outside: list[Photo]
    face: str
    outside_face: str

    @property
    def hidden_names(self) -> list[str]:
        return [name for each in self.outside for name in (each.uuid, each.image_hash)]


@pytest.fixture
def scene(instance: Instance, builder: Builder, user: Account) -> Scene:
    friend = instance.add_user(public_sharing=True)
    inside = builder.add_photo(
        user, taken_local=INSIDE_DAY, location="Rua Augusta, Lisboa, Portugal", place="Lisboa",
        rating=5, is_public=True,
        metadata={"geolocation": stored({"places": ["Rua Augusta", "Lisboa", "Portugal"]})},
    )  # fmt: skip
    # The day's first photo, whose place the day is stored with.
    same_day = builder.add_photo(
        user, taken_local="2023-07-01T09:00:00", location=FAR, place=FAR, rating=5, is_public=True,
        metadata={"geolocation": stored({"places": FAR.split(", ")}), "captions": stored({"im2txt": "beach"})},
    )  # fmt: skip
    hidden = builder.add_photo(user, taken_local=INSIDE_DAY, is_hidden=True)
    trashed = builder.add_photo(user, taken_local=INSIDE_DAY, is_trashed=True)
    early = builder.add_photo(user, taken_local=INSIDE_DAY, aspect_ratio=None)
    far = builder.add_photo(user, taken_local=OUTSIDE_DAY, location=FAR, rating=5)
    undated = builder.add_photo(user, taken_local=None)
    shared_inside = builder.add_photo(friend)
    album = builder.add_album(user, inside, title="Given away", cover_photo_id=same_day.photo_id)
    other_album = builder.add_album(user, inside, same_day, far, title="Kept")
    friends_album = builder.add_album(friend, shared_inside)
    # The owner put a friend's photo into the album: an album vouches for its owner's photos only.
    foreign = builder.add_photo(friend, is_public=True)
    with instance.db.transaction() as tx:
        tx.execute(
            statement(album_photo.insert().values(album_id=bindparam("a"), photo_id=bindparam("p"))),
            a=album,
            p=foreign.photo_id,
        )
    shared = builder.add_photo(friend)
    builder.share_photo(shared, user)
    builder.share_album(friends_album, user)
    linked = builder.add_photo(friend)
    builder.link_album(builder.add_album(friend, linked))
    outside = [same_day, hidden, trashed, early, far, undated, foreign, shared, linked]
    person = builder.add_person(user, "Bea")
    for each in (inside, same_day):
        builder.add_clip(each)
        builder.add_face(each, person_id=person, with_file=True)
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE day SET location = '{FAR}' WHERE id = {int(inside.day_id)}")
    # For its owner a stack keeps the one inside out of sight, behind one outside.
    stacked = [inside.photo_id, same_day.photo_id]
    with instance.db.transaction() as tx:
        stack_id = insert_stack(tx, user.user_id, "manual", stacked)
        change_row(tx, photo_stack, stack_id, primary_photo_id=same_day.photo_id)
        photos_changed(tx, user.user_id, stacked)
        tx.connection.execute(f"UPDATE day SET location = '{FAR}' WHERE id = {int(inside.day_id)}")
        badges = f"SELECT is_stacked, stack_badges FROM photo WHERE id = {inside.photo_id}"
        assert tx.connection.execute(badges).fetchone()[0]
    folder = instance.data / "derived" / "faces"
    face, outside_face = (next(folder.rglob(f"{each.image_hash}_*.jpg")).name for each in (inside, same_day))
    key = add_key(instance, user, *SCOPES, albums=[album, friends_album])
    return Scene(
        user, key, album, other_album, inside, shared_inside, same_day, outside, face, outside_face
    )  # fmt: skip


@pytest.fixture
def by_key(instance: Instance, scene: Scene) -> Any:  # a generator of clients
    with instance.client(scene.key.bearer) as client:
        yield client


def check(scene: Scene, answer: httpx.Response) -> Any:  # JSON
    """What was answered, after nothing of the outside was found in it."""
    assert answer.status_code == 200, answer.text
    for name in (*scene.hidden_names, "Secret Street", "Hidden City", "Kept", '"type":"manual"'):
        assert name not in answer.text
    return answer.json()


def unlike_nothing(client: httpx.Client, path: str, unknown: str) -> None:
    """The address of something outside answers as one of nothing."""
    answer, nothing = client.get(path), client.get(unknown)
    assert (answer.status_code, answer.content) == (404, nothing.content), path
    assert nothing.status_code == 404


MISSING = "00000000-0000-4000-8000-000000000000"
FILTERS = (
    "",
    "favorite=true",
    "photo=true",
    "hidden=1",
    "in_trashcan=1",
    "last_modified=2000-01-01",
    "apply_default=1",
)


def probe_days(scene: Scene, client: httpx.Client) -> None:
    expected = {"hidden=1": [], "in_trashcan=1": []}
    for query in FILTERS:
        days = check(scene, client.get(f"/api/albums/date/list/?{query}"))["results"]
        counts = [(day["id"], day["numberOfItems"]) for day in days]
        assert counts == expected.get(query, [(str(scene.inside.day_id), 1)]), query
        assert all(day["location"] == "Lisboa" for day in days)
    public = check(scene, client.get("/api/albums/date/list/?public=1"))["results"]
    mine = [day for day in public if day["id"] == str(scene.inside.day_id)]
    assert [(day["numberOfItems"], day["location"]) for day in mine] == [(1, "Lisboa")]
    assert len(public) == 1, "everybody's public photos are outside"


def probe_day(scene: Scene, client: httpx.Client) -> None:
    path = f"/api/albums/date/{scene.inside.day_id}/"
    for query in ("", "page=last", "favorite=true", "photo=true", "last_modified=2000-01-01", "public=1"):
        day = check(scene, client.get(f"{path}?{query}"))["results"]
        assert day["numberOfItems"] == 1, query
        assert [item["image_hash"] for item in day["items"]] == [scene.inside.image_hash]
        assert day["location"] == "Lisboa"
    for query in ("hidden=1", "in_trashcan=1"):
        assert check(scene, client.get(f"{path}?{query}"))["results"]["items"] == []
    for each in scene.outside:
        if each.day_id != scene.inside.day_id:
            for query in ("", "public=1", "hidden=1"):
                unlike_nothing(
                    client, f"/api/albums/date/{each.day_id}/?{query}", f"/api/albums/date/987654321/?{query}"
                )


def probe_layout(scene: Scene, client: httpx.Client) -> None:
    expected = {"hidden=1": [], "in_trashcan=1": []}
    for query in FILTERS:
        if "public" in query:
            continue  # galleries are not laid out
        days = check(scene, client.get(f"/api/timeline/layout/?{query}"))["results"]
        shapes = [(day["id"], day["ratios"]) for day in days]
        assert shapes == expected.get(query, [(str(scene.inside.day_id), [150])]), query
        assert all(day["location"] == "Lisboa" for day in days)


def probe_photos(scene: Scene, client: httpx.Client) -> None:
    for query in ("", "page_size=1", "page=last", "search=Augusta", "search=IMG", "search=Bea"):
        page = check(scene, client.get(f"/api/photos/?{query}"))
        assert (page["count"], page["next"]) == (1, None), query
        assert [each["image_hash"] for each in page["results"]] == [scene.inside.image_hash]
    for term in ("Secret", "beach", "2019"):
        assert check(scene, client.get(f"/api/photos/?search={term}"))["count"] == 0
    assert client.get("/api/photos/?page=2&page_size=1").status_code == 404


def probe_photo(scene: Scene, client: httpx.Client) -> None:
    for each in (scene.inside, scene.shared_inside):
        for name in (each.uuid, each.image_hash):
            assert check(scene, client.get(f"/api/photos/{name}/"))["id"] == each.uuid
    for name in scene.hidden_names:
        unlike_nothing(client, f"/api/photos/{name}/", f"/api/photos/{MISSING}/")


def probe_summary(scene: Scene, client: httpx.Client) -> None:
    for each in (scene.inside, scene.shared_inside):
        check(scene, client.get(f"/api/photos/{each.uuid}/summary/"))
    for name in scene.hidden_names:
        unlike_nothing(client, f"/api/photos/{name}/summary/", f"/api/photos/{MISSING}/summary/")


def probe_albums(scene: Scene, client: httpx.Client) -> None:
    (shown,) = check(scene, client.get(f"/api/photos/{scene.inside.uuid}/albums/"))["results"]
    assert (shown["id"], shown["photo_count"]) == (scene.album, 1)
    assert shown["cover_photo"]["image_hash"] == scene.inside.image_hash
    for name in scene.hidden_names:
        unlike_nothing(client, f"/api/photos/{name}/albums/", f"/api/photos/{MISSING}/albums/")


def probe_recent(scene: Scene, client: httpx.Client) -> None:
    for query in ("", "?page=1", "?page_size=1"):
        recent = check(scene, client.get(f"/api/photos/recentlyadded/{query}"))
        assert [each["image_hash"] for each in recent["results"]] == [scene.inside.image_hash]
        assert recent.get("count", 1) == 1


def probe_undated(scene: Scene, client: httpx.Client) -> None:
    for query in ("", "?search=IMG"):
        page = check(scene, client.get(f"/api/photos/notimestamp/{query}"))
        assert (page["count"], page["results"]) == (0, [])


def probe_search(scene: Scene, client: httpx.Client) -> None:
    for query in ("", "?page=1", "?search=-album:kept", "?search=-nowhere&page=1"):
        found = check(scene, client.get(f"/api/photos/searchlist/{query}"))
        items = [item["image_hash"] for group in found["results"] for item in group["items"]]
        assert items == [scene.inside.image_hash]
        assert found.get("count", 1) == 1
    for query in ("?search=secret", "?search=place:nowhere", "?search=album:kept", "?search=2019"):
        assert check(scene, client.get(f"/api/photos/searchlist/{query}")) == {"results": []}


def probe_examples(scene: Scene, client: httpx.Client) -> None:
    check(scene, client.get("/api/searchtermexamples/"))


def probe_own_albums(scene: Scene, client: httpx.Client) -> None:
    (row,) = check(scene, client.get("/api/albums/user/list/"))["results"]
    assert (row["id"], row["photo_count"]) == (scene.album, 1)
    # The chosen cover lies outside.
    assert row["cover_photo"]["image_hash"] == scene.inside.image_hash


def probe_albums_to_me(scene: Scene, client: httpx.Client) -> None:
    (row,) = check(scene, client.get("/api/albums/user/shared/tome/"))["results"]
    assert row["cover_photo"]["image_hash"] == scene.shared_inside.image_hash


def probe_album(scene: Scene, client: httpx.Client) -> None:
    groups = check(scene, client.get(f"/api/albums/user/{scene.album}/"))["grouped_photos"]
    assert [item["id"] for group in groups for item in group["items"]] == [scene.inside.uuid]
    for query in ("", "?public=1"):
        unlike_nothing(
            client, f"/api/albums/user/{scene.other_album}/{query}", f"/api/albums/user/987654321/{query}"
        )


PROBES = {
    "/api/albums/user/list": probe_own_albums,
    "/api/albums/user/shared/tome": probe_albums_to_me,
    "/api/albums/user/{album_id:str}": probe_album,
    "/api/photos/recentlyadded": probe_recent,
    "/api/photos/notimestamp": probe_undated,
    "/api/photos/searchlist": probe_search,
    "/api/searchtermexamples": probe_examples,
    "/api/albums/date/list": probe_days,
    "/api/albums/date/{album_id:str}": probe_day,
    "/api/timeline/layout": probe_layout,
    "/api/photos": probe_photos,
    "/api/photos/{photo_id:str}": probe_photo,
    "/api/photos/{photo_id:str}/summary": probe_summary,
    "/api/photos/{photo_id:str}/albums": probe_albums,
}


def test_every_route_that_keeps_to_the_limit_has_a_probe():
    narrowing = {path for route in ROUTES if route.opt.get("narrows") for path in route.paths}
    assert narrowing == set(PROBES)
    assert all(route.http_methods == {"GET"} for route in ROUTES if route.opt.get("narrows"))


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path)
def test_a_limited_key_sees_nothing_outside(scene: Scene, by_key: httpx.Client, path: str):
    PROBES[path](scene, by_key)


def test_an_unlimited_key_of_the_same_owner_sees_it_all(instance: Instance, scene: Scene):
    # What the probes look for is there.
    with instance.client(add_key(instance, scene.owner, *SCOPES).bearer) as client:
        assert client.get("/api/photos/").json()["count"] == 4
        days = client.get("/api/albums/date/list/?show_all_stack_photos=1").json()["results"]
        assert [day["numberOfItems"] for day in days] == [2, 1, 1]
        assert FAR in days[0]["location"]
        for each in scene.outside[:-1]:
            assert client.get(f"/api/photos/{each.uuid}/summary/").status_code == 200
        albums = client.get(f"/api/photos/{scene.inside.uuid}/albums/").json()["results"]
        assert {each["title"] for each in albums} == {"Given away", "Kept"}


@pytest.mark.parametrize("kind", MEDIA)
def test_media_outside_are_unknown(scene: Scene, by_key: httpx.Client, kind: str):
    unknown = by_key.get(f"/media/{kind}/0123456789abcdef0123456789abcdef1")
    assert unknown.status_code == 404
    assert by_key.get(f"/media/{kind}/{scene.inside.image_hash}").status_code == 200
    for name in scene.hidden_names:
        answer = by_key.get(f"/media/{kind}/{name}")
        assert (answer.status_code, answer.content) == (404, unknown.content)


def test_faces_outside_are_unknown(scene: Scene, by_key: httpx.Client):
    assert by_key.get(f"/media/faces/{scene.face}").status_code == 200
    assert by_key.get(f"/media/faces/{scene.outside_face}").status_code == 404


def test_a_photo_that_leaves_the_album_leaves_the_key_at_once(
    instance: Instance, scene: Scene, by_key: httpx.Client
):
    first = by_key.get("/api/photos/")
    assert (first.json()["count"], "etag" in first.headers) == (1, False)
    with instance.db.transaction() as tx:
        leave = delete(album_photo).where(
            album_photo.c.album_id == bindparam("a"), album_photo.c.photo_id == bindparam("p")
        )
        tx.execute(statement(leave), a=scene.album, p=scene.inside.photo_id)
    assert by_key.get("/api/photos/").json()["count"] == 0
    assert by_key.get("/api/albums/date/list/").json()["results"] == []
    assert by_key.get(f"/media/photos/{scene.inside.image_hash}").status_code == 404


def test_a_share_that_ends_ends_for_the_key(instance: Instance, scene: Scene, by_key: httpx.Client):
    path = f"/api/photos/{scene.shared_inside.uuid}/"
    assert by_key.get(path).status_code == 200
    with instance.db.transaction() as tx:
        tx.execute(
            statement(delete(album_share).where(album_share.c.user_id == bindparam("u"))),
            u=scene.owner.user_id,
        )
    assert by_key.get(path).status_code == 404


def test_a_key_whose_albums_are_all_deleted_sees_nothing(instance: Instance, builder: Builder, user: Account):
    photo = builder.add_photo(user)
    album = builder.add_album(user, photo)
    key = add_key(instance, user, *SCOPES, albums=[album])
    with instance.client(key.bearer) as client:
        assert client.get("/api/photos/").json()["count"] == 1
        with instance.db.transaction() as tx:
            tx.execute(statement(delete(album_table).where(album_table.c.id == bindparam("a"))), a=album)
        assert client.get("/api/photos/").json()["count"] == 0
        assert client.get(f"/api/photos/{photo.uuid}/").status_code == 404
    with instance.client(user.bearer) as client:
        shown = client.get(f"/api/auth/keys/{key.key_id}/").json()
        assert shown["albums"] == []
        # Neither does its successor see more.
        successor = client.post(f"/api/auth/keys/{key.key_id}/rotate/").json()
        assert successor["albums"] == []
    bearer = {"Authorization": f"Bearer {successor['key']}"}
    with instance.client(bearer) as client:
        assert client.get("/api/photos/").json()["count"] == 0
