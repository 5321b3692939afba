"""Beside the jobs: queues the writing of metadata when some is due, and removes drafts that nobody goes on with."""

import os
import threading
import time
from typing import Final

import structlog

from librephotos.db.database import Database
from librephotos.errors import LibrePhotosError
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock
from librephotos.library.jobs.write_requests import token_of
from librephotos.library.kinds import WRITE_BACK, WRITE_BACK_TYPE
from librephotos.library.queries import turning, write_back
from librephotos.media.drafts import remove_drafts
from librephotos.photos.turned import forget_fresh, list_fresh, take_place
from librephotos.settings import Settings

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
ABANDONED_AFTER: Final = clock.HOUR
ABANDONED_SECONDS: Final = 3600.0


def start_when_due(db: Database, settings: Settings, stopping: threading.Event) -> None:
    """Queue the job for owners of whom something waits, until `stopping` is set or the process ends."""
    while not stopping.wait(LOOK_SECONDS):
        try:
            with db.snapshot() as tx:
                waiting = write_back.list_owners_due(tx)
            for owner_id in waiting:
                db.commit(enqueue_job, owner_id, WRITE_BACK_TYPE, WRITE_BACK)
        except LibrePhotosError as error:
            log.warning("writing metadata waits for the database", reason=error.message)
            time.sleep(LOOK_SECONDS)


def remove_abandoned_drafts(db: Database, settings: Settings) -> None:
    """Remove drafts that killed processes left beside files, where no job went on with them.

    A job that goes on removes its own; those of photos whose turn will not come again are looked for here.
    """
    with db.snapshot() as tx:
        begun = write_back.list_begun(tx, clock.now() - ABANDONED_AFTER)
    count = 0
    for photo_id, path in begun:
        for folder in {os.path.dirname(path), os.path.dirname(os.path.realpath(path))}:
            count += remove_drafts(folder, token_of(photo_id))
    if begun:
        db.commit(write_back.forget_begun, sorted({photo_id for photo_id, _ in begun}))
    if count:
        log.info("unfinished files removed", files=count)
    _settle_thumbnails(db, settings)


def _settle_thumbnails(db: Database, settings: Settings) -> None:
    """Put the thumbnails of turned files in their places, or away, where a killed process did not come to it."""
    for image_hash, content in list_fresh(settings.data, before=time.time() - ABANDONED_SECONDS):
        with db.snapshot() as tx:
            is_shown = turning.is_shown(tx, image_hash, content)
        if is_shown:
            take_place(settings.data, image_hash, content)
        else:
            forget_fresh(settings.data, image_hash, content)
