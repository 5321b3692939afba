"""The identity of scan directories: what makes one the same disk tomorrow."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, insert, null, or_, select, update

from librephotos.db.statements import Statement, as_row, statement
from librephotos.db.tables import library_root, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.queries.watched import WatchState, watch_states
from librephotos.library.roots import scan_path
from librephotos.library.schemas import LibraryRoot
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


_DIRECTORIES = Statement(
    select(user.c.username, user.c.scan_directory)
    .where(
        user.c.scan_directory != "",
        user.c.is_active.is_(True),
        or_(
            bindparam("of_user", type_=user.c.id.type) == 0,
            user.c.id == bindparam("of_user", type_=user.c.id.type),
        ),
    )
    .order_by(user.c.id),
    as_row,
)
_STATES = Statement(
    select(
        library_root.c.path,
        library_root.c.seen_at,
        library_root.c.offline_since,
        library_root.c.offline_reason,
    ),
    lambda path, *state: (path, state),
)


def list_roots(tx: Tx, user_id: int | None) -> list[LibraryRoot]:
    """Return the scan directory of a user, or those of all, and how the last scan found them."""
    states = dict(tx.all(_STATES))
    told = watch_states(tx)
    return [
        _root_told(path, username, states.get(path), told.get(path))
        for username, directory in tx.all(_DIRECTORIES, of_user=user_id or 0)
        for path in (shown(scan_path(directory)),)
    ]


def _root_told(
    path: str, username: str, state: Sequence[Any] | None, watched: WatchState | None
) -> LibraryRoot:
    seen_at, offline_since, reason = state or (None, None, "")
    return LibraryRoot(
        path=path,
        username=username,
        is_online=None if state is None else offline_since is None,
        seen_at=clock.iso_or_none(seen_at),
        offline_since=clock.iso_or_none(offline_since),
        reason=reason,
        watching=watched.state if watched else "off",
        watching_reason=watched.reason if watched else "",
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
