"""A job that ends its worker is tried again, though not for ever."""

from librephotos.jobs import queries
from librephotos.jobs.running import ATTEMPTS
from tests.instance import Instance

EXECUTOR = "one"


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
