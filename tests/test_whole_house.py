"""A newcomer's first evening: one command, sign up, and every photo of a folder comes back through the API.

With the real sample photos where they are at hand, and with generated ones everywhere.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from librephotos.db.statements import Statement, as_row
from librephotos.db.tables import file
from tests.databases import NewDatabase
from tests.instance import Instance, free_port
from tests.library.scanning import TWO_AT_ONCE, draw

SCAN_SECONDS = 120
READ_HERE = {
    *(".jpg", ".jpeg", ".png", ".webp", ".heic", ".hif", ".avif", ".jxl"),
    *(".mp4", ".mov"),
}
BROKEN = {"broken.jpg", "clip.mp4"}


@dataclass
class Home:
    """A served installation with its worker, its first account signed up through the API."""

    instance: Instance
    client: httpx.Client
    access: str

    def get(self, path: str, **options: Any) -> Any:
        answer = self.client.get(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for_scan(self) -> dict[str, Any]:
        deadline = time.monotonic() + SCAN_SECONDS
        while time.monotonic() < deadline:
            jobs = self.get("/api/jobs/")["results"]
            if jobs and self.get("/api/rqavailable/")["queue_can_accept_job"]:
                assert not any(job["failed"] for job in jobs), jobs
                return jobs[-1]
            time.sleep(0.2)
        raise AssertionError(f"the scan did not finish:\n{self.instance.log()[-4000:]}")

    def photos_by_day(self) -> list[dict[str, Any]]:
        """Every photo as the timeline gives it: the list of days, then each day's pages."""
        found = []
        for day in self.get("/api/albums/date/list/")["results"]:
            page = self.get(f"/api/albums/date/{day['id']}/", params={"page": 1})["results"]
            assert page["numberOfItems"] == day["numberOfItems"] == len(page["items"])
            found += page["items"]
        return found


def begin(folder: Path, library: Path, new_database: NewDatabase) -> Home:
    """`librephotos serve --library …`, then the calls of the README."""
    data = folder / "data"
    data.mkdir(parents=True)
    instance = Instance(data, library, new_database(data), {**TWO_AT_ONCE})
    instance.port = free_port()
    command = [
        sys.executable,
        "-m",
        "librephotos.cli",
        "serve",
        "--port",
        str(instance.port),
        "--library",
        str(library),
    ]
    with (data / "test-server.log").open("ab") as log:
        instance.process = subprocess.Popen(
            command, env=instance.settings, stdout=log, stderr=log, start_new_session=True
        )
    instance.wait_until_served()
    client = instance.client()
    assert client.get("/api/firsttimesetup/").json() == {"isFirstTimeSetup": True}
    who = {"username": "myuser", "password": "mypassword"}
    made = client.post("/api/user/", json={**who, "email": "", "first_name": "", "last_name": ""})
    assert made.status_code == 201, made.text
    access = client.post("/api/auth/token/obtain/", json=who).json()["access"]
    client.headers["Authorization"] = f"Bearer {access}"
    client.cookies.clear()
    return Home(instance, client, access)


def end(home: Home) -> None:
    home.client.close()
    home.instance.stop()


@pytest.fixture(scope="module", params=["generated", "real"])
def home(request, tmp_path_factory, new_database: NewDatabase, sample_photos: Path | None) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp(f"home-{request.param}")
    library = folder / "Pictures"
    if request.param == "real" and sample_photos is not None:
        # A copy: what a test touches must not be the originals.
        shutil.copytree(sample_photos, library)
        for path in library.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    else:
        generate(library, 3 if request.param == "generated" else 8)
    one = begin(folder, library, new_database)
    yield one
    end(one)


