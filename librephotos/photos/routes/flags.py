"""Bulk changes of photos that keep their files as they are. Others' photos are passed over in silence."""

from typing import Any

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.photos.flag_inputs import (
    CategoryInput,
    FavoriteInput,
    HideInput,
    PublicInput,
    ShareInput,
    TrashInput,
)
from librephotos.photos.queries.flags import Changed, Flag, change_category, change_flag, change_shares
from librephotos.photos.schemas import BulkCategory, BulkCount, BulkFlag
from librephotos.photos.selection import Grid, SelectionInput, parse_selection

WRITES: dict[str, Any] = {"scope": "photos:write", "status_code": 200}


async def _change(
    request: ApiRequest, viewer: Viewer, server: Server, data: SelectionInput, flag: Flag, value: bool
) -> BulkFlag | BulkCount:
    selection = parse_selection(data)
    done: Changed = await server.db.write(change_flag, viewer, selection, flag, value, origin_of(request))
    if isinstance(selection, Grid):
        return BulkCount(True, len(done.changed))
    return BulkFlag(
        status=True,
        count=len(done.changed),
        updated_hashes=names(done.changed),
        not_updated_hashes=names(done.unchanged, but=done.changed),
        results=done.updated,
        updated=done.updated,
        not_updated=done.not_updated,
    )


def names(choices: Any, but: Any = ()) -> list[str]:
    """Return the names that the request gave, each once."""
    others = {each.text for each in but}
    return [text for text in dict.fromkeys(each.text for each in choices) if text not in others]


@post("/api/photosedit/favorite/", **WRITES, body=FavoriteInput)
async def set_favorite(request: ApiRequest, viewer: Viewer, server: Server) -> BulkFlag | BulkCount:
    """Make photos favourites, by the rating that the caller asks of one, or take it away again."""
    data = bind(FavoriteInput, await read_fields(request))
    return await _change(request, viewer, server, data, "favorite", data.favorite)


@post("/api/photosedit/hide/", **WRITES, body=HideInput)
async def set_hidden(request: ApiRequest, viewer: Viewer, server: Server) -> BulkFlag | BulkCount:
    """Hide photos, or show them again."""
    data = bind(HideInput, await read_fields(request))
    return await _change(request, viewer, server, data, "hidden", data.hidden)


@post("/api/photosedit/setdeleted/", **WRITES, body=TrashInput)
async def set_trashed(request: ApiRequest, viewer: Viewer, server: Server) -> BulkFlag | BulkCount:
    """Move photos to the trash, or restore them."""
    data = bind(TrashInput, await read_fields(request))
    return await _change(request, viewer, server, data, "trashed", data.deleted)


@post("/api/photosedit/makepublic/", **WRITES, body=PublicInput)
async def set_public(request: ApiRequest, viewer: Viewer, server: Server) -> BulkFlag | BulkCount:
    """Make photos public, or private again."""
    data = bind(PublicInput, await read_fields(request))
    return await _change(request, viewer, server, data, "public", data.val_public)


@post("/api/photosedit/category/", **WRITES, body=CategoryInput)
async def set_category(request: ApiRequest, viewer: Viewer, server: Server) -> BulkCategory | BulkCount:
    """Mark photos as photos, screenshots or documents; `auto` looks again."""
    data = bind(CategoryInput, await read_fields(request))
    selection = parse_selection(data)
    done = await server.db.write(change_category, viewer, selection, data.category)
    if isinstance(selection, Grid):
        return BulkCount(True, len(done.changed))
    return BulkCategory(True, len(done.changed), names(done.changed), names(done.unchanged, but=done.changed))


@post("/api/photosedit/share/", scope="sharing:write", status_code=200, body=ShareInput)
async def share_photos(request: ApiRequest, viewer: Viewer, server: Server) -> BulkCount:
    """Share photos with another user, or withdraw them."""
    data = bind(ShareInput, await read_fields(request))
    selection = parse_selection(data)
    count = await server.db.write(
        change_shares, viewer, selection, data.target_user_id, data.val_shared, origin_of(request)
    )
    return BulkCount(True, count)


ROUTES: list[BaseRouteHandler] = [
    set_favorite,
    set_hidden,
    set_trashed,
    set_public,
    set_category,
    share_photos,
]
