"""New files appear by themselves: where the system tells of changes, and by a periodic scan where it does not."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from librephotos.jobs import queries
from librephotos.kit import clock
from librephotos.library.queries.watched import is_scan_due, scan_after
from tests.conftest import NewInstance
from tests.databases import NewDatabase
from tests.instance import Instance
from tests.library.scanning import IS_SHUT_OUT, UNPRIVILEGED, WORK, Library, Worker, draw
from tests.needs import lack

SECONDS = 40
COUNT_SCANS = "SELECT count(*) FROM job WHERE kind = 'scan' AND user_id ="
# The limit of a user namespace of its own, so that nobody else's watches count.
FEW_WATCHES = f"""
import os, sys
with open("/proc/sys/user/max_inotify_watches", "w") as limit:
    limit.write("3")
{WORK}
"""


def wait_until(found: Callable[[], bool], library: Library, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"{library.files()}\n{library.log()}"
        time.sleep(0.1)


def roots(library: Library) -> list[dict[str, object]]:
    with library.instance.client(library.owner.bearer) as client:
        return client.get("/api/library/roots/").json()["results"]


def is_watched(library: Library) -> bool:
    return roots(library)[0]["watching"] == "watched"


def is_idle(library: Library) -> bool:
    return library.rows(f"{COUNT_SCANS} {library.owner.user_id} AND finished_at IS NULL") == [(0,)]


def count_scans(library: Library) -> int:
    return int(library.rows(f"{COUNT_SCANS} {library.owner.user_id}")[0][0])


@pytest.fixture(scope="module")
def watching_instance(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> Iterator[Instance]:
    """An installation that watches; the tests share it, each with a user and a folder of its own."""
    folder = tmp_path_factory.mktemp("watching")
    environment = {"LIBREPHOTOS_WATCH": "1", "LIBREPHOTOS_SETTLE_SECONDS": "1"}
    data = folder / "data"
    data.mkdir()
    instance = Instance(data, folder / "library", new_database(data), environment).start()
    worker = Worker(instance)
    worker.start()
    yield instance
    worker.stop()
    instance.stop()


@pytest.fixture
def watched(watching_instance: Instance) -> Library:
    """A library that is watched, with one photo that was found when watching began."""
    library = Library.make(watching_instance)
    draw(library.folder / "first.jpg", 1)
    wait_until(lambda: is_watched(library), library)
    wait_until(lambda: len(library.photos()) == 1 and is_idle(library), library)
    return library


def test_files_appear_move_and_vanish_by_themselves(watched: Library) -> None:
    (watched.folder / "trip").mkdir()
    draw(watched.folder / "trip" / "second.jpg", 2)
    wait_until(lambda: len(watched.photos()) == 2, watched)
    (watched.folder / "trip").rename(watched.folder / "journey")
    wait_until(lambda: "journey/second.jpg" in watched.files(), watched)
    (watched.folder / "journey" / "second.jpg").unlink()
    wait_until(lambda: any(photo["missing"] for photo in watched.photos()), watched)
    # A name that is no text.
    draw(os.fsencode(watched.folder) + b"/\xff.jpg", 3)
    wait_until(lambda: len(watched.photos()) == 3, watched)
    assert "Traceback" not in watched.log()


def test_what_no_scan_looks_at_starts_none(watched: Library) -> None:
    before = count_scans(watched)
    (watched.folder / ".hidden").write_bytes(b"x")
    (watched.folder / ".thumbnails").mkdir()
    (watched.folder / ".thumbnails" / "a.jpg").write_bytes(b"x")
    time.sleep(3)
    assert count_scans(watched) == before


def test_a_file_that_is_still_being_copied_is_waited_for(watched: Library) -> None:
    draw(watched.folder.parent / "source.jpg", 2, size=(1600, 1200), quality=95)
    content = (watched.folder.parent / "source.jpg").read_bytes()
    half = len(content) // 2
    with (watched.folder / "copied.jpg").open("wb") as target:
        for step in range(8):
            target.write(content[half * step // 8 : half * (step + 1) // 8])
            target.flush()
            time.sleep(0.4)
            assert watched.files().get("copied.jpg", ("found", ""))[0] == "found"
        target.write(content[half:])
    wait_until(lambda: len(watched.photos()) == 2, watched)
    assert [state for state, _ in watched.files().values()] == ["photo", "photo"]


def test_a_folder_that_was_replaced_is_watched_again(watched: Library) -> None:
    away = watched.folder.with_name(f"{watched.folder.name}-away")
    watched.folder.rename(away)
    wait_until(lambda: roots(watched)[0]["watching"] == "away", watched)
    shutil.copytree(away, watched.folder)
    draw(watched.folder / "second.jpg", 2)
    wait_until(lambda: is_watched(watched) and len(watched.photos()) == 2, watched)
    assert not any(photo["missing"] for photo in watched.photos())
    draw(watched.folder / "third.jpg", 3)
    wait_until(lambda: len(watched.photos()) == 3, watched)


def test_without_watching_the_periodic_scan_finds_new_files_and_both_can_be_off(
    new_instance: NewInstance,
) -> None:
    library = Library.make(new_instance(watch=0, rescan_minutes=1))
    draw(library.folder / "a.jpg", 1)
    worker = Worker(library.instance)
    worker.start()
    try:
        # Nothing was ever scanned, so it is due.
        wait_until(lambda: len(library.photos()) == 1, library)
        assert roots(library)[0]["watching"] == "off"
        worker.stop()
        library.instance.environment["LIBREPHOTOS_RESCAN_MINUTES"] = "0"
        before = count_scans(library)
        worker.start()
        draw(library.folder / "b.jpg", 2)
        time.sleep(3)
        assert count_scans(library) == before
    finally:
        worker.stop()


def test_a_scan_is_due_when_the_last_was_long_ago(idle_library: Library) -> None:
    db, owner = idle_library.instance.db, idle_library.owner.user_id
    with db.snapshot() as tx:
        assert is_scan_due(tx, owner, clock.now() - clock.HOUR)
    idle_library.trigger()
    with db.snapshot() as tx:
        assert not is_scan_due(tx, owner, clock.now() - clock.HOUR)
        assert is_scan_due(tx, owner, clock.now() + clock.SECOND)


def test_one_change_seen_by_many_workers_is_scanned_once(idle_library: Library) -> None:
    db, owner = idle_library.instance.db, idle_library.owner.user_id
    changed_at = clock.now()
    barrier = threading.Barrier(4)
    queued: list[bool] = []

    def see() -> None:
        barrier.wait()
        queued.append(db.commit(scan_after, owner, changed_at))

    threads = [threading.Thread(target=see) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(queued) == [False, False, False, True]
    # It runs: what changed before its start is seen by it, what changes now wants one more, and only one.
    with db.transaction() as tx:
        (waiting,) = queries.list_waiting(tx)
        queries.begin_job(tx, waiting.job_id, "someone")
    assert db.commit(scan_after, owner, changed_at) is False
    assert [db.commit(scan_after, owner, clock.now()) for _ in range(3)] == [True, False, False]


def test_a_paused_scan_keeps_others_from_starting_by_themselves(idle_library: Library) -> None:
    idle_library.trigger()
    with idle_library.instance.client(idle_library.owner.bearer) as client:
        client.post(f"/api/jobs/{idle_library.job()['id']}/pause/")
    assert idle_library.instance.db.commit(scan_after, idle_library.owner.user_id, clock.now()) is False


@pytest.mark.skipif(IS_SHUT_OUT, reason="the database could not be reached without the rights of root")
def test_folders_that_cannot_be_read_do_not_keep_the_others_from_being_watched(
    new_instance: NewInstance,
) -> None:
    library = Library.make(new_instance(watch=1))
    draw(library.folder / "closed" / "a.jpg", 1)
    (library.folder / "closed").chmod(0)
    worker = Worker(library.instance, program=UNPRIVILEGED)
    worker.start()
    try:
        wait_until(lambda: roots(library)[0]["watching"] == "partly" and is_idle(library), library)
        draw(library.folder / "b.jpg", 2)
        wait_until(lambda: len(library.photos()) == 1, library)
    finally:
        (library.folder / "closed").chmod(0o700)
        worker.stop()


def has_namespaces() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    probe = ["unshare", "-Ur", "sh", "-c", "echo 3 > /proc/sys/user/max_inotify_watches"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(IS_SHUT_OUT, reason="the database could not be reached without the rights of root")
def test_a_limit_of_watches_is_told_and_the_periodic_scan_goes_on(
    new_instance: NewInstance, tmp_path: Path
) -> None:
    if not has_namespaces():
        lack("no namespaces can be made here")
    library = Library.make(new_instance(watch=1, rescan_minutes=1))
    for number in range(8):
        draw(library.folder / str(number) / "a.jpg", number)
    log = library.instance.data / "test-worker.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["unshare", "-Ur", sys.executable, "-c", FEW_WATCHES],
            env=library.instance.settings,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until(lambda: roots(library)[0]["watching"] == "limited", library)
        assert "raise the limit" in str(roots(library)[0]["watching_reason"])
        wait_until(lambda: len(library.photos()) == 8, library)
        assert library.log().count("a library cannot be watched") == 1
        told = subprocess.run(
            [sys.executable, "-m", "librephotos.cli", "doctor"],
            env=library.instance.settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"warn {library.folder} cannot be watched" in told.stdout
    finally:
        process.terminate()
        process.wait(20)
