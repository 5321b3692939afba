"""Writing into files what is stored of all photos, because somebody asked."""

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.server import origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.http.binding import ApiRequest
from librephotos.jobs.queries import enqueue_job
from librephotos.library.inputs import SavingInput
from librephotos.library.kinds import WRITE_BACK, WRITE_BACK_TYPE
from librephotos.library.queries import write_back
from librephotos.library.schemas import SavingStarted
from librephotos.library.wishes import TYPES


@post("/api/savemetadata/", scope="photos:write", status_code=200)
async def save_metadata(
    request: ApiRequest, db: Database, viewer: Viewer, data: SavingInput
) -> SavingStarted:
    """Write what is stored of all own photos into their files or sidecars, by a job that `job_id` names."""
    return await db.write(_start, viewer, list(data.types), origin_of(request))


def _start(tx: Tx, viewer: Viewer, wanted: list[str], origin: Origin) -> SavingStarted:
    types = [name for name in TYPES if name in wanted]
    count = write_back.count_asked(tx, viewer.user_id, faces_only=types == ["face_tags"])
    job_id = enqueue_job(tx, viewer.user_id, WRITE_BACK_TYPE, WRITE_BACK, {"types": types})
    detail = {"photos": count, "types": types}
    record(
        tx,
        Event(
            kind="metadata_saved",
            origin=origin,
            subject_id=viewer.user_id,
            target="files of all photos",
            detail=detail,
        ),
    )
    return SavingStarted(status=True, written=count, errors=0, job_id=job_id)


ROUTES: list[BaseRouteHandler] = [save_metadata]
