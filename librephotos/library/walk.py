"""Walks a scan directory in the order of path bytes, so that it can be merged with the known files in one pass.

Names that begin with a dot and paths with a skip pattern are passed over. Links are followed within the library only,
each folder at most once by way of a link, so that no loop and no explosion of paths can be built from them.
"""

import os
import stat
from collections.abc import Iterator
from typing import Final

import msgspec

from librephotos.library.roots import BROKEN, OUTSIDE, Bounds

LISTED_REMARKS: Final = 100


class Found(msgspec.Struct, frozen=True):
    """A regular file as it lies there now."""

    path: bytes
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int


class Remark(msgspec.Struct):
    """A path that was not entered, and why."""

    path: str
    reason: str


class _Entry(msgspec.Struct):
    sort_name: bytes
    path: bytes
    is_folder: bool


class Walk:
    """One walk. After it, `unreadable` holds paths behind which nothing was seen, `remarks` what was left alone."""

    def __init__(self, top: bytes, bounds: Bounds, skip_patterns: tuple[bytes, ...] = ()) -> None:
        self.top = top
        self.bounds = bounds
        self.skip_patterns = skip_patterns
        self.unreadable: set[bytes] = set()
        self.remarks: list[Remark] = []
        self.remark_count = 0
        self.devices: set[int] = set()
        self.is_empty = True
        self._followed: set[tuple[int, int]] = set()

    def files(self) -> Iterator[Found]:
        """Yield regular files in the order of their path bytes."""
        stack = [iter(self._list(self.top))]
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
            elif entry.is_folder:
                stack.append(iter(self._list(entry.path)))
            else:
                try:
                    status = os.stat(entry.path)
                except FileNotFoundError:
                    continue  # Gone since it was listed.
                except OSError as error:  # A right that was lost, a disk that fails: it may well be there.
                    self._cannot_see(entry.path, "file", error)
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield Found(entry.path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)

    def is_covered(self, path: bytes) -> bool:
        """Tell whether this walk can say that a path below the top is gone."""
        while self.unreadable and len(path) > len(self.top):
            if path in self.unreadable:
                return False
            path = os.path.dirname(path)
        return self.top not in self.unreadable

    def _list(self, folder: bytes) -> list[_Entry]:
        """Return what a folder holds, in path order: `a.jpg` comes before `a/b.jpg`, as `.` does before `/`."""
        entries: list[_Entry] = []
        try:
            status = os.stat(folder)
            reason = self.bounds.closed.get((status.st_dev, status.st_ino))
            if reason is not None:
                self._remark(folder, reason)
                return entries
            self.devices.add(status.st_dev)
            with os.scandir(folder) as listing:
                for entry in listing:
                    self.is_empty = False
                    if entry.name.startswith(b".") or self._is_skipped(entry.path):
                        continue
                    if entry.is_symlink():
                        self._add_link(entries, entry.name, entry.path)
                    elif entry.is_dir(follow_symlinks=False):
                        entries.append(_Entry(entry.name + b"/", entry.path, is_folder=True))
                    else:
                        entries.append(_Entry(entry.name, entry.path, is_folder=False))
        except OSError as error:
            self._cannot_see(folder, "folder", error)
            return []
        entries.sort(key=lambda entry: entry.sort_name)
        return entries

    def _add_link(self, entries: list[_Entry], name: bytes, path: bytes) -> None:
        true_path = os.path.realpath(path)
        try:
            status = os.stat(path)
        except OSError:
            # What it led to may lie on a disk that is not mounted now.
            self.unreadable.add(path)
            self._remark(path, BROKEN)
            return
        reason = self.bounds.refusal(true_path)
        if reason is not None:
            if reason == OUTSIDE:
                # Files may be known behind it, from when the library had more roots.
                self.unreadable.add(path)
            self._remark(path, reason)
        elif not stat.S_ISDIR(status.st_mode):
            entries.append(_Entry(name, path, is_folder=False))
        elif not self.bounds.has(true_path) and (status.st_dev, status.st_ino) not in self._followed:
            self._followed.add((status.st_dev, status.st_ino))
            entries.append(_Entry(name + b"/", path, is_folder=True))

    def _cannot_see(self, path: bytes, kind: str, error: OSError) -> None:
        self.unreadable.add(path)
        self._remark(path, f"This {kind} cannot be read: {os.strerror(error.errno or 0).lower()}.")

    def _is_skipped(self, path: bytes) -> bool:
        return any(pattern in path for pattern in self.skip_patterns)

    def _remark(self, path: bytes, reason: str) -> None:
        self.remark_count += 1
        if len(self.remarks) < LISTED_REMARKS:
            self.remarks.append(Remark(shown(path), reason))


def shown(path: bytes) -> str:
    """Return a path for people: bytes that are no UTF-8 appear as escapes."""
    return path.decode("utf-8", "backslashreplace")
