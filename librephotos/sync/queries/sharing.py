"""The feed of those who share with the viewer, and with whom the viewer shares. Nobody is told that it ended."""

from collections.abc import Sequence

from sqlalchemy import and_, exists, func, or_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import album, album_share, sight, user
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import VIEWER_ID
from librephotos.sync.queries.pulling import SIZE, Feed, Found, found, is_after, milliseconds
from librephotos.sync.schemas import SyncUser
from librephotos.users.profile import avatar_url

_SHARED_ALBUM = album.join(album_share, album_share.c.album_id == album.c.id)
_MEETS_VIEWER = and_(
    user.c.id != VIEWER_ID,
    or_(
        exists().where(sight.c.user_id == VIEWER_ID, sight.c.owner_id == user.c.id).correlate(user),
        exists().where(sight.c.owner_id == VIEWER_ID, sight.c.user_id == user.c.id).correlate(user),
        exists(album.c.id)
        .select_from(_SHARED_ALBUM)
        .where(album_share.c.user_id == VIEWER_ID, album.c.owner_id == user.c.id)
        .correlate(user),
        exists(album.c.id)
        .select_from(_SHARED_ALBUM)
        .where(album.c.owner_id == VIEWER_ID, album_share.c.user_id == user.c.id)
        .correlate(user),
    ),
)
# Accounts are few: nothing is gained by an index in this order.
_ROWS = Statement(
    select(user.c.modified_at, user.c.id, user.c.username, user.c.first_name, user.c.last_name, user.c.avatar)
    .where(_MEETS_VIEWER, is_after(user.c.modified_at, user.c.id))
    .order_by(user.c.modified_at, user.c.id)
    .limit(SIZE),
    found,
)
_COUNT = Statement(select(func.count()).select_from(user).where(_MEETS_VIEWER), scalar)


def _users(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncUser]:
    return [_user(row.at, row.key, *row.columns) for row in rows]


def _user(
    at: int, user_id: int, username: str, first_name: str, last_name: str, avatar: str | None
) -> SyncUser:
    return SyncUser(user_id, username, first_name, last_name, avatar_url(avatar), milliseconds(at))


SHARING = Feed(_ROWS, _COUNT, _users, None)
