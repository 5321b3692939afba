"""Jobs as people ask for them, see them and stop them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    not_,
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
from librephotos.jobs.queries.worked import STUCK_AFTER
from librephotos.jobs.quiet import RESTS
from librephotos.jobs.schemas import JOB_TYPE_NAMES, Job, Starter
from librephotos.kit import clock, ids, json

MODEL: Final = "LongRunningJob"
ALREADY_FINISHED: Final = "Job is already finished"
NOT_PAUSED: Final = "Job is not paused"
PAUSED: Final = "Paused"
# The argument of a job that somebody wants done now, even where the hours are quiet.
EVEN_QUIET: Final = "even_quiet"


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
        result={
            "progress": {"current": current, "target": target},
            **(json.loads(result) if result else {}),
            **({"status": "paused"} if state == "paused" else {}),
        },
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
        job.c.state == "queued",
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
_PAUSE = statement(
    update(job)
    .where(job.c.id == bindparam("row_id"), _UNFINISHED)
    .values(state="paused", progress_step=PAUSED)
)
_ARGUMENTS = Statement(
    select(job.c.arguments).where(
        job.c.id == bindparam("row_id"), _UNFINISHED, or_(job.c.state == "paused", job.c.state == "queued")
    ),
    scalar,
)
# Queued again, also while its work is still stopping: that ends at its next checkpoint and is then taken up anew.
_RESUME = statement(
    update(job)
    .where(job.c.id == bindparam("row_id"), _UNFINISHED)
    .values(state="queued", progress_step=null(), attempt=0, arguments=bindparam("new_arguments"))
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


def pause_job(tx: Tx, viewer: Viewer, row_id: int) -> Job:
    """Let a job rest until it is resumed; its work stops at the next checkpoint. Once more changes nothing."""
    get_job(tx, viewer, row_id)
    if tx.execute(_PAUSE, row_id=row_id) == 0:
        raise Refusal(400, {"status": False, "message": ALREADY_FINISHED})
    return get_job(tx, viewer, row_id)


def resume_job(tx: Tx, viewer: Viewer, row_id: int) -> Job:
    """Let a paused job go on where it was, and one that waits for the end of the quiet hours begin now."""
    if get_job(tx, viewer, row_id).finished:
        raise Refusal(400, {"status": False, "message": ALREADY_FINISHED})
    stored = tx.first(_ARGUMENTS, row_id=row_id)
    if stored is None:
        raise Refusal(400, {"status": False, "message": NOT_PAUSED})
    wanted = json.dumps(dict(sorted({**json.loads(stored), EVEN_QUIET: True}.items())))
    tx.execute(_RESUME, row_id=row_id, new_arguments=wanted)
    return get_job(tx, viewer, row_id)


# The running job, else the one that waits longest; one without a sign of life for a day blocks nobody, nor does one
# that was paused or rests for hours.
_BUSY = Statement(
    _WITH_STARTER.where(
        _UNFINISHED,
        job.c.state != "paused",
        not_(and_(job.c.state == "queued", func.coalesce(job.c.progress_step, "").startswith(RESTS))),
        func.coalesce(job.c.progressed_at, job.c.queued_at) > bindparam("since"),
    )
    .order_by(case((job.c.started_at.is_(None), 1), else_=0), job.c.id)
    .limit(1),
    _job,
)


def find_busy_job(tx: Tx) -> Job | None:
    """Return the job that keeps the worker busy, whoever started it."""
    return tx.first(_BUSY, since=clock.now() - STUCK_AFTER)
