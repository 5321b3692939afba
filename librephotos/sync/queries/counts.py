"""How many rows each feed has."""

from sqlalchemy import select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.sync.cursors import iso_offset
from librephotos.sync.queries.albums import ALBUM_COUNT, EVENT_COUNT
from librephotos.sync.queries.groups import PERSON_COUNT, PLACE_COUNT, TAG_COUNT, THING_COUNT
from librephotos.sync.queries.photos import COUNT
from librephotos.sync.schemas import SyncCounts

_COUNTS = Statement(
    select(COUNT, PERSON_COUNT, ALBUM_COUNT, EVENT_COUNT, THING_COUNT, PLACE_COUNT, TAG_COUNT), as_row
)


def count_feeds(tx: Tx, viewer: Viewer) -> SyncCounts:
    photos, persons, albums, events, things, places, tags = tx.one(_COUNTS, viewer_id=viewer.user_id)
    return SyncCounts(photos, persons, albums, events, things, places, tags, iso_offset(clock.now()))
