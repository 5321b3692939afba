"""What a child process of ours does to itself: its environment, limits, fewer rights, an end when its parent ends."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_WATCH_SECONDS: Final = 0.5


def scrubbed_environment(**extra: str) -> dict[str, str]:
    """Return an environment without keys, addresses or a home; `extra` is added to it."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "TZ") if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/nonexistent", **kept, **extra}


def adopt_environment(names: Mapping[str, str]) -> None:
    """Take over what the parent came to know after it had started this process."""
    os.environ.update(names)


def limit_resources(*, memory_bytes: int, written_file_bytes: int) -> None:
    """Bound the private memory and the size of any file written; no core dumps.

    RLIMIT_DATA counts what a process really may write to (Linux 4.7); RLIMIT_AS would count mapped libraries too.
    """
    limits = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, written_file_bytes),
        (resource.RLIMIT_DATA, memory_bytes),
    )
    for kind, wanted in limits:
        _, hard = resource.getrlimit(kind)
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (allowed, allowed))


def forbid_new_privileges() -> None:
    """Make set-uid programs powerless for this process and its children; Linux only, nothing elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def end_with_parent(parent_pid: int) -> None:
    """Kill this process group as soon as the parent is another process than `parent_pid`.

    The kernel's own parent-death signal follows the thread that started the child, not the process. The caller
    must lead its own process group.
    """

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(_WATCH_SECONDS)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
