"""How much room a disk has left, and how much must stay free so that the database can still be written."""

import errno
import os
from typing import Final

MIB: Final = 1024**2
RESERVE_BYTES: Final = 32 * MIB
"""What a scan leaves free: with less, not even the reason why it stopped might be stored."""

FULL: Final = "The disk of the data folder is full or failing; make room and try again."
_FULL_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT)


def free_bytes(folder: str | os.PathLike[str]) -> int:
    """Return what this user may still write. Raises OSError when the folder is not there. Source: statvfs(3)."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def reason_full(folder: str | os.PathLike[str]) -> str | None:
    """Return why nothing large should be written below a folder, None when there is room."""
    free = free_bytes(folder)
    if free >= RESERVE_BYTES:
        return None
    return f"The disk of the data folder has only {free // MIB} MiB left; make room and try again."


def is_full_error(error: BaseException) -> bool:
    """Tell whether an error, or the one it stands for (`orig` of SQLAlchemy's), comes from a full or failing disk."""
    for each in (error, getattr(error, "orig", None)):
        if isinstance(each, OSError) and each.errno in _FULL_ERRORS:
            return True
        if getattr(each, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return True
    return False
