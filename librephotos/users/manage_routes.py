"""Admins' view of accounts: the table, its rows, and deletion."""

from litestar import Response, delete, get, patch, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.guard import admin
from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound, Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import Page, parse_offset
from librephotos.kit.ids import parse_int
from librephotos.users import avatars, creation, editing, hand_over, queries
from librephotos.users.inputs import ManageInput, NewUserInput
from librephotos.users.profile import managed_user
from librephotos.users.schemas import ManagedUser


@get("/api/manage/user/", who=admin, scope="users:manage")
async def list_managed_users(request: ApiRequest, db: Database, server: Server) -> Page[ManagedUser]:
    """Every person's account, disabled ones too."""
    page = parse_offset(server.proxies.link_base(request.scope), request.url.query)
    return await db.read_heavy(queries.list_managed, page)


@post("/api/manage/user/", who=admin, scope="users:manage", body=NewUserInput)
async def create_managed_user(request: ApiRequest, viewer: Viewer, server: Server) -> Response[ManagedUser]:
    """Create an account with any settings; only superusers make superusers."""
    user_id = await creation.create_account(server, viewer, await read_fields(request), origin_of(request))
    row = await server.db.read(queries.get_managed, user_id)
    return Response(managed_user(row), status_code=201)


@get("/api/manage/user/{user_id:str}/", who=admin, scope="users:manage")
async def get_managed_user(db: Database, user_id: str) -> ManagedUser:
    return managed_user(await db.read(queries.get_managed, _parse(user_id)))


@patch("/api/manage/user/{user_id:str}/", who=admin, scope="users:manage", body=ManageInput)
async def update_managed_user(
    request: ApiRequest, viewer: Viewer, server: Server, user_id: str
) -> ManagedUser:
    """Set directories, names, password and, as superuser, the flags of an account."""
    row = await server.db.read(queries.get_managed, _parse(user_id))
    editing.refuse_stranger(viewer, row)
    data = bind(ManageInput, await read_fields(request))
    await editing.change_managed(server, viewer, row, data, origin_of(request))
    return managed_user(await server.db.read(queries.get_managed, row.id))


@delete(
    "/api/delete/user/{user_id:str}/",
    who=admin,
    scope="users:manage",
    refusals={400: None},
    sometimes_empty={401: "for an admin who is no superuser"},
)
async def delete_account(request: ApiRequest, viewer: Viewer, server: Server, user_id: str) -> None:
    """Delete an account and hand its content to `deleted`."""
    if not viewer.is_superuser:
        # The published answer: 401 without a body for admins who are no superusers.
        raise Refusal(
            401, None, {"WWW-Authenticate": 'Bearer realm="api"', "Link": '</api/help>; rel="help"'}
        )
    await remove_account(request, server, _parse(user_id))


async def remove_account(request: ApiRequest, server: Server, user_id: int) -> None:
    """Hand over and delete; a superuser is refused with 400 and no body."""
    gone = await server.db.write(_delete, user_id, origin_of(request))
    avatars.remove_avatar(server.settings.data, gone.avatar)


def _delete(tx: Tx, user_id: int, origin: Origin) -> hand_over.Deleted:
    queries.lock_superusers(tx)
    row = queries.get_managed(tx, user_id)
    if row.is_superuser:
        raise Refusal(400)
    detail = {"photos": row.photo_count}
    record(
        tx, Event(kind="user_deleted", origin=origin, subject_id=user_id, target=row.username, detail=detail)
    )
    return hand_over.delete_user(tx, user_id)


def _parse(user_id: str) -> int:
    row_id = parse_int(user_id)
    if row_id is None:
        raise NotFound
    return row_id


ROUTES: list[BaseRouteHandler] = [
    list_managed_users,
    create_managed_user,
    get_managed_user,
    update_managed_user,
    delete_account,
]
