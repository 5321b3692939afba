"""The triggers of what tells what photos are of: the classification, and the recognition of text."""

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.schemas import Started
from librephotos.photos.flag_inputs import ClassifyInput
from librephotos.photos.kinds import CLASSIFY_MEDIA, CLASSIFY_MEDIA_TYPE, EXTRACT_TEXT, EXTRACT_TEXT_TYPE


@post("/api/classifymedia/", scope="photos:write", status_code=200)
async def classify_media(viewer: Viewer, db: Database, data: ClassifyInput) -> Started:
    """Look for screenshots among photos that are nothing yet, or among all; what was marked by hand stays."""
    return await _start(viewer, db, CLASSIFY_MEDIA_TYPE, CLASSIFY_MEDIA, data)


@post("/api/generateocr/", scope="photos:write", status_code=200)
async def generate_text(viewer: Viewer, db: Database, data: ClassifyInput) -> Started:
    """Read the text in photos; the job says so where no model for it is installed."""
    return await _start(viewer, db, EXTRACT_TEXT_TYPE, EXTRACT_TEXT, data)


async def _start(viewer: Viewer, db: Database, job_type: int, kind: str, data: ClassifyInput) -> Started:
    arguments = {"full_scan": True} if data.full_scan else {}
    return Started(status=True, job_id=await db.write(enqueue_job, viewer.user_id, job_type, kind, arguments))


ROUTES: list[BaseRouteHandler] = [classify_media, generate_text]
