"""A file from its first chunk to its place in the timeline."""

import hashlib
import time
from typing import Any

from tests.library.scanning import Library
from tests.uploads.conftest import Draw
from tests.uploads.sending import Sender

SECONDS = 30


def summary(sender: Sender, content: bytes) -> tuple[int, dict[str, Any]]:
    with sender.client() as client:
        answer = client.get(f"/api/photos/{sender.hash_of(content)}/summary/")
        return answer.status_code, answer.json() if answer.content else {}


def wait_until_read(sender: Sender, content: bytes) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        status, found = summary(sender, content)
        if status == 200 and not found["processing"]:
            return found
        time.sleep(0.1)
    raise AssertionError(summary(sender, content))


def test_an_uploaded_photo_is_in_the_timeline(library: Library, sender: Sender, picture: Draw):
    content = picture(1)
    assert not sender.exists(content)
    answer = sender.upload(content, "john's portrait in 2004.jpg", size=1000)
    assert (answer.status_code, answer.json()) == (200, {})
    assert sender.exists(content)
    assert summary(sender, content)[0] == 200
    with sender.client() as client:
        announced = client.get("/api/sync/photos/").json()
    found = wait_until_read(sender, content)
    with sender.client() as client:
        told = client.get("/api/sync/photos/", params={"cursor": announced["next_cursor"]}).json()
    path = library.folder / "uploads" / "web" / "johns_portrait_in_2004.jpg"
    assert path.read_bytes() == content
    with sender.client() as client:
        days = client.get("/api/albums/date/list/").json()["results"]
        assert [(day["date"], day["numberOfItems"]) for day in days] == [("2024-05-06", 1)]
        detail = client.get(f"/api/photos/{found['photo_summary']['id']}/").json()
        thumbnail = client.get(f"/media/square_thumbnails/{sender.hash_of(content)}")
    assert detail["image_path"] == [str(path)]
    assert (thumbnail.status_code, thumbnail.headers["content-type"]) == (200, "image/webp")
    # A copy that was begun before has the photo, which was announced first, under one id.
    assert told["tombstones"] == []
    assert [item["id"] for item in told["items"]] == [announced["items"][0]["id"]]


def test_a_scan_after_an_upload_reads_nothing_again(library: Library, sender: Sender, picture: Draw):
    content = picture(2)
    sender.upload(content, "once.jpg")
    wait_until_read(sender, content)
    result = library.scan()["result"]
    assert (result["files"], result["new_or_changed"], result["read"]) == (1, 0, 0)
    assert len(library.photos()) == 1


def test_a_file_that_the_library_has_is_not_stored_again(library: Library, sender: Sender, picture: Draw):
    content = picture(3)
    (library.folder / "mine.jpg").write_bytes(content)
    library.scan()
    assert sender.exists(content)
    upload_id = sender.chunks(content, 1_000_000)
    assert sender.complete(upload_id, content, "other.jpg").status_code == 200
    assert not (library.folder / "uploads" / "web" / "other.jpg").exists()
    assert sender.complete(upload_id, content, "other.jpg").status_code == 404


def test_another_file_of_the_same_name_gets_one_of_its_own(library: Library, sender: Sender, picture: Draw):
    first, second = picture(4), picture(5)
    sender.upload(first, "IMG_1.JPG")
    sender.upload(second, "IMG_1.JPG")
    folder = library.folder / "uploads" / "web"
    assert (folder / "IMG_1.JPG").read_bytes() == first
    assert (folder / f"IMG_1_{sender.hash_of(second)}.JPG").read_bytes() == second
    wait_until_read(sender, first)
    wait_until_read(sender, second)
    assert len(library.photos()) == 2


def test_a_file_that_cannot_be_read_says_why_and_is_no_photo(library: Library, sender: Sender, picture: Draw):
    content = picture(6)[:300]
    assert sender.upload(content, "broken.jpg").status_code == 200
    deadline = time.monotonic() + SECONDS
    while library.files().get("uploads/web/broken.jpg", ("found", ""))[0] == "found":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    state, reason = library.files()["uploads/web/broken.jpg"]
    assert state == "failed"
    assert reason
    assert summary(sender, content)[0] == 404
    assert library.photos() == []
    assert (library.folder / "uploads" / "web" / "broken.jpg").read_bytes() == content


def test_the_devices_time_becomes_the_files(library: Library, sender: Sender, picture: Draw):
    content = picture(8, taken="")
    answer = sender.upload(content, "timed.jpg", device_modified_at="1600000000123")
    assert answer.status_code == 200, answer.text
    path = library.folder / "uploads" / "web" / "timed.jpg"
    assert path.stat().st_mtime_ns == 1_600_000_000_123_000_000


def test_the_answer_of_a_chunk_is_the_published_one(sender: Sender, picture: Draw):
    content = picture(9)
    body = sender.chunk(content[:500], upload_id=None).json()
    assert set(body) == {"upload_id", "offset", "expires"}
    assert body["offset"] == 500
    assert len(body["upload_id"]) == 32 and int(body["upload_id"], 16) >= 0
    assert body["expires"][-5] == "." and body["expires"].endswith("Z") and len(body["expires"]) == 24
    md5 = hashlib.md5(content[:500], usedforsecurity=False).hexdigest().upper()
    assert sender.complete(body["upload_id"], b"", "x.jpg", md5=md5).status_code == 200
