"""One line about the scan that runs: rewritten on a terminal, now and then a line of its own otherwise."""

import contextlib
import os
import sys
import time

from librephotos.db.database import Database
from librephotos.errors import LibrePhotosError
from librephotos.jobs.queries import find_busy_job
from librephotos.jobs.schemas import Job

PLAIN_SECONDS = 10.0
# To the left edge, and away with what stands there. A line that wraps could not be erased, so it is cut.
ERASE = "\r\x1b[K"


class ProgressLine:
    """Call it about once a second."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.is_terminal = sys.stdout.isatty()
        self._shown = ""
        self._job_id = ""
        self._next_plain = 0.0

    def __call__(self) -> None:
        try:
            with self.db.snapshot() as tx:
                job = find_busy_job(tx)
        except LibrePhotosError:
            return
        text = describe(job) if job is not None and job.started_at else ""
        if text == self._shown:
            return
        if self.is_terminal:
            _write(f"{ERASE}{text[: _columns() - 1]}")
        elif self._is_worth_a_line(job):
            _write(f"{text}\n")
        self._shown = text

    def end(self) -> None:
        """Leave the terminal on a line of its own."""
        if self.is_terminal and self._shown:
            _write(ERASE)

    def _is_worth_a_line(self, job: Job | None) -> bool:
        if job is None or not job.started_at:
            return False
        now = time.monotonic()
        if job.job_id == self._job_id and now < self._next_plain:
            return False
        self._job_id = job.job_id
        self._next_plain = now + PLAIN_SECONDS
        return True


def _columns() -> int:
    """Ask the terminal itself: a variable COLUMNS may be that of another one."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 80


def _write(text: str) -> None:
    """A terminal that was closed, or a pipe that nobody reads, must not hold up the end."""
    with contextlib.suppress(OSError):
        sys.stdout.write(text)
        sys.stdout.flush()


def describe(job: Job) -> str:
    """Return such as `Scan Photos: 120 of 301 (40 %) reading`."""
    text = job.job_type_str
    if job.progress_target:
        share = 100 * job.progress_current // job.progress_target
        text += f": {job.progress_current} of {job.progress_target} ({share} %)"
    return f"{text} {job.progress_step}" if job.progress_step else text
