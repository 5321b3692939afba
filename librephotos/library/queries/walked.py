"""Known paths, side by side with what a walk finds; what differs is stored as pending work."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from librephotos.db.database import Database
from librephotos.db.statements import Statement, id_list, insert_new, is_in, statement
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.compare import Difference, Known, Pending
from librephotos.library.grouping import stem_key
from librephotos.library.walk import shown

KNOWN_AT_ONCE: Final = 5000


_KNOWN = Statement(
    select(
        file.c.id,
        file.c.path_bytes,
        file.c.size_bytes,
        file.c.mtime_ns,
        file.c.inode,
        file.c.device,
        file.c.pending,
        file.c.state,
        file.c.is_missing,
    )
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes > bindparam("after"),
        file.c.path_bytes < bindparam("before"),
    )
    .order_by(file.c.path_bytes)
    .limit(KNOWN_AT_ONCE),
    lambda *row: Known(row[0], bytes(row[1]), *row[2:]),
    raw=True,
)
_ELSEWHERE = Statement(
    select(file.c.id, file.c.path_bytes).where(
        file.c.owner_id == bindparam("owner"),
        file.c.is_missing.is_(False),
        (file.c.path_bytes < bindparam("low")) | (file.c.path_bytes >= bindparam("high")),
    ),
    lambda file_id, path: (file_id, bytes(path)),
)
# A path that is known by now was stored by an upload since the walk asked which are: that row stands.
_INSERT = statement(
    insert_new(
        file,
        {
            "owner_id": bindparam("owner"),
            "path_bytes": bindparam("path_bytes"),
            "path": bindparam("path"),
            "size_bytes": bindparam("size_bytes"),
            "mtime_ns": bindparam("mtime_ns"),
            "inode": bindparam("inode"),
            "device": bindparam("device"),
            "stem_key": bindparam("stem_key"),
            "state": "found",
            "pending": int(Pending.NEW),
            "added_at": bindparam("now"),
            "checked_at": bindparam("now"),
        },
        key=["owner_id", "path_bytes"],
    )
)
_MARK = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        pending=bindparam("wanted"),
        size_bytes=bindparam("size_bytes"),
        mtime_ns=bindparam("mtime_ns"),
        inode=bindparam("inode"),
        device=bindparam("device"),
        checked_at=bindparam("now"),
    )
)
_MARK_GONE = statement(
    update(file)
    .where(is_in(file.c.id, "file_ids"), file.c.is_missing.is_(False) | (file.c.pending > 0))
    .values(pending=int(Pending.GONE))
)


def below(folder: bytes) -> tuple[bytes, bytes]:
    """Return the bounds of all paths below a folder: `low` <= path < `high`."""
    bare = folder.rstrip(b"/")
    return bare + b"/", bare + b"0"


def known_files(db: Database, owner_id: int, top: bytes) -> Iterator[Known]:
    """Yield the known files below `top` in path order, a page at a time: no transaction stays open between pages."""
    after, before = below(top)
    while True:
        with db.snapshot() as tx:
            page = tx.all(_KNOWN, owner=owner_id, after=after, before=before)
        yield from page
        if len(page) < KNOWN_AT_ONCE:
            return
        after = page[-1].path


def list_elsewhere(tx: Tx, owner_id: int, top: bytes) -> list[tuple[int, bytes]]:
    """Return (id, path) of known files that do not lie below `top`."""
    low, high = below(top)
    return tx.all(_ELSEWHERE, owner=owner_id, low=low, high=high)


def record_differences(tx: Tx, owner_id: int, found: Sequence[Difference]) -> None:
    """Store what a walk found; the work itself is done later, from these rows."""
    now = clock.now()
    fresh: list[dict[str, Any]] = []
    marked: list[dict[str, Any]] = []
    gone: list[int] = []
    for difference in found:
        at, known = difference.found, difference.known
        if at is None:
            if known is not None and (known.pending or not known.is_missing):
                gone.append(known.file_id)
            continue
        facts = {
            "size_bytes": at.size_bytes,
            "mtime_ns": at.mtime_ns,
            "inode": at.inode,
            "device": at.device,
            "now": now,
        }
        if known is None:
            fresh.append(
                {
                    "owner": owner_id,
                    "path_bytes": at.path,
                    "path": shown(at.path),
                    "stem_key": stem_key(at.path),
                    **facts,
                }
            )
        else:
            marked.append({"file_id": known.file_id, "wanted": int(difference.pending), **facts})
    tx.execute_many(_INSERT, fresh)
    tx.execute_many(_MARK, marked)
    mark_gone(tx, gone)


def mark_gone(tx: Tx, file_ids: Sequence[int]) -> None:
    if file_ids:
        tx.execute(_MARK_GONE, file_ids=id_list(file_ids))
