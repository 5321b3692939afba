"""What was found out about single files: their rows after reading, their copies, what lies beside them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, literal_column, or_, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.compare import Pending
from librephotos.media.process import VIDEOS_OFF

IMAGE: Final = 1
VIDEO: Final = 2
SIDECAR: Final = 3
RAW: Final = 4
OTHER: Final = 5

# Spelled as in the partial index, so that what is pending is found without reading every file's row.
IS_PENDING: Final[Any] = literal_column("file.pending > 0")
IS_GONE: Final[Any] = and_(IS_PENDING, file.c.pending == int(Pending.GONE))
# What a scan reads now.
IS_TO_READ: Final[Any] = and_(
    IS_PENDING,
    file.c.pending != int(Pending.GONE),
    file.c.pending != int(Pending.UNSETTLED),
    file.c.pending != int(Pending.UPLOADED),
)
IS_UPLOADED: Final[Any] = and_(IS_PENDING, file.c.pending == int(Pending.UPLOADED))
IS_UNSETTLED: Final[Any] = and_(IS_PENDING, file.c.pending == int(Pending.UNSETTLED))

_READ_COLUMNS: Final = (
    *("photo_id", "hash", "blake2b", "kind", "mime", "size_bytes", "mtime_ns", "inode", "device"),
    *("state", "reason"),
)
_SET_READ = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        {
            **{name: bindparam(f"new_{name}") for name in _READ_COLUMNS},
            "pending": int(Pending.NOTHING),
            "checked_at": bindparam("now"),
        }
    )
)
_SET_UNREAD = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        mtime_ns=bindparam("new_mtime_ns"),
        pending=int(Pending.NOTHING),
        checked_at=bindparam("now"),
    )
)
_SET_PENDING = statement(
    update(file).where(is_in(file.c.id, "file_ids"), file.c.pending == 0).values(pending=bindparam("wanted"))
)
_ASK_AGAIN = statement(
    update(file).where(file.c.id == bindparam("file_id")).values(pending=int(Pending.CHANGED))
)
_ASK_FOR_PICTURES = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.state == "skipped",
        or_(file.c.kind == IMAGE, file.c.kind == RAW),
        file.c.pending == 0,
        file.c.is_missing.is_(False),
    )
    .values(pending=int(Pending.NEW))
)
_ASK_FOR_VIDEOS = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.state == "skipped",
        file.c.reason == VIDEOS_OFF,
        file.c.pending == 0,
        file.c.is_missing.is_(False),
    )
    .values(pending=int(Pending.CHANGED))
)
_IS_THERE = (file.c.is_missing.is_(False), file.c.pending != int(Pending.GONE))
_COPY = Statement(
    select(file.c.id).where(
        file.c.photo_id == bindparam("photo_id"),
        file.c.id != bindparam("file_id"),
        file.c.hash == bindparam("content_hash"),
        *_IS_THERE,
    ),
    scalar,
)
_THERE = Statement(select(file.c.id).where(file.c.id == bindparam("file_id"), *_IS_THERE), scalar)
_MEDIA_BESIDE = Statement(
    select(file.c.id, file.c.path_bytes, file.c.photo_id).where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes >= bindparam("low"),
        file.c.path_bytes < bindparam("high"),
        file.c.state == "photo",
        file.c.kind != SIDECAR,
    ),
    lambda file_id, path, photo_id: (file_id, bytes(path), photo_id),
)
_SIDECARS = Statement(
    select(file.c.id, file.c.path_bytes).where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes >= bindparam("low"),
        file.c.path_bytes < bindparam("high"),
        file.c.kind == SIDECAR,
    ),
    lambda file_id, path: (file_id, bytes(path)),
)
_ATTACH = statement(
    update(file)
    .where(is_in(file.c.id, "file_ids"))
    .values(photo_id=bindparam("to_photo"), state="photo", reason="")
)


def set_read(tx: Tx, file_id: int, **values: Any) -> None:
    """Store what a file turned out to be; `values` are all of _READ_COLUMNS."""
    tx.execute(
        _SET_READ,
        file_id=file_id,
        now=clock.now(),
        **{f"new_{name}": value for name, value in values.items()},
    )


def set_unread(tx: Tx, file_id: int, state: str, reason: str, mtime_ns: int) -> None:
    """Store why a file was not read. With a time of 0 the next scan tries again."""
    tx.execute(
        _SET_UNREAD,
        file_id=file_id,
        new_state=state,
        new_reason=reason,
        new_mtime_ns=mtime_ns,
        now=clock.now(),
    )


def want_metadata(tx: Tx, file_ids: Sequence[int]) -> None:
    """Have the metadata of these files read again, unless more than that is pending for them."""
    if file_ids:
        tx.execute(_SET_PENDING, file_ids=id_list(file_ids), wanted=int(Pending.METADATA))


def want_again(tx: Tx, file_id: int) -> None:
    """Have a file read again as if it had changed."""
    tx.execute(_ASK_AGAIN, file_id=file_id)


def want_skipped_pictures(tx: Tx, owner_id: int) -> None:
    """Have the pictures read that an earlier version passed over: it did not read all the kinds that this one does."""
    tx.execute(_ASK_FOR_PICTURES, owner=owner_id)


def want_skipped_videos(tx: Tx, owner_id: int) -> None:
    """Have the videos read that were passed over while videos were switched off."""
    tx.execute(_ASK_FOR_VIDEOS, owner=owner_id)


def find_copy(tx: Tx, photo_id: int, file_id: int, content_hash: str) -> int | None:
    """Return another file of the photo with this content."""
    return tx.first(_COPY, photo_id=photo_id, file_id=file_id, content_hash=content_hash)


def is_there(tx: Tx, file_id: int) -> bool:
    return tx.first(_THERE, file_id=file_id) is not None


def list_media_beside(tx: Tx, owner_id: int, sidecar: bytes) -> list[tuple[int, bytes, int]]:
    """Return (file id, path, photo id) of photos' files whose paths begin as the sidecar's does."""
    stem = sidecar[: -len(b".xmp")]
    return tx.all(_MEDIA_BESIDE, owner=owner_id, low=stem, high=stem + b"\xff")


def list_sidecars_beside(tx: Tx, owner_id: int, stem: bytes) -> list[tuple[int, bytes]]:
    """Return (file id, path) of known sidecars whose paths begin so."""
    return tx.all(_SIDECARS, owner=owner_id, low=stem, high=stem + b"\xff")


def attach_files(tx: Tx, file_ids: Sequence[int], photo_id: int) -> None:
    if file_ids:
        tx.execute(_ATTACH, file_ids=id_list(file_ids), to_photo=photo_id)
