"""Permanent deletion, the one change that touches originals."""

from litestar import delete
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.photos.deletion import delete_photos
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


ROUTES: list[BaseRouteHandler] = [delete_trashed]
