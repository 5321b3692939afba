"""Admins' view of somebody's open logins."""

from litestar import delete, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts import open_sessions
from librephotos.accounts.guard import admin
from librephotos.accounts.schemas import OpenSession
from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import REGULAR, Page, PageRequest, parse_page
from librephotos.kit.ids import parse_int
from librephotos.users import editing, queries

PATH = "/api/manage/user/{user_id:str}/sessions/"


@get(PATH, who=admin, scope="users:manage", query=("page", "page_size"))
async def list_user_sessions(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str
) -> Page[OpenSession]:
    """The open logins of an account, the one last used first."""
    page = parse_page(
        server.proxies.link_base(request.scope), request.scope["query_string"].decode("latin-1"), REGULAR
    )
    return await db.read(_list, viewer, server, _parse(user_id), page)


@delete(PATH, who=admin, scope="users:manage")
async def end_user_sessions(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str
) -> None:
    """End every login of an account, except the one that asks; a superuser's only as superuser."""
    await db.write(_end_all, request, viewer, _parse(user_id))


@delete(f"{PATH}{{session_id:str}}/", who=admin, scope="users:manage")
async def end_user_session(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str, session_id: str
) -> None:
    """End one login of an account; a superuser's only as superuser."""
    await db.write(_end_one, request, viewer, server, _parse(user_id), _parse(session_id))


def _list(tx: Tx, viewer: Viewer, server: Server, user_id: int, page: PageRequest) -> Page[OpenSession]:
    queries.get_managed(tx, user_id)
    return open_sessions.list_sessions(tx, server.limits, user_id, viewer.session_id, page)


def _end_all(tx: Tx, request: ApiRequest, viewer: Viewer, user_id: int) -> None:
    editing.refuse_stranger(viewer, queries.get_managed(tx, user_id))
    open_sessions.end_sessions(tx, origin_of(request), user_id, but=viewer.session_id)


def _end_one(
    tx: Tx, request: ApiRequest, viewer: Viewer, server: Server, user_id: int, session_id: int
) -> None:
    editing.refuse_stranger(viewer, queries.get_managed(tx, user_id))
    open_sessions.end_session(tx, server.limits, origin_of(request), user_id, session_id)


def _parse(text: str) -> int:
    row_id = parse_int(text)
    if row_id is None:
        raise NotFound
    return row_id


ROUTES: list[BaseRouteHandler] = [list_user_sessions, end_user_sessions, end_user_session]
