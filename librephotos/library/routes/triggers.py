"""The triggers of scans and of the removal of photos whose files are gone. GET works as well; it is deprecated."""

import asyncio
import os
from typing import Any

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.http.refusals import Failed
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.schemas import Started
from librephotos.library.inputs import RemovalInput
from librephotos.library.kinds import DELETE_MISSING, DELETE_MISSING_TYPE, SCAN, SCAN_TYPE
from librephotos.library.queries import owners

NO_DIRECTORY = (
    "Scan failed: No scan directory configured. Please contact your administrator to set up a scan directory for your "
    "account."
)
NO_SUCH_DIRECTORY = "Scan failed: Scan directory '{}' does not exist. Please contact your administrator."
# Of every route that starts a scan.
SCANS: dict[str, Any] = {"scope": "library:scan", "refusals": {400: Failed}}


async def start_scan(db: Database, viewer: Viewer, **arguments: Any) -> Started:  # JSON
    await require_scan_directory(db, viewer)
    return await _start(db, viewer, SCAN_TYPE, SCAN, arguments)


async def require_scan_directory(db: Database, viewer: Viewer) -> None:
    """Raises Refusal in the published words when there is no folder to scan."""
    directory = await db.read(owners.get_scan_directory, viewer.user_id)
    if not directory.strip():
        raise Refusal(400, {"status": False, "message": NO_DIRECTORY})
    # In a thread: a network folder may take its time.
    if not await asyncio.to_thread(os.path.isdir, directory):
        raise Refusal(400, {"status": False, "message": NO_SUCH_DIRECTORY.format(directory)})


async def _start(
    db: Database, viewer: Viewer, job_type: int, kind: str, arguments: dict[str, Any]
) -> Started:
    job_id = await db.write(enqueue_job, viewer.user_id, job_type, kind, arguments)
    return Started(status=True, job_id=job_id)


@post("/api/scanphotos/", **SCANS, status_code=200)
async def scan_photos(db: Database, viewer: Viewer) -> Started:
    """Look for new, changed and vanished files."""
    return await start_scan(db, viewer)


@get("/api/scanphotos/", **SCANS)
async def scan_photos_by_get(db: Database, viewer: Viewer) -> Started:
    return await start_scan(db, viewer)


@post("/api/fullscanphotos/", **SCANS, status_code=200)
async def scan_all_photos(db: Database, viewer: Viewer) -> Started:
    """Look at every file again."""
    return await start_scan(db, viewer, mode="full")


@get("/api/fullscanphotos/", **SCANS)
async def scan_all_photos_by_get(db: Database, viewer: Viewer) -> Started:
    return await start_scan(db, viewer, mode="full")


@post("/api/scanuploadedphotos/", **SCANS, status_code=200)
async def scan_uploaded_photos(db: Database, viewer: Viewer) -> Started:
    """Look for uploaded files; they lie in the scan directory, and only new ones are read."""
    return await start_scan(db, viewer)


@get("/api/scanuploadedphotos/", **SCANS)
async def scan_uploaded_photos_by_get(db: Database, viewer: Viewer) -> Started:
    return await start_scan(db, viewer)


@post("/api/deletemissingphotos/", scope="library:scan", status_code=200)
async def delete_missing_photos(db: Database, viewer: Viewer, data: RemovalInput) -> Started:
    """Remove photos whose files are all gone; most of a library at once only with `accept_losses`."""
    arguments = {"accept_losses": True} if data.accept_losses else {}
    return await _start(db, viewer, DELETE_MISSING_TYPE, DELETE_MISSING, arguments)


@get("/api/deletemissingphotos/", scope="library:scan")
async def delete_missing_photos_by_get(db: Database, viewer: Viewer) -> Started:
    return await _start(db, viewer, DELETE_MISSING_TYPE, DELETE_MISSING, {})


ROUTES: list[BaseRouteHandler] = [
    scan_photos,
    scan_photos_by_get,
    scan_all_photos,
    scan_all_photos_by_get,
    scan_uploaded_photos,
    scan_uploaded_photos_by_get,
    delete_missing_photos,
    delete_missing_photos_by_get,
]
