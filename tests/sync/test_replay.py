"""A copy that is kept while others change the library is what a copy begun afterwards is."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from librephotos.db.statements import SQLITE
from librephotos.db.tables import photo
from librephotos.photos.changes import photos_changed
from tests.builders import Builder, Photo, change_row
from tests.instance import Account, Instance
from tests.sync.mirror import Mirror, truth

WRITERS, CHANGES = 8, 12
FEEDS = ("photos", "albums/user", "albums/tag", "sharing")


class Writer:
    """Changes the owner's library at random, as clients do."""

    def __init__(self, client: httpx.Client, photos: list[Photo], friend: Account, number: int) -> None:
        self.client, self.photos, self.friend = client, photos, friend
        self.number = number
        self.chance = random.Random(number)
        self.album_id = 0

    def run(self) -> None:
        for turn in range(CHANGES):
            self.chance.choice([self.flag, self.hide, self.share, self.fill_album, self.tag, self.trash])(
                turn
            )

    def some(self) -> list[str]:
        return [each.image_hash for each in self.chance.sample(self.photos, 3)]

    def post(self, path: str, **body: object) -> httpx.Response:
        answer = self.client.post(path, json=body)
        assert answer.status_code < 400, answer.text
        return answer

    def flag(self, turn: int) -> None:
        self.post("/api/photosedit/favorite/", image_hashes=self.some(), favorite=self.chance.random() < 0.5)

    def hide(self, turn: int) -> None:
        self.post("/api/photosedit/hide/", image_hashes=self.some(), hidden=self.chance.random() < 0.5)

    def trash(self, turn: int) -> None:
        self.post("/api/photosedit/setdeleted/", image_hashes=self.some(), deleted=self.chance.random() < 0.5)

    def share(self, turn: int) -> None:
        self.post(
            "/api/photosedit/share/",
            image_hashes=self.some(),
            target_user_id=self.friend.user_id,
            val_shared=self.chance.random() < 0.7,
        )

    def fill_album(self, turn: int) -> None:
        """Make an album and share it, change its photos, or delete it."""
        if not self.album_id:
            title = f"Album {self.number} {turn}"
            made = self.post("/api/albums/user/edit/", title=title, photos=self.some())
            self.album_id = made.json()["id"]
            self.post(
                "/api/useralbum/share/",
                album_id=self.album_id,
                target_user_id=self.friend.user_id,
                shared=True,
            )
        elif self.chance.random() < 0.3:
            assert self.client.delete(f"/api/albums/user/{self.album_id}/").status_code == 204
            self.album_id = 0
        else:
            change = {"photos": self.some(), "removedPhotos": self.some()}
            assert (
                self.client.patch(f"/api/albums/user/edit/{self.album_id}/", json=change).status_code == 200
            )

    def tag(self, turn: int) -> None:
        made = self.post("/api/tags/", name=f"tag {self.chance.randrange(3)} of {self.number}").json()
        self.post(f"/api/tags/{made['id']}/add/", photos=self.some())
        if self.chance.random() < 0.3:
            assert self.client.delete(f"/api/tags/{made['id']}/").status_code == 204


def test_copies_miss_and_repeat_nothing_while_eight_writers_change_the_library(
    instance: Instance, user: Account, stranger: Account
) -> None:
    builder = Builder(instance)
    photos = [builder.add_photo(user, with_files=False, metadata={}) for _ in range(30)]
    with instance.client(user.bearer) as mine, instance.client(stranger.bearer) as theirs:
        copies = [Mirror(mine, *FEEDS), Mirror(theirs, *FEEDS)]
        with ThreadPoolExecutor(WRITERS) as pool:
            clients = [instance.client(user.bearer) for _ in range(WRITERS)]
            writing = [
                pool.submit(Writer(client, photos, stranger, number).run)
                for number, client in enumerate(clients)
            ]
            while not all(each.done() for each in writing):
                for copy in copies:
                    copy.pull()
            for done in writing:
                done.result()
        for client in clients:
            client.close()
        for copy, client in zip(copies, (mine, theirs), strict=True):
            copy.pull()
            assert copy.rows == truth(client, *FEEDS)
            assert copy.repeated == []
            counts = client.get("/api/sync/counts/").json()
            assert (counts["photos"], counts["user_albums"], counts["tags"]) == tuple(
                len(copy.rows[feed]) for feed in FEEDS[:3]
            )
        # What the friend has is what they may open.
        for each in photos:
            opened = theirs.get(f"/api/photos/{each.uuid}/summary/").status_code
            assert (opened == 200) == (each.uuid in copies[1].rows["photos"])
        assert copies[1].dropped


def test_a_change_that_is_committed_late_is_not_missed(
    instance: Instance, user: Account, client: httpx.Client
) -> None:
    """The later of two transactions is committed, and read, first."""
    if instance.db.engine.dialect == SQLITE:
        pytest.skip("SQLite has one writer")
    builder = Builder(instance)
    slow, quick = (builder.add_photo(user, with_files=False) for _ in range(2))
    copy = Mirror(client, "photos")
    copy.pull()
    is_written, is_read = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with instance.db.transaction() as tx:
            change_row(tx, photo, slow.photo_id, rating=1)
            tx.touch(photo, [slow.photo_id])
            is_written.set()
            assert is_read.wait(60)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_slowly)
        assert is_written.wait(60)
        with instance.db.transaction() as tx:
            change_row(tx, photo, quick.photo_id, rating=2)
            photos_changed(tx, user.user_id, [quick.photo_id])
        copy.pull()
        assert copy.rows["photos"][quick.uuid]["rating"] == 2
        is_read.set()
        writing.result()
    copy.pull()
    assert copy.rows["photos"][slow.uuid]["rating"] == 1
    assert copy.repeated == []
