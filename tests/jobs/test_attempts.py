"""A job that ends its worker is tried again, though not for ever."""

import signal
import time

import pytest

from librephotos.jobs import queries
from librephotos.jobs.running import ATTEMPTS, GIVEN_UP
from tests.conftest import NewInstance
from tests.instance import Instance
from tests.library.scanning import Library, Worker

EXECUTOR = "one"
# A worker with two kinds of jobs: one kills it, as one would that eats all memory, and one is done.
DEADLY = """
import os, signal
from librephotos.jobs.registry import JobKind, Pipeline, Report
from librephotos.jobs.worker import run_worker
from librephotos.settings import load_settings

def die(run):
    os.kill(os.getpid(), signal.SIGKILL)

kinds = {"deadly": JobKind(1, die), "harmless": JobKind(2, lambda run: Report())}
run_worker(load_settings(), Pipeline(kinds))
"""
# A worker whose engine has no database for a moment: while it takes a job, or between taking and running it.
ROBBED = """
import sqlalchemy.exc, sys
import dbos._queue
from dbos import DBOS
from librephotos.jobs import worker
from librephotos.jobs.registry import JobKind, Pipeline, Report
from librephotos.settings import load_settings

worker.UNATTENDED_SECONDS = 1

def once_robbed(place, name):
    work, failures = getattr(place, name), []
    def rob(*args, **kwargs):
        if not failures:
            failures.append(name)
            raise sqlalchemy.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))
        return work(*args, **kwargs)
    setattr(place, name, rob)

once_robbed(*PLACE)
worker.run_worker(load_settings(), Pipeline({"harmless": JobKind(2, lambda run: Report())}))
"""
PLACES = ('DBOS, "enqueue_workflow"', 'dbos._queue, "execute_dequeued_workflow"')
WORKER_SECONDS = 60


def enqueue(instance: Instance) -> str:
    account = instance.add_user()
    return instance.db.commit(queries.enqueue_job, account.user_id, 1, "scan")


def begin(instance: Instance, job_id: str) -> int:
    assignment = instance.db.commit(queries.begin_job, job_id, EXECUTOR)
    assert assignment is not None
    return assignment.attempt


def test_starts_count_until_the_job_gets_further(instance: Instance) -> None:
    job_id = enqueue(instance)
    assert [begin(instance, job_id) for _ in range(3)] == [1, 2, 3]
    assert instance.db.commit(queries.record_progress, job_id, EXECUTOR, 0, 10, "Reading files")
    assert begin(instance, job_id) == 4
    assert instance.db.commit(queries.record_progress, job_id, EXECUTOR, 1)
    assert begin(instance, job_id) == 2


def test_a_start_that_ended_as_told_does_not_count(instance: Instance) -> None:
    job_id = enqueue(instance)
    for _ in range(ATTEMPTS + 1):
        assert begin(instance, job_id) == 1
        instance.db.commit(queries.discount_attempt, EXECUTOR)


def count_deaths(library: Library, worker: Worker, job_id: str, most: int) -> int:
    """Start the worker whenever it has died, until the job is finished or it died `most` times."""
    deaths = 0
    deadline = time.monotonic() + WORKER_SECONDS * most
    while not library.job(job_id)["finished"] and deaths < most:
        assert time.monotonic() < deadline, library.log()
        if worker.process is None:
            worker.start()
        elif (status := worker.process.poll()) is not None:
            assert status == -signal.SIGKILL, library.log()
            worker.process = None
            deaths += 1
        time.sleep(0.05)
    return deaths


def test_a_job_that_kills_its_worker_each_time_is_given_up_and_the_next_is_done(
    new_instance: NewInstance,
) -> None:
    library = Library.make(new_instance())
    worker = Worker(library.instance, program=DEADLY)
    db, owner = library.instance.db, library.owner.user_id
    try:
        deadly = db.commit(queries.enqueue_job, owner, 1, "deadly")
        assert count_deaths(library, worker, deadly, ATTEMPTS + 2) == ATTEMPTS
        job = library.job(deadly)
        assert (job["failed"], job["result"]["error"]) == (True, GIVEN_UP)
        harmless = db.commit(queries.enqueue_job, owner, 2, "harmless")
        assert not library.wait(harmless)["failed"]
    finally:
        worker.stop()


@pytest.mark.parametrize("place", PLACES, ids=["taking", "running"])
def test_a_job_whose_engine_had_no_database_is_done_all_the_same(
    new_instance: NewInstance, place: str
) -> None:
    library = Library.make(new_instance())
    worker = Worker(library.instance, program=ROBBED.replace("*PLACE", place))
    job_id = library.instance.db.commit(queries.enqueue_job, library.owner.user_id, 2, "harmless")
    try:
        worker.start()
        assert not library.wait(job_id)["failed"]
        assert worker.process is not None and worker.process.poll() is None
        assert ("job taken up again" in library.log()) == ("dequeued" in place)
    finally:
        worker.stop()
