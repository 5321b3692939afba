"""Permanent deletion of photos in the trash, and of copies of files."""

from litestar import Response, delete
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.refusals import Errors
from librephotos.http.rendering import Ready
from librephotos.photos.deletion import delete_copy, delete_photos
from librephotos.photos.flag_inputs import CopyInput
from librephotos.photos.keys import find_key
from librephotos.photos.schemas import BulkDeleted, BulkDeletedCount
from librephotos.photos.selection import Grid, SelectionInput, parse_selection


@delete("/api/photosedit/delete/", scope="photos:write", status_code=200, body=SelectionInput)
async def delete_trashed(
    request: ApiRequest, viewer: Viewer, server: Server
) -> BulkDeleted | BulkDeletedCount:
    """Delete photos that are in the trash, with their files. What could not be deleted stays in the trash."""
    selection = parse_selection(bind(SelectionInput, await read_fields(request)))
    done = await delete_photos(server, viewer, selection, origin_of(request))
    if isinstance(selection, Grid):
        return BulkDeletedCount(True, done.gone_count, done.left_count)
    return BulkDeleted(True, done.deleted, done.deleted, done.not_deleted)


@delete(
    "/api/photosedit/duplicate/delete/",
    scope="photos:write",
    status_code=200,
    body=CopyInput,
    answer=None,
    refusals={400: (Errors, None), 404: None},
)
async def delete_identical_file(request: ApiRequest, viewer: Viewer, server: Server) -> Response[None]:
    """Delete one of several identical files of an own photo; the last one stays. For clients of 2024."""
    data = bind(CopyInput, await read_fields(request))
    await delete_copy(server, viewer, find_key(data.image_hash), data.path, origin_of(request))
    return Ready(b"", [])


ROUTES: list[BaseRouteHandler] = [delete_trashed, delete_identical_file]
