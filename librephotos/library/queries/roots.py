"""The identity of scan directories: what makes one the same disk tomorrow."""

import msgspec
from sqlalchemy import bindparam, func, insert, null, select, update

from librephotos.db.statements import Statement, statement
from librephotos.db.tables import library_root
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.walk import shown


class Root(msgspec.Struct, frozen=True):
    """The identity of a scan directory when it was last seen whole."""

    root_id: int
    device: int | None
    marker: str | None
    offline_since: int | None


_ROOT = Statement(
    select(
        library_root.c.id, library_root.c.device, library_root.c.marker, library_root.c.offline_since
    ).where(library_root.c.path == bindparam("root_path")),
    Root,
)
_INSERT_ROOT = statement(
    insert(library_root).values(
        path=bindparam("root_path"),
        device=bindparam("device"),
        marker=bindparam("marker"),
        seen_at=bindparam("now"),
        offline_since=null(),
    )
)
_ROOT_SEEN = statement(
    update(library_root)
    .where(library_root.c.path == bindparam("root_path"))
    .values(
        device=bindparam("device"),
        marker=bindparam("marker"),
        seen_at=bindparam("now"),
        offline_since=null(),
        offline_reason=bindparam("reason"),
    )
)
_ROOT_OFFLINE = statement(
    update(library_root)
    .where(library_root.c.path == bindparam("root_path"))
    .values(
        offline_since=func.coalesce(library_root.c.offline_since, bindparam("now")),
        offline_reason=bindparam("reason"),
    )
)


def find_root(tx: Tx, path: bytes) -> Root | None:
    return tx.first(_ROOT, root_path=shown(path))


def record_root_seen(tx: Tx, path: bytes, device: int, marker: str, part_away: str = "") -> None:
    """Remember what a root looked like; `part_away` says what part of it was not there."""
    values = {"root_path": shown(path), "device": device, "marker": marker, "now": clock.now()}
    if tx.execute(_ROOT_SEEN, reason=part_away, **values) == 0:
        tx.execute(_INSERT_ROOT, **values)
        tx.execute(_ROOT_SEEN, reason=part_away, **values)


def record_root_offline(tx: Tx, path: bytes, reason: str) -> None:
    """Remember since when a root is away; one that was never seen whole has no row and gets one."""
    values = {"root_path": shown(path), "now": clock.now()}
    if tx.execute(_ROOT_OFFLINE, reason=reason, **values) == 0:
        tx.execute(_INSERT_ROOT, device=None, marker=None, **values)
        tx.execute(_ROOT_OFFLINE, reason=reason, **values)
