"""Counts and drawings of the caller's own library, kept as bytes until something of it changes."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.http.binding import ApiRequest
from librephotos.http.flags import tri_state
from librephotos.kit import clock, json
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.routes.answering import answer, key_of, query_of
from librephotos.settings import Settings
from librephotos.site.queries import counts
from librephotos.site.schemas import CategoryStats, MonthCount, PlaceRoot, Stats, Stay, WordCloud
from librephotos.site.statistics import build_stays, build_sunburst, fill_months, weigh

Make = Callable[[Tx, Viewer], Any]  # a struct, or a list of them


async def _answer(request: ApiRequest, name: str, query: Make, *asked: object) -> Response[Any]:
    viewer, server = viewer_of(request), server_of(request)
    versions = await server.db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        return json.dump_bytes(await server.db.read_heavy(query, viewer))

    made: Awaitable[Response[Any]] = answer(
        request, viewer, key_of(viewer, versions, name, *asked), make, server.lists
    )
    return await made


@get(
    "/api/stats/",
    scope="stats:read",
    direct=True,
    query=("categories",),
    answers={200: (Stats, CategoryStats)},
)
async def get_stats(request: ApiRequest) -> Response[Stats]:
    """Ten counts of the caller's library; with `categories=true` those of screenshots and documents too."""
    with_categories = tri_state(query_of(request).get("categories")) is True
    query = counts.get_category_stats if with_categories else counts.get_stats
    return await _answer(request, "stats", query, with_categories)


@get("/api/photomonthcounts/", scope="stats:read", direct=True)
async def list_month_counts(request: ApiRequest) -> Response[list[MonthCount]]:
    """How many photos each month has, from the first to the last one with any since 2000."""
    today = clock.local_now().date()
    return await _answer(request, "months", lambda tx, viewer: _months(tx, viewer, today), today.year)


def _months(tx: Tx, viewer: Viewer, today: date) -> list[MonthCount]:
    return fill_months(counts.list_month_counts(tx, viewer), today)


@get("/api/wordcloud/", scope="stats:read", direct=True)
async def get_word_cloud(request: ApiRequest) -> Response[WordCloud]:
    """The hundred most frequent things, persons and places."""
    settings = server_of(request).settings
    return await _answer(request, "words", lambda tx, viewer: _cloud(tx, viewer, settings))


def _cloud(tx: Tx, viewer: Viewer, settings: Settings) -> WordCloud:
    words = counts.list_words(tx, viewer, get_site_settings(tx, settings).tagging_model)
    return WordCloud(*(weigh(each) for each in words))


@get("/api/locationsunburst/", scope="places:read", direct=True)
async def get_location_sunburst(request: ApiRequest) -> Response[PlaceRoot]:
    """Photos by country, region and town."""
    return await _answer(
        request, "sunburst", lambda tx, viewer: build_sunburst(counts.list_towns(tx, viewer))
    )


@get("/api/locationtimeline/", scope="places:read", direct=True)
async def list_location_timeline(request: ApiRequest) -> Response[list[Stay]]:
    """In which country photos were taken from when to when."""
    return await _answer(request, "stays", lambda tx, viewer: build_stays(counts.list_moments(tx, viewer)))


ROUTES: list[BaseRouteHandler] = [
    get_stats,
    list_month_counts,
    get_word_cloud,
    get_location_sunburst,
    list_location_timeline,
]
