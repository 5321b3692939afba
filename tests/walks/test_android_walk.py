"""A walk as the Android client takes it: days, favourites, an upload in chunks, deletion, and syncs in between.

It follows no redirects, takes any as a foreign login page, and asks only for what has changed since the last time.
"""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from librephotos.db.database import Database
from librephotos.library.jobs.uploaded import read_uploaded
from librephotos.media.pool import Pool
from librephotos.settings import Settings
from tests.builders import Builder
from tests.instance import KEY, Instance
from tests.library.in_process import PlainRun
from tests.walks.mobile import Phone

CHUNK_BYTES = 1_000_000
SECONDS = 60

OWNER = {"id": int, "username": str, "first_name": str, "last_name": str}
ITEM = {
    "id": str,
    "image_hash": str,
    "dominantColor": str,
    "url": str,
    "location": str,
    "date": str,
    "birthTime": str,
    "aspectRatio": float,
    "type": str,
    "video_length": str,
    "rating": int,
    "owner": OWNER,
    "exif_gps_lat": (float, None),
    "exif_gps_lon": (float, None),
    "removed": bool,
    "in_trashcan": bool,
}
DAY: dict[str, Any] = {
    "id": str,
    "date": (str, None),
    "location": str,
    "incomplete": bool,
    "numberOfItems": int,
    "items": [ITEM],
}
DAYS = {"results": [DAY]}
ONE_DAY = {"results": DAY}
FLAGGED = {"status": True, "results": list, "updated": list, "not_updated": list}
USER = {"id": int, "username": str, "favorite_min_rating": int, "image_scale": float, "scan_directory": str}
CHUNK = {"upload_id": str, "offset": int, "expires": str}
SUMMARY = {"photo_summary": ITEM, "album_date_id": (int, None), "processing": bool}


@dataclass
class Reader:
    """What a worker has, to read what was uploaded to an instance that runs none."""

    db: Database
    settings: Settings
    pool: Pool


@contextmanager
def reading(instance: Instance) -> Iterator[Reader]:
    settings = Settings(
        data=instance.data,
        library_roots=str(instance.library),
        database_url=instance.database_url,
        secret_key=KEY,
        settle_seconds=0,
    )
    pool = Pool(1, niceness=0)
    try:
        yield Reader(instance.db, settings, pool)
    finally:
        pool.close()


def noise(seed: int) -> bytes:
    """A picture of more than one chunk."""
    size = (1000, 1000)
    out = BytesIO()
    pixels = random.Random(seed).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, pixels).save(out, format="JPEG", quality=95)
    return out.getvalue()


def sync(phone: Phone, since: str) -> dict[str, dict[str, Any]]:
    """Return what changed since then, by hash: the days first, then each of them."""
    changed: dict[str, dict[str, Any]] = {}
    for day in phone.get("/api/albums/date/list/", DAYS, last_modified=since)["results"]:
        found = phone.get(f"/api/albums/date/{day['id']}/", ONE_DAY, last_modified=since)["results"]
        assert found["numberOfItems"] == day["numberOfItems"]
        changed |= {item["image_hash"]: item for item in found["items"]}
    return changed


