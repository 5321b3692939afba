"""The files that are yet to be read."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, select

from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import file, photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending
from librephotos.library.queries.files import IS_TO_READ


class PendingFile(msgspec.Struct, frozen=True):
    """A row whose file is to be read; `image_hash` is what its photo's thumbnails are called."""

    file_id: int
    path: bytes
    size_bytes: int
    mtime_ns: int
    pending: int
    hash: str
    photo_id: int | None
    image_hash: str | None

    @property
    def is_metadata_only(self) -> bool:
        return self.pending == Pending.METADATA


def pending_files(condition: ColumnElement[bool]) -> Statement[PendingFile]:
    """Return the statement that lists an owner's files under a condition, the oldest first."""
    return Statement(
        select(
            file.c.id,
            file.c.path_bytes,
            file.c.size_bytes,
            file.c.mtime_ns,
            file.c.pending,
            file.c.hash,
            file.c.photo_id,
            photo.c.image_hash,
        )
        .select_from(file.outerjoin(photo, photo.c.id == file.c.photo_id))
        .where(file.c.owner_id == bindparam("owner"), condition)
        .order_by(file.c.id)
        .limit(bindparam("size")),
        lambda *row: PendingFile(row[0], bytes(row[1]), *row[2:]),
    )


_PENDING = pending_files(IS_TO_READ)
_COUNT_PENDING = Statement(
    select(func.count()).select_from(file).where(file.c.owner_id == bindparam("owner"), IS_TO_READ),
    scalar,
)


# What was read while ExifTool was missing. The photo's main file stands for it.
_READ_BY_PILLOW = Statement(
    select(file.c.id)
    .join(photo, photo.c.main_file_id == file.c.id)
    .join(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
    .where(photo.c.owner_id == bindparam("owner"), photo_metadata.c.reader == "pillow", file.c.pending == 0),
    scalar,
)


_STATES = Statement(
    select(file.c.state, func.count())
    .where(is_in(file.c.id, "file_ids"), file.c.pending == 0)
    .group_by(file.c.state),
    lambda state, count: (state, int(count)),
)


def count_states(tx: Tx, file_ids: Sequence[int]) -> dict[str, int]:
    """Return how many of these files, of those that are done with, are in which state."""
    return dict(tx.all(_STATES, file_ids=id_list(file_ids)))


def list_read_by_pillow(tx: Tx, owner_id: int) -> list[int]:
    """Return the ids of files whose metadata was read by the lesser of the two readers."""
    return tx.all(_READ_BY_PILLOW, owner=owner_id)


def list_pending(tx: Tx, owner_id: int, size: int) -> list[PendingFile]:
    return tx.all(_PENDING, owner=owner_id, size=size)


def count_pending(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT_PENDING, owner=owner_id)
    return count
