"""Files that are still being written to: a scan reads the others first, then looks again, a few times."""

import os
import time
from collections.abc import Sequence
from typing import Any, Final

from librephotos.jobs.registry import Run
from librephotos.kit import clock
from librephotos.library.progress import Tally
from librephotos.library.queries import unsettled
from librephotos.library.queries.pending import PendingFile
from librephotos.library.queries.unsettled import Settled

WAITING: Final = "Waiting for files that are still being written"
SHORTEST_SECONDS: Final = 0.2
CHECKPOINT_SECONDS: Final = 0.5


def set_aside_unsettled(run: Run, rows: Sequence[PendingFile]) -> list[PendingFile]:
    """Return the rows whose files may be read now; the others are waited for."""
    fresh = [row.file_id for row in rows if _is_fresh(row.path, run.settings.settle_seconds)]
    run.db.commit(unsettled.wait_for_files, fresh)
    waiting = set(fresh)
    return [row for row in rows if row.file_id not in waiting]


def look_again(run: Run, tally: Tally, *, is_last_look: bool) -> dict[str, Any]:
    """Wait a moment and have those read that were left alone meanwhile; at the last look leave the others for later."""
    with run.db.snapshot() as tx:
        waiting = unsettled.list_unsettled(tx, run.user_id)
    before = {one.file_id: _facts(one.path) for one in waiting}
    _sleep(run)
    settled: list[Settled] = []
    others: list[int] = []
    for one in waiting:
        facts = _facts(one.path)
        is_still = facts == before[one.file_id] and not _is_fresh(one.path, run.settings.settle_seconds)
        if is_still and facts is not None:
            settled.append(Settled(one.file_id, *facts))
        else:
            others.append(one.file_id)
    run.db.commit(unsettled.read_now, settled)
    if is_last_look:
        run.db.commit(unsettled.put_off, others)
        tally.still_written += len(others)
        others = []
    return {"remaining": len(settled) + len(others), "looks": 1}


def _sleep(run: Run) -> None:
    end = time.monotonic() + max(SHORTEST_SECONDS, run.settings.settle_seconds)
    while (left := end - time.monotonic()) > 0:
        run.progress(step=WAITING)
        time.sleep(min(left, CHECKPOINT_SECONDS))


def _facts(path: bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _is_fresh(path: bytes, seconds: int) -> bool:
    """Tell whether a file was written to a moment ago. A time in the future says nothing."""
    facts = _facts(path) if seconds else None
    return facts is not None and 0 <= clock.now() * 1000 - facts[1] < seconds * 1_000_000_000
