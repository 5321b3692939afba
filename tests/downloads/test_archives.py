"""An archive from the request for it to its end."""

import io
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from librephotos.downloads.archives import remove_old
from librephotos.downloads.names import ArchiveNames
from tests.builders import Builder, Photo
from tests.conftest import NewInstance
from tests.instance import Account, Instance
from tests.keys import add_key

SECONDS = 30
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def maker(working_instance: Instance) -> Builder:
    return Builder(working_instance)


@pytest.fixture
def owner(working_instance: Instance) -> Account:
    return working_instance.add_user(password="packing photos")


def start(client: httpx.Client, *photos: Photo, **more: Any) -> dict[str, str]:
    body = {"image_hashes": [each.image_hash for each in photos], **more}
    answer = client.post("/api/photos/download", json=body)
    assert answer.status_code == 200, answer.text
    started: dict[str, str] = answer.json()
    assert set(started) == {"job_id", "url"}
    return started


def wait(client: httpx.Client, job_id: str, seconds: float = SECONDS) -> httpx.Response:
    deadline = time.monotonic() + seconds
    while True:
        answer = client.get("/api/photos/download", params={"job_id": job_id})
        if answer.status_code != 202:
            return answer
        assert answer.json()["status"] == "PENDING"
        assert set(answer.json()["progress"]["progress"]) == {"current", "target"}
        assert time.monotonic() < deadline
        time.sleep(0.05)


def packed(client: httpx.Client, *photos: Photo, **more: Any) -> tuple[str, dict[str, bytes]]:
    started = start(client, *photos, **more)
    assert wait(client, started["job_id"]).json() == {"status": "SUCCESS"}
    answer = client.get(f"/media/zip/{started['url']}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-zip-compressed")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return started["url"], {name: archive.read(name) for name in archive.namelist()}


def test_originals_are_packed_byte_by_byte(working_instance: Instance, maker: Builder, owner: Account):
    first = maker.add_photo(owner, name="a/IMG 1.jpg", content=os.urandom(3_000_000))
    second = maker.add_photo(owner, name="b/img 1.JPG", content=b"another of that name")
    hidden = maker.add_photo(owner, name="h.jpg", content=b"hidden", is_hidden=True)
    sidecar = first.path.with_suffix(".jpg.xmp")
    sidecar.write_bytes(b"<x:xmpmeta/>")
    maker.add_file(owner, first, sidecar, kind=3, hash="x" * 32)
    copy = first.path.with_name("copy.jpg")
    copy.write_bytes(first.path.read_bytes())
    maker.add_file(owner, first, copy, hash=first.image_hash)
    clip = maker.add_clip(second)
    with working_instance.client(owner.bearer) as client:
        _, files = packed(client, first, second, second, hidden)
        assert files == {
            "IMG 1.jpg": first.path.read_bytes(),
            "IMG 1.jpg.xmp": b"<x:xmpmeta/>",
            "img 1_1.JPG": b"another of that name",
            "img 1.mp4": clip.read_bytes(),
            "h.jpg": b"hidden",
        }
        _, everything = packed(client, select_all=True, query={}, excluded_hashes=[first.uuid])
        assert set(everything) == {"img 1.JPG", "img 1.mp4"}


@pytest.mark.long
def test_an_archive_may_pass_four_gigabytes(working_instance: Instance, maker: Builder, owner: Account):
    """One file that is larger than the old form of archives can say, and one that lies beyond."""
    size = 4 * 1024**3 + 100 * 1024**2
    film, small = (maker.add_photo(owner, name=f"{name}.mp4", content=b"begin") for name in ("film", "last"))
    with film.path.open("r+b") as file:
        # With a hole, which takes no room on the disk.
        file.truncate(size)
        file.seek(size - 3)
        file.write(b"end")
    with working_instance.client(owner.bearer) as client:
        started = start(client, film, small)
        try:
            assert wait(client, started["job_id"], seconds=900).json() == {"status": "SUCCESS"}
            address = f"/media/zip/{started['url']}"
            length = int(client.head(address).headers["content-length"])
            assert length > size
            tail = client.get(address, headers={"Range": f"bytes={length - 22}-"})
            # The end of the directory says that its 64-bit form counts.
            assert (tail.status_code, tail.content[:4]) == (206, b"PK\x05\x06")
            packed_file = working_instance.data / "zip" / f"{started['url']}{owner.user_id}.zip"
            with zipfile.ZipFile(packed_file) as archive:
                assert archive.testzip() is None
                assert {info.filename: info.file_size for info in archive.infolist()} == {
                    "film.mp4": size,
                    "last.mp4": 5,
                }
                assert archive.getinfo("last.mp4").header_offset > 2**32
                assert archive.read("last.mp4") == b"begin"
                with archive.open("film.mp4") as member:
                    member.seek(size - 5)
                    assert member.read() == b"\0\0end"
        finally:
            client.delete(f"/api/delete/zip/{started['url']}")
            film.path.unlink()