def generate(library: Path, count: int) -> None:
    for number in range(count):
        draw(
            library / f"{number % 2}" / f"IMG_{number}.jpg", number, taken=f"2024:05:{number + 1:02} 10:00:00"
        )
    Image.new("RGBA", (300, 200), (10, 200, 30, 120)).save(library / "drawing.png")
    Image.new("RGB", (200, 300), (200, 20, 30)).save(library / "web.webp")
    shutil.copy(library / "0" / "IMG_0.jpg", library / "again.jpg")
    (library / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"not a picture" * 20)
    (library / "clip.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    (library / "notes.txt").write_text("no picture")


def photo_address(home: Home, photo: dict[str, Any], kind: str) -> str:
    """The address that the photo's detail tells for a kind of thumbnail."""
    fields = {
        "thumbnails_big": "big",
        "square_thumbnails": "square",
        "square_thumbnails_small": "small_square",
    }
    detail = home.get(f"/api/photos/{photo['id']}/")
    address: str = detail[f"{fields[kind]}_thumbnail_url"]
    return address


def files_of(home: Home) -> dict[Path, tuple[str, str]]:
    with home.instance.db.snapshot() as tx:
        rows = tx.all(Statement(select(file.c.path, file.c.state, file.c.reason), as_row))
    return {Path(path): (state, reason) for path, state, reason in rows}


def test_every_distinct_picture_comes_back_once_with_all_its_paths(home: Home):
    home.wait_for_scan()
    by_content: dict[str, set[str]] = {}
    for path in home.instance.library.rglob("*"):
        if path.suffix.lower() in READ_HERE and path.name not in BROKEN:
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            by_content.setdefault(digest, set()).add(str(path))
    photos = home.photos_by_day()
    assert sorted(photo["image_hash"][:32] for photo in photos) == sorted(by_content)
    for photo in photos:
        detail = home.get(f"/api/photos/{photo['id']}/")
        assert set(detail["image_path"]) >= by_content[photo["image_hash"][:32]]
    listed = home.get("/api/photos/")
    assert listed["count"] == len(by_content)
    assert {each["id"] for each in listed["results"]} == {photo["id"] for photo in photos}


def test_every_other_file_has_a_stated_reason(home: Home):
    home.wait_for_scan()
    known = files_of(home)
    for path in home.instance.library.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            state, reason = known[path]
            assert state == "photo" or reason, path
    unread = {path: reason for path, (state, reason) in known.items() if state != "photo"}
    assert all(path.suffix.lower() not in READ_HERE or path.name in BROKEN for path in unread)


def test_a_thumbnail_of_each_comes_by_cookie_and_by_bearer_and_else_is_refused(home: Home):
    home.wait_for_scan()
    with home.instance.client() as bare:
        for photo in home.photos_by_day():
            for kind in ("thumbnails_big", "square_thumbnails", "square_thumbnails_small"):
                address = f"/media/{kind}/{photo['image_hash']}"
                by_cookie = bare.get(address, headers={"Cookie": f"jwt={home.access}"})
                by_bearer = home.client.get(photo_address(home, photo, kind))
                assert by_cookie.status_code == by_bearer.status_code == 200
                assert by_cookie.content == by_bearer.content
                is_clip = photo["type"] == "video" and kind != "thumbnails_big"
                assert by_cookie.headers["content-type"] == ("video/mp4" if is_clip else "image/webp")
                assert by_cookie.content[4:8] == b"ftyp" if is_clip else by_cookie.content[8:12] == b"WEBP"
            assert bare.get(address).status_code == 403
            assert bare.get(address, headers={"Authorization": "Bearer x"}).status_code == 401
            original = home.client.get(f"/media/photos/{photo['image_hash']}")
            digest = hashlib.md5(original.content, usedforsecurity=False).hexdigest()
            assert digest == photo["image_hash"][:32]
        assert home.client.get("/media/thumbnails_big/" + "0" * 32 + "1").status_code == 404


def test_the_library_is_only_read(home: Home):
    home.wait_for_scan()
    before = {
        path: (path.stat().st_mtime_ns, path.stat().st_size) for path in home.instance.library.rglob("*")
    }
    home.client.post("/api/fullscanphotos/")
    home.wait_for_scan()
    after = {
        path: (path.stat().st_mtime_ns, path.stat().st_size) for path in home.instance.library.rglob("*")
    }
    assert after == before
    assert len(home.photos_by_day()) == home.get("/api/photos/")["count"]


def test_control_c_ends_everything_cleanly(tmp_path: Path, new_database: NewDatabase):
    library = tmp_path / "Pictures"
    generate(library, 2)
    one = begin(tmp_path, library, new_database)
    process = one.instance.process
    assert process is not None
    members = os.popen(f"ps -o pid= --ppid {process.pid}").read().split()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert not [pid for pid in members if Path(f"/proc/{pid}").exists()]
    end(one)
