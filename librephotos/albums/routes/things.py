"""Thing albums: what photos show."""

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import server_of
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import MediaFilter, parse_media
from librephotos.albums.hashtags import listed_types
from librephotos.albums.queries.grouped import get_thing
from librephotos.albums.queries.listed import list_things
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id, query_of
from librephotos.albums.routes.places import NARROWING, PAGED
from librephotos.albums.schemas import GroupedAlbumDetail, ThingItem
from librephotos.db.transactions import Tx
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import STANDARD, Page
from librephotos.http.search import parse_search


@get("/api/albums/thing/list/", scope="albums:read", direct=True, query=PAGED)
async def list_thing_albums(request: ApiRequest) -> Response[Page[ThingItem]]:
    """Tags and hashtags that have photos, by title, the last letter first."""
    asked, types = page_of(request, STANDARD), await _types(request)
    terms = parse_search(query_of(request).get("search"))
    return await answer_own(request, ("things", types, asked), list_things, terms, asked, types)


@get("/api/albums/thing/{album_id:str}/", scope="albums:read", direct=True, query=NARROWING)
async def get_thing_album(request: ApiRequest, album_id: str) -> Response[GroupedAlbumDetail]:
    """The photos of one thing by days, newest first."""
    row_id, wanted = parse_album_id(album_id), parse_media(query_of(request))
    types = await _types(request)
    return await answer_own(request, ("thing", types, row_id, wanted), _thing, row_id, wanted, types)


async def _types(request: ApiRequest) -> frozenset[str]:
    server = server_of(request)
    stored = await server.db.read(get_site_settings, server.settings)
    return listed_types(stored.tagging_model)


def _thing(
    tx: Tx, viewer: Viewer, album_id: int, wanted: MediaFilter, types: frozenset[str]
) -> GroupedAlbumDetail:
    return GroupedAlbumDetail(get_thing(tx, viewer, album_id, wanted, types))


ROUTES: list[BaseRouteHandler] = [list_thing_albums, get_thing_album]
