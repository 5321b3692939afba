"""User albums: lists, one album, renaming and deleting."""

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import anyone, signed_in
from librephotos.accounts.server import origin_of, server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import parse_media
from librephotos.albums.inputs import TitleInput
from librephotos.albums.queries import user_album_edits as edits
from librephotos.albums.queries.user_album_edits import AlbumChange
from librephotos.albums.queries.user_albums import (
    get_linked_album,
    get_user_album,
    list_full_albums,
    list_user_albums,
)
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id, query_of
from librephotos.albums.routes.places import NARROWING, PAGED
from librephotos.albums.schemas import PublicAlbum, UserAlbum
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.flags import is_present
from librephotos.http.paging import HUGE, STANDARD, Page
from librephotos.http.rendering import json_bytes
from librephotos.http.search import parse_search
from librephotos.kit import json
from librephotos.kit.text import normalize_username
from librephotos.photos.schemas import UserAlbumListItem


@get("/api/albums/user/list/", scope="albums:read", direct=True, narrows=True, query=PAGED)
async def list_own_albums(request: ApiRequest) -> Response[Page[UserAlbumListItem]]:
    """The caller's albums that show any photo, by title."""
    asked = page_of(request, STANDARD)
    terms = parse_search(query_of(request).get("search"))
    return await answer_own(request, ("user albums", asked), list_user_albums, "own", terms, asked)


@get("/api/albums/user/shared/tome/", scope="albums:read", narrows=True, query=("page", "page_size"))
async def list_albums_shared_to_me(
    request: ApiRequest, viewer: Viewer, db: Database
) -> Page[UserAlbumListItem]:
    """Albums of others that they shared with the caller, counted by what the caller sees of them."""
    return await db.read_heavy(list_user_albums, viewer, "to me", (), page_of(request, HUGE))


@get("/api/albums/user/shared/fromme/", scope="albums:read", query=("page", "page_size"))
async def list_albums_shared_from_me(
    request: ApiRequest, viewer: Viewer, db: Database
) -> Page[UserAlbumListItem]:
    """The caller's albums that are shared with anybody."""
    return await db.read_heavy(list_user_albums, viewer, "from me", (), page_of(request, HUGE))


@get("/api/albums/user/", scope="albums:read", query=("page", "page_size"))
async def list_albums_in_full(request: ApiRequest, viewer: Viewer, db: Database) -> Page[UserAlbum]:
    """Own and shared albums with all their photos, the newest first."""
    return await db.read_heavy(list_full_albums, viewer, page_of(request, STANDARD))


@post("/api/albums/user/", scope="albums:write", body=TitleInput)
async def create_album(request: ApiRequest, viewer: Viewer, db: Database) -> UserAlbum:
    """Make an empty album."""
    data = bind(TitleInput, await read_fields(request))
    album_id = await db.write(edits.create_empty, viewer, data.title)
    return await db.read_heavy(get_user_album, viewer, album_id, parse_media({}))


@get(
    "/api/albums/user/{album_id:str}/",
    who=anyone,
    unsafe=signed_in,
    scope="albums:read",
    direct=True,
    narrows=True,
    answers={200: (UserAlbum, PublicAlbum)},
    query=(*NARROWING, "public", "username"),
)
async def get_album(request: ApiRequest, album_id: str) -> Response[bytes]:
    """An album's photos by days, newest first; with `public` what visitors of its link see, signed in or not."""
    viewer, db = viewer_of(request), server_of(request).db
    query = query_of(request)
    is_public = is_present(query.get("public"))
    if not is_public:
        signed_in(viewer)
    row_id, wanted = parse_album_id(album_id), parse_media(query)
    if is_public:
        username = normalize_username(query.get("username") or "")
        linked = await db.read_heavy(get_linked_album, viewer, row_id, username, wanted)
        return json_bytes(json.dump_bytes(linked))
    # What is shared with the caller changes without a change of their own lists.
    found = await db.read_heavy(get_user_album, viewer, row_id, wanted)
    return json_bytes(json.dump_bytes(found))


@patch("/api/albums/user/{album_id:str}/", scope="albums:write", body=TitleInput)
async def rename_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> UserAlbum:
    """Give an album another title."""
    return await _rename(request, viewer, db, album_id)


@put("/api/albums/user/{album_id:str}/", scope="albums:write", body=TitleInput)
async def replace_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> UserAlbum:
    """As PATCH."""
    return await _rename(request, viewer, db, album_id)


@delete("/api/albums/user/{album_id:str}/", scope="albums:write")
async def delete_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> None:
    """Delete an album with its link and shares, never its photos."""
    await db.write(edits.delete_album, viewer, parse_album_id(album_id), origin_of(request))


async def _rename(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> UserAlbum:
    row_id = parse_album_id(album_id)
    await db.read(edits.require_own, viewer, row_id)
    data = bind(TitleInput, await read_fields(request))
    await db.write(edits.change_album, viewer, row_id, AlbumChange(title=data.title))
    return await db.read_heavy(get_user_album, viewer, row_id, parse_media({}))


ROUTES: list[BaseRouteHandler] = [
    list_own_albums,
    list_albums_shared_to_me,
    list_albums_shared_from_me,
    list_albums_in_full,
    create_album,
    get_album,
    rename_album,
    replace_album,
    delete_album,
]
