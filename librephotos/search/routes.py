"""The search, and suggestions for its box."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from litestar.response import Stream

from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import HEAVY_THREADS, Database
from librephotos.http.binding import ApiRequest
from librephotos.http.flags import is_present
from librephotos.http.paging import STANDARD, PageRequest, parse_page
from librephotos.http.rendering import JSON
from librephotos.kit import clock, json
from librephotos.photos.queries.gatherings import Slice
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.routes.answering import answer, key_of, query_of
from librephotos.photos.schemas import PigPhoto
from librephotos.search.answers import Writer, page_bytes
from librephotos.search.language import Search, parse_language
from librephotos.search.queries import examples, found
from librephotos.search.queries.found import START, Piece
from librephotos.search.schemas import Found, FoundByDay, FoundByDayPage, FoundPage, SearchExamples

PIECE_PHOTOS: Final = 1_000
FIRST: Final = 1
# Parts of a large library that are counted at once, while another thread reads the page.
AT_ONCE: Final = min(HEAVY_THREADS - 1, os.cpu_count() or 1)
EXAMPLES_KEPT: Final = 2 * clock.HOUR
_PAGED = ("page", "page_size")
_CATEGORIES = ("screenshot", "document")


@get(
    "/api/photos/searchlist/",
    scope="search:read",
    narrows=True,
    query=("search", "video", "photo", "is_screenshot", "is_document", *_PAGED),
    answers={200: (FoundByDay, FoundByDayPage, Found, FoundPage)},
)
async def search_photos(request: ApiRequest) -> Response[Any]:
    """The caller's own visible photos that a search finds: all, streamed, or with `page` or `page_size` one page."""
    viewer, db = viewer_of(request), server_of(request).db
    query = query_of(request)
    wanted = parse_search_of(query)
    is_flat = await db.read(found.wants_flat, viewer)
    if any(query.get(name) for name in _PAGED):
        return await _page(request, viewer, wanted, is_flat=is_flat)
    # The first piece is read before anything is sent, so that what fails can still say so.
    first = await db.read_heavy(found.next_piece, viewer, wanted, START, PIECE_PHOTOS)
    return Stream(_pieces(db, viewer, wanted, first, Writer(is_flat=is_flat)), media_type=JSON)


def parse_search_of(query: Mapping[str, str]) -> Search:
    """Read `search` and the flags beside it, of which `video` wins over `photo`. Raises BadInput."""
    kinds = [kind for kind in ("video", "photo") if is_present(query.get(kind))][:1]
    categories = [name for name in _CATEGORIES if is_present(query.get(f"is_{name}"))]
    return parse_language(query.get("search")).narrowed(*kinds, *categories)


async def _page(request: ApiRequest, viewer: Viewer, wanted: Search, *, is_flat: bool) -> Response[Any]:
    server = server_of(request)
    db = server.db
    text = request.scope["query_string"].decode("latin-1")
    asked = parse_page(server.proxies.link_base(request.scope), text, STANDARD)
    versions = await db.read_known(get_versions, viewer.user_id)
    # The count of a common word costs more than its page, and is the same for all pages.
    count_key = key_of(viewer, versions, "found", wanted)
    lists = None if viewer.is_limited else server.lists

    async def count() -> int:
        parts = await db.read(found.parts_of_count, viewer, wanted, AT_ONCE)
        if not parts:
            return await db.read_heavy(found.count_found, viewer, wanted)
        return sum(
            await asyncio.gather(*(db.read_heavy(found.count_part, viewer, wanted, part) for part in parts))
        )

    async def photos_of(page: PageRequest) -> list[PigPhoto]:
        return await db.read_heavy(found.list_found, viewer, wanted, Slice(page.size, page.offset))

    async def make() -> bytes:
        known = lists.find(count_key) if lists is not None else None
        if known is None and asked.page == FIRST:
            # A first page is there whatever the count says: both are read at once.
            number, photos = await asyncio.gather(count(), photos_of(asked))
        else:
            number = int(known) if known is not None else await count()
            page = asked.settle(number)
            photos = await photos_of(page) if number else []
        if lists is not None and known is None:
            lists.keep(count_key, str(number).encode())
        return page_bytes(photos, number, is_flat=is_flat)

    key = key_of(viewer, versions, "search", wanted, is_flat, asked.page, asked.size)
    return await answer(request, viewer, key, make)


async def _pieces(
    db: Database, viewer: Viewer, wanted: Search, piece: Piece, writer: Writer
) -> AsyncIterator[bytes]:
    """Give the answer a piece at a time, reading the next one when the last has been taken."""
    while True:
        if piece.photos:
            yield writer.write(piece.photos)
        if piece.next is None:
            break
        piece = await db.read_heavy(found.next_piece, viewer, wanted, piece.next, PIECE_PHOTOS)
    yield writer.close()


@get("/api/searchtermexamples/", scope="search:read", direct=True, narrows=True, answer=SearchExamples)
async def list_search_examples(request: ApiRequest) -> Response[SearchExamples]:
    """Suggestions out of the caller's own photos; other ones every two hours."""
    viewer, server = viewer_of(request), server_of(request)
    versions = await server.db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        return json.dump_bytes(
            SearchExamples(await server.db.read_heavy(examples.list_examples, viewer, clock.now()))
        )

    # Whatever else changes: suggestions that move under the finger help nobody.
    key = (viewer.user_id, versions.epoch, "search examples", clock.now() // EXAMPLES_KEPT)
    return await answer(request, viewer, key, make, server.lists)


ROUTES: list[BaseRouteHandler] = [search_photos, list_search_examples]
