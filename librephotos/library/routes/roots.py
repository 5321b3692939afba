"""Scan directories: whether they are there, since when not and why, and the confirmation that files are really gone."""

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.http.flags import tri_state
from librephotos.jobs.schemas import Started
from librephotos.library.queries.roots import list_roots
from librephotos.library.routes.triggers import SCANS, require_scan_directory, start_scan
from librephotos.library.schemas import LibraryRoots

NOTHING_AWAY = "The last scan missed nothing."


@get("/api/library/roots/", scope="jobs:read")
async def list_library_roots(db: Database, viewer: Viewer, all: str | None = None) -> LibraryRoots:
    """The caller's scan directory; with `all=true`, for staff, everybody's."""
    sees_all = viewer.is_staff and tri_state(all) is True
    return LibraryRoots(await db.read(list_roots, None if sees_all else viewer.user_id))


@post("/api/library/roots/accept/", **SCANS, status_code=200)
async def accept_losses(db: Database, viewer: Viewer) -> Started:
    """Confirm that what the last scan missed is gone: start a scan that marks it as missing.

    It believes no more than what was told; when more is missing by then, it asks again.
    """
    await require_scan_directory(db, viewer)
    roots = await db.read(list_roots, viewer.user_id)
    if not roots or not roots[0].reason:
        raise Refusal(400, {"status": False, "message": NOTHING_AWAY})
    return await start_scan(db, viewer, accept_losses=roots[0].reason)


ROUTES: list[BaseRouteHandler] = [list_library_roots, accept_losses]
