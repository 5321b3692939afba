"""The map."""

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.places.queries.map import list_points


@get("/api/locclust/", scope="places:read")
async def list_map_points(viewer: Viewer, db: Database) -> list[tuple[float, float, str]]:
    """The caller's places as `[latitude, longitude, name]`, sorted by name."""
    return await db.read_heavy(list_points, viewer)


ROUTES: list[BaseRouteHandler] = [list_map_points]
