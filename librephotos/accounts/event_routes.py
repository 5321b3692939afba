"""The audit log on the wire: a person's own part, everything for admins; as pages or as JSON lines."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from litestar.response import Stream

from librephotos.accounts import event_pages
from librephotos.accounts.event_pages import Filters
from librephotos.accounts.events import ADDRESS_CHARS, KINDS, NAME_CHARS, RESULTS, plain
from librephotos.accounts.guard import admin, signed_in
from librephotos.accounts.schemas import AuditEvent
from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import BadInput, NotAcceptable
from librephotos.http.binding import ApiRequest
from librephotos.http.negotiation import accepts_json, choose
from librephotos.http.paging import REGULAR, Page, parse_page
from librephotos.http.rendering import JSON
from librephotos.kit import clock, json
from librephotos.kit.ids import parse_int
from librephotos.kit.text import normalize_username

JSON_LINES: Final = "application/x-ndjson"
AT_ONCE: Final = 500
BAD_TIME: Final = (
    "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)
FILTERS: Final = ("kind", "result", "user", "address", "since", "until")
PAGING: Final = ("page", "page_size", "format")
ANSWERS: Final = {200: Page[AuditEvent]}


@get("/api/auth/events/", who=signed_in, scope="account:manage", accept="any", answers=ANSWERS, query=PAGING)
async def list_own_events(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server
) -> Response[Page[AuditEvent]] | Stream:
    """What concerns one's own account or was done by it, newest first; `format=jsonl` sends all, one a line."""
    return await _answer(request, db, server, Filters(viewer=viewer.user_id))


@get(
    "/api/manage/events/",
    who=admin,
    scope="server:read",
    accept="any",
    answers=ANSWERS,
    query=(*FILTERS, *PAGING),
)
async def list_all_events(
    request: ApiRequest, db: Database, server: Server
) -> Response[Page[AuditEvent]] | Stream:
    """The whole audit log, newest first, narrowed by filters; `format=jsonl` sends all of it, one event a line."""
    return await _answer(request, db, server, parse_filters(_query(request)))


async def _answer(
    request: ApiRequest, db: Database, server: Server, filters: Filters
) -> Response[Page[AuditEvent]] | Stream:
    if _wants_lines(request):
        return Stream(_lines(db, filters), media_type=JSON_LINES)
    base = server.proxies.link_base(request.scope)
    page = parse_page(base, request.scope["query_string"].decode("latin-1"), REGULAR)
    return Response(await db.read_heavy(event_pages.list_events, filters, page), media_type=JSON)


def _wants_lines(request: ApiRequest) -> bool:
    """Raises NotAcceptable for a caller that takes neither form."""
    accept = request.headers.get("accept", "")
    if _query(request).get("format") == "jsonl":
        return True
    if choose(accept, (JSON, JSON_LINES)) == JSON_LINES:
        return True
    if not accepts_json(accept.encode("latin-1")):
        raise NotAcceptable
    return False


async def _lines(db: Database, filters: Filters) -> AsyncIterator[bytes]:
    """Read piece by piece: a log of years is never in memory, and no transaction waits for a slow reader."""
    before: int | None = None
    while True:
        events = await db.read_heavy(event_pages.list_piece, filters, before, AT_ONCE)
        if events:
            yield b"".join(json.dump_bytes(event) + b"\n" for event in events)
            before = events[-1].id
        if len(events) < AT_ONCE:
            return


def _query(request: ApiRequest) -> dict[str, str]:
    return dict(parse_qsl(request.scope["query_string"].decode("latin-1")))


def parse_filters(given: dict[str, str]) -> Filters:
    """Raises BadInput: a filter that was passed over would show more than was asked for, and nobody would notice."""
    fields: dict[str, Any] = {
        "kind": _one_of("kind", given, KINDS),
        "result": _one_of("result", given, RESULTS),
        "since": _instant("since", given),
        "until": _instant("until", given),
    }
    if "address" in given:
        fields["address"] = plain(given["address"].strip(), ADDRESS_CHARS)
    if "user" in given:
        text = given["user"].strip()
        number = parse_int(text)
        fields["user"] = number
        fields["name"] = plain(normalize_username(text), NAME_CHARS) if number is None else None
    return Filters(**fields)


def _one_of(name: str, given: dict[str, str], known: tuple[str, ...]) -> str | None:
    text = given.get(name)
    if text is not None and text not in known:
        raise BadInput.of(name, f'"{plain(text, NAME_CHARS)}" is not a valid choice.')
    return text


def _instant(name: str, given: dict[str, str]) -> int | None:
    if name not in given:
        return None
    try:
        return clock.from_datetime(datetime.fromisoformat(given[name].strip()))
    except (ValueError, OverflowError):
        raise BadInput.of(name, BAD_TIME) from None


ROUTES: list[BaseRouteHandler] = [list_own_events, list_all_events]