def test_files_that_are_gone_are_left_out(
    working_instance: Instance, maker: Builder, owner: Account, tmp_path: Path
):
    there, gone, away = (maker.add_photo(owner, name=f"{name}.jpg") for name in ("there", "gone", "away"))
    gone.path.unlink()
    away.path.unlink()
    # A link out of the library leads to nothing.
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    away.path.symlink_to(tmp_path / "secret.jpg")
    with working_instance.client(owner.bearer) as client:
        assert set(packed(client, there, gone, away)[1]) == {"there.jpg"}
        started = start(client, gone)
        failed = wait(client, started["job_id"])
        assert failed.status_code == 500
        assert failed.json()["status"] == "FAILURE"
        assert failed.json()["result"]["error"] == "None of the files is there any more."
        assert client.get(f"/media/zip/{started['url']}").status_code == 404
    assert not [name for name in os.listdir(working_instance.data / "zip") if name.endswith(".part")]


def test_an_archive_is_its_owners_on_all_its_paths(
    working_instance: Instance, maker: Builder, owner: Account
):
    photo = maker.add_photo(owner, content=os.urandom(5000))
    admin = working_instance.add_user(is_admin=True)
    stranger = working_instance.add_user()
    with working_instance.client() as client:
        started = start(working_instance.client(owner.bearer), photo)
        assert wait(working_instance.client(owner.bearer), started["job_id"]).status_code == 200
        name, number = started["url"], owner.user_id
        own = (f"/media/zip/{name}", f"/api/downloads/{name}{number}", f"/api/downloads/{name}{number}.zip")
        for path in own:
            for credentials in ({"headers": owner.bearer}, {"auth": owner.basic}, {"headers": owner.cookie}):
                assert client.get(path, **credentials).status_code == 200
            part = client.get(path, headers={**owner.cookie, "Range": "bytes=10-19"})
            assert (part.status_code, len(part.content)) == (206, 10)
            head = client.head(path, headers=owner.bearer)
            assert (head.status_code, head.content) == (200, b"")
            assert int(head.headers["content-length"]) > 5000
            for other in (stranger, admin):
                assert client.get(path, headers=other.bearer).status_code == 404
                assert client.get(path, headers=other.cookie).status_code == 404
            anonymous = client.get(path)
            assert anonymous.status_code == 403
            assert anonymous.headers["x-media-error"] == "authentication"
            assert client.get(path, headers={"Authorization": "Bearer rubbish"}).status_code == 401
        for path in (
            f"/api/downloads/{name}{stranger.user_id}",
            f"/api/downloads/{name}",
            f"/api/downloads/{UNKNOWN}{number}",
            f"/api/downloads/..%2f{name}{number}",
            "/api/downloads/nonsense",
            f"/media/zip/{UNKNOWN}",
            "/media/zip/nonsense",
            f"/media/zip/{name}{number}",
        ):
            assert client.get(path, headers=owner.bearer).status_code == 404, path
            assert client.get(path, headers=stranger.bearer).status_code == 404, path
        refusal = client.get(f"/api/downloads/{name}{number}", headers=stranger.bearer)
        assert refusal.json()["errors"][0]["field"] == "detail"
        poll = {"job_id": started["job_id"]}
        for account in (stranger, admin):
            answer = client.get("/api/photos/download", params=poll, headers=account.bearer)
            assert (answer.status_code, answer.content) == (404, b"")
            # Theirs of that name is gone already; the owner's stays.
            assert client.delete(f"/api/delete/zip/{name}", headers=account.bearer).status_code == 200
        for scope, status in (("photos:read", 403), ("downloads:read", 200)):
            key = add_key(working_instance, owner, scope)
            answer = client.get(own[0], headers={"Authorization": f"Bearer {key.text}"})
            assert answer.status_code == status
        for _ in range(2):
            answer = client.delete(f"/api/delete/zip/{name}/", headers=owner.bearer)
            assert (answer.status_code, answer.content) == (200, b"")
        assert client.get(own[0], headers=owner.bearer).status_code == 404
        assert client.delete("/api/delete/zip/nonsense", headers=owner.bearer).status_code == 404


