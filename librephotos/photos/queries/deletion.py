"""Permanent deletion in rows: photos are claimed, their files deleted by others, and then they are removed or released.

A claim takes a photo out of everybody's reach, so that it cannot be restored while its files go. It is a step of the
photo; whoever dies before the end leaves it, and `release_stale` brings the photo back to the trash.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, exists, insert, literal, select, update

from librephotos.accounts.events import Event, Origin, record
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement
from librephotos.db.tables import file, photo, photo_link, photo_share, photo_step, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.photos.changes import photos_changed
from librephotos.photos.originals import Known
from librephotos.photos.queries.selections import lock_photos

DELETION: Final = "deletion"
# Deleting a hundred files takes seconds at most, also over a slow network.
STALE: Final = clock.HOUR


class OriginalFile(msgspec.Struct, frozen=True):
    """A file of a photo. `is_shared`: another account has a photo of the same path, so that it stays."""

    photo_id: int
    is_main: bool
    is_shared: bool
    known: Known
    content_hash: str = ""


_CLAIMABLE = Statement(
    select(photo.c.id)
    .where(
        photo.c.owner_id == bindparam("owner"),
        is_in(photo.c.id, "photo_ids"),
        photo.c.is_trashed.is_(True),
        photo.c.is_removed.is_(False),
    )
    .order_by(photo.c.id),
    scalar,
)
_SET_REMOVED = statement(
    update(photo).where(is_in(photo.c.id, "photo_ids")).values(is_removed=bindparam("removed"))
)
_CLAIM = statement(
    insert(photo_step).values(
        photo_id=bindparam("of_photo"),
        step=DELETION,
        state="started",
        reason="",
        finished_at=bindparam("now"),
    )
)
_UNCLAIM = statement(
    delete(photo_step).where(is_in(photo_step.c.photo_id, "photo_ids"), photo_step.c.step == DELETION)
)
_same = file.alias("same")
# Somebody else has a photo of the same path.
ELSEWHERE = (
    exists(literal(1))
    .where(
        user.c.id != file.c.owner_id,
        _same.c.owner_id == user.c.id,
        _same.c.path_bytes == file.c.path_bytes,
        _same.c.photo_id.is_not(None),
    )
    .correlate(file)
)
_FILES = Statement(
    select(
        file.c.photo_id,
        file.c.id == photo.c.main_file_id,
        ELSEWHERE,
        file.c.path_bytes,
        file.c.size_bytes,
        file.c.mtime_ns,
        file.c.device,
        file.c.is_missing,
        file.c.hash,
    )
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(is_in(file.c.photo_id, "photo_ids"))
    .order_by(file.c.photo_id, file.c.id),
    lambda photo_id, is_main, is_shared, path, size_bytes, mtime_ns, device, is_missing, content_hash: (
        OriginalFile(
            photo_id,
            bool(is_main),
            bool(is_shared),
            Known(bytes(path), size_bytes, mtime_ns, device, is_missing),
            content_hash,
        )
    ),
)
_DIRECTORIES = Statement(
    select(user.c.scan_directory, user.c.upload_directory).where(user.c.id == bindparam("owner")), as_row
)
_FORGET_FILES = statement(delete(file).where(is_in(file.c.photo_id, "photo_ids")))
_REMOVE = statement(
    update(photo).where(is_in(photo.c.id, "photo_ids")).values(main_file_id=None, is_removed=True)
)
# Whoever deletes a photo takes it away from everybody; the same file, come back later, is shared with nobody.
_WITHDRAW = tuple(
    statement(delete(table).where(is_in(table.c.photo_id, "photo_ids")))
    for table in (photo_link, photo_share)
)
_STALE = Statement(
    select(photo.c.owner_id, photo.c.id)
    .select_from(photo.join(photo_step, photo_step.c.photo_id == photo.c.id))
    .where(photo_step.c.step == DELETION, photo_step.c.finished_at < bindparam("before"))
    .order_by(photo.c.owner_id, photo.c.id),
    as_row,
)


def list_directories(tx: Tx, owner_id: int) -> list[str]:
    return [directory for directory in tx.first(_DIRECTORIES, owner=owner_id) or () if directory]


def claim(tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> tuple[list[int], list[OriginalFile]]:
    """Take those of these photos that are still in the trash out of reach; return them, and their files."""
    lock_photos(tx, owner_id)
    claimed = tx.all(_CLAIMABLE, owner=owner_id, photo_ids=id_list(photo_ids))
    asked = id_list(claimed)
    tx.execute(_SET_REMOVED, photo_ids=asked, removed=True)
    # Touched as well: what was removed long ago is purged.
    tx.touch(photo, claimed)
    now = clock.now()
    tx.execute_many(_CLAIM, [{"of_photo": photo_id, "now": now} for photo_id in claimed])
    return claimed, tx.all(_FILES, photo_ids=asked)


def finish(tx: Tx, owner_id: int, gone: Sequence[int], left: Sequence[int], origin: Origin) -> None:
    """Remove claimed photos whose files are gone, for good, and give back those that have files left."""
    lock_photos(tx, owner_id)
    asked = id_list(gone)
    tx.execute(_FORGET_FILES, photo_ids=asked)
    # Once more: a scan that had read the file before may have brought the photo back meanwhile.
    tx.execute(_REMOVE, photo_ids=asked)
    tx.execute(_UNCLAIM, photo_ids=asked)
    _release(tx, left)
    photos_changed(tx, owner_id, [*gone, *left])
    for withdrawal in _WITHDRAW:
        tx.execute(withdrawal, photo_ids=asked)
    if gone:
        detail = {"photos": len(gone)}
        event = Event(
            kind="photos_deleted", origin=origin, subject_id=owner_id, target="from the trash", detail=detail
        )
        record(tx, event)


def _release(tx: Tx, photo_ids: Sequence[int]) -> None:
    asked = id_list(photo_ids)
    tx.execute(_SET_REMOVED, photo_ids=asked, removed=False)
    tx.touch(photo, photo_ids)
    tx.execute(_UNCLAIM, photo_ids=asked)


def release_stale(tx: Tx) -> None:
    """Bring photos back to the trash whose deletion was not ended by whoever began it; it can be asked for again."""
    stale: dict[int, list[int]] = {}
    for owner_id, photo_id in tx.all(_STALE, before=clock.now() - STALE):
        stale.setdefault(owner_id, []).append(photo_id)
    for owner_id, photo_ids in stale.items():
        lock_photos(tx, owner_id)
        _release(tx, photo_ids)
        photos_changed(tx, owner_id, photo_ids)
