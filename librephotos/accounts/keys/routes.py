"""Making, listing, renaming, rotating and revoking one's own API keys. No key may do any of it."""

from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.confirmation import confirm_password
from librephotos.accounts.events import Origin
from librephotos.accounts.guard import signed_in
from librephotos.accounts.keys import queries
from librephotos.accounts.keys.queries import NewKey
from librephotos.accounts.keys.schemas import (
    ApiKey,
    KeyInput,
    NewApiKey,
    RenameInput,
    RotateInput,
    with_text,
)
from librephotos.accounts.keys.text import KeyText, mint_key, parse_key
from librephotos.accounts.open_sessions import refuse_ended
from librephotos.accounts.scopes import SERVER_READ
from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import REGULAR, Page, parse_page
from librephotos.kit import clock
from librephotos.kit.ids import parse_int

OWN: dict[str, Any] = {"who": signed_in, "scope": "account:manage"}
SECRET = {"cache-control": "no-store"}


@get("/api/auth/keys/", **OWN, query=("page", "page_size"))
async def list_keys(request: ApiRequest, viewer: Viewer, db: Database, server: Server) -> Page[ApiKey]:
    """The caller's API keys, newest first, without their secrets."""
    base = server.proxies.link_base(request.scope)
    page = parse_page(base, request.scope["query_string"].decode("latin-1"), REGULAR)
    return await db.read(queries.list_keys, viewer, page)


@post("/api/auth/keys/", **OWN)
async def create_key(
    request: ApiRequest, viewer: Viewer, server: Server, data: KeyInput
) -> Response[NewApiKey]:
    """Make an API key. The answer shows it for the only time."""
    if SERVER_READ in data.scopes and not (viewer.is_staff or viewer.is_superuser):
        raise BadInput.of("scopes", f'"{SERVER_READ}" is for keys of admins.')
    await confirm_password(server, viewer, data.current_password, origin_of(request))
    expires_at = None if data.expires_at is None else clock.from_datetime(data.expires_at)
    new = NewKey(data.name, data.scopes, data.albums, expires_at)
    text = mint_key()
    origin = origin_of(request)
    made = await server.db.write(_create, viewer, new, parse_key(text), origin)
    return Response(with_text(made, text), status_code=201, headers=SECRET)


@get("/api/auth/keys/{key_id:str}/", **OWN)
async def get_key(viewer: Viewer, db: Database, key_id: str) -> ApiKey:
    """One of the caller's API keys, without its secret."""
    return await db.read(queries.get_key, viewer, parse_int(key_id))


@patch("/api/auth/keys/{key_id:str}/", **OWN)
async def rename_key(
    request: ApiRequest, viewer: Viewer, db: Database, key_id: str, data: RenameInput
) -> ApiKey:
    """Give an API key another name; nothing else of it can change."""
    return await db.write(queries.rename_key, viewer, parse_int(key_id), data.name, origin_of(request))


@delete("/api/auth/keys/{key_id:str}/", **OWN)
async def revoke_key(request: ApiRequest, viewer: Viewer, db: Database, key_id: str) -> None:
    """End an API key for good, at once."""
    await db.write(queries.revoke_key, viewer, parse_int(key_id), origin_of(request))


@post("/api/auth/keys/{key_id:str}/rotate/", **OWN)
async def rotate_key(
    request: ApiRequest, viewer: Viewer, server: Server, key_id: str, data: RotateInput
) -> Response[NewApiKey]:
    """Make a key like this one and let both work for `overlap_seconds`, a day unless said otherwise."""
    row_id = parse_int(key_id)
    # Whose key it is comes before anything about the body's password.
    await server.db.read(queries.get_key, viewer, row_id)
    await confirm_password(server, viewer, data.current_password, origin_of(request))
    text, overlap = mint_key(), data.overlap_seconds * clock.SECOND
    origin = origin_of(request)
    made = await server.db.write(_rotate, viewer, row_id, parse_key(text), overlap, origin)
    return Response(with_text(made, text), status_code=201, headers=SECRET)


def _create(tx: Tx, viewer: Viewer, new: NewKey, text: KeyText, origin: Origin) -> ApiKey:
    refuse_ended(tx, viewer)
    return queries.create_key(tx, viewer.user_id, new, text, origin)


def _rotate(  # whose, which, into what, and from where
    tx: Tx, viewer: Viewer, key_id: int | None, text: KeyText, overlap: int, origin: Origin
) -> ApiKey:
    refuse_ended(tx, viewer)
    return queries.rotate_key(tx, viewer, key_id, text, overlap, origin)


ROUTES: list[BaseRouteHandler] = [list_keys, create_key, get_key, rename_key, revoke_key, rotate_key]
