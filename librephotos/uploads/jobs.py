"""Clears uploads that nobody finished, and what killed servers left of others."""

import time
from typing import Final

import structlog

from librephotos.db.database import Database
from librephotos.kit import clock
from librephotos.settings import Settings
from librephotos.uploads import drafts, queries

log = structlog.get_logger()

DAY_SECONDS: Final = 86_400


def remove_abandoned(db: Database, settings: Settings) -> None:
    """Remove uploads older than a day, and files without an upload that nobody has written to for a day."""
    expired = db.commit(queries.delete_expired, clock.now() - queries.LIFE)
    for upload_id in expired:
        drafts.discard(settings.data, upload_id)
    with db.snapshot() as tx:
        known = set(queries.list_upload_ids(tx))
    left = 0
    for path in drafts.list_stale(settings.data, time.time() - DAY_SECONDS):
        if path.name.partition(".")[0] not in known:
            path.unlink(missing_ok=True)
            left += 1
    if expired or left:
        log.info("unfinished uploads removed", uploads=len(expired), files=left)
