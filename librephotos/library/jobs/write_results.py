"""Stores what files say after they were written, and what is left to do."""

from collections.abc import Sequence
from typing import Any, Final

from librephotos.db.transactions import Tx
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock
from librephotos.library.compare import Difference, Pending
from librephotos.library.ingest import photos
from librephotos.library.ingest.group import Group, Reading, Stored, set_file
from librephotos.library.ingest.storing import finish
from librephotos.library.jobs.write_requests import Context, Work
from librephotos.library.kinds import SCAN, SCAN_TYPE, WRITE_BACK
from librephotos.library.queries import walked, write_back
from librephotos.library.queries.pending import PendingFile
from librephotos.library.queries.write_back import Copy, Task
from librephotos.library.walk import Found
from librephotos.library.wishes import FIELDS, TURNS
from librephotos.media.errors import CHANGED
from librephotos.media.orientation import UPRIGHT
from librephotos.media.process import Outcome
from librephotos.media.writing import NOT_KNOWN, Written
from librephotos.photos import storing

AGAIN_AFTER: Final = clock.HOUR
SOON_AFTER: Final = clock.MINUTE


def set_aside(tx: Tx, tasks: Sequence[Task]) -> None:
    """Let these wait no longer, save those that somebody changed since they were taken."""
    for task in tasks:
        if write_back.is_as_taken(tx, task):
            write_back.put_off(tx, task.photo_id, None)


def store_results(tx: Tx, context: Context, work: Work, results: Sequence[Written]) -> Stored:
    """Store what the files of a photo say now, and what is left to do."""
    task, photo_id = work.task, work.task.photo_id
    if not write_back.is_known(tx, photo_id):
        # Deleted meanwhile.
        return Stored()
    is_as_taken = write_back.is_as_taken(tx, task)
    group = Group(tx, context.owner, context.rules)
    for result in results:
        _store_file(group, work, result)
    done = finish(group)
    failures = [result for result in results if result.reason]
    again = next((_again_after(result) for result in failures), None)
    if not context.is_there:
        again = AGAIN_AFTER
    if failures:
        storing.record_step(tx, photo_id, WRITE_BACK, "failed", failures[0].reason)
        if any(result.reason in (CHANGED, NOT_KNOWN) for result in failures):
            # Reads what it is now, and then it is due again.
            enqueue_job(tx, context.owner.user_id, SCAN_TYPE, SCAN)
    else:
        storing.record_step(tx, photo_id, WRITE_BACK, "done")
    now = clock.now()
    due_at = None if again is None else now + again
    if not is_as_taken:
        due_at = now + write_back.SETTLED_AFTER
    if context.is_asked:
        # What waits by itself goes on waiting.
        due_at = write_back.get_due(tx, photo_id)
    if failures or not context.is_there:
        write_back.put_off(tx, photo_id, due_at)
        return done
    write_back.end(tx, photo_id, work.wanted.written, _own_now(context, work, results), due_at=due_at)
    names = [name for each in context.types for name in FIELDS[each]]
    write_back.mark_synced(tx, photo_id, names, task.due_at or now)
    return done


def _own_now(context: Context, work: Work, results: Sequence[Written]) -> dict[str, Any]:
    """Drop the note of turns once files tell of them; a scan asks for it where somebody changed one since."""
    is_open = any(result.turn != UPRIGHT and result.outcome is None for result in results)
    if is_open or "turns" not in context.types:
        return work.wanted.own
    return {name: value for name, value in work.wanted.own.items() if name != TURNS}


def _again_after(failure: Written) -> int | None:
    if not failure.is_passing:
        return None
    return SOON_AFTER if failure.reason in (CHANGED, NOT_KNOWN) else AGAIN_AFTER


def _store_file(group: Group, work: Work, result: Written) -> None:
    known = storing.get_stored(group.tx, work.task.photo_id)
    copy = next(each for each in work.copies if each.path == result.path)
    if result.sidecar is not None and result.sidecar.fingerprint is not None:
        _store_sidecar(group, work.task.photo_id, result.sidecar)
    outcome = result.outcome
    if outcome is None or outcome.fingerprint is None:
        return
    reading = _reading(group, copy, outcome, work.task)
    photos.store_written(group, reading, known, work.wanted.wishes, result.turn)


def _reading(group: Group, copy: Copy, outcome: Outcome, task: Task) -> Reading:
    assert outcome.fingerprint is not None
    row = PendingFile(
        file_id=copy.file_id,
        path=copy.path,
        size_bytes=copy.size_bytes,
        mtime_ns=copy.mtime_ns,
        pending=int(Pending.METADATA),
        hash=copy.hash,
        photo_id=task.photo_id,
        was_missing=False,
        image_hash=task.image_hash,
        is_variant=copy.file_id != task.main_file_id,
    )
    return Reading(row, outcome, f"{outcome.fingerprint.md5}{group.owner.user_id}")


def _store_sidecar(group: Group, photo_id: int, outcome: Outcome) -> None:
    assert outcome.fingerprint is not None
    owner_id, print_ = group.owner.user_id, outcome.fingerprint
    row = write_back.find_file(group.tx, owner_id, outcome.path)
    if row is None:
        found = Found(outcome.path, print_.size_bytes, print_.modified_ns, print_.inode, print_.device)
        walked.record_differences(group.tx, owner_id, [Difference(Pending.NEW, found=found)])
        row = write_back.find_file(group.tx, owner_id, outcome.path)
    assert row is not None
    pending = PendingFile(
        row.file_id,
        row.path,
        row.size_bytes,
        row.mtime_ns,
        int(Pending.CHANGED),
        row.hash,
        photo_id,
        False,
        None,
        True,
    )
    set_file(group, Reading(pending, outcome, f"{print_.md5}{owner_id}"), photo_id)
