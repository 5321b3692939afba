"""What happened to a photo and to each file."""

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import BadInput
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import REGULAR, Page, parse_page
from librephotos.library.queries.processing import get_processing, list_files
from librephotos.library.schemas import FileAccount, PhotoProcessing
from librephotos.photos.keys import parse_key


@get("/api/photos/{photo_id:str}/processing/", scope="photos:read")
async def get_photo_processing(db: Database, viewer: Viewer, photo_id: str) -> PhotoProcessing:
    """What was done to a photo of one's own, step by step, and what became of its files."""
    return await db.read(get_processing, viewer, parse_key(photo_id))


@get("/api/library/files/", scope="photos:read")
async def list_library_files(
    request: ApiRequest,
    db: Database,
    viewer: Viewer,
    server: Server,
    search: str | None = None,
    outcome: str | None = None,
) -> Page[FileAccount]:
    """The caller's known files and what became of each; `search` is a part of the path, `outcome` such as `skipped`."""
    if "\x00" in (search or ""):
        raise BadInput.of("search", "Null characters are not allowed.")
    base = server.proxies.link_base(request.scope)
    page = parse_page(base, request.scope["query_string"].decode("latin-1"), REGULAR)
    return await db.read_heavy(list_files, viewer, search or "", outcome or "", page)


ROUTES: list[BaseRouteHandler] = [get_photo_processing, list_library_files]