def upload(phone: Phone, content: bytes, name: str) -> str:
    """Send a file in chunks; return its MD5."""
    upload_id = ""
    for start in range(0, len(content), CHUNK_BYTES):
        part = content[start : start + CHUNK_BYTES]
        answer = phone.ask(
            "POST",
            "/api/upload/",
            data={"upload_id": upload_id, "offset": str(start), "md5": "", "user": "1"},
            files={"file": ("blob", part)},
            headers={"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(part)}"},
        ).json()
        assert set(answer) >= set(CHUNK)
        assert answer["offset"] == start + len(part)
        upload_id = answer["upload_id"]
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    told = {"upload_id": upload_id, "md5": digest, "filename": name, "user": "1", "offset": str(len(content))}
    assert phone.ask("POST", "/api/upload/complete/", data=told).json() == {}
    return digest


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_android_client_syncs_marks_uploads_and_deletes(instance: Instance, tmp_path: Path) -> None:
    folder = instance.library / tmp_path.name
    folder.mkdir(parents=True)
    owner = instance.add_user(password="walk-the-dog", scan_directory=str(folder))
    builder = Builder(instance)
    older = builder.add_photo(owner, taken_local="2023-06-30T23:59:59")
    newer = builder.add_photo(owner, taken_local="2023-07-01T14:05:09", gps_lat=38.71, gps_lon=-9.14)
    undated = builder.add_photo(owner, taken_local=None)
    with Phone(instance, keeps_cookies=True) as phone:
        claims = phone.sign_in(owner.username, "walk-the-dog")
        user_id = int(claims["user_id"])
        account = phone.get(f"/api/user/{user_id}/", USER)
        # Parsed as a whole number.
        assert str(account["image_scale"]).removesuffix(".0").isdigit()

        # The whole library, day by day.
        began = now()
        days = phone.get("/api/albums/date/list/", DAYS)["results"]
        assert [day["date"] for day in days] == ["2023-07-01", "2023-06-30", None]
        assert [day["items"] for day in days] == [[], [], []]
        known: dict[str, dict[str, Any]] = {}
        for day in days:
            found = phone.get(f"/api/albums/date/{day['id']}", ONE_DAY, page=1)["results"]
            assert len(found["items"]) == day["numberOfItems"] == 1
            known |= {item["image_hash"]: item for item in found["items"]}
        assert set(known) == {each.image_hash for each in (older, newer, undated)}
        for kind in ("square_thumbnails_small", "square_thumbnails", "thumbnails_big"):
            picture = phone.ask("GET", f"/media/{kind}/{newer.image_hash}")
            assert picture.headers["content-type"] == "image/webp"

        # An access token that has expired meanwhile costs one refresh.
        phone.access += "x"
        assert phone.get("/api/albums/date/list/", DAYS)["results"] == days
        assert phone.record[-3:] == [
            ("GET", "/api/albums/date/list/", 401),
            ("POST", "/api/auth/token/refresh/", 200),
            ("GET", "/api/albums/date/list/", 200),
        ]

        # A favourite, made and found again.
        assert sync(phone, began) == {}
        marked = {"image_hashes": [newer.image_hash], "favorite": True}
        assert len(phone.post("/api/photosedit/favorite/", FLAGGED, **marked)["results"]) == 1
        changed = sync(phone, began)
        assert {name: item["rating"] for name, item in changed.items()} == {newer.image_hash: 4}
        favorites = phone.get("/api/albums/date/list/", DAYS, favorite="true")["results"]
        assert [day["numberOfItems"] for day in favorites] == [1]
        found = phone.get(f"/api/albums/date/{favorites[0]['id']}/", ONE_DAY, favorite="true")["results"]
        assert [item["image_hash"] for item in found["items"]] == [newer.image_hash]

        # An upload, from the question whether it is there to its place among the days.
        content = noise(owner.user_id)
        assert len(content) > CHUNK_BYTES
        name = f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}{user_id}"
        assert phone.get(f"/api/exists/{name}", {"exists": False}) == {"exists": False}
        before = now()
        assert f"{upload(phone, content, 'IMG 2023.jpg')}{user_id}" == name
        assert phone.get(f"/api/photos/{name}/summary/", SUMMARY)["processing"]
        with reading(instance) as reader:
            run = PlainRun(reader, user_id, None)  # type: ignore[arg-type]  # it has what a host has
            working = threading.Thread(target=read_uploaded, args=(run,))
            working.start()
            deadline = time.monotonic() + SECONDS
            while phone.get(f"/api/photos/{name}/summary/", SUMMARY)["processing"]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            working.join(SECONDS)
        assert phone.get(f"/api/exists/{name}", {"exists": True}) == {"exists": True}
        assert set(sync(phone, before)) == {name}
        assert phone.ask("GET", f"/media/photos/{name}").content == content

        # Into the trash, and for good.
        before = now()
        phone.post("/api/photosedit/setdeleted/", FLAGGED, image_hashes=[name], deleted=True)
        assert sync(phone, before)[name]["in_trashcan"] is True
        trash = phone.get("/api/albums/date/list/", DAYS, in_trashcan="true")["results"]
        assert sum(day["numberOfItems"] for day in trash) == 1
        removed = phone.ask("DELETE", "/api/photosedit/delete/", json={"image_hashes": [name]})
        assert removed.json()["status"] is True
        assert not list(folder.rglob("*.jpg"))
        phone.ask("GET", f"/api/photos/{name}/summary/", status=404)
        left = [day["numberOfItems"] for day in phone.get("/api/albums/date/list/", DAYS)["results"]]
        assert left == [1, 1, 1]
        assert {status for _, _, status in phone.record} <= {200, 401, 404}
