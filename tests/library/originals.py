"""Holds a library against itself: whatever is done, originals keep their bytes, times, permissions and owners."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Original = tuple[str, int, int, int, int, int]


def originals_of(folder: Path) -> dict[bytes, Original]:
    """Return for each file below `folder` (links are not followed) its hash, size, mtime, mode, owner and group."""
    found: dict[bytes, Original] = {}
    for place, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            path = os.path.join(place, name)
            status = os.lstat(path)
            content = b"" if os.path.islink(path) else Path(os.fsdecode(path)).read_bytes()
            found[path] = (
                hashlib.sha256(content).hexdigest(),
                status.st_size,
                status.st_mtime_ns,
                status.st_mode,
                status.st_uid,
                status.st_gid,
            )
    return found


@contextmanager
def unaltered(folder: Path) -> Iterator[None]:
    """Assert that what is done meanwhile leaves every original as it is, and adds none."""
    before = originals_of(folder)
    yield
    assert originals_of(folder) == before
