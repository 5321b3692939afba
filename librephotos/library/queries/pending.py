"""The files that are yet to be read."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, exists, func, literal, or_, select

from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import file, photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending
from librephotos.library.file_kinds import SIDECAR
from librephotos.library.queries.files import IS_PENDING, IS_TO_READ, IS_UNSETTLED

# A file whose metadata alone was rewritten keeps its photo before a copy of it can become a photo of its own; and which
# pictures really replaced others is seen when all the rest is known.
PHASES: Final = (Pending.CHANGED, Pending.NEW, Pending.REPLACED, Pending.METADATA)


class PendingFile(msgspec.Struct, frozen=True):
    """A row whose file is to be read; `image_hash` is what its photo's thumbnails are called.

    `is_variant` tells that the photo shows another of its files; the shape and the perceptual hash are those of the
    file as it was last read, where they are known.
    """

    file_id: int
    path: bytes
    size_bytes: int
    mtime_ns: int
    pending: int
    hash: str
    photo_id: int | None
    was_missing: bool
    image_hash: str | None
    is_variant: bool
    aspect_ratio: float | None = None
    perceptual_hash: str | None = None

    @property
    def is_metadata_only(self) -> bool:
        return self.pending == Pending.METADATA

    @property
    def is_last(self) -> bool:
        """Tell whether this file waited until all others were read."""
        return self.pending == Pending.REPLACED


_SELECT = (
    select(
        file.c.id,
        file.c.path_bytes,
        file.c.size_bytes,
        file.c.mtime_ns,
        file.c.pending,
        file.c.hash,
        file.c.photo_id,
        file.c.is_missing,
        photo.c.image_hash,
        and_(photo.c.main_file_id.is_not(None), photo.c.main_file_id != file.c.id),
        file.c.aspect_ratio,
        file.c.perceptual_hash,
    )
    .select_from(file.outerjoin(photo, photo.c.id == file.c.photo_id))
    .where(file.c.owner_id == bindparam("owner"), IS_PENDING, file.c.pending == bindparam("phase"))
)


def _ordered(*order: Any) -> Statement[PendingFile]:
    return Statement(
        _SELECT.order_by(*order).limit(bindparam("size")),
        lambda file_id, path, *rest: PendingFile(file_id, bytes(path), *rest),
    )


_PENDING = _ordered(file.c.mtime_ns.desc())
# Copies wait for the file of the photo that they may belong to: one that may have been edited, because it was there and
# lies nowhere else.
_other = file.alias("other")
_LIES_ELSEWHERE = exists(
    select(_other.c.id)
    .where(
        _other.c.photo_id == file.c.photo_id,
        _other.c.id != file.c.id,
        _other.c.is_missing.is_(False),
        _other.c.kind != SIDECAR,
        _other.c.pending != int(Pending.GONE),
        _other.c.pending != int(Pending.REPLACED),
    )
    .correlate(file)
)
_REPLACED = _ordered(
    or_(file.c.photo_id.is_(None), file.c.is_missing.is_(True), _LIES_ELSEWHERE), file.c.mtime_ns.desc()
)
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


_ANY_UNSETTLED = Statement(
    select(
        select(literal(1))
        .select_from(file)
        .where(file.c.owner_id == bindparam("owner"), IS_UNSETTLED)
        .exists()
    ),
    bool,
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
    """Return the next files to read, the newest first. All are of one phase, so that none is met before its time."""
    for phase in PHASES:
        if phase == Pending.REPLACED and tx.one(_ANY_UNSETTLED, owner=owner_id):
            continue
        listed = _REPLACED if phase == Pending.REPLACED else _PENDING
        found = tx.all(listed, owner=owner_id, phase=int(phase), size=size)
        if found:
            return found
    return []


def list_uploaded(tx: Tx, owner_id: int, size: int) -> list[PendingFile]:
    """Return the next of the files that were uploaded, which a scan leaves alone."""
    return tx.all(_PENDING, owner=owner_id, phase=int(Pending.UPLOADED), size=size)


def count_pending(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT_PENDING, owner=owner_id)
    return count
