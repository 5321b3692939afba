"""An import from a real WebDAV server, from the settings to the photos, by the real server and worker."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, update

from librephotos.accounts.site_settings import store_site_settings
from librephotos.db.statements import statement
from librephotos.db.tables import user
from librephotos.users.outside import PRIVATE
from tests.conftest import NewInstance
from tests.instance import Instance
from tests.library.scanning import Library, Worker, draw
from tests.nextcloud.servers import (
    BASE,
    PASSWORD,
    USER,
    Answer,
    Dav,
    answering,
    listing,
    response,
    served_folder,
)

_STORE_ADDRESS = statement(
    update(user)
    .where(user.c.id == bindparam("of_user"))
    .values(nextcloud_server_address=bindparam("address"))
)


def switch(instance: Instance, *, on: bool) -> None:
    with instance.db.transaction() as tx:
        store_site_settings(tx, {"nextcloud_enabled": on})


@pytest.fixture
def library(working_instance: Instance) -> Iterator[Library]:
    switch(working_instance, on=True)
    yield Library.make(working_instance)
    switch(working_instance, on=False)


@pytest.fixture
def client(library: Library) -> Iterator[httpx.Client]:
    with library.instance.client(library.owner.bearer) as client:
        yield client


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[Path, Dav]]:
    folder = tmp_path / "cloud"
    folder.mkdir()
    with served_folder(folder) as dav:
        yield folder, dav


def enter(client: httpx.Client, library: Library, dav: Dav, **fields: Any) -> None:
    entered = {
        "nextcloud_server_address": dav.url,
        "nextcloud_username": USER,
        "nextcloud_app_password": PASSWORD,
        "nextcloud_scan_directory": "/Photos",
        **fields,
    }
    answer = client.patch(f"/api/user/{library.owner.user_id}/", json=entered)
    assert answer.status_code == 200, answer.text


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_brings_in_what_is_new_and_nothing_twice(
    library: Library, client: httpx.Client, cloud: tuple[Path, Dav]
):
    folder, dav = cloud
    draw(folder / "Photos" / "Übersee & mehr" / "Bild 1.jpg", 1, taken="2024:05:06 07:08:09")
    draw(folder / "Photos" / "100%2e2e.jpg", 2)
    draw(folder / "elsewhere.jpg", 3)
    (folder / "Photos" / "letter.txt").write_text("no photo")
    (folder / "Photos" / "fake.jpg").write_text("#!/bin/sh\n")
    os.utime(folder / "Photos" / "100%2e2e.jpg", (1_600_000_000, 1_600_000_000))
    before = files_below(folder)
    enter(client, library, dav)
    tree = client.get("/api/nextcloud/listdir/", params={"fpath": "/Photos/"})
    assert tree.json() == [
        {"absolute_path": "/Photos/Übersee & mehr", "title": "Übersee & mehr", "children": []}
    ]
    assert client.get("/api/nextcloud/listdir/").json() == []
    assert client.get("/api/nextcloud/listdir/", params={"fpath": "/a/../b"}).status_code == 400

    job = library.scan("/api/nextcloud/scanphotos/")
    assert (job["job_type"], job["failed"], job["progress_current"], job["progress_target"]) == (
        1,
        False,
        3,
        3,
    )
    assert {name: job["result"][name] for name in ("imported", "here_already", "no_media")} == {
        "imported": 2,
        "here_already": 0,
        "no_media": 1,
    }
    here = library.folder / "uploads" / "nextcloud" / "Photos"
    first = files_below(here)
    assert first == {
        "Übersee__mehr/Bild_1.jpg": before["Photos/Übersee & mehr/Bild 1.jpg"],
        "1002e2e.jpg": before["Photos/100%2e2e.jpg"],
    }
    assert (here / "1002e2e.jpg").stat().st_mtime == 1_600_000_000
    assert sorted(dav.fetched) == [
        "/Photos/100%2e2e.jpg",
        "/Photos/fake.jpg",
        "/Photos/Übersee & mehr/Bild 1.jpg",
    ]
    assert len(library.photos()) == 2
    assert PASSWORD not in library.log() + library.instance.log()

    # One content changes under its name, another comes again under a new one.
    dav.asked.clear()
    draw(folder / "Photos" / "100%2e2e.jpg", 4, size=(128, 64))
    (folder / "Photos" / "copy.jpg").write_bytes(before["elsewhere.jpg"])
    (folder / "Photos" / "again.jpg").write_bytes(before["elsewhere.jpg"])
    again = library.scan("/api/nextcloud/scanphotos/")["result"]
    assert (again["imported"], again["here_already"]) == (2, 3)
    assert len(dav.fetched) == 3
    second = files_below(here)
    assert {name: second[name] for name in first} == first
    assert len(second) == 4
    assert len(library.photos()) == 4
    assert os.listdir(library.instance.data / "uploads") == [
        name for name in os.listdir(library.instance.data / "uploads") if name.endswith(".lock")
    ]


def test_what_is_wrong_is_said(library: Library, client: httpx.Client, cloud: tuple[Path, Dav]):
    _, dav = cloud

    def refusal(answer: httpx.Response) -> tuple[int, str]:
        assert answer.json()["status"] is False
        return answer.status_code, answer.json()["message"]

    def start() -> tuple[int, str]:
        return refusal(client.post("/api/nextcloud/scanphotos/"))

    def look() -> tuple[int, str]:
        return refusal(client.get("/api/nextcloud/listdir/", params={"fpath": "/Photos"}))

    assert start()[0] == 400
    enter(client, library, dav, nextcloud_scan_directory="")
    assert start() == (400, "Choose the folder of your Nextcloud to import from first.")
    assert look() == (400, "'/Photos' is not there on the server.")
    enter(client, library, dav, nextcloud_app_password="wrong")
    assert look() == (400, "The server did not accept the user name and the app password.")
    enter(client, library, dav, nextcloud_app_password="")
    assert start() == (400, "Enter the address, the user name and an app password of your Nextcloud first.")
    # A private address that nobody could store, as if its name led elsewhere then.
    with library.instance.db.transaction() as tx:
        tx.execute(_STORE_ADDRESS, of_user=library.owner.user_id, address="https://localhost")
    enter_password = {"nextcloud_app_password": PASSWORD}
    client.patch(f"/api/user/{library.owner.user_id}/", json=enter_password)
    assert start() == look() == (400, PRIVATE)
    switch(library.instance, on=False)
    assert start() == look() == (403, "Importing from Nextcloud is switched off on this server.")


def test_an_import_whose_worker_is_killed_goes_on(new_instance: NewInstance, tmp_path: Path):
    """Killed for real, in the middle of a file that is on its way."""
    draw(tmp_path / "a.jpg", 1)
    draw(tmp_path / "b.jpg", 2)
    small = (tmp_path / "a.jpg").read_bytes()
    large = (tmp_path / "b.jpg").read_bytes() + bytes(4_000_000)
    gets: list[str] = []

    def answer(method: str, path: str) -> Answer:
        if method != "GET":
            files = (("a.jpg", small), ("b.jpg", large))
            entries = (response(f"{BASE}/Photos/{name}", len(content)) for name, content in files)
            return 207, {}, listing(*entries, folder=f"{BASE}/Photos/")
        gets.append(path.rpartition("/")[2])
        if gets == ["a.jpg", "b.jpg"]:
            return 200, {"Content-Length": str(len(large)), "X-Silence": "1"}, large[:3_000_000]
        return 200, {}, small if path.endswith("a.jpg") else large

    instance = new_instance(private_hosts="127.0.0.1", upload_free_bytes=0)
    switch(instance, on=True)
    library, worker = Library.make(instance), Worker(instance)
    with answering(answer) as dav, instance.client(library.owner.bearer) as client:
        enter(client, library, dav)
        worker.start()
        job = library.trigger("/api/nextcloud/scanphotos/")
        deadline = time.monotonic() + 30
        draft = instance.data / "uploads" / f"{job}.import"
        while gets[-1:] != ["b.jpg"] or not draft.exists() or draft.stat().st_size < 1_000_000:
            assert time.monotonic() < deadline, library.log()
            time.sleep(0.01)
        worker.stop(signal.SIGKILL)
        here = library.folder / "uploads" / "nextcloud" / "Photos"
        assert files_below(here) == {"a.jpg": small}
        worker.start()
        try:
            done = library.wait(job)
        finally:
            worker.stop()
    assert (done["failed"], done["result"]["imported"], gets) == (False, 2, ["a.jpg", "b.jpg", "b.jpg"])
    assert files_below(here) == {"a.jpg": small, "b.jpg": large}
    assert not draft.exists()
