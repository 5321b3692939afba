"""One page of any feed: the items after a cursor, what to drop since then, and where to go on.

Times of change grow in the order of commits (`db/stamps.py`), and a page is read in one snapshot. So whatever this
page does not show yet is later than all that it shows, and a copy that follows the cursors misses nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET
from sqlalchemy import ColumnElement, Table, bindparam, select, tuple_, union_all

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import deletion_log
from librephotos.db.transactions import Tx
from librephotos.db.types import BigInteger, Text
from librephotos.kit import clock
from librephotos.photos.tombstones import Entity
from librephotos.sync.cursors import BEGINNING, Cursor, iso_offset, write_cursor
from librephotos.sync.schemas import SyncPage

ItemT = TypeVar("ItemT")

SIZE: ColumnElement[int] = bindparam("size", type_=BigInteger())
_TOMBSTONES = Statement(
    select(deletion_log.c.entity_id)
    .where(
        deletion_log.c.owner_id == bindparam("viewer_id"),
        deletion_log.c.entity == bindparam("kind"),
        deletion_log.c.deleted_at > bindparam("since"),
    )
    .order_by(deletion_log.c.deleted_at, deletion_log.c.entity_id),
    scalar,
)


class Found(msgspec.Struct, frozen=True):
    """A row of a feed: when it changed last, its id there, and its columns."""

    at: int
    key: Any  # a UUID or a number
    columns: tuple[Any, ...]


class Feed(msgspec.Struct, Generic[ItemT], frozen=True):
    """`page` takes `viewer_id`, `after_at`, `after_key` and `size`. `make` may ask more of the rows, once for all."""

    page: Statement[Found]
    count: Statement[int]
    make: Callable[[Tx, Viewer, Sequence[Found]], list[ItemT]]
    entity: Entity | None
    first_key: str | int = 0

    @property
    def has_uuids(self) -> bool:
        return isinstance(self.first_key, str)


def found(at: int, key: Any, *columns: Any) -> Found:  # a row that begins with its time and its id
    return Found(at, key, columns)


def is_after(at: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
    """The row comes after the cursor; an index of the two columns leads there."""
    text = isinstance(key.type, Text)
    after = tuple_(
        bindparam("after_at", type_=BigInteger()),
        bindparam("after_key", type_=Text() if text else BigInteger()),
    )
    return tuple_(at, key) > after


def part(  # SELECT
    table: Table, *conditions: ColumnElement[bool], row: str = "id", key: str = "id", source: Any = None
) -> Any:
    """The next rows that `conditions` tell of, as (row_id, at, key), read off an index as far as the page goes."""
    rows = (
        select(table.c[row].label("row_id"), table.c.modified_at.label("at"), table.c[key].label("key"))
        .select_from(table if source is None else source)
        .where(*conditions, is_after(table.c.modified_at, table.c[key]))
        .order_by(table.c.modified_at, table.c[key])
        .limit(SIZE)
    )
    # Each part of a union is cut off by itself.
    return select(rows.subquery())


def page_of(*parts: Any) -> Any:  # a subquery
    """The rows of one feed, from all its parts."""
    return union_all(*parts).subquery("page")


def pull(tx: Tx, viewer: Viewer, feed: Feed[ItemT], cursor: Cursor | None, size: int) -> SyncPage[ItemT]:
    """Return the page of a feed that comes after a cursor, the first one for None."""
    now = clock.now()
    rows = tx.all(
        feed.page,
        viewer_id=viewer.user_id,
        after_at=cursor.at if cursor else BEGINNING,
        after_key=cursor.key if cursor else feed.first_key,
        size=size,
    )
    dropped: list[str] = []
    if cursor is not None and feed.entity is not None:
        dropped = tx.all(_TOMBSTONES, viewer_id=viewer.user_id, kind=feed.entity, since=cursor.at)
    return SyncPage(
        1,
        feed.make(tx, viewer, rows),
        dropped,
        write_cursor(rows[-1].at, rows[-1].key, now) if rows else None,
        iso_offset(now),
        UNSET if cursor else tx.one(feed.count, viewer_id=viewer.user_id),
    )


def milliseconds(instant: int) -> int:
    return instant // 1000


def wall_milliseconds(taken_local: str | None) -> int | None:
    """Return a wall-clock time, read as UTC."""
    if not taken_local:
        return None
    return milliseconds(clock.from_datetime(clock.parse_wall(taken_local)))
