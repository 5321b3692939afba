"""The folder of encoded videos: finished ones under their names, hidden beside them what is being written.

Whoever encodes a video holds its lock `work`; everybody who listens holds its lock `heard`. All of it is told by
files, so that any number of processes may share one encode. Limits are bytes altogether, and bytes that the disk keeps
free.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from typing import Final

import msgspec

from librephotos.kit.file_locks import take_lock

SUFFIX: Final = b".mp4"
FAILURE_SECONDS: Final = 600.0
"""How long a video that could not be encoded is not tried again."""

_STALE_SECONDS: Final = 86_400.0


class Encode(msgspec.Struct, frozen=True):
    """The paths of one video's encode below `folder`."""

    folder: bytes
    name: bytes

    @property
    def finished(self) -> bytes:
        return os.path.join(self._place, self.name + SUFFIX)

    @property
    def part(self) -> bytes:
        return self._hidden(b"part")

    @property
    def work(self) -> bytes:
        return self._hidden(b"work")

    @property
    def heard(self) -> bytes:
        return self._hidden(b"heard")

    @property
    def failure(self) -> bytes:
        return self._hidden(b"failure")

    @property
    def wanted(self) -> bytes:
        """There while a player waits for the whole file."""
        return self._hidden(b"wanted")

    @property
    def _place(self) -> bytes:
        return os.path.join(self.folder, self.name[:2])

    def _hidden(self, what: bytes) -> bytes:
        return os.path.join(self._place, b"." + self.name + b"." + what)

    def prepare(self) -> None:
        os.makedirs(self._place, exist_ok=True)

    def find_failure(self) -> str | None:
        """Return why this video could not be encoded a short while ago."""
        try:
            if time.time() - os.stat(self.failure).st_mtime > FAILURE_SECONDS:
                return None
            with open(self.failure, "rb") as file:
                return file.read(1000).decode("utf-8", "replace")
        except FileNotFoundError:
            return None

    def record_failure(self, reason: str) -> None:
        with open(self.failure, "wb") as file:
            file.write(reason.encode())

    def want(self) -> None:
        """Say that a player waits for the whole file, and can do nothing with one that grows."""
        with open(self.wanted, "wb"):
            pass

    def forget(self) -> None:
        """Remove what was encoded; one that is being encoded ends with its listeners."""
        for path in (self.finished, self.failure):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


class Room(msgspec.Struct):
    """How much the folder may hold, and how much of the disk stays free."""

    most_bytes: int
    free_bytes: int


def mark_watched(path: bytes) -> None:
    """Note that a finished encode is watched now. By ourselves: most disks are mounted so that reading does not."""
    with contextlib.suppress(OSError):
        os.utime(path, ns=(time.time_ns(), os.stat(path).st_mtime_ns))


def make_room(folder: bytes, room: Room) -> bool:
    """Remove finished encodes, those watched longest ago first, until the limits hold; tell whether they do.

    One that somebody listens to stays. Also removes the hidden files of a day ago.
    """
    _tidy(folder)
    found = sorted(_finished(folder), key=lambda entry: entry[1].st_atime_ns)
    total = sum(status.st_size for _, status in found)
    for path, status in found:
        if total <= room.most_bytes and _free_bytes(folder) >= room.free_bytes:
            break
        encode = Encode(folder, os.path.basename(path).removesuffix(SUFFIX))
        lock = take_lock(encode.heard)
        if lock is not None:
            with lock, contextlib.suppress(FileNotFoundError):
                os.unlink(path)
                total -= status.st_size
    return _free_bytes(folder) >= room.free_bytes


def _free_bytes(folder: bytes) -> int:
    return shutil.disk_usage(folder).free


def _finished(folder: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    for entry in _entries(folder):
        if entry.name.endswith(SUFFIX) and not entry.name.startswith(b"."):
            with contextlib.suppress(FileNotFoundError):
                yield entry.path, entry.stat(follow_symlinks=False)


def _tidy(folder: bytes) -> None:
    before = time.time() - _STALE_SECONDS
    for entry in _entries(folder):
        with contextlib.suppress(FileNotFoundError):
            if not entry.name.startswith(b".") or entry.stat(follow_symlinks=False).st_mtime > before:
                continue
            lock = take_lock(entry.path)
            if lock is not None:
                with lock:
                    os.unlink(entry.path)


def _entries(folder: bytes) -> Iterator[os.DirEntry[bytes]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as places:
        for place in places:
            if place.is_dir(follow_symlinks=False):
                with os.scandir(place.path) as entries:
                    yield from entries
