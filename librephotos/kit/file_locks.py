"""Locks on files that several processes share, with `flock`: the kernel lets go of them when their holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from types import TracebackType
from typing import Self

_PAUSE_SECONDS = 0.02


class FileLock:
    """A held lock; `close` or the end of the process lets go of it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def take_lock(path: bytes, *, is_shared: bool = False, within_seconds: float = 0.0) -> FileLock | None:
    """Return the lock on `path`, which is made if need be, or None when another holder keeps it for so long.

    Waits by looking again. Raises OSError when the file cannot be made.
    """
    deadline = time.monotonic() + within_seconds
    kind = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() >= deadline:
                return None
            time.sleep(_PAUSE_SECONDS)
            continue
        if os.fstat(descriptor).st_nlink:
            return FileLock(descriptor)
        os.close(descriptor)  # Tidied away between opening and locking: the next one makes it anew.


def is_locked(path: bytes) -> bool:
    """Tell whether a process holds the lock on `path` alone. Takes a shared lock for a moment to find out."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
