"""The table of jobs: the outbox and the truth about work. What runs them and how is the worker's business."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import job, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound, Refusal
from librephotos.http.paging import Page, PageRequest
from librephotos.jobs.schemas import JOB_TYPE_NAMES, STEP_CHARACTERS, Job, Starter
from librephotos.kit import clock, ids, json

MODEL: Final = "LongRunningJob"
STUCK_AFTER: Final = clock.DAY
ALREADY_FINISHED: Final = "Job is already finished"


def _job(*row: Any) -> Job:  # the columns of _COLUMNS
    (
        row_id,
        job_id,
        job_type,
        state,
        queued_at,
        started_at,
        finished_at,
        current,
        target,
        step,
        result,
        *starter,
    ) = row
    return Job(
        job_id=job_id,
        queued_at=clock.iso_micro(queued_at),
        finished=finished_at is not None,
        finished_at=None if finished_at is None else clock.iso_micro(finished_at),
        started_at=None if started_at is None else clock.iso_micro(started_at),
        failed=state == "failed",
        cancelled=state == "cancelled",
        job_type_str=JOB_TYPE_NAMES.get(job_type, "Unknown"),
        job_type=job_type,
        started_by=Starter(*starter),
        progress_current=current,
        progress_target=target,
        progress_step=step,
        result={"progress": {"current": current, "target": target}, **(json.loads(result) if result else {})},
        id=row_id,
    )


_COLUMNS = (
    job.c.id,
    job.c.job_id,
    job.c.job_type,
    job.c.state,
    job.c.queued_at,
    job.c.started_at,
    job.c.finished_at,
    job.c.progress_current,
    job.c.progress_target,
    job.c.progress_step,
    job.c.result,
    user.c.id,
    user.c.username,
    user.c.first_name,
    user.c.last_name,
)
_UNFINISHED = job.c.finished_at.is_(None)
_WITH_STARTER = select(*_COLUMNS).select_from(job.join(user, user.c.id == job.c.user_id))


def _is_theirs() -> ColumnElement[bool]:
    """The viewer's own; everybody's when `sees_all` is 1."""
    return or_(bindparam("sees_all", type_=job.c.id.type) == 1, job.c.user_id == bindparam("viewer_id"))


def _viewer(viewer: Viewer, *, mine_only: bool = False) -> dict[str, Any]:
    return {"viewer_id": viewer.user_id, "sees_all": int(viewer.is_staff and not mine_only)}


# --- for the API

_INSERT = statement(
    insert(job).values(
        job_id=bindparam("job_id"),
        job_type=bindparam("job_type"),
        kind=bindparam("kind"),
        user_id=bindparam("user_id"),
        arguments=bindparam("arguments"),
        queued_at=bindparam("queued_at"),
    )
)
_SAME_WAITING = Statement(
    select(job.c.job_id)
    .where(
        _UNFINISHED,
        job.c.started_at.is_(None),
        job.c.user_id == bindparam("user_id"),
        job.c.kind == bindparam("kind"),
        job.c.arguments == bindparam("arguments"),
    )
    .limit(1),
    scalar,
)


def enqueue_job(
    tx: Tx, user_id: int, job_type: int, kind: str, arguments: Mapping[str, Any] | None = None
) -> str:
    """Queue a job in the caller's transaction; return its UUID. One that waits already, wanting the same, is taken."""
    wanted = json.dumps(dict(sorted((arguments or {}).items())))
    tx.lock(f"enqueue {kind} {user_id}")
    waiting: str | None = tx.first(_SAME_WAITING, user_id=user_id, kind=kind, arguments=wanted)
    if waiting is not None:
        return waiting
    job_id = ids.new_uuid()
    now = clock.now()
    tx.execute(
        _INSERT, job_id=job_id, job_type=job_type, kind=kind, user_id=user_id, arguments=wanted, queued_at=now
    )
    return job_id


_COUNT = Statement(select(func.count()).select_from(job).where(_is_theirs()), scalar)
_LIST = Statement(
    _WITH_STARTER.where(_is_theirs())
    .order_by(job.c.started_at.desc().nulls_first(), job.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("offset")),
    _job,
)
_GET = Statement(_WITH_STARTER.where(job.c.id == bindparam("row_id"), _is_theirs()), _job)
_DELETE = statement(delete(job).where(job.c.id == bindparam("row_id"), _is_theirs()))
_CANCEL = statement(
    update(job)
    .where(job.c.id == bindparam("row_id"), _UNFINISHED)
    .values(state="cancelled", finished_at=bindparam("now"), result=bindparam("outcome"))
)


def list_jobs(tx: Tx, viewer: Viewer, page: PageRequest, *, mine_only: bool) -> Page[Job]:
    scope = _viewer(viewer, mine_only=mine_only)
    count: int = tx.one(_COUNT, **scope)
    settled = page.settle(count)
    return settled.answer(count, tx.all(_LIST, size=settled.size, offset=settled.offset, **scope))


def get_job(tx: Tx, viewer: Viewer, row_id: int) -> Job:
    found = tx.first(_GET, row_id=row_id, **_viewer(viewer))
    if found is None:
        raise NotFound.of(MODEL)
    return found


