"""The map, and finding a place by its name."""

import asyncio
from typing import Final

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import server_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import BadInput
from librephotos.http.binding import ApiRequest
from librephotos.kit.ids import parse_int
from librephotos.photos.routes.answering import query_of
from librephotos.places.names import PlaceFound, find_places
from librephotos.places.queries.map import list_points

DEFAULT_PLACES: Final = 5
MOST_PLACES: Final = 50


@get("/api/locclust/", scope="places:read")
async def list_map_points(viewer: Viewer, db: Database) -> list[tuple[float, float, str]]:
    """The caller's places as `[latitude, longitude, name]`, sorted by name."""
    return await db.read_heavy(list_points, viewer)


@get("/api/geocode/search/", scope="places:read", query=("q", "limit"))
async def search_places(request: ApiRequest) -> list[PlaceFound]:
    """Towns by the beginning of their name, `limit` (5) of them, from data that lies on this server."""
    query = query_of(request)
    most = DEFAULT_PLACES
    if query.get("limit"):
        asked = parse_int(query["limit"].removeprefix("-"))
        if asked is None:
            raise BadInput.of("limit", "A valid integer is required.")
        most = 0 if query["limit"].startswith("-") else min(asked, MOST_PLACES)
    data = server_of(request).settings.data
    return await asyncio.to_thread(find_places, data, query.get("q", ""), most)


ROUTES: list[BaseRouteHandler] = [list_map_points, search_places]
