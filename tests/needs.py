"""What a test needs of the machine: a person's may lack it, the one that decides whether a change lands may not."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

IN_CI = bool(os.environ.get("CI"))
MEMORY = Path("/dev/shm")
_RUN_BYTES = 4 * 1024**3


def lack(what: str) -> NoReturn:
    """Skip the test, or fail it where CI is set: there the set-up installs everything."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


def has_room_in_memory() -> bool:
    """Whether all that a run writes fits into the file system that lies in memory, and as much is left for the rest."""
    try:
        facts = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        available_kib = int(facts["MemAvailable"].split()[0])
        return shutil.disk_usage(MEMORY).free >= _RUN_BYTES and available_kib * 1024 >= 2 * _RUN_BYTES
    except (OSError, KeyError, ValueError):  # not Linux
        return False
