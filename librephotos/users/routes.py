"""First-time set-up, sign-up, profiles. Bodies are read after the caller's right to send them is known."""

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import admin, anyone, signed_in
from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.setup import is_first_run
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import Page, parse_offset
from librephotos.kit.ids import parse_int
from librephotos.users import creation, editing, queries
from librephotos.users.inputs import ProfileInput, SignUpInput
from librephotos.users.manage_routes import ROUTES as MANAGE_ROUTES
from librephotos.users.manage_routes import remove_account
from librephotos.users.profile import full_user, public_user
from librephotos.users.schemas import FirstTimeSetup, FullUser, ListedUser, PublicUser, SignedUp
from librephotos.users.session_routes import ROUTES as SESSION_ROUTES


@get("/api/firsttimesetup/", who=anyone, scope="public")
async def get_first_time_setup(db: Database) -> FirstTimeSetup:
    """Whether no superuser has ever existed."""
    return FirstTimeSetup(is_first_time_setup=await db.read(is_first_run))


@get("/api/user/", who=anyone, unsafe=signed_in, scope="account:read")
async def list_users(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server
) -> Page[FullUser] | Page[ListedUser]:
    """Active accounts: whole for admins, what everybody may know for others, public galleries for anonymous callers."""
    page = parse_offset(server.proxies.link_base(request.scope), request.url.query)
    if not (viewer.is_staff or viewer.is_superuser):
        return await db.read_heavy(queries.list_for_strangers, viewer, page)
    count, rows = await db.read_heavy(queries.list_with_samples, viewer, page)
    base = server.proxies.origin(request.scope).base
    return page.answer(count, [full_user(row, samples, base, server.defaults) for row, samples in rows])


@post("/api/user/", who=anyone, scope="users:manage", body=SignUpInput, answers={201: (SignedUp, FullUser)})
async def create_user(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server
) -> Response[SignedUp] | Response[FullUser]:
    """Sign-up, or creation by a superuser, who may send any setting along."""
    await db.read(creation.refuse_sign_up, viewer, server.settings)
    fields = await read_fields(request)
    if viewer.is_superuser:
        user_id = await creation.create_account(server, viewer, fields, origin_of(request))
        return Response(await _full(request, viewer, server, user_id), status_code=201)
    data = await creation.sign_up(server, viewer, fields, origin_of(request))
    answer = SignedUp(data.username, data.email, data.first_name, data.last_name)
    return Response(answer, status_code=201)


@get("/api/user/{user_id:str}/", who=anyone, unsafe=signed_in, scope="account:read")
async def get_user(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str
) -> FullUser | PublicUser:
    """One account: whole for its owner and admins, what everybody may know for others."""
    row_id = _parse(user_id)
    if row_id == viewer.user_id or viewer.is_staff or viewer.is_superuser:
        return await _full(request, viewer, server, row_id)
    return public_user(*await db.read_heavy(queries.get_with_samples, viewer, row_id))


@patch("/api/user/{user_id:str}/", who=signed_in, scope="account:manage", body=ProfileInput)
async def update_user(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str
) -> FullUser:
    """Change a profile, its settings, its picture or its password."""
    return await _update(request, viewer, server, _parse(user_id))


@put("/api/user/{user_id:str}/", who=signed_in, scope="account:manage", body=ProfileInput)
async def replace_user(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str
) -> FullUser:
    """As PATCH: what is not sent stays."""
    return await _update(request, viewer, server, _parse(user_id))


@delete("/api/user/{user_id:str}/", who=admin, scope="users:manage", refusals={400: None})
async def delete_user(
    request: ApiRequest, viewer: Viewer, db: Database, server: Server, user_id: str
) -> None:
    """Delete an account and hand its content over; superusers are protected."""
    row = await db.read(queries.find_visible, viewer, _parse(user_id))
    await remove_account(request, server, row.id)


async def _full(request: ApiRequest, viewer: Viewer, server: Server, user_id: int) -> FullUser:
    row, samples = await server.db.read_heavy(queries.get_with_samples, viewer, user_id)
    return full_user(row, samples, server.proxies.origin(request.scope).base, server.defaults)


async def _update(request: ApiRequest, viewer: Viewer, server: Server, user_id: int) -> FullUser:
    row = await server.db.read(editing.get_editable, viewer, user_id)
    data = bind(ProfileInput, await read_fields(request))
    await editing.change_profile(server, viewer, row, data, origin_of(request))
    return await _full(request, viewer, server, user_id)


def _parse(user_id: str) -> int:
    row_id = parse_int(user_id)
    if row_id is None:
        raise NotFound
    return row_id


ROUTES: list[BaseRouteHandler] = [
    get_first_time_setup,
    list_users,
    create_user,
    get_user,
    update_user,
    replace_user,
    delete_user,
    *MANAGE_ROUTES,
    *SESSION_ROUTES,
]
