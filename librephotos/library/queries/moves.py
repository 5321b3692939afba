"""Moves: the same inode, time and size under a new path."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending
from librephotos.library.grouping import stem_key
from librephotos.library.queries.files import IS_GONE, IS_TO_READ

_VANISHED = Statement(
    select(file.c.id, file.c.inode, file.c.device, file.c.mtime_ns, file.c.size_bytes).where(
        file.c.owner_id == bindparam("owner"), IS_GONE, file.c.state == "photo", file.c.inode != 0
    ),
    lambda file_id, *identity: (file_id, identity),
)
_APPEARED = Statement(
    select(file.c.id, file.c.inode, file.c.device, file.c.mtime_ns, file.c.size_bytes).where(
        file.c.owner_id == bindparam("owner"), IS_TO_READ, file.c.pending == int(Pending.NEW)
    ),
    lambda file_id, *identity: (file_id, identity),
)
_PHOTO_OF = Statement(
    select(file.c.photo_id).where(file.c.id == bindparam("file_id"), IS_GONE, file.c.photo_id.is_not(None)),
    scalar,
)
_PATH_OF = Statement(
    select(file.c.path_bytes, file.c.path, file.c.checked_at).where(file.c.id == bindparam("file_id")),
    lambda *row: row,
)
_DELETE_FILES = statement(delete(file).where(is_in(file.c.id, "file_ids")))
_SET_PATH = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        path_bytes=bindparam("new_bytes"),
        path=bindparam("new_path"),
        stem_key=bindparam("new_key"),
        pending=0,
        checked_at=bindparam("now"),
    )
)


def list_moves(tx: Tx, owner_id: int) -> list[tuple[int, int]]:
    """Return (vanished, appeared) file ids of what lies under a new path now.

    Of hard links, several new paths of one inode, one is taken; the others are read and found equal.
    """
    vanished = tx.all(_VANISHED, owner=owner_id)
    if not vanished:
        return []
    appeared = {identity: file_id for file_id, identity in tx.all(_APPEARED, owner=owner_id)}
    moves = ((old, appeared.pop(identity, None)) for old, identity in vanished)
    return [(old, new) for old, new in moves if new is not None]


def move_files(tx: Tx, moves: Sequence[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """Give vanished files the new paths under which they reappeared; return these with the photos they belong to."""
    moved: list[tuple[int, bytes]] = []
    for old, new in moves:
        photo_id, fresh = tx.first(_PHOTO_OF, file_id=old), tx.first(_PATH_OF, file_id=new)
        if photo_id is None or fresh is None:
            continue
        path_bytes, path, now = fresh
        tx.execute(_DELETE_FILES, file_ids=id_list([new]))
        raw = bytes(path_bytes)
        tx.execute(_SET_PATH, file_id=old, new_bytes=raw, new_path=path, new_key=stem_key(raw), now=now)
        moved.append((photo_id, raw))
    return moved
