"""Files that change, vanish or take their process with them while they are read: each costs itself and says why."""

import os
import sqlite3
from pathlib import Path

import pytest

from librephotos.errors import Unavailable
from librephotos.media.pool import Pool
from tests.databases import ON_POSTGRESQL
from tests.library.in_process import Host, InProcessLibrary
from tests.library.originals import originals_of, unaltered
from tests.library.small_pictures import jpeg

GOOD = 6


@pytest.fixture
def unlucky(
    quick_library: InProcessLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> InProcessLibrary:
    """A library with good files, whose first scan is done by a pool of unlucky processes."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for number in range(GOOD):
        (quick_library.folder / f"good-{number}.jpg").write_bytes(jpeg(number))
    return quick_library


def scan_unlucky(library: InProcessLibrary) -> dict[str, tuple[str, str]]:
    """Scan in processes that meet with accidents; return the state and reason of every file."""
    with Pool(1, tasks="tests.library.unlucky_tasks", niceness=0) as pool:
        library.scan(pool=pool)
    return files(library)


def files(library: InProcessLibrary) -> dict[str, tuple[str, str]]:
    rows = library.rows(f"SELECT path, state, reason FROM file WHERE owner_id = {library.user_id}")
    return {os.path.basename(path): (state, reason) for path, state, reason in rows}


def photo_count(library: InProcessLibrary) -> int:
    ((count,),) = library.rows(f"SELECT count(*) FROM photo WHERE owner_id = {library.user_id}")
    return count


def photos(library: InProcessLibrary) -> list[tuple[int, str, str]]:
    asked = "SELECT id, uuid, image_hash FROM photo WHERE owner_id"
    return list(library.rows(f"{asked} = {library.user_id} ORDER BY id"))


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        ("kills", "The work on this file ended its process (signal SIGKILL)."),
        ("crashes", "The work on this file ended its process (signal SIGSEGV)."),
        ("eats", "The file needs more memory than one file may take."),
    ],
)
def test_a_file_that_ends_its_process_costs_itself(unlucky: InProcessLibrary, fate: str, reason: str) -> None:
    (unlucky.folder / f"{fate}.jpg").write_bytes(jpeg(77, day=1))  # a time: there is something for it to read
    with unaltered(unlucky.folder):
        found = scan_unlucky(unlucky)
        assert found[f"{fate}.jpg"] == ("failed", reason)
        assert photo_count(unlucky) == GOOD
        # Not tried again at every scan, but when everything is looked at anew.
        assert unlucky.scan().result["new_or_changed"] == 0
        unlucky.scan(mode="full")
        assert photo_count(unlucky) == GOOD + 1


def test_a_file_that_is_written_to_is_read_when_it_is_at_rest(unlucky: InProcessLibrary) -> None:
    (unlucky.folder / "changes.jpg").write_bytes(jpeg(77) + bytes(8 * 1024**2))
    # It changes whenever it is read, and still the scan ends.
    found = scan_unlucky(unlucky)
    assert found["changes.jpg"] == ("found", "")
    assert photo_count(unlucky) == GOOD
    unlucky.scan()
    assert photo_count(unlucky) == GOOD + 1


def test_a_photo_whose_file_is_written_to_stays_as_it_is(unlucky: InProcessLibrary) -> None:
    path = unlucky.folder / "changes.jpg"
    path.write_bytes(jpeg(77) + bytes(8 * 1024**2))
    unlucky.scan()
    before = photos(unlucky)
    os.utime(path, (1, 1))
    scan_unlucky(unlucky)
    unlucky.scan()
    assert photos(unlucky) == before
    assert files(unlucky)["changes.jpg"] == ("photo", "")


def test_a_file_that_vanishes_while_it_is_read_is_forgotten_by_the_next_scan(
    unlucky: InProcessLibrary,
) -> None:
    (unlucky.folder / "vanishes.jpg").write_bytes(jpeg(77))
    found = scan_unlucky(unlucky)
    assert found["vanishes.jpg"] == ("found", "")
    unlucky.scan()
    assert "vanishes.jpg" not in files(unlucky)
    assert photo_count(unlucky) == GOOD


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        ("exiftool-hangs", "ExifTool took longer than 0.5 seconds."),
        ("exiftool-dies", "ExifTool ended while it read this file."),
    ],
)
def test_a_failing_exiftool_costs_the_metadata_and_says_so(
    unlucky: InProcessLibrary, fate: str, reason: str
) -> None:
    (unlucky.folder / f"{fate}.jpg").write_bytes(jpeg(77, day=1))  # a time: there is something for it to read
    with unaltered(unlucky.folder):
        scan_unlucky(unlucky)
    assert photo_count(unlucky) == GOOD + 1
    told = unlucky.rows(
        "SELECT photo_step.state, photo_step.reason FROM photo_step JOIN file ON file.photo_id = photo_step.photo_id "
        f"WHERE step = 'metadata' AND path = '{unlucky.folder}/{fate}.jpg'"
    )
    assert [tuple(row) for row in told] == [("failed", reason)]


@pytest.mark.skipif(ON_POSTGRESQL, reason="one writer locks the whole of an SQLite file")
def test_a_database_that_another_program_locks_fails_the_scan_and_loses_nothing(
    in_process_host: Host, unlucky: InProcessLibrary
) -> None:
    with in_process_host.db.transaction() as tx:
        tx.connection.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(in_process_host.url.removeprefix("sqlite:///"), isolation_level=None)
    before = originals_of(unlucky.folder)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked by another program"):
            unlucky.scan()
        other.execute("ROLLBACK")
        unlucky.scan()
    finally:
        other.close()
        with in_process_host.db.transaction() as tx:
            tx.connection.execute("PRAGMA busy_timeout=20000")
    assert photo_count(unlucky) == GOOD
    assert originals_of(unlucky.folder) == before
