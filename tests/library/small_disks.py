"""Small disks of their own, mounted where the machine lets us; always unmounted again."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import lack


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    """Mount an empty disk held in memory at a new folder; skips the test where that is not allowed."""
    at.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(at)]
    if sys.platform != "linux" or _run("mount", *options) != 0:
        lack("no disk can be mounted here")
    try:
        yield at
    finally:
        if _run("umount", str(at)) != 0:
            _run("umount", "-l", str(at))


def make_read_only(disk: Path) -> None:
    assert _run("mount", "-o", "remount,ro", str(disk)) == 0


def _run(*command: str) -> int:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode
    except OSError:
        return 1


def fill(disk: Path, *, but_bytes: int = 0) -> Path:
    """Fill a disk up with one file, but for so many bytes; return the file."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
        file.truncate(max(0, file.tell() - but_bytes))
    return ballast
