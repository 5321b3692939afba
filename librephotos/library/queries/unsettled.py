"""Files that were written to a moment ago, or that vanished before they were read: looked at again later."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, case, func, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending
from librephotos.library.queries.files import IS_UNSETTLED


class Unsettled(msgspec.Struct, frozen=True):
    """A file that is waited for."""

    file_id: int
    path: bytes


class Settled(msgspec.Struct, frozen=True):
    """A file that is waited for no more, as it lies there now."""

    file_id: int
    size_bytes: int
    mtime_ns: int


_WAIT = statement(update(file).where(is_in(file.c.id, "file_ids")).values(pending=int(Pending.UNSETTLED)))
_LIST = Statement(
    select(file.c.id, file.c.path_bytes)
    .where(file.c.owner_id == bindparam("owner"), IS_UNSETTLED)
    .order_by(file.c.id),
    lambda file_id, path: Unsettled(file_id, bytes(path)),
)
_COUNT = Statement(
    select(func.count()).select_from(file).where(file.c.owner_id == bindparam("owner"), IS_UNSETTLED), scalar
)
_READ_NOW = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        pending=case((file.c.state == "photo", int(Pending.CHANGED)), else_=int(Pending.NEW)),
        size_bytes=bindparam("new_size_bytes"),
        mtime_ns=bindparam("new_mtime_ns"),
    )
)
# With a time of 0 the next scan finds it changed.
_PUT_OFF = statement(update(file).where(is_in(file.c.id, "file_ids")).values(pending=0, mtime_ns=0))


def wait_for_files(tx: Tx, file_ids: Sequence[int]) -> None:
    """Have the scan come back to these files when it has read the others."""
    if file_ids:
        tx.execute(_WAIT, file_ids=id_list(file_ids))


def list_unsettled(tx: Tx, owner_id: int) -> list[Unsettled]:
    return tx.all(_LIST, owner=owner_id)


def count_unsettled(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT, owner=owner_id)
    return count


def read_now(tx: Tx, settled: Sequence[Settled]) -> None:
    tx.execute_many(
        _READ_NOW,
        [
            {"file_id": one.file_id, "new_size_bytes": one.size_bytes, "new_mtime_ns": one.mtime_ns}
            for one in settled
        ],
    )


def put_off(tx: Tx, file_ids: Sequence[int]) -> None:
    """Leave files to the next scan as they are: they are no failures."""
    if file_ids:
        tx.execute(_PUT_OFF, file_ids=id_list(file_ids))
