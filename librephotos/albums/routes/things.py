"""Thing albums: what photos show."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from litestar.response import Stream

from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import MediaFilter, parse_media
from librephotos.albums.hashtags import listed_types
from librephotos.albums.queries.grouped import get_thing, group_things, list_titles_of_things
from librephotos.albums.queries.listed import list_things
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id, query_of
from librephotos.albums.routes.places import NARROWING, PAGED
from librephotos.albums.schemas import GroupedAlbum, GroupedAlbumDetail, GroupedAlbums, ThingItem
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import STANDARD, Page
from librephotos.http.rendering import JSON
from librephotos.http.search import parse_search
from librephotos.kit import json

PIECE_THINGS: Final = 20


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


@get("/api/albums/thing/", scope="albums:read", answers={200: GroupedAlbums})
async def list_grouped_things(request: ApiRequest) -> Response[Any]:
    """Every thing with all its photos by days, streamed; clients ask for the list and for one."""
    viewer, db = viewer_of(request), server_of(request).db
    titles = await db.read_heavy(list_titles_of_things, viewer, await _types(request))
    # The first piece is read before anything is sent, so that what fails can still say so.
    first = await db.read_heavy(group_things, viewer, titles[:PIECE_THINGS])
    return Stream(_pieces(db, viewer, titles[PIECE_THINGS:], first), media_type=JSON)


async def _pieces(
    db: Database, viewer: Viewer, rest: Sequence[tuple[int, str]], piece: list[GroupedAlbum]
) -> AsyncIterator[bytes]:
    """Give the answer a few things at a time, reading the next ones when the last have been taken."""
    start = b'{"results":['
    while piece:
        yield start + b",".join(json.dump_bytes(each) for each in piece)
        start = b","
        piece = await db.read_heavy(group_things, viewer, rest[:PIECE_THINGS]) if rest else []
        rest = rest[PIECE_THINGS:]
    yield b"]}" if start == b"," else start + b"]}"


async def _types(request: ApiRequest) -> frozenset[str]:
    server = server_of(request)
    stored = await server.db.read(get_site_settings, server.settings)
    return listed_types(stored.tagging_model)


def _thing(
    tx: Tx, viewer: Viewer, album_id: int, wanted: MediaFilter, types: frozenset[str]
) -> GroupedAlbumDetail:
    return GroupedAlbumDetail(get_thing(tx, viewer, album_id, wanted, types))


ROUTES: list[BaseRouteHandler] = [list_thing_albums, get_thing_album, list_grouped_things]
