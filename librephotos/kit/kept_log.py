"""The last lines of the log in a file of the data folder, for admins who cannot see standard error.

All processes of a server append to one file, each line in one write. A file that has grown to its limit is set aside
under a second name, over the one before it; so the disk holds twice the limit at most.
"""

import contextlib
import fcntl
import logging
import os
from pathlib import Path
from typing import Final

FOLDER: Final = "logs"
NAME: Final = "server.log"
LIMIT_BYTES: Final = 4 * 1024 * 1024


class KeptLog(logging.Handler):
    """Appends to `DATA/logs/server.log`, which nobody but the server's user may read.

    A disk that is full or a folder that cannot be written costs the lines, never the work that logs them.
    """

    def __init__(self, data: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        super().__init__()
        self.path = data / FOLDER / NAME
        self.limit_bytes = limit_bytes
        self._descriptor = -1

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record).encode("utf-8", "replace") + b"\n"
        with contextlib.suppress(OSError):
            if not self._is_current():
                self._open()
            os.write(self._descriptor, line)
            if os.fstat(self._descriptor).st_size >= self.limit_bytes:
                self._set_aside()

    def close(self) -> None:
        self._let_go()
        super().close()

    def _is_current(self) -> bool:
        """Whether the open file is still the one of that name: another process may have set it aside."""
        if self._descriptor < 0:
            return False
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def _open(self) -> None:
        self._let_go()
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self.path, flags, 0o600)

    def _set_aside(self) -> None:
        """Rename the full file, unless another process has done so while this one waited for its turn."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        if self._is_current():
            os.replace(self.path, _older(self.path))
        self._let_go()

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_kept(data: Path) -> bytes | None:
    """Return all lines that are kept, the oldest first, None when there is no log. Raises OSError."""
    path = data / FOLDER / NAME
    parts = []
    for each in (_older(path), path):
        with contextlib.suppress(FileNotFoundError):
            parts.append(each.read_bytes())
    return b"".join(parts) if parts else None


def _older(path: Path) -> Path:
    return path.with_name(f"{NAME}.1")
