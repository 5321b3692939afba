"""The timeline, the list of photos, and one photo: in full, in short, and its albums."""

from collections.abc import Mapping

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import anyone, signed_in
from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import BadInput, NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.bookmarks import Marked
from librephotos.http.flags import positive_int
from librephotos.http.paging import HUGE, Page, parse_page
from librephotos.http.rendering import json_bytes
from librephotos.http.search import parse_search
from librephotos.kit import json
from librephotos.kit.ids import parse_int
from librephotos.photos.filters import TimelineFilter, parse_filter
from librephotos.photos.keys import find_key, parse_key
from librephotos.photos.queries.albums import list_albums_of_photo
from librephotos.photos.queries.details import (
    OwnPage,
    count_own,
    get_detail,
    get_summary,
    list_own_page,
)
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.queries.timeline import (
    UNKNOWN_DAY,
    DayPage,
    get_day,
    list_days,
    list_layout,
    list_placeholders,
)
from librephotos.photos.routes.answering import answer, key_of, query_of
from librephotos.photos.schemas import (
    DayDetail,
    DayList,
    Layout,
    PhotoAlbums,
    PhotoDetail,
    PhotoSummary,
    Placeholders,
)

DAY_PAGE_SIZE = 100
MAX_DAY_PAGE_SIZE = 5000
# Pages beyond this take longer than the event loop may be held.
LIGHT_PAGE_SIZE = 200
# The same of photos in full, and of how many may be skipped before them.
LIGHT_LIST_SIZE = 100
LIGHT_OFFSET = 5_000


@get("/api/albums/date/list/", who=anyone, unsafe=signed_in, scope="albums:read", direct=True, narrows=True)
async def list_dates(request: ApiRequest) -> Response[DayList]:
    """All days that have photos under the filters of the query, with their counts. Anonymous callers need `public`."""
    viewer, server = viewer_of(request), server_of(request)
    db = server.db
    wanted = parse_filter(query_of(request))
    if wanted.is_public:
        days = await db.read_heavy(list_days, viewer, wanted)
        return json_bytes(json.dump_bytes(DayList(days)))
    signed_in(viewer)
    versions = await db.read_known(get_versions, viewer.user_id)
    wanted = wanted.with_default(_stored(versions.default_filter))

    async def make() -> bytes:
        return json.dump_bytes(DayList(await db.read_heavy(list_days, viewer, wanted)))

    return await answer(request, viewer, key_of(viewer, versions, "days", wanted), make, server.lists)


@get(
    "/api/albums/date/{album_id:str}/",
    who=anyone,
    unsafe=signed_in,
    scope="albums:read",
    direct=True,
    narrows=True,
)
async def get_date(request: ApiRequest, album_id: str) -> Response[DayDetail]:
    """The photos of one day, `size` (100) a page. Anonymous callers need `public`."""
    viewer, db = viewer_of(request), server_of(request).db
    query = query_of(request)
    wanted = parse_filter(query)
    if not wanted.is_public:
        signed_in(viewer)
    day_id = parse_int(album_id)
    if day_id is None:
        raise NotFound.of(UNKNOWN_DAY)
    page = _day_page(query, wanted)
    read = db.read if page.size is not None and page.size <= LIGHT_PAGE_SIZE else db.read_heavy
    if wanted.is_public:
        day = await db.read_heavy(get_day, viewer, day_id, wanted, page)
        return json_bytes(json.dump_bytes(DayDetail(day)))
    versions = await db.read_known(get_versions, viewer.user_id)
    # Whether all items are wanted is what the request says, whatever the stored filter adds.
    wanted = wanted.with_default(_stored(versions.default_filter))

    async def make() -> bytes:
        return json.dump_bytes(DayDetail(await read(get_day, viewer, day_id, wanted, page)))

    return await answer(request, viewer, key_of(viewer, versions, "day", day_id, wanted, page), make)


@get("/api/timeline/layout/", scope="albums:read", direct=True, narrows=True)
async def get_layout(request: ApiRequest) -> Response[Layout]:
    """The caller's days under the filters of the day list, each with the shape of every photo in its order."""
    viewer, server = viewer_of(request), server_of(request)
    db = server.db
    wanted = parse_filter(query_of(request))
    if wanted.is_public:
        raise BadInput.of("public", "The layout is of your own photos.")
    versions = await db.read_known(get_versions, viewer.user_id)
    wanted = wanted.with_default(_stored(versions.default_filter))

    async def make() -> bytes:
        return json.dump_bytes(Layout(await db.read_heavy(list_layout, viewer, wanted)))

    return await answer(request, viewer, key_of(viewer, versions, "layout", wanted), make, server.lists)


