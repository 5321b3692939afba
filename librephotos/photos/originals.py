"""Deletes an original, at its owner's express wish, and nothing else than that.

The path is walked folder by folder from the owner's own directory without following a link, so that none can lead the
deletion elsewhere, and the file must still be the one that was scanned.
"""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

OUTSIDE: Final = "It does not lie in its owner's scan or upload directory."
LINKED: Final = "A symbolic link stands in its path."
NO_FILE: Final = "It is no plain file."
CHANGED: Final = "It changed since it was scanned; scan again first."
AWAY: Final = "Its folder is not there; its disk may be away."

_FOLDER: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW


class NotRemoved(Exception):
    """The file stays, for the reason that the text gives."""


class Grounds(msgspec.Struct, frozen=True):
    """Where originals may be deleted: `folders` are the owner's directories, within `roots` where there are any.

    `data` is the data folder, which is never touched.
    """

    folders: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    data: bytes


class Known(msgspec.Struct, frozen=True):
    """What a scan found under a path; zeros are unknown. `is_missing`: the last scan did not find it any more."""

    path: bytes
    size_bytes: int
    mtime_ns: int
    device: int
    is_missing: bool


def grounds_of(directories: Sequence[str], roots: Sequence[Path], data: Path) -> Grounds:
    """Return the owner's directories by the names that paths begin with, and by their true ones."""
    folders: dict[bytes, None] = {}
    for directory in directories:
        if directory.strip():
            absolute = os.path.abspath(os.fsencode(directory))
            folders[absolute] = folders[os.path.realpath(absolute)] = None
    true_roots = tuple(os.path.realpath(os.fsencode(root)) for root in roots)
    return Grounds(tuple(folders), true_roots, os.path.realpath(os.fsencode(data)))


def remove_original(known: Known, grounds: Grounds) -> None:
    """Delete a file; one that is gone already is as good. Raises NotRemoved when it stays, or its disk may be away."""
    for folder in grounds.folders:
        if _is_below(known.path, folder):
            break
    else:
        raise NotRemoved(OUTSIDE)
    *parents, name = known.path[len(folder.rstrip(b"/")) + 1 :].split(b"/")
    if any(part in (b"", b".", b"..") for part in (*parents, name)):
        raise NotRemoved(OUTSIDE)
    true_path = os.path.join(os.path.realpath(folder), *parents)
    if true_path == grounds.data or _is_below(true_path, grounds.data):
        # The data folder may lie inside a library.
        raise NotRemoved(OUTSIDE)
    descriptor = _open_top(folder, grounds)
    try:
        for part in parents:
            inner = _open_inner(descriptor, part)
            os.close(descriptor)
            descriptor = inner
        _unlink(descriptor, name, known)
    except FileNotFoundError:
        # The file's folder is gone. A scan that looked for the file knows better than we do.
        if not known.is_missing:
            raise NotRemoved(AWAY) from None
    finally:
        os.close(descriptor)


def _is_below(path: bytes, folder: bytes) -> bool:
    return path.startswith(folder.rstrip(b"/") + b"/")


def _open_top(folder: bytes, grounds: Grounds) -> int:
    """Open the owner's directory; it may be a link itself, for it is the operator's choice."""
    true_path = os.path.realpath(folder)
    if grounds.roots and not any(true_path == root or _is_below(true_path, root) for root in grounds.roots):
        raise NotRemoved(OUTSIDE)
    try:
        return os.open(true_path, _FOLDER)
    except OSError:
        raise NotRemoved(AWAY) from None


def _open_inner(folder: int, part: bytes) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NotRemoved(LINKED) from None
        raise NotRemoved(_words(error)) from None


def _unlink(folder: int, name: bytes, known: Known) -> None:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        if known.is_missing or known.device in (0, os.fstat(folder).st_dev):
            return
        raise NotRemoved(AWAY) from None
    except OSError as error:
        raise NotRemoved(_words(error)) from None
    if stat.S_ISLNK(status.st_mode):
        raise NotRemoved(LINKED)
    if not stat.S_ISREG(status.st_mode):
        raise NotRemoved(NO_FILE)
    if known.mtime_ns and (status.st_mtime_ns, status.st_size) != (known.mtime_ns, known.size_bytes):
        raise NotRemoved(CHANGED)
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotRemoved(_words(error)) from None


def _words(error: OSError) -> str:
    return f"{os.strerror(error.errno or errno.EIO)}."
