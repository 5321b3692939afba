"""Merges the files found by a walk with the known ones: what is new, changed, gone or back. Both come in path order."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final

import msgspec

from librephotos.library.walk import Found


class Pending(IntEnum):
    """What a scan has yet to do with a known path."""

    NOTHING = 0
    NEW = 1
    CHANGED = 2
    GONE = 3
    METADATA = 4
    UNSETTLED = 5
    """It is still being written to; the same scan looks again."""
    REPLACED = 6
    """It shows another picture than before. Whether that is an edit is known when all other files are read."""
    UPLOADED = 7
    """It was uploaded whole and is read by a job of its own; a scan leaves it alone while that job is there."""


class Known(msgspec.Struct, frozen=True, array_like=True):
    """A row of the table of files."""

    file_id: int
    path: bytes
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int
    pending: int
    state: str
    is_missing: int


class Difference(msgspec.Struct, frozen=True):
    """`found` is None for a path that is gone, `known` None for a new one; `pending` is what to do."""

    pending: Pending
    known: Known | None = None
    found: Found | None = None


_PHOTO: Final = "photo"
_UNDONE: Final = (
    *(Pending.NEW, Pending.CHANGED, Pending.METADATA, Pending.UNSETTLED, Pending.REPLACED, Pending.UPLOADED),
)


def differences(found: Iterable[Found], known: Iterable[Known], *, is_full: bool) -> Iterator[Difference]:
    """Yield what differs. Unchanged files are passed over, except in a full scan, which looks at each again."""
    rows = iter(known)
    row = next(rows, None)
    for file in found:
        while row is not None and row.path < file.path:
            yield Difference(Pending.GONE, known=row)
            row = next(rows, None)
        if row is None or row.path != file.path:
            yield Difference(Pending.NEW, found=file)
            continue
        wanted = _wanted(file, row, is_full=is_full)
        if wanted is not None:
            yield Difference(wanted, known=row, found=file)
        row = next(rows, None)
    while row is not None:
        yield Difference(Pending.GONE, known=row)
        row = next(rows, None)


def _wanted(file: Found, row: Known, *, is_full: bool) -> Pending | None:
    if row.size_bytes != file.size_bytes or row.mtime_ns != file.mtime_ns:
        return Pending.CHANGED if row.state == _PHOTO else Pending.NEW
    if row.pending in _UNDONE and not (is_full and row.pending == Pending.METADATA):
        return None
    if is_full and not row.is_missing:
        return Pending.METADATA if row.state == _PHOTO else Pending.NEW
    if row.is_missing:
        # Back after it was believed gone: its photo may have been removed, its thumbnails too.
        return Pending.CHANGED if row.state == _PHOTO else Pending.NEW
    if row.pending == Pending.GONE or row.inode != file.inode or row.device != file.device:
        # Back before it was settled, or on a disk that was copied or mounted anew: nothing to read.
        return Pending.NOTHING
    return None
