"""Drafts beside a file: opened where one may be written, given what the file had, put in its place in one step.

A draft's name is made of a token that its writer gives, so that whoever finds one after a kill knows whose it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from librephotos.kit.disks import RESERVE_BYTES, free_bytes
from librephotos.media.errors import CHANGED, CannotStore, FileChanged, MediaError, UnwritableMetadata

SECOND_NS: Final = 1_000_000_000
NO_ROOM: Final = "The disk of this file is full."

_PREFIX: Final = b".librephotos-"
_DENIED: Final = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Denied(MediaError):
    """Nothing may be written here."""


def draft_path(target: bytes, token: str, extension: str) -> bytes:
    """Return the path of the draft of a file: hidden beside it, so that it can take its place in one step."""
    return os.path.join(os.path.dirname(target), _PREFIX + f"{token}.{extension}".encode())


def remove_drafts(folder: bytes, token: str) -> int:
    """Remove what a killed process left of drafts with this token; return how many files."""
    count = 0
    prefix = _PREFIX + token.encode() + b"."
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(prefix):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
                    count += 1
    return count


@contextmanager
def open_draft(target: bytes, token: str, extension: str, size: int) -> Iterator[bytes]:
    """Yield the path of a draft that is not there yet; whatever happens, none is left.

    Raises Denied where nothing may be written, CannotStore where there is no room.
    """
    folder = os.path.dirname(target)
    draft = draft_path(target, token, extension)
    _require_writable(folder, target)
    try:
        with contextlib.suppress(FileNotFoundError):  # What an attempt left that was killed.
            os.unlink(draft)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        os.unlink(draft)
        if free_bytes(os.fsdecode(folder)) < 2 * size + RESERVE_BYTES:
            raise CannotStore(NO_ROOM)
        yield draft
    except UnwritableMetadata as error:
        # ExifTool does not tell a full disk from a strange file.
        if free_bytes(os.fsdecode(folder)) < size + RESERVE_BYTES:
            raise CannotStore(NO_ROOM) from error
        raise
    except OSError as error:
        if error.errno in _DENIED:
            raise Denied(sentence(error)) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            os.unlink(draft)


def _require_writable(folder: bytes, target: bytes) -> None:
    """Raise Denied where the rights of folder or file say no, also to those whom rights do not hold back."""
    for path in (folder, target):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            continue
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            raise Denied("")


def take_over(before: os.stat_result, source: bytes, draft: bytes, *, keeps_time: bool) -> None:
    """Give a draft what people see of the file beside its content: owner, rights, labels, and its time if asked.

    A photo keeps its place where files are sorted by time. Only when the size stayed as well it is a second later:
    programs that copy what changed would not see it otherwise. A sidecar's time is that of its last change.
    """
    with contextlib.suppress(OSError):
        shutil.copystat(source, draft)
    with contextlib.suppress(OSError):
        os.chown(draft, before.st_uid, before.st_gid)
    os.chmod(draft, stat.S_IMODE(before.st_mode))
    if keeps_time:
        later = SECOND_NS if os.stat(draft).st_size == before.st_size else 0
        os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns + later))
    else:
        os.utime(draft)
    sync(draft)


def sync(path: bytes) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: bytes) -> None:
    with contextlib.suppress(OSError):  # Not every file system lets folders be synced.
        sync(os.path.dirname(path))


def sentence(error: OSError) -> str:
    if error.errno in _FULL:
        return NO_ROOM
    return f"Nothing can be written here: {os.strerror(error.errno or 0).lower()}."


def is_same(before: os.stat_result, now: os.stat_result) -> bool:
    names = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
    return all(getattr(before, name) == getattr(now, name) for name in names)


def put_new(draft: bytes, target: bytes) -> None:
    """Give a draft its name unless somebody took it meanwhile."""
    os.chmod(draft, 0o644 & ~_umask())
    try:
        os.link(draft, target)
        os.unlink(draft)
    except FileExistsError:
        raise FileChanged(CHANGED) from None
    except OSError:  # A file system without hard links.
        if os.path.lexists(target):
            raise FileChanged(CHANGED) from None
        os.rename(draft, target)


@lru_cache(maxsize=1)
def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
