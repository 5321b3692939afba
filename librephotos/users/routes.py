"""First-time set-up, sign-up, profiles. Bodies are read after the caller's right to send them is known."""

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import admin, anyone, signed_in
from librephotos.accounts.server import Server, origin_of, server_of, viewer_of
from librephotos.accounts.setup import is_first_run
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import Page, parse_offset
from librephotos.http.rendering import json_bytes
from librephotos.kit import json
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


@get(
    "/api/user/",
    who=anyone,
    unsafe=signed_in,
    scope="account:read",
    direct=True,
    answers={200: (Page[FullUser], Page[ListedUser])},
)
async def list_users(request: ApiRequest) -> Response[Page[FullUser]]:
    """Active accounts: whole for admins, what everybody may know for others, public galleries for anonymous callers."""
    viewer, server = viewer_of(request), server_of(request)
    text = request.scope["query_string"].decode("latin-1")
    page = parse_offset(server.proxies.link_base(request.scope), text)
    sees_all = viewer.is_staff or viewer.is_superuser

    async def make() -> bytes:
        if not sees_all:
            return json.dump_bytes(await server.db.read_heavy(queries.list_for_strangers, viewer, page))
        count, rows = await server.db.read_heavy(queries.list_with_samples, viewer, page)
        base = server.proxies.origin(request.scope).base
        whole = [full_user(row, samples, base, server.defaults) for row, samples in rows]
        return json.dump_bytes(page.answer(count, whole))

    # Each of the three kinds of callers sees one list; the address that it was asked by stands in the page.
    key = ("users", sees_all, viewer.is_anonymous, page)
    return json_bytes(await server.unwritten(key, make))


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


@get(
    "/api/user/{user_id:str}/",
    who=anyone,
    unsafe=signed_in,
    scope="account:read",
    direct=True,
    answers={200: (FullUser, PublicUser)},
)
async def get_user(request: ApiRequest, user_id: str) -> Response[FullUser]:
    """One account: whole for its owner and admins, what everybody may know for others."""
    viewer, server = viewer_of(request), server_of(request)
    row_id = _parse(user_id)
    sees_all = row_id == viewer.user_id or viewer.is_staff or viewer.is_superuser

    async def make() -> bytes:
        if sees_all:
            return json.dump_bytes(await _full(request, viewer, server, row_id))
        return json.dump_bytes(
            public_user(*await server.db.read_heavy(queries.get_with_samples, viewer, row_id))
        )

    base = server.proxies.origin(request.scope).base if sees_all else ""
    key = ("user", row_id, sees_all, viewer.is_anonymous, base)
    return json_bytes(await server.unwritten(key, make))


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
