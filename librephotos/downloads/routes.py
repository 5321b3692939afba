"""Starting an archive, asking how far it is, and throwing it away; fetching it is the media mount's business."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, delete, get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.downloads import queries
from librephotos.downloads.archives import left_bytes
from librephotos.downloads.schemas import (
    ArchiveFailed,
    ArchiveInput,
    ArchivePending,
    ArchiveReady,
    ArchiveStarted,
    NoSpace,
)
from librephotos.errors import NotFound, Refusal
from librephotos.http.binding import ApiRequest
from librephotos.http.refusals import Errors, Mistake
from librephotos.http.rendering import Ready
from librephotos.kit.ids import parse_uuid
from librephotos.photos.paths import archive_path
from librephotos.photos.selection import parse_selection

SCOPE = "downloads:read"
NO_HASHES = "image_hashes required"
NO_JOB_ID = "job_id is required"


@post(
    "/api/photos/download",
    scope=SCOPE,
    status_code=200,
    refusals={400: (Mistake, Errors), 404: Mistake, 507: NoSpace},
)
async def start_archive(
    request: ApiRequest, db: Database, viewer: Viewer, server: Server, data: ArchiveInput
) -> ArchiveStarted:
    """Have the originals of own photos packed, with whatever else lies beside them."""
    if not data.select_all and not data.image_hashes:
        raise Refusal(400, msgspec.to_builtins(Mistake(NO_HASHES)))
    selection = parse_selection(data)
    left = await asyncio.to_thread(left_bytes, server.settings)
    return await db.write(
        queries.start_archive,
        viewer,
        selection,
        left,
        origin_of(request),
        with_stacked=data.include_stacked_photos,
    )


@get(
    "/api/photos/download",
    scope=SCOPE,
    answers={200: ArchiveReady, 202: ArchivePending},
    refusals={400: Mistake, 404: None, 500: (ArchiveFailed, Errors)},
)
async def get_archive_state(db: Database, viewer: Viewer, job_id: str | None = None) -> Response[Any]:
    """How far an archive is that the caller asked for."""
    if not job_id:
        raise Refusal(400, msgspec.to_builtins(Mistake(NO_JOB_ID)))
    known = parse_uuid(job_id)
    packing = await db.read(queries.find_packing, viewer, known) if known else None
    if packing is None:
        raise Refusal(404)
    if not packing.is_finished:
        return Response(ArchivePending(packing.result), status_code=202)
    if packing.state != "done":
        raise Refusal(500, msgspec.to_builtins(ArchiveFailed(packing.result)))
    return Response(ArchiveReady(), status_code=200)


@delete("/api/delete/zip/{archive:str}", scope=SCOPE, status_code=200, answer=None)
async def delete_archive(server: Server, viewer: Viewer, archive: str) -> Response[bytes]:
    """Throw an own archive away; one that is gone already is no mistake."""
    name = parse_uuid(archive)
    if name is None:
        raise NotFound
    await asyncio.to_thread(archive_path(server.settings.data, name, viewer.user_id).unlink, missing_ok=True)
    return Ready(b"")


ROUTES: list[BaseRouteHandler] = [start_archive, get_archive_state, delete_archive]
