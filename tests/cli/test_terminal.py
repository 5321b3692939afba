"""`serve` as a person at a terminal sees it: a line about the scan that moves, and a clean end."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.databases import NewDatabase
from tests.instance import Instance, free_port
from tests.library.scanning import draw

COUNT = 120
COLUMNS = 40
# Ctrl-C reaches whom the terminal controls.
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
ERASE = "\r\x1b[K"
LINE = re.compile(r"Scan Photos: (\d+) of (\d+) \((\d+) %\)")


@dataclass
class Terminal:
    """A process whose controlling terminal we hold the other end of; `seen` is what it wrote."""

    process: subprocess.Popen[bytes]
    end: int
    seen: str = ""

    def read_until(self, found: re.Pattern[str] | None, seconds: float, times: int = 1) -> None:
        """Read until `found` was seen `times` times with different words, or until the process has closed its end."""
        deadline = time.monotonic() + seconds
        while found is None or len({match.group() for match in found.finditer(self.seen)}) < times:
            assert time.monotonic() < deadline, self.seen
            if not select.select([self.end], [], [], 0.2)[0]:
                continue
            try:
                block = os.read(self.end, 65536)
            except OSError:  # what Linux says when the last one on the other side has left
                block = b""
            if not block:
                assert found is None, self.seen
                return
            self.seen += block.decode()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def terminal(tmp_path: Path, new_database: NewDatabase) -> Iterator[Terminal]:
    """`serve --library` on a folder of pictures, scanned for the admin whom the settings name."""
    data = tmp_path / "data"
    data.mkdir()
    instance = Instance(data, tmp_path / "library", new_database(data), port=free_port())
    for number in range(COUNT):
        draw(instance.library / f"{number}.jpg", number, size=(1200, 900))
    environment = {
        **instance.settings,
        "LIBREPHOTOS_ADMIN_USERNAME": "ann",
        "LIBREPHOTOS_ADMIN_PASSWORD": "a long password",
        "LIBREPHOTOS_SCAN_PROCESSES": "1",
        "TERM": "xterm",
    }
    end, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    command = ["-m", "librephotos.cli", "serve", "--library", str(instance.library)]
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, *command, "--port", str(instance.port)],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    one = Terminal(process, end)
    yield one
    if process.poll() is None:
        process.kill()
    process.wait(20)
    if one.end >= 0:
        os.close(one.end)


def assert_all_gone(family: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_the_line_moves_and_ctrl_c_ends_it_all_cleanly(terminal: Terminal):
    terminal.read_until(re.compile("Stop with Ctrl-C"), 60)
    terminal.read_until(LINE, 60, times=2)
    numbers = [tuple(map(int, match.groups())) for match in LINE.finditer(terminal.seen)]
    assert numbers == sorted(numbers)
    assert all(total == COUNT and percent == 100 * current // COUNT for current, total, percent in numbers)
    family = terminal.family()
    assert len(family) >= 3
    os.write(terminal.end, b"\x03")
    terminal.read_until(None, 30)
    assert terminal.process.wait(30) == 0
    assert "Traceback" not in terminal.seen
    # Each was written over the one before, short enough to be written over, and the last one was wiped off.
    # What is logged meanwhile comes on the same terminal and begins with its time.
    ends = r"[\r\n\x1b]|\d{4}-\d\d-\d\dT"
    shown = [re.split(ends, part)[0] for part in terminal.seen.split(ERASE)[1:]]
    lines = [text for text in shown if text.startswith("Scan Photos")]
    assert len(lines) >= 2
    # The terminal itself shows the key.
    assert all(len(text.removesuffix("^C")) < COLUMNS for text in lines), lines
    assert not LINE.search(terminal.seen.rpartition(ERASE)[2])
    assert_all_gone(family)


def test_a_terminal_that_is_closed_ends_it_all_too(terminal: Terminal):
    terminal.read_until(LINE, 90)
    family = terminal.family()
    os.close(terminal.end)
    terminal.end = -1
    assert terminal.process.wait(30) == 0
    assert_all_gone(family)
