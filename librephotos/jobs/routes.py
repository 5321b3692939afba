"""The history of jobs, and whether the worker is free: the endpoint that every open client asks every two seconds."""

from litestar import Response, delete, get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.flags import tri_state
from librephotos.http.paging import TINY, Page, parse_page
from librephotos.http.refusals import Failed
from librephotos.http.rendering import json_bytes
from librephotos.jobs import queries
from librephotos.jobs.schemas import Availability, Cancelled, Changed, Job
from librephotos.kit import ids, json

IDLE = json.dump_bytes(Availability(status=True, queue_can_accept_job=True, job_detail=None))


@get("/api/rqavailable/", scope="jobs:read", answer=Availability, direct=True)
async def get_availability(request: ApiRequest) -> Response[bytes]:
    """Whether a job may be started; the busy one is shown to its starter and to staff."""
    busy = await server_of(request).db.read(queries.find_busy_job)
    if busy is None:
        return json_bytes(IDLE)
    viewer = viewer_of(request)
    shown = busy if viewer.is_staff or busy.started_by.id == viewer.user_id else None
    answer = Availability(status=True, queue_can_accept_job=False, job_detail=shown)
    return json_bytes(json.dump_bytes(answer))


@get("/api/jobs/", scope="jobs:read")
async def list_jobs(
    request: ApiRequest, db: Database, viewer: Viewer, server: Server, mine: str | None = None
) -> Page[Job]:
    """Own jobs, or everybody's for staff; newest first, those that wait before them."""
    base = server.proxies.link_base(request.scope)
    page = parse_page(base, request.scope["query_string"].decode("latin-1"), TINY)
    return await db.read(queries.list_jobs, viewer, page, mine_only=tri_state(mine) is True)


@get("/api/jobs/{job_id:str}/", scope="jobs:read")
async def get_job(db: Database, viewer: Viewer, job_id: str) -> Job:
    """One job with its progress and result."""
    return await db.read(queries.get_job, viewer, _row_id(job_id))


@delete("/api/jobs/{job_id:str}/", scope="jobs:write", status_code=204)
async def delete_job(db: Database, viewer: Viewer, job_id: str) -> None:
    """Take a job out of the history."""
    await db.write(queries.delete_job, viewer, _row_id(job_id))


@post("/api/jobs/{job_id:str}/cancel/", scope="jobs:write", status_code=200, refusals={400: Failed})
async def cancel_job(db: Database, viewer: Viewer, job_id: str) -> Cancelled:
    """Ask a job to stop; what it has done so far stays done."""
    return Cancelled(status=True, job=await db.write(queries.cancel_job, viewer, _row_id(job_id)))


@post("/api/jobs/{job_id:str}/pause/", scope="jobs:write", status_code=200, refusals={400: Failed})
async def pause_job(db: Database, viewer: Viewer, job_id: str) -> Changed:
    """Let a job rest until it is resumed, also over a restart of the server."""
    return Changed(status=True, job=await db.write(queries.pause_job, viewer, _row_id(job_id)))


@post("/api/jobs/{job_id:str}/resume/", scope="jobs:write", status_code=200, refusals={400: Failed})
async def resume_job(db: Database, viewer: Viewer, job_id: str) -> Changed:
    """Go on with a paused job where it was, or begin now with one that waits for the end of the quiet hours."""
    return Changed(status=True, job=await db.write(queries.resume_job, viewer, _row_id(job_id)))


def _row_id(text: str) -> int:
    row_id = ids.parse_int(text)
    if row_id is None:
        raise NotFound
    return row_id


ROUTES: list[BaseRouteHandler] = [
    get_availability,
    list_jobs,
    get_job,
    delete_job,
    cancel_job,
    pause_job,
    resume_job,
]
