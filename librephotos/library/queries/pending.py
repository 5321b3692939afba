"""The files that are yet to be read."""

import msgspec
from sqlalchemy import bindparam, func, select

from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending


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


_PENDING = Statement(
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
    .where(file.c.owner_id == bindparam("owner"), file.c.pending > 0, file.c.pending != int(Pending.GONE))
    .order_by(file.c.id)
    .limit(bindparam("size")),
    lambda *row: PendingFile(row[0], bytes(row[1]), *row[2:]),
)
_COUNT_PENDING = Statement(
    select(func.count())
    .select_from(file)
    .where(file.c.owner_id == bindparam("owner"), file.c.pending > 0, file.c.pending != int(Pending.GONE)),
    scalar,
)


def list_pending(tx: Tx, owner_id: int, size: int) -> list[PendingFile]:
    return tx.all(_PENDING, owner=owner_id, size=size)


def count_pending(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT_PENDING, owner=owner_id)
    return count
