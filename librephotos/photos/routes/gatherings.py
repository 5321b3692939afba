"""The latest arrivals, the photos without a time, and memories of earlier years."""

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import server_of, viewer_of
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import HUGE, REGULAR, Page, parse_page
from librephotos.http.rendering import json_bytes
from librephotos.http.search import parse_search
from librephotos.kit import clock, json
from librephotos.kit.zones import today_in
from librephotos.photos.memories import parse_memories
from librephotos.photos.queries import gatherings
from librephotos.photos.queries.gatherings import Slice
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.routes.answering import answer, key_of, query_of
from librephotos.photos.schemas import Memories, PigPhoto, RecentlyAdded, RecentlyAddedPage

PAGED = ("page", "page_size")


@get(
    "/api/photos/recentlyadded/",
    scope="photos:read",
    direct=True,
    narrows=True,
    query=PAGED,
    answers={200: (RecentlyAdded, RecentlyAddedPage)},
)
async def list_recently_added(request: ApiRequest) -> Response[RecentlyAdded]:
    """The photos that came on the latest day of arrivals: all, or with `page` or `page_size` one page."""
    viewer, server = viewer_of(request), server_of(request)
    db = server.db
    query = query_of(request)
    is_paged = any(query.get(name) for name in PAGED)
    text = request.scope["query_string"].decode("latin-1")
    asked = parse_page(server.proxies.link_base(request.scope), text, HUGE) if is_paged else None
    versions = await db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        latest = await db.read_heavy(gatherings.find_latest_day, viewer)
        page = asked.settle(latest.photo_count if latest else 0) if asked else None
        part = Slice(page.size, page.offset) if page else Slice()
        items = await db.read_heavy(gatherings.list_recent, viewer, latest, part) if latest else []
        date = clock.iso(latest.added_at) if latest else ""
        if page is None:
            return json.dump_bytes(RecentlyAdded(date, items))
        return json.dump_bytes(RecentlyAddedPage(date, items, latest.photo_count if latest else 0))

    key = key_of(viewer, versions, "recently added", asked)
    return await answer(request, viewer, key, make, server.lists)


@get(
    "/api/photos/notimestamp/",
    scope="photos:read",
    direct=True,
    narrows=True,
    query=("page", "page_size", "search"),
)
async def list_without_time(request: ApiRequest) -> Response[Page[PigPhoto]]:
    """The photos without a capture time, in the order of their arrival; `search` narrows them."""
    viewer, server = viewer_of(request), server_of(request)
    db = server.db
    terms = parse_search(query_of(request).get("search"))
    text = request.scope["query_string"].decode("latin-1")
    asked = parse_page(server.proxies.link_base(request.scope), text, REGULAR)

    async def make() -> bytes:
        count = await db.read_heavy(gatherings.count_undated, viewer, terms)
        page = asked.settle(count)
        items = await db.read_heavy(
            gatherings.list_undated, viewer, terms, size=page.size, skipped=page.offset
        )
        return json.dump_bytes(page.answer(count, items))

    if terms:
        # What photos are found by may change without the versions that a key names.
        return json_bytes(await make())
    key = key_of(viewer, await db.read_known(get_versions, viewer.user_id), "without time", asked)
    return await answer(request, viewer, key, make, server.lists)


@get("/api/memories/", scope="photos:read", direct=True, query=("date", "window", "fallback", "size"))
async def list_memories(request: ApiRequest) -> Response[Memories]:
    """What earlier years have around a day, or else in its month; nothing that is sent is refused."""
    viewer, server = viewer_of(request), server_of(request)
    db = server.db
    today = today_in(await db.read(gatherings.get_zone, viewer))
    asked = parse_memories(query_of(request), today)
    versions = await db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        return json.dump_bytes(await db.read_heavy(gatherings.list_memories, viewer, asked))

    return await answer(request, viewer, key_of(viewer, versions, "memories", asked), make, server.lists)


ROUTES: list[BaseRouteHandler] = [list_recently_added, list_without_time, list_memories]
