"""Reads the files that were uploaded, and only those: as a scan would, without walking and whatever scan is running."""

import os
from typing import Any, Final

from librephotos.db.transactions import Tx
from librephotos.errors import Unavailable
from librephotos.jobs.registry import Report, Run
from librephotos.kit import json
from librephotos.library.date_rules import default_date_rules, parse_date_rules, tags_needed
from librephotos.library.ingest.storing import prepare_to_store, store_outcomes, tidy_thumbnails
from librephotos.library.jobs.scan import reading_request
from librephotos.library.progress import Tally
from librephotos.library.queries import owners, unsettled
from librephotos.library.queries import pending as pending_files
from librephotos.media.errors import CHANGED
from librephotos.media.process import process_files
from librephotos.photos.announcing import forget_announced

FILES_A_STEP: Final = 60
STEP: Final = "Reading uploaded files"


def read_uploaded(run: Run) -> Report:
    """Read an owner's uploaded files until none is left; those that come meanwhile too."""
    tally = Tally.of(run.noted())
    while run.step("uploaded", lambda: _read_some(run, tally)):
        pass
    done = tally.read + tally.skipped + tally.failed
    run.progress(current=done, target=done)
    return Report(target=done, error_count=tally.failed, errors=tally.errors, result=tally.counts())


def _read_some(run: Run, tally: Tally) -> int:
    """Return how many files were looked at."""
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        rows = pending_files.list_uploaded(tx, run.user_id, FILES_A_STEP)
    rules = parse_date_rules(owner.datetime_rules or json.dumps(default_date_rules()))
    tags = tags_needed(rules)
    by_path = {row.path: row for row in rows}
    for outcome in process_files(run.pool, (reading_request(run, row, tags, []) for row in rows)):
        if outcome.pixels.is_blameless:
            raise Unavailable(outcome.pixels.reason or "")
        row = by_path[outcome.path]
        is_away = outcome.read.state == "failed" and not os.path.lexists(row.path)
        if is_away or outcome.read.reason == CHANGED:
            # Left to the next scan, which finds out what became of it.
            run.db.commit(_put_off, run.user_id, row)
            continue

        def store(tx: Tx) -> tuple[Any, dict[str, int]]:
            done = store_outcomes(tx, owner, rules, [(row, outcome)])  # noqa: B023  # called at once
            return done, pending_files.count_states(tx, [row.file_id])  # noqa: B023

        prepare_to_store([outcome])
        done, states = run.db.commit(store)
        tidy_thumbnails(run.settings.data, done)
        tally.add(states, done.errors)
        run.note(tally.counts())
        run.progress(step=STEP)
    return len(rows)


def _put_off(tx: Tx, owner_id: int, row: pending_files.PendingFile) -> None:
    unsettled.put_off(tx, [row.file_id])
    forget_announced(tx, owner_id, [row.hash])
