"""The three calls of an upload: is the file here already, here is a chunk, this was all of it."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import by_handler
from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import BadInput, Refusal, TooLarge, UnsupportedMediaType
from librephotos.http.binding import ApiRequest, read_fields
from librephotos.kit.ids import parse_image_hash
from librephotos.uploads import queries
from librephotos.uploads.callers import SCOPE, uploader_of
from librephotos.uploads.completing import complete_upload as complete
from librephotos.uploads.parts import drain
from librephotos.uploads.receiving import receive_chunk
from librephotos.uploads.schemas import REFUSALS, Completed, Exists, Received, refused

_BINARY: Final = {"type": "string", "format": "binary"}
_TEXT: Final = {"type": "string"}
CHUNK: Final[dict[str, Any]] = {
    "title": "UploadChunk",
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {**_BINARY, "description": "The bytes of this chunk."},
        "upload_id": {**_TEXT, "description": "Absent or empty with the first chunk."},
        "offset": {**_TEXT, "description": "Ignored, as `user` and `md5` are; `Content-Range` counts."},
    },
}
WHOLE: Final[dict[str, Any]] = {
    "title": "UploadCompletion",
    "type": "object",
    "required": ["upload_id", "md5", "filename"],
    "properties": {
        "upload_id": _TEXT,
        "md5": {**_TEXT, "description": "MD5 of the whole file in hex."},
        "filename": {**_TEXT, "description": "Only the base name counts."},
        "device_created_at": {**_TEXT, "description": "Milliseconds since 1970, or an ISO time."},
        "device_modified_at": {**_TEXT, "description": "As above; it becomes the file's time."},
    },
}
# The handlers ask for credentials themselves, before they read the body and in words of their own.
UPLOADS: Final[dict[str, Any]] = {
    "who": by_handler,
    "credentials": "cookie",
    "scope": SCOPE,
    "status_code": 200,
    "refusals": REFUSALS,
}


@get("/api/exists/{content_hash:str}/", scope=SCOPE)
async def get_existence(db: Database, viewer: Viewer, content_hash: str) -> Exists:
    """Whether a file is in the caller's library already: its MD5 in hex, followed by the caller's id."""
    known = parse_image_hash(content_hash.lower())
    return Exists(known is not None and await db.read(queries.is_known, viewer, known))


# A chunk is bounded by a setting of its own, which the handler counts itself: nothing of it stays in memory.
@post("/api/upload/", **UPLOADS, body=CHUNK, request_max_body_size=None, streamed=True)
async def receive_upload(request: ApiRequest, server: Server) -> Received:
    """Take one chunk of a file; `Content-Range: bytes <start>-<end>/<any>` says which."""
    viewer = await _uploader(request, server)
    return await receive_chunk(server, viewer, request)


@post("/api/upload/complete/", **UPLOADS, body=WHOLE)
async def complete_upload(request: ApiRequest, server: Server) -> Completed:
    """Check the whole file and put it into the caller's library; a file that is there already is not stored again."""
    await _uploader(request, server)
    try:
        fields = await read_fields(request)
    except (BadInput, UnsupportedMediaType) as error:
        raise refused(error.status, error.message) from None
    except RequestEntityTooLarge:
        raise refused(TooLarge.status, TooLarge.message) from None
    # The fields may have come long after the head.
    viewer = await uploader_of(server, request.scope)
    return await complete(server, viewer, fields if isinstance(fields, dict) else {})


async def _uploader(request: ApiRequest, server: Server) -> Viewer:
    try:
        return await uploader_of(server, request.scope)
    except Refusal:
        await drain(request)
        raise


ROUTES: list[BaseRouteHandler] = [get_existence, receive_upload, complete_upload]