def test_only_own_photos_are_packed(working_instance: Instance, maker: Builder, owner: Account):
    theirs = maker.add_photo(working_instance.add_user(), is_public=True)
    mine = maker.add_photo(owner, name="mine.jpg")
    maker.share_photo(theirs, owner)
    with working_instance.client(owner.bearer) as client:
        answer = client.post("/api/photos/download", json={"image_hashes": [theirs.image_hash, "nonsense"]})
        assert (answer.status_code, answer.json()) == (404, {"error": "No photos found"})
        assert set(packed(client, mine, theirs)[1]) == {"mine.jpg"}
        for body in ({}, {"image_hashes": []}, {"image_hashes": None}):
            answer = client.post("/api/photos/download/", json=body)
            assert (answer.status_code, answer.json()) == (400, {"error": "image_hashes required"})
        assert client.post("/api/photos/download", json={"image_hashes": "x"}).status_code == 400
        answer = client.get("/api/photos/download")
        assert (answer.status_code, answer.json()) == (400, {"error": "job_id is required"})
        for job_id in (UNKNOWN, "nonsense"):
            assert client.get("/api/photos/download", params={"job_id": job_id}).status_code == 404


def test_an_archive_is_gone_after_a_day(working_instance: Instance, maker: Builder, owner: Account):
    photo = maker.add_photo(owner)
    with working_instance.client(owner.bearer) as client:
        name, _ = packed(client, photo)
        path = working_instance.data / "zip" / f"{name}{owner.user_id}.zip"
        then = time.time() - 86_500
        os.utime(path, (then, then))
        assert client.get(f"/media/zip/{name}").status_code == 404
        younger, _ = packed(client, photo)
    remove_old(working_instance.data)
    assert not path.exists()
    assert (working_instance.data / "zip" / f"{younger}{owner.user_id}.zip").exists()


def test_free_space_is_asked_first(new_instance: NewInstance):
    instance = new_instance(upload_free_bytes=10**18)
    account = instance.add_user()
    photo = Builder(instance).add_photo(account)
    with instance.client(account.bearer) as client:
        answer = client.post("/api/photos/download", json={"image_hashes": [photo.image_hash]})
        assert (answer.status_code, answer.json()) == (507, {"status": "Insufficient Storage"})
        assert client.get("/api/jobs/").json()["count"] == 0


def test_a_cancelled_archive_leaves_nothing(new_instance: NewInstance):
    instance = new_instance()
    account = instance.add_user()
    photo = Builder(instance).add_photo(account)
    with instance.client(account.bearer) as client:
        started = start(client, photo)
        job = client.get("/api/jobs/").json()["results"][0]
        assert (job["job_type"], job["job_type_str"]) == (9, "Download Selected Photos")
        assert client.get("/api/photos/download", params={"job_id": started["job_id"]}).status_code == 202
        client.post(f"/api/jobs/{job['id']}/cancel/")
        answer = client.get("/api/photos/download", params={"job_id": started["job_id"]})
        assert (answer.status_code, answer.json()["status"]) == (500, "FAILURE")
        assert answer.json()["result"]["status"] == "cancelled"
        events = client.get("/api/auth/events/").json()["results"]
    exported = [event for event in events if event["kind"] == "photos_exported"]
    assert [event["detail"]["photos"] for event in exported] == [1]
    assert not (instance.data / "zip").exists()


def test_equal_names_are_told_apart_whatever_their_case():
    names = ArchiveNames()
    given = [names.take(path) for path in (b"/a/x.jpg", b"/b/X.JPG", b"/x_1.jpg", b"/x.jpg", b"/c/x")]
    assert given == ["x.jpg", "X_1.JPG", "x_1_1.jpg", "x_2.jpg", "x"]
    assert names.take(b"/a/\xff:?.jpg") == "\ufffd__.jpg"
    assert names.take(b"/a/ .. ") == "file"
