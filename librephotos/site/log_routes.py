"""The server's own log for admins: what `kit/kept_log.py` keeps of it."""

import asyncio
from typing import Final

import structlog
from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import admin
from librephotos.accounts.scopes import SERVER_READ
from librephotos.accounts.server import Server
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest
from librephotos.http.disposition import disposition
from librephotos.http.refusals import Errors, Mistake
from librephotos.kit.kept_log import read_kept
from librephotos.kit.logs import scrub
from librephotos.photos.routes.answering import query_of
from librephotos.site.schemas import LogLines, NoLogLines

log = structlog.get_logger()

FILE_NAME: Final = b"ownophotos.log"
BYTES: Final = "application/octet-stream"
LINES, LINES_MAX = 100, 1000
NOT_FOUND: Final = "Log file not found"
UNREADABLE: Final = "Log file could not be read"


@get(
    "/api/serverlogs",
    who=admin,
    scope=SERVER_READ,
    answers={200: BYTES},
    refusals={404: Mistake},
    media_type=BYTES,
)
async def download_log(server: Server) -> Response[bytes]:
    """Everything that is kept of the log, one JSON object a line."""
    try:
        kept = await asyncio.to_thread(read_kept, server.settings.data)
    except OSError as error:
        log.warning("log could not be read", reason=str(error))
        kept = None
    if kept is None:
        raise Refusal(404, {"error": NOT_FOUND})
    headers = {
        "Content-Disposition": disposition("attachment", FILE_NAME).decode(),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(_clean(kept).encode(), media_type=BYTES, headers=headers)


@get(
    "/api/serverlogs/view",
    who=admin,
    scope=SERVER_READ,
    query=("lines",),
    refusals={403: Errors, 404: NoLogLines, 500: NoLogLines},
)
async def view_log(request: ApiRequest, server: Server) -> LogLines:
    """The last lines of the log, the oldest of them first."""
    try:
        kept = await asyncio.to_thread(read_kept, server.settings.data)
    except OSError as error:
        log.warning("log could not be read", reason=str(error))
        raise Refusal(500, {"logs": "", "count": 0, "error": UNREADABLE}) from error
    if kept is None:
        raise Refusal(404, {"logs": "", "count": 0, "error": NOT_FOUND})
    last = kept.splitlines(keepends=True)[-_wanted_lines(query_of(request).get("lines")) :]
    return LogLines(_clean(b"".join(last)), len(last))


def _wanted_lines(text: str | None) -> int:
    """Return how many lines are asked for, from 1 to 1000; 100 when that is no number."""
    try:
        return min(max(int(text or ""), 1), LINES_MAX)
    except ValueError:
        return LINES


def _clean(kept: bytes) -> str:
    """Credentials were hidden when the lines were written; twice costs little."""
    return scrub(kept.decode("utf-8", "replace"))


ROUTES: list[BaseRouteHandler] = [download_log, view_log]
