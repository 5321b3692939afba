"""The map, and finding a place by its name."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, server_of, viewer_of
from librephotos.accounts.site_settings import OFFLINE, SiteSettings, get_site_settings
from librephotos.errors import BadInput
from librephotos.http.binding import ApiRequest
from librephotos.kit import json
from librephotos.kit.ids import parse_int
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.routes.answering import answer, key_of, query_of
from librephotos.places.names import PlaceFound, find_places
from librephotos.places.online import ask_service
from librephotos.places.queries.map import Point, list_points

DEFAULT_PLACES: Final = 5
MOST_PLACES: Final = 50
ONLINE_SECONDS: Final = 8.0
# Threads of their own: a service that takes its time keeps no other request from its thread.
_threads = ThreadPoolExecutor(4, thread_name_prefix="places")


@get("/api/locclust/", scope="places:read", direct=True)
async def list_map_points(request: ApiRequest) -> Response[list[Point]]:
    """The caller's places as `[latitude, longitude, name]`, sorted by name."""
    viewer, server = viewer_of(request), server_of(request)
    versions = await server.db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        return json.dump_bytes(await server.db.read_heavy(list_points, viewer))

    return await answer(request, viewer, key_of(viewer, versions, "points"), make, server.lists)


@get("/api/geocode/search/", scope="places:read", query=("q", "limit"))
async def search_places(request: ApiRequest) -> list[PlaceFound]:
    """Places by their name, `limit` (5) of them: from data that lies on this server, or from the service that an admin
    chose as `map_api_provider`. Where that fails nothing is found.
    """
    query = query_of(request)
    most = DEFAULT_PLACES
    if query.get("limit"):
        asked = parse_int(query["limit"].removeprefix("-"))
        if asked is None:
            raise BadInput.of("limit", "A valid integer is required.")
        most = 0 if query["limit"].startswith("-") else min(asked, MOST_PLACES)
    server, text = server_of(request), query.get("q", "")
    site = await server.db.read(get_site_settings, server.settings)
    if site.map_api_provider == OFFLINE:
        return await asyncio.to_thread(find_places, server.settings.data, text, most)
    return await _ask_online(server, site, text, most)


async def _ask_online(server: Server, site: SiteSettings, text: str, most: int) -> list[PlaceFound]:
    def ask() -> list[PlaceFound]:
        key = site.map_key(server.vault)
        return ask_service(site.map_api_provider, server.settings.map_api_url, key, text, most)

    try:
        async with asyncio.timeout(ONLINE_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(_threads, ask)
    except TimeoutError:
        return []


ROUTES: list[BaseRouteHandler] = [list_map_points, search_places]
