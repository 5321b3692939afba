"""The points of the map."""

from sqlalchemy import select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement
from librephotos.db.tables import place_album
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import VIEWER_ID

Point = tuple[float, float, str]

_POINTS: Statement[Point] = Statement(
    select(place_album.c.latitude, place_album.c.longitude, place_album.c.title)
    .where(
        place_album.c.owner_id == VIEWER_ID,
        place_album.c.photo_count > 0,
        place_album.c.latitude.is_not(None),
        place_album.c.longitude.is_not(None),
    )
    .order_by(place_album.c.title),
    lambda latitude, longitude, title: (latitude, longitude, title),
)


def list_points(tx: Tx, viewer: Viewer) -> list[Point]:
    """Return (latitude, longitude, name) of the caller's places that have photos, sorted by name."""
    return tx.all(_POINTS, viewer_id=viewer.user_id)
