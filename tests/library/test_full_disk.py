"""A full disk under the data folder, a library that cannot be written: clear words, and the next scan ends."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from librephotos.kit.disks import RESERVE_BYTES
from tests.databases import ON_POSTGRESQL, NewDatabase
from tests.instance import Instance
from tests.library.originals import unaltered
from tests.library.scanning import TWO_AT_ONCE, Library, Worker, draw
from tests.library.small_disks import fill, make_read_only, small_disk

COUNT = 40


@pytest.fixture
def cramped(tmp_path: Path, new_database: NewDatabase) -> Iterator[Library]:
    """A library whose installation lives on a disk of 72 MB; its worker runs."""
    with small_disk(tmp_path / "data", 72) as data:
        instance = Instance(data, tmp_path / "library", new_database(data), {**TWO_AT_ONCE}).start()
        library = Library.make(instance)
        worker = Worker(instance)
        worker.start()
        for number in range(COUNT):
            draw(library.folder / f"{number}.jpg", number, size=(48, 32))
        deadline = time.monotonic() + 60
        while "worker started" not in library.log():
            assert time.monotonic() < deadline, library.log()
            time.sleep(0.02)
        yield library
        worker.stop()
        instance.stop()


def assert_whole(library: Library) -> None:
    """Every file is one photo, every thumbnail a whole picture, and the database sound."""
    assert len(library.photos()) == COUNT
    thumbnails = list((library.instance.data / "derived").rglob("*.webp"))
    assert len(thumbnails) == 3 * COUNT
    for path in thumbnails:
        Image.open(path).load()
    if not ON_POSTGRESQL:
        with sqlite3.connect(library.instance.data / "librephotos.sqlite") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_scan_stops_while_there_is_still_room_for_saying_why(cramped: Library) -> None:
    with unaltered(cramped.folder):
        ballast = fill(cramped.instance.data, but_bytes=RESERVE_BYTES - 1024**2)
        job = cramped.scan()
        assert job["failed"]
        assert "The disk of the data folder has only 3" in job["result"]["error"]
        with cramped.instance.client() as client:
            assert client.get("/api/healthz/storage").status_code == 503
        ballast.unlink()
        assert not cramped.scan()["failed"]
        with cramped.instance.client() as client:
            assert client.get("/api/healthz/storage").json() == {"status": "ok"}
    assert_whole(cramped)


def test_a_disk_that_others_fill_to_the_last_byte_loses_nothing(cramped: Library) -> None:
    with unaltered(cramped.folder):
        cramped.trigger()
        deadline = time.monotonic() + 40
        while cramped.job()["progress_current"] < 1:
            assert time.monotonic() < deadline
        ballast = fill(cramped.instance.data)
        with cramped.instance.client(cramped.owner.bearer) as client:
            # Reading goes on.
            assert client.get("/api/jobs/").status_code == 200
        time.sleep(1)
        ballast.unlink()
        assert cramped.wait()["finished"]
        assert not cramped.scan()["failed"]
    assert_whole(cramped)


@pytest.mark.skipif(ON_POSTGRESQL, reason="its rows lie on another disk")
def test_what_cannot_be_stored_at_all_is_refused(cramped: Library) -> None:
    ballast = fill(cramped.instance.data)
    with cramped.instance.client(cramped.owner.bearer) as client:
        answers = [client.post("/api/scanphotos/") for _ in range(3)]
        assert [answer.status_code for answer in answers[1:]] == [503, 503]
        assert "The disk of the data folder is full" in answers[-1].text
        ballast.unlink()
    assert not cramped.scan()["failed"]
    assert_whole(cramped)


def test_a_library_that_cannot_be_written_is_scanned_as_any_other(library: Library) -> None:
    with small_disk(library.folder / "disk", 8) as disk:
        for number in range(4):
            draw(disk / f"{number}.jpg", number)
        make_read_only(disk)
        with unaltered(library.folder):
            job = library.scan()
        assert (job["failed"], len(library.photos())) == (False, 4)
