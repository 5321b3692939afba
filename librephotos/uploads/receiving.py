"""Receives one chunk: onto the disk first, and counted only when its bytes are there to stay."""

import asyncio
from pathlib import Path
from typing import Final

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest
from librephotos.kit import clock, ids
from librephotos.uploads import drafts, queries
from librephotos.uploads.callers import uploader_of
from librephotos.uploads.parts import Parts, drain, read_parts
from librephotos.uploads.queries import Upload
from librephotos.uploads.schemas import Received, refused
from librephotos.uploads.spans import Span, parse_span

NOT_FOUND: Final = "Not found."
EXPIRED: Final = "Upload has expired"
WRONG_OFFSET: Final = "Offsets do not match"
WRONG_SIZE: Final = "File size doesn't match headers"


async def receive_chunk(server: Server, viewer: Viewer, request: ApiRequest) -> Received:
    """Return how much is here now. Raises Refusal, after which the upload is as it was before this chunk."""
    settings = server.settings
    try:
        await _require_space(server, viewer, request)
    except Refusal:
        await drain(request)
        raise
    chunk = drafts.new_chunk_path(settings.data)
    try:
        parts = await read_parts(request, chunk, settings.upload_chunk_bytes)
        if parts.length_bytes == 0:
            chunk.touch(mode=0o600)
        # A chunk may take minutes: it counts for whoever may still upload.
        viewer = await uploader_of(server, request.scope)
        span = parse_span(request.headers.get("content-range"), parts.length_bytes)
        upload_id = parts.fields.get("upload_id", "").strip()
        if upload_id:
            upload = await _append(server, viewer, upload_id, chunk, span, parts)
        else:
            upload = await _begin(server, viewer, chunk, span, parts)
    finally:
        chunk.unlink(missing_ok=True)
    return Received(upload.upload_id, upload.received_bytes, expires(upload))


def expires(upload: Upload) -> str:
    """Return when an upload ends, with milliseconds."""
    return clock.to_datetime(upload.expires_at).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{upload.expires_at // (clock.SECOND // 1000) % 1000:03}Z"
    )


async def get_upload(server: Server, viewer: Viewer, upload_id: str) -> Upload:
    """Raises Refusal for one that is unknown, somebody else's, done or expired."""
    # No database holds a NUL, and PostgreSQL refuses even to look for one.
    upload = None if "\0" in upload_id else await server.db.read(queries.find_upload, viewer, upload_id)
    if upload is None:
        raise refused(404, NOT_FOUND)
    if upload.is_expired:
        raise refused(410, EXPIRED)
    return upload


async def _require_space(server: Server, viewer: Viewer, request: ApiRequest) -> None:
    """Raise Refusal when what the request announces would leave too little free space, here or in the library."""
    directories = await server.db.read(queries.get_directories, viewer.user_id)
    announced = request.headers.get("content-length", "")
    wanted = int(announced) if announced.isascii() and announced.isdigit() else 0
    left = await asyncio.to_thread(drafts.left_bytes, server.settings, directories.folders)
    if left <= 0 or wanted > left:
        raise drafts.no_space()


def _check(span: Span, parts: Parts, received_bytes: int) -> None:
    if span.start != received_bytes:
        raise refused(400, WRONG_OFFSET, offset=received_bytes)
    if span.length_bytes != parts.length_bytes:
        raise refused(400, WRONG_SIZE)


async def _begin(server: Server, viewer: Viewer, chunk: Path, span: Span, parts: Parts) -> Upload:
    _check(span, parts, 0)
    data = server.settings.data
    upload_id = ids.new_upload_id()
    draft = drafts.draft_path(data, upload_id)
    # Before the row: one that is told of has its bytes. What a crash leaves in between is cleared later.
    await asyncio.to_thread(drafts.begin, chunk, draft)
    try:
        return await server.db.write(
            queries.begin_upload, viewer, upload_id, parts.length_bytes, server.settings
        )
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


async def _append(
    server: Server, viewer: Viewer, upload_id: str, chunk: Path, span: Span, parts: Parts
) -> Upload:
    await get_upload(server, viewer, upload_id)
    data = server.settings.data
    async with drafts.held(drafts.lock_path(data, upload_id)):
        # Again, now that nobody else is at it.
        upload = await get_upload(server, viewer, upload_id)
        _check(span, parts, upload.received_bytes)
        total = upload.received_bytes + parts.length_bytes
        if upload.most_bytes is not None and total > upload.most_bytes:
            raise refused(507, queries.NO_QUOTA)
        draft = drafts.draft_path(data, upload_id)
        await asyncio.to_thread(drafts.append, chunk, draft, upload.received_bytes)
        await server.db.write(queries.advance_upload, viewer, upload_id, total)
        return Upload(upload_id, viewer.user_id, total, upload.most_bytes, upload.created_at)
