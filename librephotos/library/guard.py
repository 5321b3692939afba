"""The volume guard: tells a disk that is away from files that were deleted. In doubt nothing is marked missing."""

import os
from typing import Final

from librephotos.library.queries.gone import Losses
from librephotos.library.queries.roots import Root
from librephotos.library.walk import shown

FEW_FILES: Final = 10
LARGEST_SHARE: Final = 0.5
LARGEST_SHARE_ELSEWHERE: Final = 0.1


def marker_of(path: bytes) -> str:
    """Return what stays the same when a file system is mounted again: its own number (statvfs, f_fsid)."""
    try:
        return f"{os.statvfs(path).f_fsid:x}"
    except OSError:
        return ""


def reason_absent(top: bytes) -> str | None:
    """Return why nothing can be scanned at all, None when the folder is there."""
    try:
        with os.scandir(top):
            return None
    except FileNotFoundError:
        return f"The scan directory '{shown(top)}' does not exist; its disk may not be mounted."
    except NotADirectoryError:
        return f"The scan directory '{shown(top)}' is not a folder."
    except OSError as error:
        return f"The scan directory '{shown(top)}' cannot be read: {os.strerror(error.errno or 0).lower()}."


def reason_offline(root: Root | None, marker: str, losses: Losses, *, is_empty: bool) -> str | None:
    """Return why so many vanished files are not believed, None when they are."""
    if losses.gone == 0:
        return None
    if is_empty:
        return "The scan directory is empty though it held photos; its disk may not be mounted."
    is_other_disk = root is not None and bool(root.marker) and root.marker != marker
    share = LARGEST_SHARE_ELSEWHERE if is_other_disk else LARGEST_SHARE
    if losses.gone > FEW_FILES and losses.gone > share * losses.known:
        where = "on another file system than before, and " if is_other_disk else ""
        share_text = f"missing {losses.gone} of {losses.known} known files"
        return f"The scan directory is {where}{share_text}; nothing was marked as missing."
    return None
