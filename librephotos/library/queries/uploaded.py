"""Files that were uploaded: known from the moment they lie in the library, and read by a job of their own."""

from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, func, literal, or_, select, update

from librephotos.db.statements import Statement, insert_new, scalar, statement
from librephotos.db.tables import file, job, photo
from librephotos.db.transactions import Tx
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock
from librephotos.library.compare import Pending
from librephotos.library.grouping import stem_key
from librephotos.library.kinds import IMPORT, SCAN_TYPE
from librephotos.library.queries.files import IS_UPLOADED
from librephotos.library.walk import Found, shown
from librephotos.photos import announcing, recognising
from librephotos.photos.changes import photos_changed

_IS_THERE: Final = and_(file.c.is_missing.is_(False), file.c.pending != int(Pending.GONE))
_INSERT = Statement(
    insert_new(
        file,
        {
            "owner_id": bindparam("owner"),
            "path_bytes": bindparam("path_bytes"),
            "path": bindparam("path"),
            "hash": bindparam("content_hash"),
            "size_bytes": bindparam("size_bytes"),
            "mtime_ns": bindparam("mtime_ns"),
            "inode": bindparam("inode"),
            "device": bindparam("device"),
            "stem_key": bindparam("stem_key"),
            "state": "found",
            "pending": int(Pending.UPLOADED),
            "added_at": bindparam("now"),
            "checked_at": bindparam("now"),
        },
        key=["owner_id", "path_bytes"],
        returning=file.c.id,
    ),
    scalar,
)
# The path is known: from a scan that was quicker, or from a file that lay there once.
_READ_KNOWN = statement(
    update(file)
    .where(file.c.owner_id == bindparam("owner"), file.c.path_bytes == bindparam("of_path"))
    .values(
        pending=int(Pending.UPLOADED),
        size_bytes=bindparam("new_size_bytes"),
        mtime_ns=bindparam("new_mtime_ns"),
        is_missing=False,
    )
)
_HAS_CONTENT = Statement(
    select(literal(1))
    .select_from(file.outerjoin(photo, photo.c.id == file.c.photo_id))
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.hash == bindparam("content_hash"),
        _IS_THERE,
        or_(photo.c.id.is_(None), photo.c.is_removed.is_(False)),
    )
    .limit(1),
    scalar,
)
_SIZE = Statement(
    select(func.coalesce(func.sum(file.c.size_bytes), 0)).where(
        file.c.owner_id == bindparam("owner"), _IS_THERE
    ),
    int,
)
_TAKE_OVER = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        IS_UPLOADED,
        ~exists(literal(1)).where(
            job.c.user_id == bindparam("owner"), job.c.kind == IMPORT, job.c.finished_at.is_(None)
        ),
    )
    .values(pending=int(Pending.NEW))
)


def has_content(tx: Tx, owner_id: int, content_hash: str) -> bool:
    """Tell whether a file with this content (MD5 and owner's id) lies in the owner's library, read or not."""
    return tx.first(_HAS_CONTENT, owner=owner_id, content_hash=content_hash) is not None


def sum_sizes(tx: Tx, owner_id: int) -> int:
    """Return how many bytes the owner's files take."""
    return tx.one(_SIZE, owner=owner_id)


def add_uploaded(tx: Tx, owner_id: int, found: Found, content_hash: str, kind: str) -> None:
    """Make a file that was put into the library known, with its photo unless it is a sidecar, and have it read.

    `kind` is that of its format. The photo is announced: it has no looks yet and is in no list.
    """
    facts: dict[str, Any] = {
        "size_bytes": found.size_bytes,
        "mtime_ns": found.mtime_ns,
        "inode": found.inode,
        "device": found.device,
    }
    file_id = tx.first(
        _INSERT,
        owner=owner_id,
        path_bytes=found.path,
        path=shown(found.path),
        content_hash=content_hash,
        stem_key=stem_key(found.path),
        now=clock.now(),
        **facts,
    )
    if file_id is None:
        tx.execute(
            _READ_KNOWN,
            owner=owner_id,
            of_path=found.path,
            new_size_bytes=found.size_bytes,
            new_mtime_ns=found.mtime_ns,
        )
    elif kind != "sidecar" and recognising.find_by_content(tx, owner_id, content_hash) is None:
        photo_id = announcing.announce_photo(
            tx, owner_id, content_hash, file_id, is_video=kind == "video", size_bytes=found.size_bytes
        )
        photos_changed(tx, owner_id, [photo_id])
    enqueue_job(tx, owner_id, SCAN_TYPE, IMPORT)


def take_over_abandoned(tx: Tx, owner_id: int) -> None:
    """Have a scan read what was uploaded, where no job is left that would: it was cancelled, for instance."""
    tx.execute(_TAKE_OVER, owner=owner_id)
