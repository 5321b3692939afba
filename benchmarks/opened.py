"""Counts which files are opened while something runs: inotify(7) on the folders that hold them. Linux only."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_IN_OPEN: Final = 0x20
_IN_ISDIR: Final = 0x40000000
_EVENT: Final = struct.Struct("iIII")


class OpenedFiles:
    """Watches folders from `with` on; `count()` says how many times a file in them was opened since."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = list(folders)

    def __enter__(self) -> Self:
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for folder in self._folders:
            if libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _IN_OPEN) < 0:
                raise OSError(ctypes.get_errno(), f"inotify_add_watch on {folder}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def count(self) -> int:
        opened = 0
        while True:
            try:
                events = os.read(self._descriptor, 1 << 20)
            except BlockingIOError:
                return opened
            while events:
                _, mask, _, length = _EVENT.unpack_from(events)
                opened += not mask & _IN_ISDIR
                events = events[_EVENT.size + length :]
