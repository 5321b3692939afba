"""Moves: the same inode, time and size under a new path."""

from sqlalchemy import bindparam, delete, select, update

from librephotos.db.statements import Statement, id_list, is_in, statement
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending

_new = file.alias("fresh")
_MOVES = Statement(
    select(file.c.id, _new.c.id, file.c.photo_id)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.pending == int(Pending.GONE),
        file.c.state == "photo",
        _new.c.owner_id == bindparam("owner"),
        _new.c.pending == int(Pending.NEW),
        _new.c.inode == file.c.inode,
        _new.c.device == file.c.device,
        _new.c.mtime_ns == file.c.mtime_ns,
        _new.c.size_bytes == file.c.size_bytes,
        file.c.inode != 0,
    )
    .limit(200),
    lambda old, new, photo_id: (old, new, photo_id),
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
        path_bytes=bindparam("new_bytes"), path=bindparam("new_path"), pending=0, checked_at=bindparam("now")
    )
)


def move_files(tx: Tx, owner_id: int) -> list[int]:
    """Give up to 200 vanished files the new path under which they reappeared; return the photos they belong to."""
    used: set[int] = set()
    photos: list[int] = []
    for old, new, photo_id in tx.all(_MOVES, owner=owner_id):
        if old in used or new in used:
            continue  # Hard links: several new paths of one inode; the others are read and found equal.
        used |= {old, new}
        path_bytes, path, now = tx.one(_PATH_OF, file_id=new)
        tx.execute(_DELETE_FILES, file_ids=id_list([new]))
        tx.execute(_SET_PATH, file_id=old, new_bytes=bytes(path_bytes), new_path=path, now=now)
        if photo_id is not None:
            photos.append(photo_id)
    return photos
