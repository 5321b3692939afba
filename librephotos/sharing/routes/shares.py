"""Photos that users share with each other one by one."""

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.albums.routes.answers import page_of
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import HUGE, Page
from librephotos.photos.schemas import PigPhoto
from librephotos.sharing.queries import shares
from librephotos.sharing.schemas import SharedPhoto

PAGED = ("page", "page_size")


@get("/api/photos/shared/tome/", scope="sharing:read", query=PAGED)
async def list_photos_shared_to_me(request: ApiRequest, viewer: Viewer, db: Database) -> Page[PigPhoto]:
    """Photos that others shared with the caller one by one, the oldest first; `owner` tells whose."""
    return await db.read_heavy(shares.list_shared_to_me, viewer, page_of(request, HUGE))


@get("/api/photos/shared/fromme/", scope="sharing:read", query=PAGED)
async def list_photos_shared_from_me(request: ApiRequest, viewer: Viewer, db: Database) -> Page[SharedPhoto]:
    """The caller's photos that are shared one by one, a row for each with whom, the oldest first."""
    return await db.read_heavy(shares.list_shared_from_me, viewer, page_of(request, HUGE))


ROUTES: list[BaseRouteHandler] = [list_photos_shared_to_me, list_photos_shared_from_me]
