"""A person's own account: how it can be entered, and the logins that are open."""

from litestar import delete, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts import open_sessions
from librephotos.accounts.account_facts import get_account_facts
from librephotos.accounts.guard import signed_in
from librephotos.accounts.schemas import AccountFacts, OpenSession
from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import REGULAR, Page, parse_page
from librephotos.kit.ids import parse_int

PAGING = ("page", "page_size")


@get("/api/auth/account/", who=signed_in, scope="account:manage")
async def get_account(viewer: Viewer, db: Database, server: Server) -> AccountFacts:
    """Ways into the account, its keys and sessions, and what happened lately."""
    return await db.read(get_account_facts, viewer, server.limits)


@get("/api/auth/sessions/", who=signed_in, scope="account:manage", query=PAGING)
async def list_own_sessions(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server
) -> Page[OpenSession]:
    """Logins of one's own that are open: device, address, times; the one last used first."""
    page = parse_page(
        server.proxies.link_base(request.scope), request.scope["query_string"].decode("latin-1"), REGULAR
    )
    return await db.read(open_sessions.list_sessions, server.limits, viewer.user_id, viewer.session_id, page)


@delete("/api/auth/sessions/{session_id:str}/", who=signed_in, scope="account:manage")
async def end_own_session(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, session_id: str
) -> None:
    """End one login of one's own; its access token and its media cookie end with it."""
    row_id = parse_int(session_id)
    if row_id is None:
        raise NotFound
    await db.write(open_sessions.end_session, server.limits, origin_of(request), viewer.user_id, row_id)


@delete("/api/auth/sessions/", who=signed_in, scope="account:manage")
async def end_other_sessions(request: ApiRequest, viewer: Viewer, db: Database, server: Server) -> None:
    """End every login of one's own but the one that asks."""
    await db.write(open_sessions.end_sessions, origin_of(request), viewer.user_id, but=viewer.session_id)


ROUTES: list[BaseRouteHandler] = [get_account, list_own_sessions, end_own_session, end_other_sessions]
