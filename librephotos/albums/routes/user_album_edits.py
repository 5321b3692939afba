"""User albums by their photos: making one, adding, removing, covers, locks; and sharing with other accounts."""

from litestar import delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.albums.inputs import AlbumChangeInput, AlbumInput, AlbumShareInput
from librephotos.albums.queries import user_album_edits as edits
from librephotos.albums.queries.user_album_edits import AlbumChange
from librephotos.albums.queries.user_albums import get_list_item
from librephotos.albums.routes.answers import page_of, parse_album_id
from librephotos.albums.schemas import EditedAlbum
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import STANDARD, Page
from librephotos.http.refusals import Errors, Failed
from librephotos.photos.schemas import UserAlbumListItem
from librephotos.photos.selection import Named, parse_selection


def _change(data: AlbumChangeInput) -> AlbumChange:
    """What was sent of the body; the rest stays as it is."""
    sent = data.model_fields_set
    named = Named(tuple(dict.fromkeys(data.photos)))
    return AlbumChange(
        title=data.title if "title" in sent else None,
        added=parse_selection(data) if data.select_all else named,
        removed=tuple(dict.fromkeys(data.removedPhotos)),
        cover=(data.cover_photo or "") if "cover_photo" in sent else None,
        is_locked=data.locked if "locked" in sent else None,
    )


@get("/api/albums/user/edit/", scope="albums:read", query=("page", "page_size"))
async def list_edited_albums(request: ApiRequest, viewer: Viewer, db: Database) -> Page[EditedAlbum]:
    """The caller's albums by the UUIDs of their photos, empty ones too, by title."""
    return await db.read_heavy(edits.list_edited, viewer, page_of(request, STANDARD))


@post("/api/albums/user/edit/", scope="albums:write", body=AlbumInput)
async def create_or_change_album(request: ApiRequest, viewer: Viewer, db: Database) -> EditedAlbum:
    """Make an album of photos, or change the caller's album of the same title."""
    data = bind(AlbumInput, await read_fields(request))
    return await db.write(edits.create_or_change, viewer, data.title, _change(data))


@get("/api/albums/user/edit/{album_id:str}/", scope="albums:read")
async def get_edited_album(viewer: Viewer, db: Database, album_id: str) -> EditedAlbum:
    """One of the caller's albums by the UUIDs of its photos."""
    return await db.read_heavy(edits.get_edited, viewer, parse_album_id(album_id))


@patch("/api/albums/user/edit/{album_id:str}/", scope="albums:write", body=AlbumChangeInput)
async def change_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> EditedAlbum:
    """Rename, remove, choose a cover, add, lock: what was sent, in this order."""
    row_id = parse_album_id(album_id)
    await db.read(edits.require_own, viewer, row_id)
    data = bind(AlbumChangeInput, await read_fields(request))
    return await db.write(edits.change_album, viewer, row_id, _change(data))


@put("/api/albums/user/edit/{album_id:str}/", scope="albums:write", body=AlbumInput)
async def replace_edited_album(
    request: ApiRequest, viewer: Viewer, db: Database, album_id: str
) -> EditedAlbum:
    """As PATCH, with title and photos required; photos are added here too."""
    row_id = parse_album_id(album_id)
    await db.read(edits.require_own, viewer, row_id)
    data = bind(AlbumInput, await read_fields(request))
    return await db.write(edits.change_album, viewer, row_id, _change(data))


@delete("/api/albums/user/edit/{album_id:str}/", scope="albums:write")
async def delete_edited_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> None:
    """Delete an album with its link and shares, never its photos."""
    await db.write(edits.delete_album, viewer, parse_album_id(album_id), origin_of(request))


@post(
    "/api/useralbum/share/",
    scope="sharing:write",
    status_code=200,
    body=AlbumShareInput,
    refusals={400: (Errors, Failed)},
)
async def share_album(request: ApiRequest, viewer: Viewer, db: Database) -> UserAlbumListItem:
    """Share an album with another account, or no longer."""
    data = bind(AlbumShareInput, await read_fields(request))
    await db.write(
        edits.share_album,
        viewer,
        data.album_id,
        data.target_user_id,
        is_shared=data.shared,
        origin=origin_of(request),
    )
    return await db.read_heavy(get_list_item, viewer, data.album_id)


ROUTES: list[BaseRouteHandler] = [
    list_edited_albums,
    create_or_change_album,
    get_edited_album,
    change_album,
    replace_edited_album,
    delete_edited_album,
    share_album,
]
