"""Uploads over the end of a server, on full and other disks, and what is cleared of those that nobody finished."""

import contextlib
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import bindparam, update

from librephotos.db.statements import statement
from librephotos.db.tables import upload
from librephotos.kit import clock
from librephotos.settings import Settings
from librephotos.uploads.jobs import remove_abandoned
from tests.conftest import NewInstance
from tests.instance import Instance
from tests.library.scanning import Library, Worker
from tests.library.test_whole_tree_killed import kill_tree
from tests.needs import lack
from tests.uploads.conftest import Draw
from tests.uploads.sending import Sender
from tests.uploads.test_hostile_uploads import detail, drafts


def sender_of(instance: Instance) -> Sender:
    return Sender(instance, Library.make(instance).owner)


def uploaded(library: Library) -> list[str]:
    folder = library.folder / "uploads" / "web"
    return sorted(os.listdir(folder)) if folder.exists() else []


@contextmanager
def half_sent(sender: Sender, content: bytes, start: int, upload_id: str) -> Iterator[None]:
    """Keep a line open on which half of a chunk was sent, and is on the server's disk."""
    fields = {"upload_id": (None, upload_id), "file": ("blob", content)}
    request = httpx.Request("POST", "http://server/api/upload/", files=fields)
    body = request.read()
    head = {
        "Content-Type": request.headers["Content-Type"],
        "Content-Length": str(len(body)),
        "Content-Range": f"bytes {start}-{start + len(content) - 1}/{len(content)}",
        **sender.account.bearer,
    }
    lines = [
        "POST /api/upload/ HTTP/1.1",
        "Host: server",
        *(f"{name}: {value}" for name, value in head.items()),
    ]
    with socket.create_connection(("127.0.0.1", sender.instance.port)) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body[: len(body) // 2])
        folder = sender.instance.data / "uploads"
        deadline = time.monotonic() + 30
        while not any(path.stat().st_size for path in folder.glob("*.chunk")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield


def test_a_server_killed_in_the_middle_of_a_chunk_goes_on_with_the_upload(
    own_instance: Instance, picture: Draw
):
    library = Library.make(own_instance)
    sender = Sender(own_instance, library.owner)
    content = picture(1) + os.urandom(6_000_000)
    upload_id = sender.chunk(content[:900]).json()["upload_id"]
    draft = own_instance.data / "uploads" / upload_id
    with half_sent(sender, content[900:], 900, upload_id):
        kill_tree(own_instance)
    assert draft.read_bytes() == content[:900]
    # Killed a moment later it would have been behind the first chunk already, with nobody told of it.
    with draft.open("ab") as file:
        file.write(b"half a chunk that nobody was told of")
    own_instance.start()
    refusal = sender.chunk(content[1000:], start=1000, upload_id=upload_id)
    assert refusal.json() == {"detail": "Offsets do not match", "offset": 900}
    assert sender.chunk(content[900:], start=900, upload_id=upload_id).status_code == 200
    assert sender.complete(upload_id, content, "a.jpg").status_code == 200
    assert (library.folder / "uploads" / "web" / "a.jpg").read_bytes() == content
    (left,) = drafts(own_instance)
    assert left.endswith(".chunk")


@pytest.mark.long
def test_twenty_kills_at_any_moment_of_an_upload_leave_a_whole_file_or_none(
    own_instance: Instance, picture: Draw
):
    library = Library.make(own_instance)
    owner = library.owner
    chance = random.Random(5)
    placed = library.folder / "uploads" / "web"
    contents = {}
    for number in range(20):
        # All of it may take longer than a token lives.
        claims = {"user_id": str(owner.user_id), "sid": owner.sid}
        access = own_instance.signer.mint_access(claims).text
        sender = Sender(own_instance, owner, {"Authorization": f"Bearer {access}"})
        content = picture(number) + chance.randbytes(3_000_000)
        contents[f"{number}.jpg"] = content
        killer = threading.Timer(chance.random() * 0.4, kill_tree, [own_instance])
        killer.start()
        # The line breaks, or the next chunk finds nobody.
        with contextlib.suppress(httpx.TransportError):
            sender.upload(content, f"{number}.jpg")
        killer.join()
        for path in placed.glob("*") if placed.exists() else ():
            assert path.read_bytes() == contents[path.name]
        own_instance.start()
        if not sender.exists(content):
            assert sender.upload(content, f"{number}.jpg").status_code == 200
        assert (placed / f"{number}.jpg").read_bytes() == content
    assert len(uploaded(library)) == 20


def test_what_was_put_into_the_library_before_a_kill_is_taken_and_never_altered(
    idle: Library, idle_sender: Sender, picture: Draw
):
    content = picture(2)
    upload_id = idle_sender.chunks(content, 1000)
    placed = idle.folder / "uploads" / "web" / "a.jpg"
    placed.parent.mkdir(parents=True)
    # The server was killed when the file had its name and no row yet.
    os.link(idle.instance.data / "uploads" / upload_id, placed)
    more = idle_sender.chunk(b"more", start=len(content), upload_id=upload_id)
    assert more.status_code == 200
    assert placed.read_bytes() == content
    other_id = idle_sender.chunks(content, 1000)
    assert idle_sender.complete(other_id, content, "a.jpg").status_code == 200
    assert uploaded(idle) == ["a.jpg"]
    assert idle_sender.exists(content)


def test_a_scan_reads_what_no_job_is_left_to_read(own_instance: Instance, picture: Draw):
    library = Library.make(own_instance)
    sender = Sender(own_instance, library.owner)
    content = picture(3)
    assert sender.upload(content, "a.jpg").status_code == 200
    with own_instance.client(library.owner.bearer) as client:
        jobs = client.get("/api/jobs/").json()["results"]
        assert [job["job_type"] for job in jobs] == [1]
        client.post(f"/api/jobs/{jobs[0]['id']}/cancel/")
    worker = Worker(own_instance)
    worker.start()
    try:
        assert library.scan()["result"]["read"] == 1
    finally:
        worker.stop()
    assert [photo["image_hash"] for photo in library.photos()] == [sender.hash_of(content)]
    assert library.photos()[0]["aspect_ratio"] is not None


def test_unfinished_uploads_are_cleared_after_a_day(idle: Library, idle_sender: Sender, picture: Draw):
    instance = idle.instance
    old, young = (idle_sender.chunk(picture(seed)).json()["upload_id"] for seed in (4, 5))
    folder = instance.data / "uploads"
    for name in ("f" * 32, f"{'e' * 32}.chunk"):
        (folder / name).write_bytes(b"left by a kill")
        os.utime(folder / name, (1, 1))
    os.utime(folder / young, (1, 1))
    age = statement(
        update(upload).where(upload.c.upload_id == bindparam("sought")).values(created_at=bindparam("then"))
    )
    with instance.db.transaction() as tx:
        tx.execute(age, sought=old, then=clock.now() - clock.DAY - clock.MINUTE)
    settings = Settings(data=instance.data)
    remove_abandoned(instance.db, settings)
    left = drafts(instance)
    assert young in left
    assert not {old, "f" * 32, f"{'e' * 32}.chunk"} & set(left)


def test_open_uploads_are_bounded(new_instance: NewInstance, picture: Draw):
    sender = sender_of(new_instance(open_uploads="2"))
    content = picture(6)
    first = sender.chunks(content, 100_000)
    assert sender.chunk(b"x").status_code == 200
    refusal = sender.chunk(b"x")
    assert detail(refusal) == (429, "Too many uploads are open. Finish some of them first.")
    assert int(refusal.headers["retry-after"]) > 0
    assert len(drafts(sender.instance)) == 2
    assert sender.complete(first, content, "a.jpg").status_code == 200
    assert sender.chunk(b"x").status_code == 200


def test_a_quota_is_asked_before_the_first_chunk_is_kept(new_instance: NewInstance, picture: Draw):
    content, other = picture(7), picture(8)
    sender = sender_of(new_instance(upload_quota_bytes=str(len(content) + 100)))
    full = (507, "Your library may not grow any further on this server.")
    assert detail(sender.chunk(content + bytes(101))) == full
    begun = sender.chunk(content).json()["upload_id"]
    assert detail(sender.chunk(bytes(101), start=len(content), upload_id=begun)) == full
    assert sender.complete(begun, content, "a.jpg").status_code == 200
    assert detail(sender.chunk(other)) == full
    assert drafts(sender.instance) == []
    # Two that each would have fitted.
    assert sender.chunk(bytes(90)).status_code == 200


def test_free_space_is_asked_before_the_body(new_instance: NewInstance):
    instance = new_instance(upload_free_bytes=str(10**18))
    sender = sender_of(instance)
    answer = sender.chunk(b"x" * 3_000_000)
    assert detail(answer) == (507, "There is not enough free space on the server.")
    assert drafts(instance) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte; only where the tests may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if done.returncode:
        lack("a disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_library_on_a_full_disk_keeps_nothing_of_a_file(
    new_instance: NewInstance, small_disk: Path, picture: Draw
):
    instance = new_instance(upload_free_bytes="0", library_roots=str(small_disk))
    owner = instance.add_user(scan_directory=str(small_disk))
    sender = Sender(instance, owner)
    content = picture(9) + bytes(900_000)
    upload_id = sender.chunks(content, 400_000)
    filler = small_disk / "filler.bin"
    filler.write_bytes(bytes(500_000))
    answer = sender.complete(upload_id, content, "a.jpg")
    assert detail(answer) == (507, "There is not enough free space on the server.")
    assert os.listdir(small_disk / "uploads" / "web") == []
    filler.unlink()
    # Another disk than the drafts': copied, then named.
    assert sender.complete(upload_id, content, "a.jpg").status_code == 200
    assert os.listdir(small_disk / "uploads" / "web") == ["a.jpg"]
    assert (small_disk / "uploads" / "web" / "a.jpg").read_bytes() == content


def test_a_full_data_disk_keeps_nothing_of_a_chunk(
    new_instance: NewInstance, small_disk: Path, picture: Draw
):
    instance = new_instance(upload_free_bytes="0")
    sender = sender_of(instance)
    (instance.data / "uploads").mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", str(small_disk), str(instance.data / "uploads")], check=True)
    try:
        content = picture(10) + bytes(700_000)
        upload_id = sender.chunk(content[:600_000]).json()["upload_id"]
        # It fits where chunks arrive, but not behind the first one as well.
        answer = sender.chunk(bytes(300_000), start=600_000, upload_id=upload_id)
        assert detail(answer) == (507, "There is not enough free space on the server.")
        assert drafts(instance) == [upload_id]
        assert (small_disk / upload_id).stat().st_size == 600_000
        answer = sender.chunk(content[600_000:], start=600_000, upload_id=upload_id)
        assert answer.status_code == 200, answer.text
        assert sender.complete(upload_id, content, "a.jpg").status_code == 200
    finally:
        subprocess.run(["umount", "-l", str(instance.data / "uploads")], check=True)


def test_a_watched_folder_is_not_read_twice(new_instance: NewInstance, picture: Draw):
    instance = new_instance(watch="1")
    library = Library.make(instance)
    sender = Sender(instance, library.owner)
    worker = Worker(instance)
    worker.start()
    try:
        content = picture(11)
        assert sender.upload(content, "a.jpg").status_code == 200
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with instance.client(library.owner.bearer) as client:
                jobs = client.get("/api/jobs/").json()["results"]
            scans = [job for job in jobs if job["finished"] and "new_or_changed" in job["result"]]
            if scans and scans[0]["result"]["files"] and all(job["finished"] for job in jobs):
                break
            time.sleep(0.2)
        assert sum(job["result"].get("read", 0) for job in jobs) == 1, jobs
        assert len(library.photos()) == 1
    finally:
        worker.stop()


def test_large_uploads_take_no_memory(idle_sender: Sender):
    """Several times what all bodies together may keep in memory, at once."""
    before = resident_bytes(idle_sender.instance)
    block = os.urandom(1024 * 1024) * 48
    upload_id = ""
    for number in range(3):
        answer = idle_sender.chunk(block, start=number * len(block), upload_id=upload_id)
        assert answer.status_code == 200, answer.text
        upload_id = answer.json()["upload_id"]
    assert resident_bytes(idle_sender.instance) - before < 40 * 1024**2


def resident_bytes(instance: Instance) -> int:
    """The memory of the server's processes together."""
    assert instance.process is not None
    listing = subprocess.run(["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listing.splitlines()[1:]]
    ours = {instance.process.pid}
    for _ in range(4):
        ours |= {pid for pid, parent, _ in rows if parent in ours}
    return sum(rss for pid, _, rss in rows if pid in ours) * 1024
