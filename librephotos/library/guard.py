"""The volume guard: tells a disk that is away from files that were deleted. In doubt nothing is marked missing."""

import os
from collections.abc import Sequence
from typing import Final

from librephotos.library.queries.gone import Losses
from librephotos.library.queries.roots import Root
from librephotos.library.walk import shown

FEW_FILES: Final = 10
LARGEST_SHARE: Final = 0.5
LARGEST_SHARE_ELSEWHERE: Final = 0.1
EMPTY: Final = "The scan directory is empty though it held photos; its disk may not be mounted."


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


def reason_away(top: bytes) -> str | None:
    """Return why a scan directory that held photos seems to be away, None when something lies in it."""
    reason = reason_absent(top)
    if reason is None and _is_empty(top):
        reason = EMPTY
    return reason


def is_other_disk(root: Root | None, marker: str) -> bool:
    """Tell whether another file system lies at the scan directory than when it was last seen whole."""
    return root is not None and bool(root.marker) and root.marker != marker


def reason_offline(root: Root | None, marker: str, losses: Losses) -> str | None:
    """Return why so many vanished files are not believed, None when they are."""
    if losses.gone == 0:
        return None
    where = "on another file system than before, and " if is_other_disk(root, marker) else ""
    if losses.gone == losses.known:
        return f"The scan directory is {where}missing all {losses.known} known files; nothing was marked as missing."
    share = LARGEST_SHARE_ELSEWHERE if where else LARGEST_SHARE
    if losses.gone > FEW_FILES and losses.gone > share * losses.known:
        share_text = f"missing {losses.gone} of {losses.known} known files"
        return f"The scan directory is {where}{share_text}; nothing was marked as missing."
    return None


def is_accepted(accepted: object, reason: str) -> bool:
    """Tell whether somebody has confirmed these losses: any (true), or those that they were told of (the reason)."""
    return accepted is True or accepted == reason


def emptied_folders(vanished: Sequence[tuple[int, bytes]], top: bytes) -> dict[bytes, list[int]]:
    """Return the folders that are there but empty and held more than a few of these files, with the files' ids.

    That is what the mount point of a disk that is away looks like. `vanished` are (file id, path).
    """
    nearest: dict[bytes, bytes | None] = {}
    found: dict[bytes, list[int]] = {}
    for file_id, path in vanished:
        parent = os.path.dirname(path)
        if parent not in nearest:
            nearest[parent] = _nearest_empty(parent, top)
        folder = nearest[parent]
        if folder is not None:
            found.setdefault(folder, []).append(file_id)
    return {folder: file_ids for folder, file_ids in found.items() if len(file_ids) > FEW_FILES}


def reason_emptied(folder: bytes, count: int) -> str:
    return (
        f"The folder '{shown(folder)}' is empty though it held {count} files; a disk may not be mounted there. "
        "They were left as they are."
    )


def _nearest_empty(folder: bytes, top: bytes) -> bytes | None:
    """Return the nearest folder above or at `folder`, below `top`, that exists, if it is empty."""
    while len(folder) > len(top):
        if os.path.isdir(folder):
            return folder if _is_empty(folder) else None
        folder = os.path.dirname(folder)
    return None


def _is_empty(folder: bytes) -> bool:
    """A folder that cannot be listed is not known to be empty."""
    try:
        with os.scandir(folder) as listing:
            return next(listing, None) is None
    except OSError:
        return False
