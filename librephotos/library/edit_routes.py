"""Editing when and where a photo was taken, and what it is of."""

from litestar import get, patch
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import HUGE, Page, parse_page
from librephotos.library.edit_inputs import PhotoEditInput
from librephotos.library.edits import edit_photo
from librephotos.library.queries import edited
from librephotos.library.schemas import EditedPhoto
from librephotos.photos.keys import parse_key


@get("/api/photos/edit/", scope="photos:read", query=("page", "page_size"))
async def list_editable_photos(request: ApiRequest, viewer: Viewer, server: Server) -> Page[EditedPhoto]:
    """The caller's own photos as the editor of times sees them, in any state but removed, newest first."""
    text = request.scope["query_string"].decode("latin-1")
    asked = parse_page(server.proxies.link_base(request.scope), text, HUGE)
    count = await server.db.read_heavy(edited.count_editable, viewer)
    page = asked.settle(count)
    return page.answer(
        count, await server.db.read_heavy(edited.list_editable, viewer, page.size, page.offset)
    )


@get("/api/photos/edit/{photo_id:str}/", scope="photos:read")
async def get_editable_photo(viewer: Viewer, db: Database, photo_id: str) -> EditedPhoto:
    return await db.read(edited.get_edited, viewer, parse_key(photo_id))


@patch("/api/photos/edit/{photo_id:str}/", scope="photos:write", body=PhotoEditInput)
async def update_photo(request: ApiRequest, viewer: Viewer, db: Database, photo_id: str) -> EditedPhoto:
    """Set the capture time (null: the file's own again), the position, or the category of an own photo."""
    key = parse_key(photo_id)
    await db.read(edited.get_subject, viewer, key)
    data = bind(PhotoEditInput, await read_fields(request))
    return await edit_photo(db, viewer, key, data)


ROUTES: list[BaseRouteHandler] = [list_editable_photos, get_editable_photo, update_photo]
