"""Beside the jobs: has the index of texts merged into one piece when it is scattered and nobody is at work."""

import threading
import time
from typing import Final

import structlog

from librephotos.db.database import Database
from librephotos.db.text_merging import is_scattered, merge_some
from librephotos.errors import LibrePhotosError
from librephotos.jobs.queries import find_busy_job
from librephotos.kit.disks import reason_full
from librephotos.settings import Settings

log = structlog.get_logger()

LOOK_SECONDS: Final = 30.0
# Between two transactions, as a multiple of how long the last one took.
RESTS: Final = 3.0


def keep_index_merged(db: Database, settings: Settings, stopping: threading.Event) -> None:
    """Look every now and then until `stopping` is set. Ended early, merging goes on where it was."""
    while not stopping.wait(LOOK_SECONDS):
        try:
            if _is_due(db) and reason_full(settings.data) is None:
                merge(db, stopping)
        except LibrePhotosError as error:
            log.warning("the index of texts cannot be merged yet", reason=error.message)


def merge(db: Database, stopping: threading.Event) -> None:
    """Merge what there is by now, a few pages in a transaction."""
    started, is_first = time.monotonic(), True
    while not stopping.is_set():
        begun = time.monotonic()
        goes_on = db.commit(merge_some, begins=is_first)
        is_first = False
        if not goes_on:
            log.info("index of texts merged", seconds=round(time.monotonic() - started, 1))
            return
        stopping.wait(RESTS * (time.monotonic() - begun))


def _is_due(db: Database) -> bool:
    with db.snapshot() as tx:
        # A scan would scatter it again.
        return is_scattered(tx) and find_busy_job(tx) is None
