"""Writing into files what is stored of all photos, because somebody asked."""

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.jobs.queries import enqueue_job
from librephotos.library.inputs import SavingInput
from librephotos.library.kinds import WRITE_BACK, WRITE_BACK_TYPE
from librephotos.library.queries import write_back
from librephotos.library.schemas import SavingStarted
from librephotos.library.wishes import TYPES


@post("/api/savemetadata/", scope="photos:write", status_code=200)
async def save_metadata(db: Database, viewer: Viewer, data: SavingInput) -> SavingStarted:
    """Write what is stored of all own photos into their files or sidecars, by a job that `job_id` names."""
    return await db.write(_start, viewer, data.wanted)


def _start(tx: Tx, viewer: Viewer, wanted: list[str]) -> SavingStarted:
    types = [name for name in TYPES if name in wanted]
    count = write_back.count_asked(tx, viewer.user_id, faces_only=types == ["face_tags"])
    job_id = enqueue_job(tx, viewer.user_id, WRITE_BACK_TYPE, WRITE_BACK, {"types": types})
    return SavingStarted(status=True, written=count, errors=0, job_id=job_id)


ROUTES: list[BaseRouteHandler] = [save_metadata]
