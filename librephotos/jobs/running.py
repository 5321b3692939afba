"""One job at work: what its handler sees, and what becomes of the job whichever way the handler ends."""

import os
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import LibrePhotosError, Unavailable
from librephotos.jobs import durable, queries
from librephotos.jobs.queries import EVEN_QUIET, Assignment
from librephotos.jobs.quiet import quiet_until
from librephotos.jobs.registry import JobKind, Pipeline, Report, Stopped
from librephotos.kit.disks import FULL, is_full_error
from librephotos.media.pool import Pool
from librephotos.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

TAKEN_OVER_STATUS = 75
STORE_AGAIN_SECONDS = 2.0
# A job that ends its worker each time, by eating all memory for instance, must not keep the others waiting for ever.
ATTEMPTS = 5
GIVEN_UP = f"The worker ended {ATTEMPTS} times over this job before it got any further. The server's log may say why."


class Host:
    """What all jobs of one worker share."""

    def __init__(self, settings: Settings, db: Database, pool: Pool, executor: str) -> None:
        self.settings = settings
        self.db = db
        self.pool = pool
        self.executor = executor


class RunningJob:
    """The `Run` of one job on a host."""

    def __init__(self, host: Host, assignment: Assignment, *, rests: bool = False) -> None:
        self._host = host
        self._rests = rests and not assignment.arguments.get(EVEN_QUIET)
        self._noted = assignment.result
        self.job_id = assignment.job_id
        self.user_id = assignment.user_id
        self.arguments = assignment.arguments
        self.db = host.db
        self.settings = host.settings
        self._target = assignment.progress_target

    @property
    def pool(self) -> Pool:
        return self._host.pool

    def step(self, name: str, work: Callable[[], T]) -> T:
        # A stop is kept as the step's answer: an exception would be logged as a failure of the engine.
        def guarded() -> dict[str, Any]:
            try:
                self.progress()
                return {"value": work()}
            except Stopped:
                return {"stopped": True}

        answer = durable.step(name, guarded)
        if "value" not in answer:
            raise Stopped
        value: T = answer["value"]
        return value

    def commit(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def held(tx: Tx) -> T:
            # Holds the job's row, so that whoever cancels it is answered after this transaction or before it.
            if not queries.record_progress(tx, self.job_id, self._host.executor):
                raise Stopped
            return query(tx, *args, **kwargs)

        try:
            return self.db.commit(held)
        except Stopped:
            self._end_if_taken_over()
            raise

    def progress(
        self, current: int | None = None, target: int | None = None, step: str | None = None
    ) -> None:
        executor = self._host.executor
        if target is not None:
            self._target = target
        if self._rests and (resting := quiet_until(self.settings)):
            self.db.commit(queries.record_progress, self.job_id, executor, current, target, step)
            self.db.commit(queries.rest_job, self.job_id, executor, resting)
            raise Stopped
        if self.db.commit(queries.record_progress, self.job_id, executor, current, target, step):
            return
        self._end_if_taken_over()
        raise Stopped

    def progress_target(self) -> int:
        return self._target

    def note(self, result: dict[str, Any]) -> None:
        self.db.commit(queries.note_result, self.job_id, result)

    def noted(self) -> dict[str, Any]:
        return self._noted

    def _end_if_taken_over(self) -> None:
        with self.db.snapshot() as tx:
            if not queries.is_taken_over(tx, self.job_id, self._host.executor):
                return
        # We were thought dead (a machine that slept). Ending here leaves no trace in the heir's steps.
        log.error("job taken over by another worker", job_id=self.job_id)
        os._exit(TAKEN_OVER_STATUS)


def run_job(host: Host, pipeline: Pipeline, kind: JobKind, job_id: str) -> None:
    """Run a job's handler and store how it ended. Raises whatever the database raises; the worker looks again later."""
    assignment = host.db.commit(queries.begin_job, job_id, host.executor)
    if assignment is None:
        host.db.commit(queries.release_job, job_id, host.executor)
        return
    if assignment.attempt > ATTEMPTS:
        log.error("job given up", job_id=job_id, kind=assignment.kind, attempts=ATTEMPTS)
        host.db.commit(queries.finish_job, job_id, "failed", {"status": "failed", "error": GIVEN_UP})
        return
    log.info("job started", job_id=job_id, kind=assignment.kind, attempt=assignment.attempt)
    try:
        report = kind.handler(RunningJob(host, assignment, rests=kind.queue == "long"))
    except Stopped:
        _store(host, queries.release_job, job_id, host.executor)
        log.info("job stopped", job_id=job_id, kind=assignment.kind)
        return
    except Exception as error:  # the job's edge
        log.exception("job failed", job_id=job_id, kind=assignment.kind)
        result = {"status": "failed", "error": _sentence(error)}
        _store(host, queries.finish_job, job_id, "failed", result)
        return
    _store(host, _finish, pipeline, kind, assignment, report)
    log.info("job finished", job_id=job_id, kind=assignment.kind, errors=report.error_count)


def _store(
    host: Host, query: Callable[Concatenate[Tx, P], object], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Store how a job ended; while the disk is full or the database away, for as long as it takes.

    Given up, the job would stay unfinished, and keep its owner from the next one.
    """
    while True:
        try:
            host.db.commit(query, *args, **kwargs)
            return
        except Unavailable as error:
            log.warning("the end of a job cannot be stored yet", reason=error.message)
            time.sleep(STORE_AGAIN_SECONDS)


def _sentence(error: Exception) -> str:
    if isinstance(error, LibrePhotosError):
        return error.message
    return FULL if is_full_error(error) else f"Unexpected {type(error).__name__}."


def _finish(tx: Tx, pipeline: Pipeline, kind: JobKind, assignment: Assignment, report: Report) -> None:
    state = "failed" if report.is_failure else "done"
    if not queries.finish_job(tx, assignment.job_id, state, report.as_result()):
        return
    for name in kind.follow_ups:
        queries.enqueue_job(tx, assignment.user_id, pipeline.kinds[name].job_type, name)
