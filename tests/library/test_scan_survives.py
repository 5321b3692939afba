"""A scan that is killed, stopped, cancelled or robbed of its engine's file loses nothing and does nothing twice."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from librephotos.jobs.running import ATTEMPTS, GIVEN_UP
from tests.databases import ON_POSTGRESQL
from tests.library.originals import unaltered
from tests.library.scanning import TWO_AT_ONCE, Library, Worker, draw

COUNT = 300


@pytest.fixture
def full_library(idle_library: Library) -> Library:
    idle_library.instance.environment |= TWO_AT_ONCE
    for number in range(COUNT):
        draw(idle_library.folder / f"{number % 7}" / f"{number}.jpg", number, size=(48, 32))
    return idle_library


def wait_for_progress(library: Library, current: int) -> None:
    deadline = time.monotonic() + 40
    while library.job()["progress_current"] < current:
        assert time.monotonic() < deadline, library.job()
        time.sleep(0.02)


def assert_each_once(library: Library) -> None:
    photos = library.photos()
    assert len(photos) == COUNT
    assert len({photo["paths"][0] for photo in photos}) == COUNT
    counted = library.rows(f"SELECT sum(photo_count) FROM day WHERE owner_id = {library.owner.user_id}")
    assert int(counted[0][0]) == COUNT


def assert_thumbnails_whole(library: Library) -> list[Path]:
    """Whatever can be asked for is a whole picture; drafts of killed processes have other names."""
    thumbnails = [
        path for path in (library.instance.data / "derived").rglob("*.webp") if not path.name.startswith(".")
    ]
    for path in thumbnails:
        Image.open(path).load()
    return thumbnails


def test_a_worker_killed_again_and_again_scans_every_file_exactly_once(
    full_library: Library, worker: Worker
) -> None:
    chance = random.Random(7)
    with unaltered(full_library.folder):
        full_library.trigger()
        worker.start()
        for _ in range(5):
            wait_for_progress(full_library, full_library.job()["progress_current"] + chance.randint(5, 40))
            worker.stop(signal.SIGKILL)
            assert_thumbnails_whole(full_library)
            worker.start()
        job = full_library.wait()
    assert (job["failed"], job["progress_current"]) == (False, COUNT)
    # Nor was one counted twice.
    assert (job["result"]["read"], job["result"]["failed"]) == (COUNT, 0)
    assert_each_once(full_library)
    assert len(assert_thumbnails_whole(full_library)) == 3 * COUNT


def test_a_stopped_worker_stops_soon_and_goes_on_at_the_next_start(
    full_library: Library, worker: Worker
) -> None:
    full_library.trigger()
    worker.start()
    wait_for_progress(full_library, 20)
    assert worker.process is not None
    pid = worker.process.pid
    assert worker.stop() < 3
    assert_pool_ends(pid, seconds=2)
    assert not full_library.job()["finished"]
    worker.start()
    assert not full_library.wait()["failed"]
    assert_each_once(full_library)


def test_losing_the_engines_file_loses_nothing(full_library: Library, worker: Worker) -> None:
    if ON_POSTGRESQL:
        pytest.skip("the engine keeps its state in the database there")
    full_library.trigger()
    worker.start()
    wait_for_progress(full_library, 20)
    worker.stop(signal.SIGKILL)
    for path in full_library.instance.data.glob("jobs.sqlite*"):
        path.unlink()
    worker.start()
    assert not full_library.wait()["failed"]
    assert_each_once(full_library)


def test_a_cancelled_scan_stops_and_a_new_one_takes_up_the_rest(
    full_library: Library, worker: Worker
) -> None:
    full_library.trigger()
    worker.start()
    wait_for_progress(full_library, 10)
    with full_library.instance.client(full_library.owner.bearer) as client:
        answer = client.post(f"/api/jobs/{full_library.job()['id']}/cancel/")
        assert answer.status_code == 200
        assert answer.json()["status"] is True
        cancelled = answer.json()["job"]
        assert (cancelled["finished"], cancelled["cancelled"], cancelled["failed"]) == (True, True, False)
        assert cancelled["result"]["status"] == "cancelled"
        again = client.post(f"/api/jobs/{cancelled['id']}/cancel/")
        assert (again.status_code, again.json()) == (
            400,
            {"status": False, "message": "Job is already finished"},
        )
    # From the answer on nothing more is stored, although the worker is in the middle of reading.
    stopped_at = len(full_library.photos())
    assert stopped_at < COUNT
    time.sleep(2)
    assert len(full_library.photos()) == stopped_at
    assert not full_library.scan()["failed"]
    assert_each_once(full_library)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has one worker")
def test_another_worker_takes_over_from_a_dead_one(full_library: Library, worker: Worker) -> None:
    heir = Worker(full_library.instance, name="heir.log")
    worker.start()
    heir.start()
    try:
        deadline = time.monotonic() + 40
        while full_library.rows("SELECT count(*) FROM worker") != [(2,)]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        full_library.trigger()
        wait_for_progress(full_library, 5)
        [(pid,)] = full_library.rows(
            "SELECT worker.pid FROM worker JOIN job ON job.worker = worker.executor WHERE job.finished_at IS NULL"
        )
        holder = next(one for one in (worker, heir) if one.process is not None and one.process.pid == pid)
        holder.stop(signal.SIGKILL)
        assert not full_library.wait(seconds=90)["failed"]
    finally:
        heir.stop()
    assert_each_once(full_library)


def test_a_worker_and_its_pool_end_with_their_parent(idle_library: Library, worker: Worker) -> None:
    worker.start()
    assert worker.process is not None
    draw(idle_library.folder / "a.jpg", 1)
    idle_library.scan()
    group = worker.process.pid
    worker.stop(signal.SIGKILL)
    assert_pool_ends(group, seconds=5)


def assert_pool_ends(worker: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while children := [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_pool_of(pid, worker)]:
        assert time.monotonic() < deadline, children
        time.sleep(0.05)


def _is_pool_of(pid: str, parent: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return f'"parent_pid":{parent},'.encode() in file.read()
    except OSError:
        return False


def test_a_job_over_which_the_worker_ends_each_time_is_given_up(
    idle_library: Library, worker: Worker
) -> None:
    draw(idle_library.folder / "a.jpg", 1)
    idle_library.trigger()
    with idle_library.instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE job SET attempt = {ATTEMPTS}")
    worker.start()
    job = idle_library.wait()
    assert (job["failed"], job["result"]["error"]) == (True, GIVEN_UP)
    assert not idle_library.scan()["failed"]
    assert len(idle_library.photos()) == 1