@get("/api/timeline/placeholders/{day_id:str}/", scope="albums:read", direct=True, narrows=True)
async def get_placeholders(request: ApiRequest, day_id: str) -> Response[Placeholders]:
    """What stands for the photos of a page of a day until they are there: `page` and `size` as of the day itself."""
    viewer, db = viewer_of(request), server_of(request).db
    query = query_of(request)
    wanted = parse_filter(query)
    if wanted.is_public:
        raise BadInput.of("public", "The placeholders are of your own photos.")
    row_id = parse_int(day_id)
    if row_id is None:
        raise NotFound.of(UNKNOWN_DAY)
    page = _day_page(query, wanted)
    size = page.size or MAX_DAY_PAGE_SIZE
    skipped = ((page.number or 1) - 1) * size
    versions = await db.read_known(get_versions, viewer.user_id)
    wanted = wanted.with_default(_stored(versions.default_filter))

    async def make() -> bytes:
        read = db.read if size <= LIGHT_PAGE_SIZE else db.read_heavy
        return json.dump_bytes(
            Placeholders(await read(list_placeholders, viewer, row_id, wanted, size, skipped))
        )

    return await answer(request, viewer, key_of(viewer, versions, "placeholders", row_id, wanted, page), make)


@get("/api/photos/", scope="photos:read", direct=True, narrows=True)
async def list_photos(request: ApiRequest) -> Response[Page[PhotoDetail]]:
    """The caller's own visible photos in full detail, newest first; `search` narrows them."""
    viewer, server = viewer_of(request), server_of(request)
    db = server.db
    query = query_of(request)
    terms = parse_search(query.get("search"))
    # What a key is limited to, and what photos are found by, may change without the versions that a key names.
    is_plain = not terms and not viewer.is_limited
    text = request.scope["query_string"].decode("latin-1")
    asked = parse_page(server.proxies.link_base(request.scope), text, HUGE)
    versions = await db.read_known(get_versions, viewer.user_id)
    own = key_of(viewer, versions, "own")
    marked = server.bookmarks.of(own) if is_plain else Marked()

    async def make() -> bytes:
        if marked.count is None:
            marked.count = await db.read_heavy(count_own, viewer, terms)
        page = asked.settle(marked.count)
        known = marked.find(page.offset)
        skipped = page.offset - known[0] if known else page.offset
        is_light = page.size <= LIGHT_LIST_SIZE and skipped <= LIGHT_OFFSET
        read = db.read if is_light else db.read_heavy
        wanted = OwnPage(terms, min(page.size, marked.count - page.offset), page.offset, known)
        photos, last = await read(list_own_page, viewer, wanted)
        if is_plain and last is not None and len(photos) == page.size:
            server.bookmarks.keep(own, page.offset + page.size, last)
        return json.dump_bytes(page.answer(marked.count, photos))

    # The links of the answer name the address that the caller used.
    key = key_of(viewer, versions, "photos", asked.link_base, asked.query)
    return await answer(request, viewer, key, make, server.lists if is_plain else None)


@get(
    "/api/photos/{photo_id:str}/",
    who=anyone,
    unsafe=signed_in,
    scope="photos:read",
    direct=True,
    narrows=True,
)
async def get_photo(request: ApiRequest, photo_id: str) -> Response[PhotoDetail]:
    """Everything about one photo, by UUID or image hash; anonymous callers see public ones."""
    detail = await server_of(request).db.read(get_detail, viewer_of(request), parse_key(photo_id))
    return json_bytes(json.dump_bytes(detail))


@get(
    "/api/photos/{photo_id:str}/summary/",
    who=anyone,
    unsafe=signed_in,
    scope="photos:read",
    narrows=True,
    refusals={404: None},
)
async def get_photo_summary(viewer: Viewer, db: Database, photo_id: str) -> PhotoSummary:
    """A photo as grids show it, and whether it is still being processed."""
    return await db.read(get_summary, viewer, find_key(photo_id))


@get(
    "/api/photos/{photo_id:str}/albums/",
    who=anyone,
    unsafe=signed_in,
    scope="albums:read",
    narrows=True,
    refusals={404: None},
)
async def list_photo_albums(viewer: Viewer, db: Database, photo_id: str) -> PhotoAlbums:
    """The user albums that hold the photo, as far as the caller may see them."""
    return PhotoAlbums(await db.read(list_albums_of_photo, viewer, find_key(photo_id)))


def _stored(text: str | None) -> object:
    return json.loads(text) if text else None


def _day_page(query: Mapping[str, str], wanted: TimelineFilter) -> DayPage:
    size = positive_int(query.get("size"), DAY_PAGE_SIZE, MAX_DAY_PAGE_SIZE)
    text = query.get("page")
    if not text:
        return DayPage(1, None if wanted.wants_all_items else size)
    try:
        number = int(text) if len(text) <= 18 else 0  # beyond any page
    except ValueError:
        return DayPage(1, size)
    return DayPage(number if number >= 1 else None, size)


ROUTES: list[BaseRouteHandler] = [
    list_dates,
    get_date,
    get_layout,
    get_placeholders,
    list_photos,
    get_photo,
    get_photo_summary,
    list_photo_albums,
]
