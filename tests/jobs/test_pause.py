"""Pausing, resuming and quiet hours: a job rests, also over a restart, and goes on where it was."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from librephotos.db.statements import statement
from librephotos.jobs import queries
from librephotos.jobs.registry import Stopped
from librephotos.jobs.running import RunningJob
from librephotos.settings import load_settings
from tests.conftest import NewInstance
from tests.instance import Instance
from tests.library.scanning import Library, Worker, draw

COUNT = 200
WAIT_SECONDS = 40


def wait_for(library: Library, what: str, seconds: float = WAIT_SECONDS, **wanted: Any) -> dict[str, Any]:
    """Return the last job once all `wanted` hold of it."""
    deadline = time.monotonic() + seconds
    while True:
        job = library.job()
        if all(job[name] == value for name, value in wanted.items()):
            return job
        assert time.monotonic() < deadline, (what, job, library.log())
        time.sleep(0.02)


def wait_for_progress(library: Library, current: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while library.job()["progress_current"] < current:
        assert time.monotonic() < deadline, (library.job(), library.log())
        time.sleep(0.02)


def post(library: Library, action: str) -> dict[str, Any]:
    with library.instance.client(library.owner.bearer) as client:
        answer = client.post(f"/api/jobs/{library.job()['id']}/{action}/")
    assert answer.status_code == 200, answer.text
    return answer.json()["job"]


def wait_until_let_go(library: Library) -> None:
    """Wait until the worker has stopped the work on the last job."""
    deadline = time.monotonic() + WAIT_SECONDS
    while library.rows(f"SELECT worker FROM job WHERE job_id = '{library.last_job}'") != [(None,)]:
        assert time.monotonic() < deadline, library.log()
        time.sleep(0.02)


@pytest.fixture
def large_library(new_instance: NewInstance) -> Library:
    library = Library.make(new_instance(scan_processes=1))
    for number in range(COUNT):
        draw(library.folder / f"{number}.jpg", number, size=(240, 160))
    return library


@pytest.fixture
def worker(large_library: Library) -> Iterator[Worker]:
    one = Worker(large_library.instance)
    yield one
    one.stop()


def test_a_paused_scan_rests_over_a_restart_and_goes_on_where_it_was(
    large_library: Library, worker: Worker
) -> None:
    library = large_library
    worker.start()
    # A full scan of known files, which must not begin with the first one again.
    library.scan()
    library.trigger("/api/fullscanphotos/")
    wait_for_progress(library, 20)
    paused = post(library, "pause")
    assert (paused["finished"], paused["progress_step"]) == (False, "Paused")
    assert paused["result"]["status"] == "paused"
    assert post(library, "pause")["progress_step"] == "Paused"
    wait_until_let_go(library)
    resting = library.job()
    assert resting["progress_current"] < COUNT
    with library.instance.client(library.owner.bearer) as client:
        assert client.get("/api/rqavailable/").json()["queue_can_accept_job"] is True
    worker.stop()
    worker.start()
    # Another job is done meanwhile, and the paused one stays where it is.
    first = library.last_job
    library.scan("/api/deletemissingphotos/")
    library.last_job = first
    assert library.job() == resting
    post(library, "resume")
    job = library.wait()
    assert (job["failed"], job["progress_current"], job["progress_target"]) == (False, COUNT, COUNT)
    # What was read before the pause was not read again.
    assert job["result"]["read"] == COUNT
    assert len(library.photos()) == COUNT


def test_a_job_resumed_before_it_has_stopped_goes_on(large_library: Library, worker: Worker) -> None:
    worker.start()
    large_library.trigger()
    wait_for_progress(large_library, 1)
    for _ in range(8):
        post(large_library, "pause")
        post(large_library, "resume")
        time.sleep(0.05)
    assert large_library.wait()["failed"] is False
    assert len(large_library.photos()) == COUNT


def test_a_waiting_job_can_be_paused_and_only_unfinished_ones(instance: Instance) -> None:
    user, stranger = instance.add_user(), instance.add_user()
    job_id = instance.db.commit(queries.enqueue_job, user.user_id, 1, "nothing")
    with instance.client(user.bearer) as client, instance.client(stranger.bearer) as other:
        row_id = client.get("/api/jobs/").json()["results"][0]["id"]
        for action in ("pause", "resume"):
            assert other.post(f"/api/jobs/{row_id}/{action}/").status_code == 404
            assert client.post(f"/api/jobs/x/{action}/").status_code == 404
        assert client.post(f"/api/jobs/{row_id}/pause/").status_code == 200
        assert instance.db.commit(queries.begin_job, job_id, "someone") is None
        assert instance.db.commit(queries.claim_job, job_id, "someone") is False
        # Whoever asks for the same now does not get the one that rests.
        assert instance.db.commit(queries.enqueue_job, user.user_id, 1, "nothing") != job_id
        assert client.post(f"/api/jobs/{row_id}/resume/").json()["job"]["progress_step"] is None
        assert instance.db.commit(queries.begin_job, job_id, "someone") is not None
        running = client.post(f"/api/jobs/{row_id}/resume/")
        assert (running.status_code, running.json()["message"]) == (400, "Job is not paused")
        client.post(f"/api/jobs/{row_id}/cancel/")
        for action in ("pause", "resume"):
            ended = client.post(f"/api/jobs/{row_id}/{action}/")
            assert (ended.status_code, ended.json()["message"]) == (400, "Job is already finished")


def test_a_paused_job_is_not_failed_as_stuck(instance: Instance) -> None:
    user = instance.add_user()
    job_id = instance.db.commit(queries.enqueue_job, user.user_id, 1, "nothing")
    instance.db.commit(queries.begin_job, job_id, "someone")
    with instance.client(user.bearer) as client:
        row_id = client.get("/api/jobs/").json()["results"][0]["id"]
        client.post(f"/api/jobs/{row_id}/pause/")
        with instance.db.transaction() as tx:
            queries.release_job(tx, job_id, "someone")
        instance.db.commit(queries.fail_stuck_jobs)
        assert client.get(f"/api/jobs/{row_id}/").json()["finished"] is False


def quiet_now() -> str:
    now = datetime.now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    return f"{begin:%H:%M}-{end:%H:%M}"


def test_in_quiet_hours_a_scan_waits_until_they_end_or_somebody_wants_it_now(
    new_instance: NewInstance,
) -> None:
    library = Library.make(new_instance(quiet_hours=quiet_now()))
    draw(library.folder / "a.jpg", 1)
    worker = Worker(library.instance)
    worker.start()
    try:
        library.trigger()
        end = library.instance.environment["LIBREPHOTOS_QUIET_HOURS"].split("-")[1]
        wait_for(library, "rest", progress_step=f"Quiet hours: waits until {end}")
        # It keeps nobody from starting something.
        with library.instance.client(library.owner.bearer) as client:
            assert client.get("/api/rqavailable/").json()["queue_can_accept_job"] is True
        # What is short is no burden to the disk and is done.
        scan = library.last_job
        library.scan("/api/deletemissingphotos/")
        library.last_job = scan
        assert library.photos() == []
        post(library, "resume")
        library.wait()
        assert len(library.photos()) == 1
        # After the end everything goes on by itself.
        draw(library.folder / "b.jpg", 2)
        library.trigger()
        wait_for(library, "rest", progress_step=f"Quiet hours: waits until {end}")
        worker.stop()
        library.instance.environment["LIBREPHOTOS_QUIET_HOURS"] = ""
        worker.start()
        assert library.wait()["progress_step"] is None
        assert len(library.photos()) == 2
    finally:
        worker.stop()


class Host:
    """What a running job needs of its worker; no pool, as nothing is read."""

    def __init__(self, instance: Instance, **settings: str) -> None:
        self.db = instance.db
        self.settings = load_settings(data=instance.data, **settings)
        self.executor = "test"


def test_a_running_scan_rests_when_the_hours_become_quiet(instance: Instance) -> None:
    user = instance.add_user()
    job_id = instance.db.commit(queries.enqueue_job, user.user_id, 1, "nothing")
    assignment = instance.db.commit(queries.begin_job, job_id, "test")
    assert assignment is not None
    loud = RunningJob(Host(instance), assignment, rests=True)  # type: ignore[arg-type]
    loud.progress(current=3, target=9, step="Reading files")
    quiet = Host(instance, quiet_hours=quiet_now())
    # Short jobs do not rest, nor does one that somebody wanted now.
    RunningJob(quiet, assignment, rests=False).progress()  # type: ignore[arg-type]
    urgent = msgspec.structs.replace(assignment, arguments={queries.EVEN_QUIET: True})
    RunningJob(quiet, urgent, rests=True).progress()  # type: ignore[arg-type]
    with pytest.raises(Stopped):
        RunningJob(quiet, assignment, rests=True).progress(current=4)  # type: ignore[arg-type]
    instance.db.commit(queries.release_job, job_id, "test")
    with instance.db.snapshot() as tx:
        busy = queries.find_busy_job(tx)
    assert busy is None or busy.job_id != job_id
    with instance.client(user.bearer) as client:
        (job,) = client.get("/api/jobs/").json()["results"]
    assert (job["progress_current"], job["progress_target"], job["finished"]) == (4, 9, False)
    assert job["progress_step"].startswith("Quiet hours: waits until ")
    # It waits in the queue, held by nobody.
    with instance.db.snapshot() as tx:
        row = tx.one(statement(text("SELECT state, worker FROM job WHERE job_id = :job_id")), job_id=job_id)
    assert tuple(row) == ("queued", None)


def test_a_job_stores_nothing_after_the_answer_to_its_cancelling(instance: Instance) -> None:
    user = instance.add_user()
    job_id = instance.db.commit(queries.enqueue_job, user.user_id, 1, "nothing")
    assignment = instance.db.commit(queries.begin_job, job_id, "test")
    assert assignment is not None
    running = RunningJob(Host(instance), assignment)  # type: ignore[arg-type]
    stored: list[str] = []
    running.commit(lambda _: stored.append("before"))
    with instance.client(user.bearer) as client:
        (job,) = client.get("/api/jobs/").json()["results"]
        assert client.post(f"/api/jobs/{job['id']}/cancel/").status_code == 200
    with pytest.raises(Stopped):
        running.commit(lambda _: stored.append("after"))
    assert stored == ["before"]
