"""Folder navigation: what lies on the disk, as far as it holds photos of the caller."""

import asyncio

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.albums.folders import choose_folder, page_of_subfolders, roots_of
from librephotos.albums.queries.folders import count_below, count_within, get_scan_directory
from librephotos.albums.routes.answers import query_of
from librephotos.albums.schemas import Subfolders
from librephotos.http.binding import ApiRequest
from librephotos.http.flags import positive_int
from librephotos.http.refusals import Mistake

LAST_PAGE = 1_000_000


@get(
    "/api/folders/subfolders/",
    scope="albums:read",
    query=("path", "page"),
    refusals={400: Mistake, 403: Mistake},
)
async def list_subfolders(request: ApiRequest, viewer: Viewer, server: Server) -> Subfolders:
    """The folders right below `path` that hold photos of the caller, 100 a page.

    Staff look into all library roots; above several stands an answer whose `current_path` is empty.
    """
    query = query_of(request)
    directory = await server.db.read(get_scan_directory, viewer)
    # In threads: a network folder may take its time.
    roots = await asyncio.to_thread(roots_of, directory, server.settings.roots, is_staff=viewer.is_staff)
    folder = await asyncio.to_thread(choose_folder, query.get("path"), roots)
    if folder.roots:
        counts = await server.db.read_heavy(count_within, viewer, folder.roots)
    else:
        counts = await server.db.read_heavy(count_below, viewer, folder.path)
    page = positive_int(query.get("page"), 1, LAST_PAGE)
    return await asyncio.to_thread(page_of_subfolders, folder, counts, page)


ROUTES: list[BaseRouteHandler] = [list_subfolders]
