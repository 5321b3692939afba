"""Exclusive locks on the data folder, which name their holder to whoever comes second."""

import fcntl
import json
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

from librephotos.errors import DataFolderInUse

# Children keep the lock open until they have ended; after a crash of the parent that takes a moment.
ENDING_SECONDS = 8.0
POLL_SECONDS = 0.2


class FolderLock:
    """Held until `release` or the end of this process and of the children that inherit `descriptor`."""

    def __init__(self, data: Path, name: str, purpose: str) -> None:
        """Take the lock `name` in `data`. Raises DataFolderInUse when another process holds it."""
        self.path = data / name
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(data, purpose)
        except BaseException:
            os.close(self.descriptor)
            raise
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": _now(), "purpose": purpose}
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, json.dumps(holder).encode(), 0)

    def release(self) -> None:
        os.close(self.descriptor)

    def _take(self, data: Path, purpose: str) -> None:
        deadline = time.monotonic() + ENDING_SECONDS
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError:
                holder = _read(self.descriptor)
            if _may_live(holder) or time.monotonic() > deadline:
                raise DataFolderInUse(_sentence(data, purpose, holder)) from None
            time.sleep(POLL_SECONDS)


def is_held(data: Path, name: str) -> bool:
    """Whether a process holds the lock `name` in `data` now."""
    try:
        descriptor = os.open(data / name, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _read(descriptor: int) -> dict[str, object]:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _may_live(holder: dict[str, object]) -> bool:
    """Whether the process that took the lock may still run; one of another machine may."""
    pid = holder.get("pid")
    if not isinstance(pid, int) or holder.get("host") != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _sentence(data: Path, purpose: str, holder: dict[str, object]) -> str:
    who = "another process"
    if holder:
        since = f"({holder.get('purpose')}) since {holder.get('since')}"
        who = f"process {holder.get('pid')} on {holder.get('host')} {since}"
    advice = f"Stop it first, or give this {purpose} another folder with --data."
    return f"The data folder {data} is in use by {who}. {advice}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
