"""Place albums: where photos were taken."""

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import MediaFilter, parse_media
from librephotos.albums.queries.grouped import get_place
from librephotos.albums.queries.listed import list_places
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id, query_of
from librephotos.albums.schemas import GroupedAlbumDetail, PlaceItem
from librephotos.db.transactions import Tx
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import STANDARD, Page
from librephotos.http.search import parse_search

PAGED = ("page", "page_size", "search")
NARROWING = ("video", "photo", "is_screenshot", "is_document")


@get("/api/albums/place/list/", scope="albums:read", direct=True, query=PAGED)
async def list_place_albums(request: ApiRequest) -> Response[Page[PlaceItem]]:
    """The caller's places that have photos, by title."""
    asked = page_of(request, STANDARD)
    terms = parse_search(query_of(request).get("search"))
    return await answer_own(request, ("places", asked), list_places, terms, asked)


@get("/api/albums/place/{album_id:str}/", scope="albums:read", direct=True, query=NARROWING)
async def get_place_album(request: ApiRequest, album_id: str) -> Response[GroupedAlbumDetail]:
    """The photos of one place by days, newest first."""
    wanted = parse_media(query_of(request))
    row_id = parse_album_id(album_id)
    return await answer_own(request, ("place", row_id, wanted), _place, row_id, wanted)


def _place(tx: Tx, viewer: Viewer, album_id: int, wanted: MediaFilter) -> GroupedAlbumDetail:
    return GroupedAlbumDetail(get_place(tx, viewer, album_id, wanted))


ROUTES: list[BaseRouteHandler] = [list_place_albums, get_place_album]
