"""The feeds. All take `cursor` and `page_size`; a pull goes on until a page has no items."""

from typing import Any, Final, TypeVar

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest
from librephotos.http.refusals import Mistake
from librephotos.kit import clock
from librephotos.photos.routes.answering import query_of
from librephotos.sync.cursors import parse_cursor, parse_size
from librephotos.sync.queries import albums, groups, photos, sharing
from librephotos.sync.queries.counts import count_feeds
from librephotos.sync.queries.pulling import Feed, pull
from librephotos.sync.schemas import (
    SyncCounts,
    SyncEvent,
    SyncGroup,
    SyncPage,
    SyncPerson,
    SyncPhoto,
    SyncPlace,
    SyncUser,
    SyncUserAlbum,
)

ItemT = TypeVar("ItemT")

ASKED: Final = ("cursor", "page_size")
REFUSALS: Final[dict[int, Any]] = {400: Mistake, 410: Mistake}


async def _pull(request: ApiRequest, db: Database, viewer: Viewer, feed: Feed[ItemT]) -> SyncPage[ItemT]:
    query = query_of(request)
    cursor = parse_cursor(query.get("cursor"), clock.now(), is_uuid=feed.has_uuids)
    return await db.read_heavy(pull, viewer, feed, cursor, parse_size(query.get("page_size")))


@get("/api/sync/photos", scope="photos:read", query=ASKED, refusals=REFUSALS)
async def sync_photos(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncPhoto]:
    """Own photos in every state, and those that others share with the caller."""
    return await _pull(request, db, viewer, photos.PHOTOS)


@get("/api/sync/persons", scope="people:read", query=ASKED, refusals=REFUSALS)
async def sync_persons(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncPerson]:
    """Own persons that have a name."""
    return await _pull(request, db, viewer, groups.PERSONS)


@get("/api/sync/albums/user", scope="albums:read", query=ASKED, refusals=REFUSALS)
async def sync_user_albums(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncUserAlbum]:
    """Own user albums, and those that others share with the caller."""
    return await _pull(request, db, viewer, albums.USER_ALBUMS)


@get("/api/sync/albums/auto", scope="albums:read", query=ASKED, refusals=REFUSALS)
async def sync_events(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncEvent]:
    """Own events."""
    return await _pull(request, db, viewer, albums.EVENTS)


@get("/api/sync/albums/thing", scope="albums:read", query=ASKED, refusals=REFUSALS)
async def sync_things(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncGroup]:
    """Own things."""
    return await _pull(request, db, viewer, groups.THINGS)


@get("/api/sync/albums/place", scope="albums:read", query=ASKED, refusals=REFUSALS)
async def sync_places(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncPlace]:
    """Own places."""
    return await _pull(request, db, viewer, groups.PLACES)


@get("/api/sync/albums/tag", scope="albums:read", query=ASKED, refusals=REFUSALS)
async def sync_tags(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncGroup]:
    """Own tags."""
    return await _pull(request, db, viewer, groups.TAGS)


@get("/api/sync/sharing", scope="sharing:read", query=ASKED, refusals=REFUSALS)
async def sync_sharing(request: ApiRequest, db: Database, viewer: Viewer) -> SyncPage[SyncUser]:
    """Those who share with the caller, and with whom the caller shares."""
    return await _pull(request, db, viewer, sharing.SHARING)


@get("/api/sync/counts", scope="stats:read")
async def count_all_feeds(db: Database, viewer: Viewer) -> SyncCounts:
    """How many rows each feed has, for a copy to compare itself with."""
    return await db.read_heavy(count_feeds, viewer)


ROUTES: list[BaseRouteHandler] = [
    sync_photos,
    sync_persons,
    sync_user_albums,
    sync_events,
    sync_things,
    sync_places,
    sync_tags,
    sync_sharing,
    count_all_feeds,
]
