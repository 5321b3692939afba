"""Times of change that grow in the order of commits, so that whoever has read up to one of them has missed nothing.

A time taken when a row is written is not enough: another transaction may take a later one and be committed, and read,
before. So writers only say which rows they changed (`Tx.touch`), and the time is given as the last thing before the
commit, under the lock of one row that is held until the commit is done. It is never earlier than the one before,
whatever the clocks of several machines say.

Rows are locked before the clock is: who holds the clock waits for nobody.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Table, bindparam, case, select, update

from librephotos.db.statements import SQLITE, Statement, id_list, is_in, scalar, statement, upsert_with
from librephotos.db.tables import (
    album,
    change_clock,
    deletion_log,
    event_album,
    person,
    photo,
    place_album,
    sight,
    tag,
    thing_album,
    user,
)
from librephotos.db.transactions import Tx
from librephotos.kit import clock

# What new rows have until their transaction ends.
UNSTAMPED: Final = 0
# The same for deletions, which are found by it: no committed row has it.
PENDING: Final = 2**62

_TABLES: Final = (photo, person, album, event_album, thing_album, place_album, tag, user, sight)


def _later(excluded: Any) -> dict[str, Any]:
    last = change_clock.c.stamped_at
    return {"stamped_at": case((excluded.stamped_at > last, excluded.stamped_at), else_=last + 1)}


_TICK: Statement[int] = Statement(
    lambda dialect: upsert_with(change_clock, columns=("id", "stamped_at"), key=["id"], changes=_later)(
        dialect
    ).returning(change_clock.c.stamped_at),  # type: ignore[attr-defined]
    scalar,
)


def _lock(table: Table) -> Statement[int]:
    return Statement(
        select(table.c.id)
        .where(is_in(table.c.id, "row_ids"))
        .order_by(table.c.id)
        .with_for_update(key_share=True),
        scalar,
    )


_LOCKS = {table.name: _lock(table) for table in _TABLES}
_STAMPS = {
    table.name: statement(
        update(table).where(is_in(table.c.id, "row_ids")).values(modified_at=bindparam("now"))
    )
    for table in _TABLES
}
_STAMP_DELETIONS = statement(
    update(deletion_log).where(deletion_log.c.deleted_at == PENDING).values(deleted_at=bindparam("now"))
)


def lock_rows(tx: Tx, table: Table, row_ids: Collection[int]) -> None:
    """Let nobody else change these rows until the transaction ends. On SQLite nobody does anyway."""
    _lock_rows(tx, table.name, id_list(sorted(row_ids)))


def _lock_rows(tx: Tx, name: str, row_ids: str) -> None:
    if tx.dialect != SQLITE:
        tx.all(_LOCKS[name], row_ids=row_ids)


def settle(tx: Tx) -> None:
    """Give all that this transaction touched its time. The last statements before the commit."""
    touched = {name: id_list(sorted(tx.touched[name])) for name in _STAMPS if tx.touched.get(name)}
    has_deletions = deletion_log.name in tx.touched
    tx.touched.clear()
    if not touched and not has_deletions:
        return
    for name, row_ids in touched.items():
        _lock_rows(tx, name, row_ids)
    now = tx.one(_TICK, id=1, stamped_at=clock.now())
    for name, row_ids in touched.items():
        tx.execute(_STAMPS[name], row_ids=row_ids, now=now)
    if has_deletions:
        tx.execute(_STAMP_DELETIONS, now=now)
