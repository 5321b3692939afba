"""A walk as the mobile client of 2026 takes it: feeds until they are empty, then changes; media by Bearer alone."""

from contextlib import closing
from typing import Any

from tests.builders import Builder
from tests.instance import Instance
from tests.walks.mobile import Phone, Shape, mismatches

MILLISECONDS = int
PHOTO = {
    "id": str,
    "image_hash": str,
    "owner_id": int,
    "timestamp": (MILLISECONDS, None),
    "added_on": MILLISECONDS,
    "last_modified": MILLISECONDS,
    "type": ("image", "video", "motion"),
    "video_length_ms": (int, None),
    "rating": int,
    "is_favorite": bool,
    "hidden": bool,
    "in_trashcan": bool,
    "removed": bool,
    "is_public": bool,
    "aspect_ratio": (float, None),
    "latitude": (float, None),
    "longitude": (float, None),
    "search_location": str,
    "dominant_color": (str, None),
}
GROUP = {
    "id": int,
    "title": str,
    "photo_count": int,
    "cover_hashes": [str],
    "last_modified": MILLISECONDS,
}
ITEMS: dict[str, Shape] = {
    "photos": PHOTO,
    "persons": {
        "id": int,
        "name": str,
        "kind": str,
        "face_count": int,
        "cover_photo_hash": (str, None),
        "last_modified": MILLISECONDS,
    },
    "albums/user": {
        "id": int,
        "title": str,
        "owner_id": int,
        "favorited": bool,
        "shared": (0, 1),
        "cover_hash": (str, None),
        "photo_count": int,
        "created_on": MILLISECONDS,
        "last_modified": MILLISECONDS,
        "photo_ids": [str],
    },
    "albums/auto": {
        "id": int,
        "title": str,
        "timestamp": (MILLISECONDS, None),
        "favorited": bool,
        "photo_count": int,
        "cover_hash": (str, None),
        "last_modified": MILLISECONDS,
        "photo_ids": [str],
    },
    "albums/thing": GROUP,
    "albums/place": {**GROUP, "geolocation_level": (int, None)},
    "albums/tag": GROUP,
    "sharing": {
        "id": int,
        "username": str,
        "first_name": str,
        "last_name": str,
        "avatar_url": (str, None),
        "last_modified": MILLISECONDS,
    },
}
COUNTED = {
    "photos": "photos",
    "persons": "persons",
    "albums/user": "user_albums",
    "albums/auto": "auto_albums",
    "albums/thing": "thing_albums",
    "albums/place": "place_albums",
    "albums/tag": "tags",
}
COUNTS = {**dict.fromkeys(COUNTED.values(), int), "server_time": str}
Pulled = dict[str, dict[str, dict[str, Any]]]


