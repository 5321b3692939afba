"""Drafts of thumbnails that killed processes left behind."""

import os

import structlog

from librephotos.db.database import Database
from librephotos.media.thumbnails import sweep_drafts
from librephotos.photos.paths import derived_root
from librephotos.settings import Settings

log = structlog.get_logger()


def remove_drafts(_: Database, settings: Settings) -> None:
    """Remove those that are too old to be still written."""
    count = sweep_drafts(os.fsencode(derived_root(settings.data.absolute())))
    if count:
        log.info("unfinished thumbnails removed", files=count)
