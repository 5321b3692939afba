"""What went wrong in the caller's library, counted and listed, and another try."""

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import REGULAR, Page, parse_page
from librephotos.http.refusals import Errors, Failed
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.schemas import Started
from librephotos.library.inputs import RetryInput
from librephotos.library.kinds import SCAN, SCAN_TYPE
from librephotos.library.problem_ids import ProblemIds, parse_problem_ids
from librephotos.library.queries import problems
from librephotos.library.routes.triggers import SCANS, require_scan_directory
from librephotos.library.schemas import Problem, ProblemCounts

NOTHING = "There is nothing to try again."


@get("/api/library/problems/", scope="photos:read")
async def list_library_problems(
    request: ApiRequest,
    db: Database,
    viewer: Viewer,
    server: Server,
    kind: str | None = None,
    step: str | None = None,
    reason: str | None = None,
) -> Page[Problem]:
    """Files that failed, steps that failed, files that are missing, files that were skipped; in this order."""
    base = server.proxies.link_base(request.scope)
    page = parse_page(base, request.scope["query_string"].decode("latin-1"), REGULAR)
    filters = {"kind": kind or "", "step": step or "", "reason": reason or ""}
    return await db.read_heavy(problems.list_problems, viewer.user_id, filters, page)


@get("/api/library/problems/counts/", scope="photos:read")
async def count_library_problems(db: Database, viewer: Viewer) -> ProblemCounts:
    """How many problems there are, by kind, step and reason."""
    return await db.read_heavy(problems.count_problems, viewer.user_id)


@post(
    "/api/library/problems/retry/",
    **{**SCANS, "refusals": {400: (Errors, Failed)}},
    status_code=200,
)
async def retry_library_problems(db: Database, viewer: Viewer, data: RetryInput) -> Started:
    """Start a job that tries again: the problems with these `ids`, or all of a `kind`, or all that failed."""
    chosen = None if data.ids is None else parse_problem_ids(data.ids)
    await require_scan_directory(db, viewer)
    job_id = await db.write(_retry, viewer.user_id, chosen, data.kind)
    if job_id is None:
        raise Refusal(400, {"status": False, "message": NOTHING})
    return Started(status=True, job_id=job_id)


def _retry(tx: Tx, owner_id: int, chosen: ProblemIds | None, kind: str | None) -> str | None:
    if chosen is not None:
        count = problems.retry_chosen(tx, owner_id, chosen)
    else:
        count = sum(problems.retry_files(tx, owner_id, state) for state in _states(kind))
        if kind in (None, "step"):
            count += problems.retry_steps(tx, owner_id)
    return enqueue_job(tx, owner_id, SCAN_TYPE, SCAN) if count else None


def _states(kind: str | None) -> list[str]:
    """A file that is no media stays none; it is tried only when somebody asks for that."""
    return ["failed"] if kind is None else [kind] if kind != "step" else []


ROUTES: list[BaseRouteHandler] = [
    list_library_problems,
    count_library_problems,
    retry_library_problems,
]