class MobileClient(Phone):
    """It keeps the last cursor of each feed that was not null."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance, keeps_cookies=False)
        self.cursors: dict[str, str] = {}
        self.rows: Pulled = {feed: {} for feed in ITEMS}

    def pull(self) -> tuple[Pulled, dict[str, list[str]]]:
        """Return what came and what was told to drop, by feed."""
        came: Pulled = {}
        dropped: dict[str, list[str]] = {}
        for feed, item in ITEMS.items():
            for page in self._pages(feed, item):
                for name in page["tombstones"]:
                    self.rows[feed].pop(name, None)
                    dropped.setdefault(feed, []).append(name)
                fresh = {str(each["id"]): each for each in page["items"]}
                self.rows[feed] |= fresh
                came.setdefault(feed, {}).update(fresh)
        return {feed: rows for feed, rows in came.items() if rows}, dropped

    def _pages(self, feed: str, item: Shape) -> Any:
        while True:
            cursor = self.cursors.get(feed)
            asked = {"page_size": "2", **({"cursor": cursor} if cursor else {})}
            page = self.get(f"/api/sync/{feed}/", self._envelope(item, is_first=cursor is None), **asked)
            assert cursor is None or "total" not in page
            yield page
            if page["next_cursor"] is None:
                assert page["items"] == []
                return
            self.cursors[feed] = page["next_cursor"]

    @staticmethod
    def _envelope(item: Shape, *, is_first: bool) -> Shape:
        envelope = {
            "v": 1,
            "items": [item],
            "tombstones": [str],
            "next_cursor": (str, None),
            "server_time": str,
        }
        return {**envelope, "total": int} if is_first else envelope


def test_the_mobile_client_keeps_a_copy(instance: Instance) -> None:
    friend = instance.add_user()
    name = "phone-" + friend.username
    scans = instance.library / name
    owner = instance.add_user(name, "keep-a-copy-1", scan_directory=str(scans))
    builder = Builder(instance)
    photos = [builder.add_photo(owner, metadata={}, gps_lat=38.7, gps_lon=-9.1) for _ in range(5)]
    theirs = builder.add_photo(friend, metadata={})
    builder.add_event(owner, *photos[:2])
    builder.add_thing(owner, *photos[:3])
    web = instance.client(owner.bearer)
    others = instance.client(friend.bearer)
    tag = web.post("/api/tags/", json={"name": "sea"}).json()["id"]
    person = web.post("/api/persons/", json={"name": "Bea"}).json()["id"]
    made = {"title": "Lisbon", "photos": [photos[0].uuid, photos[1].uuid]}
    album = web.post("/api/albums/user/edit/", json=made).json()["id"]
    sharing = {"image_hashes": [theirs.uuid], "target_user_id": owner.user_id, "val_shared": True}
    assert others.post("/api/photosedit/share/", json=sharing).json()["count"] == 1

    with closing(web), closing(others), MobileClient(instance) as phone:
        claims = phone.sign_in(name, "keep-a-copy-1")
        assert phone.get(f"/api/user/{claims['user_id']}/", {"id": int, "username": str})["username"] == name

        # Everything, until every feed is empty.
        _, dropped = phone.pull()
        assert dropped == {}
        rows = phone.rows
        assert set(rows["photos"]) == {each.uuid for each in (*photos, theirs)}
        assert rows["photos"][theirs.uuid]["owner_id"] == friend.user_id
        assert [row["username"] for row in rows["sharing"].values()] == [friend.username]
        assert rows["albums/user"][str(album)]["photo_ids"] == [photos[0].uuid, photos[1].uuid]
        agree(phone)
        assert phone.pull() == ({}, {})

        # Pictures, by the header alone; nobody else gets them.
        for kind in ("square_thumbnails_small", "square_thumbnails", "thumbnails_big", "photos"):
            for each in (photos[0], theirs):
                picture = phone.ask("GET", f"/media/{kind}/{each.image_hash}")
                assert picture.headers["content-type"] in ("image/webp", "image/jpeg")
        with instance.client() as nobody:
            assert nobody.get(f"/media/thumbnails_big/{theirs.image_hash}").status_code in (401, 403, 404)

        # What others, and the same person elsewhere, did meanwhile: no more than that comes.
        web.post("/api/photosedit/favorite/", json={"image_hashes": [photos[2].uuid], "favorite": True})
        web.patch(
            f"/api/albums/user/edit/{album}/", json={"title": "Porto", "removedPhotos": [photos[1].uuid]}
        )
        came, dropped = phone.pull()
        assert dropped == {}
        assert list(came["photos"]) == [photos[2].uuid]
        assert came["photos"][photos[2].uuid]["is_favorite"] is True
        told = came["albums/user"][str(album)]
        assert (told["title"], told["photo_ids"], told["photo_count"]) == ("Porto", [photos[0].uuid], 1)
        agree(phone)

        # What is gone: a share, an album, a tag, a person; and a photo that its owner deleted for good.
        assert (
            others.post("/api/photosedit/share/", json={**sharing, "val_shared": False}).json()["count"] == 1
        )
        for path in (f"albums/user/{album}", f"tags/{tag}", f"persons/{person}"):
            assert web.delete(f"/api/{path}/").status_code == 204
        gone = {"image_hashes": [photos[4].uuid]}
        web.post("/api/photosedit/setdeleted/", json={**gone, "deleted": True})
        assert web.request("DELETE", "/api/photosedit/delete/", json=gone).json()["status"] is True
        came, dropped = phone.pull()
        assert {feed: sorted(set(names)) for feed, names in dropped.items()} == {
            "photos": [theirs.uuid],
            "albums/user": [str(album)],
            "albums/tag": [str(tag)],
            "persons": [str(person)],
        }
        assert came["photos"][photos[4].uuid]["removed"] is True
        agree(phone)
        phone.ask("GET", f"/media/thumbnails_big/{theirs.image_hash}", status=404)

        # The share comes back, and with it the photo; a token that has expired costs one refresh.
        assert others.post("/api/photosedit/share/", json=sharing).json()["count"] == 1
        phone.access += "x"
        came, _ = phone.pull()
        assert list(came["photos"]) == [theirs.uuid]
        assert theirs.uuid in rows["photos"]
        agree(phone)
        assert (
            mismatches(phone.ask("GET", "/api/sync/photos/?cursor=x", status=400).json(), {"error": str})
            == []
        )


def agree(phone: MobileClient) -> None:
    """The copy has as many rows as the server says."""
    counts = phone.get("/api/sync/counts/", COUNTS)
    assert {name: counts[name] for name in COUNTED.values()} == {
        name: len(phone.rows[feed]) for feed, name in COUNTED.items()
    }
