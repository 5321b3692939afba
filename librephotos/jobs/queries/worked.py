"""Jobs as the worker takes, follows and ends them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import (
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import job
from librephotos.db.transactions import Tx
from librephotos.jobs.schemas import STEP_CHARACTERS
from librephotos.kit import clock, json

STUCK_AFTER: Final = clock.DAY
_UNFINISHED = job.c.finished_at.is_(None)


class Assignment(msgspec.Struct, frozen=True):
    """A job as its handler sees it."""

    job_id: str
    kind: str
    user_id: int
    arguments: dict[str, Any]
    progress_current: int
    progress_target: int
    attempt: int
    result: dict[str, Any]


class Waiting(msgspec.Struct, frozen=True):
    """A job that nobody has taken; `step` is what is told of it meanwhile."""

    job_id: str
    kind: str
    arguments: dict[str, Any]
    step: str | None


def _assignment(
    job_id: str, kind: str, user_id: int, arguments: str, current: int, target: int, attempt: int, result: str
) -> Assignment:
    noted = json.loads(result) if result else {}
    return Assignment(job_id, kind, user_id, json.loads(arguments), current, target, attempt, noted)


def _waiting(job_id: str, kind: str, arguments: str, step: str | None) -> Waiting:
    return Waiting(job_id, kind, json.loads(arguments), step)


def _pair(job_id: str, kind: str) -> tuple[str, str]:
    return job_id, kind


_other = job.alias("other")
_WAITING = Statement(
    select(job.c.job_id, job.c.kind, job.c.arguments, job.c.progress_step)
    .where(
        _UNFINISHED,
        job.c.state != "paused",
        job.c.worker.is_(None),
        ~exists(literal(1)).where(
            _other.c.worker.is_not(None),
            _other.c.user_id == job.c.user_id,
            _other.c.kind == job.c.kind,
            _other.c.id != job.c.id,
        ),
    )
    .order_by(job.c.id)
    .limit(50),
    _waiting,
)
_CLAIM = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), job.c.worker.is_(None), _UNFINISHED, job.c.state != "paused")
    .values(worker=bindparam("executor"))
)
_BEGIN = Statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), _UNFINISHED, job.c.state != "paused")
    .values(
        state="running",
        progress_step=null(),
        worker=bindparam("executor"),
        started_at=func.coalesce(job.c.started_at, bindparam("now")),
        progressed_at=bindparam("now"),
        attempt=job.c.attempt + 1,
    )
    .returning(
        job.c.job_id,
        job.c.kind,
        job.c.user_id,
        job.c.arguments,
        job.c.progress_current,
        job.c.progress_target,
        job.c.attempt,
        job.c.result,
    ),
    _assignment,
)
_PROGRESS = statement(
    update(job)
    .where(
        job.c.job_id == bindparam("sought"),
        job.c.worker == bindparam("executor"),
        _UNFINISHED,
        job.c.state == "running",
    )
    .values(
        progressed_at=bindparam("now"),
        progress_current=func.coalesce(
            bindparam("current", type_=job.c.progress_current.type), job.c.progress_current
        ),
        progress_target=func.coalesce(
            bindparam("target", type_=job.c.progress_target.type), job.c.progress_target
        ),
        progress_step=func.coalesce(bindparam("step", type_=job.c.progress_step.type), job.c.progress_step),
        attempt=case(
            (bindparam("current", type_=job.c.progress_current.type) > job.c.progress_current, 1),
            else_=job.c.attempt,
        ),
    )
)
_HOLDER = Statement(select(job.c.worker).where(job.c.job_id == bindparam("sought")), scalar)
_NOTE = statement(
    update(job).where(job.c.job_id == bindparam("sought"), _UNFINISHED).values(result=bindparam("outcome"))
)
_FINISH = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), _UNFINISHED)
    .values(
        state=bindparam("new_state"),
        finished_at=bindparam("now"),
        result=bindparam("outcome"),
        worker=null(),
        progress_step=null(),
    )
)
_REST = statement(
    update(job)
    .where(
        job.c.job_id == bindparam("sought"),
        or_(job.c.worker.is_(None), job.c.worker == bindparam("executor")),
        _UNFINISHED,
        job.c.state != "paused",
    )
    .values(state="queued", progress_step=bindparam("step"), attempt=0)
)
_RELEASE = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), job.c.worker == bindparam("executor"))
    .values(worker=null())
)
_RELEASE_FINISHED = statement(
    update(job)
    .where(job.c.worker == bindparam("executor"), job.c.finished_at.is_not(None))
    .values(worker=null())
)
_DISCOUNT = statement(
    update(job)
    .where(job.c.worker == bindparam("executor"), _UNFINISHED, job.c.attempt > 0)
    .values(attempt=job.c.attempt - 1)
)
_HELD = Statement(
    select(job.c.job_id, job.c.kind).where(job.c.worker == bindparam("executor"), _UNFINISHED), _pair
)
_REASSIGN = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), job.c.worker == bindparam("executor"))
    .values(worker=bindparam("heir"))
)


def list_waiting(tx: Tx) -> list[Waiting]:
    """Return jobs that nobody has taken, but not while their like is at work for the same user."""
    return tx.all(_WAITING)


def claim_job(tx: Tx, job_id: str, executor: str) -> bool:
    return tx.execute(_CLAIM, sought=job_id, executor=executor) == 1


def begin_job(tx: Tx, job_id: str, executor: str) -> Assignment | None:
    """Mark a job as running here; None when it is finished, cancelled or gone.

    `attempt` counts the starts since the job last got further.
    """
    return tx.first(_BEGIN, sought=job_id, executor=executor, now=clock.now())


def record_progress(
    tx: Tx,
    job_id: str,
    executor: str,
    current: int | None = None,
    target: int | None = None,
    step: str | None = None,
) -> bool:
    """Store how far a job is; False when it must stop: cancelled, paused, deleted, or taken over by another worker."""
    cut = None if step is None else step[:STEP_CHARACTERS]
    values = {"current": current, "target": target, "step": cut, "now": clock.now()}
    return tx.execute(_PROGRESS, sought=job_id, executor=executor, **values) == 1


def is_taken_over(tx: Tx, job_id: str, executor: str) -> bool:
    """Tell whether another worker runs this job now."""
    return tx.first(_HOLDER, sought=job_id) not in (None, executor)


def note_result(tx: Tx, job_id: str, result: Mapping[str, Any]) -> None:
    """Store what a running job has to tell so far."""
    tx.execute(_NOTE, sought=job_id, outcome=json.dumps(result))


def rest_job(tx: Tx, job_id: str, executor: str, step: str) -> None:
    """Put a job back among those that wait, and say why; what it has done so far stays done."""
    tx.execute(_REST, sought=job_id, executor=executor, step=step[:STEP_CHARACTERS])


def finish_job(tx: Tx, job_id: str, state: str, result: Mapping[str, Any] | None) -> bool:
    """Store how a job ended (`done` or `failed`); False when it was ended before."""
    outcome = json.dumps(result) if result else None
    return tx.execute(_FINISH, sought=job_id, new_state=state, now=clock.now(), outcome=outcome) == 1


def release_job(tx: Tx, job_id: str, executor: str) -> None:
    """Let go of a job: its like may start now, and it may itself start again if it is not finished."""
    tx.execute(_RELEASE, sought=job_id, executor=executor)


def reassign_job(tx: Tx, job_id: str, executor: str, heir: str) -> None:
    tx.execute(_REASSIGN, sought=job_id, executor=executor, heir=heir)


def release_finished(tx: Tx, executor: str) -> None:
    tx.execute(_RELEASE_FINISHED, executor=executor)


def discount_attempt(tx: Tx, executor: str) -> None:
    """Let the current starts of a worker's jobs not count, because it ends as it was told to."""
    tx.execute(_DISCOUNT, executor=executor)


def list_held(tx: Tx, executor: str) -> list[tuple[str, str]]:
    """Return (job_id, kind) of unfinished jobs that a worker has taken."""
    return tx.all(_HELD, executor=executor)


_FAIL_STUCK = statement(
    update(job)
    .where(_UNFINISHED, job.c.state == "running", job.c.progressed_at < bindparam("before"))
    .values(state="failed", finished_at=bindparam("now"), result=bindparam("outcome"))
)
_PRUNE = statement(delete(job).where(and_(job.c.finished_at < bindparam("before"), job.c.worker.is_(None))))


def fail_stuck_jobs(tx: Tx) -> None:
    """Fail begun jobs that gave no sign of life for a day."""
    outcome = json.dumps({"status": "failed", "error": "The job made no progress for 24 hours."})
    now = clock.now()
    tx.execute(_FAIL_STUCK, before=now - STUCK_AFTER, now=now, outcome=outcome)


def prune_jobs(tx: Tx, kept_days: int = 30) -> None:
    tx.execute(_PRUNE, before=clock.now() - kept_days * clock.DAY)
