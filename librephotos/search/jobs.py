"""Makes the texts that photos are found by where they are missing: those of a library older than the search.

Finding photos by what they show needs a model; without one the job for it says so.
"""

import time
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import structlog

from librephotos.accounts.facts import find_fact, set_fact
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Report, Run
from librephotos.photos.changes import lists_changed
from librephotos.search.queries.documents import DOCUMENTS, forget_all, list_lacking
from librephotos.settings import Settings

log = structlog.get_logger()

# A new number has all texts made anew.
TEXTS_VERSION: Final = "1"
TEXTS_FACT: Final = "search_texts"
# Between two batches, for whoever wants to write meanwhile.
PAUSE_SECONDS: Final = 0.01
NO_MODEL: Final = "No model that compares pictures with words is installed; searches find words alone."


def index_photos(db: Database, _: Settings) -> None:
    """Write the missing texts, a short transaction a batch. Ended early, the next start goes on."""
    with db.snapshot() as tx:
        version = find_fact(tx, TEXTS_FACT)
    if version == TEXTS_VERSION:
        return
    if version is not None:
        db.commit(forget_all)
    count, after = 0, 0
    while True:
        with db.snapshot() as tx:
            lacking = list_lacking(tx, after)
        if not lacking:
            break
        db.commit(_store, lacking)
        count += len(lacking)
        after = lacking[-1][0]
        time.sleep(PAUSE_SECONDS)
    db.commit(set_fact, TEXTS_FACT, TEXTS_VERSION)
    if count:
        log.info("photos indexed for the search", photos=count)


def _store(tx: Tx, lacking: Sequence[tuple[int, int]]) -> None:
    in_order = sorted(lacking, key=lambda pair: pair[1])
    for owner_id, photos in groupby(in_order, key=lambda pair: pair[1]):
        DOCUMENTS.changed(tx, owner_id, [photo_id for photo_id, _ in photos])
        lists_changed(tx, owner_id)


def embed_pictures(run: Run) -> Report:
    """Prepare pictures for searches by meaning; without a model it says so."""
    return Report(result={"embedded": 0, "not_installed": NO_MODEL})
