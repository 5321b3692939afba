"""Where a user's library may lie: library roots, scan directories, and what must never be entered."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

OUTSIDE: Final = "This link leads outside the library."
FOREIGN: Final = "This link leads into another user's scan directory."
BROKEN: Final = "This link leads nowhere."
DATA_FOLDER: Final = "This is the data folder, which is never scanned."
FOREIGN_FOLDER: Final = "This is another user's scan directory."


class Bounds(msgspec.Struct, frozen=True):
    """What a walk may enter. Paths are true paths (links resolved); folders are (device, inode)."""

    top: bytes
    roots: tuple[bytes, ...]
    foreign: tuple[bytes, ...]
    data: bytes
    closed: dict[tuple[int, int], str]

    def refusal(self, true_path: bytes) -> str | None:
        """Return why a link to `true_path` is not followed. The nearest scan directory above a path owns it."""
        if is_inside(true_path, self.data):
            return DATA_FOLDER
        if self.roots and not any(is_inside(true_path, root) for root in self.roots):
            return OUTSIDE
        nearest = max((path for path in self.foreign if is_inside(true_path, path)), key=len, default=b"")
        if len(nearest) > (len(self.top) if is_inside(true_path, self.top) else 0):
            return FOREIGN
        return None

    def has(self, true_path: bytes) -> bool:
        """Tell whether a walk from the top meets this path under its own name."""
        return is_inside(true_path, self.top)


def scan_path(scan_directory: str) -> bytes:
    """Return a user's scan directory as the absolute path that file paths begin with."""
    return os.path.abspath(os.fsencode(scan_directory))


def bounds_of(top: bytes, others: Iterable[str], roots: Iterable[Path], data: Path) -> Bounds:
    """Return what a walk from `top` may enter; `others` are the scan directories of other users."""
    true_top = os.path.realpath(top)
    foreign = tuple({os.path.realpath(os.fsencode(other)) for other in others if other.strip()} - {true_top})
    true_data = os.path.realpath(os.fsencode(data))
    closed = {**_identities(foreign, FOREIGN_FOLDER), **_identities([true_data], DATA_FOLDER)}
    true_roots = tuple(os.path.realpath(os.fsencode(root)) for root in roots)
    return Bounds(true_top, true_roots, foreign, true_data, closed)


def is_inside(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def _identities(paths: Sequence[bytes], reason: str) -> dict[tuple[int, int], str]:
    found = {}
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found[status.st_dev, status.st_ino] = reason
    return found