def delete_job(tx: Tx, viewer: Viewer, row_id: int) -> None:
    """Forget a job. One that runs stops at its next checkpoint, because it no longer finds its row."""
    if tx.execute(_DELETE, row_id=row_id, **_viewer(viewer)) == 0:
        raise NotFound.of(MODEL)


def cancel_job(tx: Tx, viewer: Viewer, row_id: int) -> Job:
    """End a job: it counts as finished at once, its work stops at the next checkpoint."""
    get_job(tx, viewer, row_id)
    outcome = json.dumps({"status": "cancelled"})
    if tx.execute(_CANCEL, row_id=row_id, now=clock.now(), outcome=outcome) == 0:
        raise Refusal(400, {"status": False, "message": ALREADY_FINISHED})
    return get_job(tx, viewer, row_id)


# The running job, else the one that waits longest; one without a sign of life for a day blocks nobody.
_BUSY = Statement(
    _WITH_STARTER.where(_UNFINISHED, func.coalesce(job.c.progressed_at, job.c.queued_at) > bindparam("since"))
    .order_by(case((job.c.started_at.is_(None), 1), else_=0), job.c.id)
    .limit(1),
    _job,
)


def find_busy_job(tx: Tx) -> Job | None:
    """Return the job that keeps the worker busy, whoever started it."""
    return tx.first(_BUSY, since=clock.now() - STUCK_AFTER)


# --- for the worker


class Assignment(msgspec.Struct, frozen=True):
    """A job as its handler sees it."""

    job_id: str
    kind: str
    user_id: int
    arguments: dict[str, Any]
    progress_current: int
    progress_target: int


def _assignment(
    job_id: str, kind: str, user_id: int, arguments: str, current: int, target: int
) -> Assignment:
    return Assignment(job_id, kind, user_id, json.loads(arguments), current, target)


def _pair(job_id: str, kind: str) -> tuple[str, str]:
    return job_id, kind


_other = job.alias("other")
_WAITING = Statement(
    select(job.c.job_id, job.c.kind)
    .where(
        _UNFINISHED,
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
    _pair,
)
_CLAIM = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), job.c.worker.is_(None), _UNFINISHED)
    .values(worker=bindparam("executor"))
)
_BEGIN = Statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), _UNFINISHED)
    .values(
        state="running",
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
    ),
    _assignment,
)
_PROGRESS = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), job.c.worker == bindparam("executor"), _UNFINISHED)
    .values(
        progressed_at=bindparam("now"),
        progress_current=func.coalesce(
            bindparam("current", type_=job.c.progress_current.type), job.c.progress_current
        ),
        progress_target=func.coalesce(
            bindparam("target", type_=job.c.progress_target.type), job.c.progress_target
        ),
        progress_step=func.coalesce(bindparam("step", type_=job.c.progress_step.type), job.c.progress_step),
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
_HELD = Statement(
    select(job.c.job_id, job.c.kind).where(job.c.worker == bindparam("executor"), _UNFINISHED), _pair
)
_REASSIGN = statement(
    update(job)
    .where(job.c.job_id == bindparam("sought"), job.c.worker == bindparam("executor"))
    .values(worker=bindparam("heir"))
)


def list_waiting(tx: Tx) -> list[tuple[str, str]]:
    """Return (job_id, kind) of jobs that nobody has taken, but not while their like is at work for the same user."""
    return tx.all(_WAITING)


def claim_job(tx: Tx, job_id: str, executor: str) -> bool:
    return tx.execute(_CLAIM, sought=job_id, executor=executor) == 1


def begin_job(tx: Tx, job_id: str, executor: str) -> Assignment | None:
    """Mark a job as running here; None when it is finished, cancelled or gone."""
    return tx.first(_BEGIN, sought=job_id, executor=executor, now=clock.now())


def record_progress(
    tx: Tx,
    job_id: str,
    executor: str,
    current: int | None = None,
    target: int | None = None,
    step: str | None = None,
) -> bool:
    """Store how far a job is; False when it must stop: cancelled, deleted, or taken over by another worker."""
    cut = None if step is None else step[:STEP_CHARACTERS]
    values = {"current": current, "target": target, "step": cut, "now": clock.now()}
    return tx.execute(_PROGRESS, sought=job_id, executor=executor, **values) == 1


def is_taken_over(tx: Tx, job_id: str, executor: str) -> bool:
    """Tell whether another worker runs this job now."""
    return tx.first(_HOLDER, sought=job_id) not in (None, executor)


def note_result(tx: Tx, job_id: str, result: Mapping[str, Any]) -> None:
    """Store what a running job has to tell so far."""
    tx.execute(_NOTE, sought=job_id, outcome=json.dumps(result))


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


def list_held(tx: Tx, executor: str) -> list[tuple[str, str]]:
    """Return (job_id, kind) of unfinished jobs that a worker has taken."""
    return tx.all(_HELD, executor=executor)


_FAIL_STUCK = statement(
    update(job)
    .where(_UNFINISHED, job.c.progressed_at < bindparam("before"))
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
