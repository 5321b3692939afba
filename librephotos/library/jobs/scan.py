"""The scan of a library, in steps that may each run twice: walk, moves, batches of files, what is gone.

What remains to be done is always read from the table of files; a step's answer holds counts only. What became of the
files is noted with the job in the transaction that stores them, so that it survives pauses and restarts.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from librephotos.db.transactions import Tx
from librephotos.errors import Unavailable
from librephotos.jobs.queries import note_result
from librephotos.jobs.registry import Report, Run
from librephotos.kit import json
from librephotos.kit.disks import reason_full
from librephotos.library import guard
from librephotos.library.compare import Difference, differences
from librephotos.library.date_rules import DateRule, default_date_rules, parse_date_rules, tags_needed
from librephotos.library.ingest.group import Stored
from librephotos.library.ingest.storing import (
    has_thumbnails,
    prepare_to_store,
    store_moves,
    store_outcomes,
    tidy_thumbnails,
)
from librephotos.library.jobs.settling import settle_gone
from librephotos.library.jobs.waiting import look_again, set_aside_unsettled
from librephotos.library.progress import Pace, Tally, describe
from librephotos.library.queries import files, moves, owners, roots, unsettled, uploaded
from librephotos.library.queries import pending as pending_files
from librephotos.library.queries import walked as walked_files
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.pending import PendingFile
from librephotos.library.roots import bounds_of, scan_path
from librephotos.library.sidecars import sidecars_of
from librephotos.library.walk import Walk
from librephotos.media.errors import CHANGED, CannotStore
from librephotos.media.exiftool import locate_exiftool
from librephotos.media.process import Outcome, Request, process_files
from librephotos.media.thumbnails import drop_drafts, publish_drafts
from librephotos.people.jobs import cut_again
from librephotos.photos.paths import derived_root, kept_root

DIFFERENCES_AT_ONCE: Final = 500
FILES_A_STEP: Final = 960
SYNCED_AT_ONCE: Final = 64
STORED_SECONDS: Final = 0.008
"""How long a transaction takes files. Nobody else writes meanwhile, and what follows from them comes on top."""

STORED_EVERY_SECONDS: Final = 0.5
MOVED_AT_ONCE: Final = 50
LAST_LOOK: Final = 4
WITHOUT_EXIFTOOL: Final = "ExifTool or Perl is missing; a scan reads the metadata again once they are there."


def scan(run: Run) -> Report:
    """Bring an owner's photos up to date with their scan directory."""
    tally, pace = Tally.of(run.noted()), Pace()
    walked = run.step("walk", lambda: _walk(run, tally))
    if walked["offline"]:
        return Report(result=_told(walked, tally))
    while run.step("move", lambda: _move(run)):
        pass
    away = _read_all(run, "batch", tally, pace)
    if not away:
        settled = run.step("missing", lambda: settle_gone(run, walked))
        # Photos whose sidecars were deleted.
        away = _read_all(run, "reread", tally, pace)
        walked = {**walked, **settled}
    if away:
        return _report(walked["target"], tally, {**_told(walked, tally), "offline": away})
    run.progress(current=walked["target"])
    return _report(walked["target"], tally, _told(walked, tally))


def _report(target: int, tally: Tally, result: dict[str, Any]) -> Report:
    return Report(target=target, error_count=tally.failed, errors=tally.errors, result=result)


def _read_all(run: Run, step: str, tally: Tally, pace: Pace) -> str:
    """Read what is pending; return why not, if the disk went away meanwhile."""
    looks = 0
    while True:
        is_last_look = looks >= LAST_LOOK
        batch = run.step(step, lambda: _read_batch(run, tally, pace, is_last_look=is_last_look))  # noqa: B023
        if batch.get("offline") or batch["remaining"] == 0:
            return batch.get("offline") or ""
        looks += batch.get("looks", 0)


def _told(walked: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """What the result of a scan says besides errors, kept short when there is nothing to say."""
    told: dict[str, Any] = {
        "files": walked["files"],
        "new_or_changed": walked["changed"],
        "missing": walked.get("missing", 0),
        **tally.counts(),
    }
    if walked["remarks"]:
        told["not_followed"] = walked["remarks"]
        told["not_followed_count"] = walked["remark_count"]
    if walked.get("lacking"):
        told["metadata"] = walked["lacking"]
    if walked["offline"]:
        told["offline"] = walked["offline"]
    return told


# --- walk


def _walk(run: Run, tally: Tally) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        others = owners.list_other_scan_directories(tx, run.user_id)
        skip_patterns = owners.get_skip_patterns(tx, run.settings.skip_patterns)
    top = scan_path(owner.scan_directory)
    walk = Walk(top, bounds_of(top, others, run.settings.roots, run.settings.data), skip_patterns)
    absent = guard.reason_absent(top)
    counts = {"files": 0, "changed": 0}
    if absent is not None:
        run.db.commit(roots.record_root_offline, top, absent)
        return {
            **counts,
            "target": 0,
            "offline": absent,
            "remarks": [],
            "remark_count": 0,
            "devices": [],
        }
    # A full scan that goes on after a pause has marked everything already; only what changed since is to be added.
    is_full = run.arguments.get("mode") == "full" and not tally.walked
    renumbered: Counter[str] = Counter()
    batch: list[Difference] = []
    known = walked_files.known_files(run.db, owner.user_id, top)
    found = _counted(run, walk, counts)
    for difference in differences(found, known, is_full=is_full):
        was, at = difference.known, difference.found
        if at is None and was and not walk.is_covered(was.path):
            continue
        if at and was and was.device != at.device:
            renumbered[str(was.device)] += 1
        batch.append(difference)
        if len(batch) == DIFFERENCES_AT_ONCE:
            run.commit(walked_files.record_differences, owner.user_id, batch)
            batch = []
    run.commit(walked_files.record_differences, owner.user_id, batch)
    _look_elsewhere(run, owner, top)
    lacking = _read_better(run, owner)
    run.db.commit(uploaded.take_over_abandoned, owner.user_id)
    run.db.commit(files.want_skipped_pictures, owner.user_id)
    if run.settings.feature_video:
        run.db.commit(files.want_skipped_videos, owner.user_id)
    with run.db.snapshot() as tx:
        pending = pending_files.count_pending(tx, owner.user_id)
    tally.files, tally.walked = counts["files"], True
    run.note(tally.as_note(Pace(), pending))
    run.progress(
        current=counts["files"] - min(pending, counts["files"]), target=counts["files"], step="Reading files"
    )
    return {
        "files": counts["files"],
        "changed": pending,
        "target": counts["files"],
        "offline": "",
        "lacking": lacking,
        "remarks": [msgspec.to_builtins(remark) for remark in walk.remarks],
        "remark_count": walk.remark_count,
        "devices": sorted(walk.devices),
        "renumbered": dict(renumbered),
    }


def _counted(run: Run, walk: Walk, counts: dict[str, int]) -> Iterator[Any]:
    looked = time.monotonic()
    for file in walk.files():
        counts["files"] += 1
        yield file
        if counts["files"] % 1000 == 0 and time.monotonic() - looked > 1:
            looked = time.monotonic()
            run.progress(step=f"Looking for files: {counts['files']} so far")


def _read_better(run: Run, owner: Owner) -> str:
    """Have ExifTool read what Pillow read while it was missing; while it is, return what to tell."""
    if locate_exiftool() is None:
        return WITHOUT_EXIFTOOL
    with run.db.snapshot() as tx:
        lesser = pending_files.list_read_by_pillow(tx, owner.user_id)
    for start in range(0, len(lesser), DIFFERENCES_AT_ONCE):
        run.db.commit(files.want_metadata, lesser[start : start + DIFFERENCES_AT_ONCE])
    return ""


def _look_elsewhere(run: Run, owner: Owner, top: bytes) -> None:
    """Find vanished files of a former scan directory, or of an upload folder beside it."""
    with run.db.snapshot() as tx:
        elsewhere = walked_files.list_elsewhere(tx, owner.user_id, top)
    vanished = [file_id for file_id, path in elsewhere if not os.path.lexists(path)]
    for start in range(0, len(vanished), DIFFERENCES_AT_ONCE):
        run.db.commit(walked_files.mark_gone, vanished[start : start + DIFFERENCES_AT_ONCE])


# --- moves


def _move(run: Run) -> int:
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        found = moves.list_moves(tx, run.user_id)
    for start in range(0, len(found), MOVED_AT_ONCE):
        done = run.commit(store_moves, owner, found[start : start + MOVED_AT_ONCE])
        tidy_thumbnails(run.settings.data, done)
        run.progress()
    return len(found)


# --- batches


def _read_batch(run: Run, tally: Tally, pace: Pace, *, is_last_look: bool) -> dict[str, Any]:
    """Read and store pending files, many in a step; after the last, look at those that were waited for.

    Raises Unavailable when there is no room to store.
    """
    _leave_room(run)
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        rows = pending_files.list_pending(tx, run.user_id, FILES_A_STEP)
        photo_ids = [row.photo_id for row in rows if row.photo_id is not None]
        sidecars = files.list_sidecars_of(tx, photo_ids)
        left = pending_files.count_pending(tx, run.user_id) + unsettled.count_unsettled(tx, run.user_id)
    if not rows:
        return _look_again(run, tally, is_last_look=is_last_look) if left else {"remaining": 0}
    rows = set_aside_unsettled(run, rows)
    target = run.progress_target()
    rules = parse_date_rules(owner.datetime_rules or json.dumps(default_date_rules()))
    by_path = {row.path: row for row in rows}
    tags = tags_needed(rules)
    requests = (
        reading_request(run, row, tags, sidecars.get(row.photo_id or 0, []), leaves_drafts=True)
        for row in rows
    )
    group: list[tuple[PendingFile, Outcome]] = []
    vanished: list[int] = []
    stored_at = time.monotonic()

    def flush() -> None:
        nonlocal left, stored_at
        lost = _publish([outcome for _, outcome in group])
        read = [each for each in group if not any(draft.place in lost for draft in each[1].drafts)]
        group.clear()
        prepare_to_store(outcome for _, outcome in read)
        while read:
            count, done, states = run.commit(_store_some, run.job_id, owner, rules, read, (tally, pace, left))
            read = read[count:]
            left -= count
            pace.add(count)
            tally.add(states, done.errors)
            tidy_thumbnails(run.settings.data, done)
            cut_again(run.db, run.settings.data, done.turned)
        run.progress(current=max(0, target - left), step=describe(tally, pace, left))
        stored_at = time.monotonic()
        _leave_room(run)

    try:
        for outcome in process_files(run.pool, requests):
            if outcome.pixels.is_blameless:
                # It would be the same with every other file. What is stored stays; the rest waits for the next scan.
                raise Unavailable(outcome.pixels.reason or "")
            row = by_path[outcome.path]
            if outcome.read.reason == CHANGED and is_last_look:
                # A file that changes whenever it is read would keep the scan for ever.
                run.db.commit(unsettled.put_off, [row.file_id])
                tally.still_written += 1
            elif outcome.read.reason == CHANGED:
                run.db.commit(unsettled.wait_for_files, [row.file_id])
            elif outcome.read.state == "failed" and not os.path.lexists(row.path):
                vanished.append(row.file_id)
            else:
                group.append((row, outcome))
            if group and (
                len(group) >= SYNCED_AT_ONCE or time.monotonic() - stored_at > STORED_EVERY_SECONDS
            ):
                flush()
        if group:
            flush()
    finally:
        drop_drafts(draft for _, outcome in group for draft in outcome.drafts)
    if vanished:
        # No failures: the next walk tells whether they were deleted or lie on a disk that went away.
        run.db.commit(unsettled.put_off, vanished)
        away = guard.reason_away(scan_path(owner.scan_directory))
        if away is not None:
            run.db.commit(roots.record_root_offline, scan_path(owner.scan_directory), away)
            return {"remaining": 0, "offline": away}
    with run.db.snapshot() as tx:
        remaining = pending_files.count_pending(tx, run.user_id) + unsettled.count_unsettled(tx, run.user_id)
    return {"remaining": remaining}


def _look_again(run: Run, tally: Tally, *, is_last_look: bool) -> dict[str, Any]:
    looked = look_again(run, tally, is_last_look=is_last_look)
    with run.db.snapshot() as tx:
        # What waits until all others are read waits for these too.
        remaining = pending_files.count_pending(tx, run.user_id) + unsettled.count_unsettled(tx, run.user_id)
    return {**looked, "remaining": remaining}


def _store_some(
    tx: Tx,
    job_id: str,
    owner: Owner,
    rules: Sequence[DateRule],
    group: Sequence[tuple[PendingFile, Outcome]],
    so_far: tuple[Tally, Pace, int],
) -> tuple[int, Stored, dict[str, int]]:
    """Store the first outcomes of a group, and note with the job what became of the files.

    Return how many, what is to be tidied, and the files by their state for the tally.
    """
    tally, pace, left = so_far
    stored: list[PendingFile] = []

    def first() -> Iterator[tuple[PendingFile, Outcome]]:
        begun = time.monotonic()
        for row, outcome in group:
            stored.append(row)
            yield row, outcome
            if time.monotonic() - begun > STORED_SECONDS:
                return

    done = store_outcomes(tx, owner, rules, first())
    states = pending_files.count_states(tx, [row.file_id for row in stored])
    # A copy: a transaction that is rolled back must not leave its counts.
    new = msgspec.structs.replace(tally)
    new.add(states, done.errors)
    note_result(tx, job_id, new.as_note(pace, left - len(stored)))
    return len(stored), done, states


def _publish(outcomes: Sequence[Outcome]) -> set[bytes]:
    """Put the thumbnails of a group in their places, before a row says that they are there.

    Return the places of those that somebody took away meanwhile; their files stay pending. Raises Unavailable.
    """
    try:
        return publish_drafts([draft for outcome in outcomes for draft in outcome.drafts])
    except CannotStore as error:
        raise Unavailable(error.reason) from error


def _leave_room(run: Run) -> None:
    reason = reason_full(run.settings.data)
    if reason is not None:
        raise Unavailable(reason)


def reading_request(
    run: Run, row: PendingFile, tags: list[str], sidecars: list[bytes], *, leaves_drafts: bool = False
) -> Request:
    """Ask for metadata alone where that is enough: when the photo's thumbnails are all there."""
    derived, kept = _folders(run.settings.data)
    is_complete = row.image_hash is None or has_thumbnails(run.settings.data, row.image_hash)
    keeps_pixels = row.is_metadata_only and (row.is_variant or is_complete)
    name = row.image_hash if row.is_metadata_only else None
    return Request(
        path=row.path,
        size_bytes=row.size_bytes,
        render_to=None if keeps_pixels else derived,
        # A variant may be what the photo is called by, and must not be drawn over what the photo shows.
        thumbnail_name=f"variant{row.file_id}" if row.is_variant else name,
        name_suffix=str(run.user_id),
        sidecars=sidecars_of(row.path, sidecars),
        tags=tags,
        derived=derived,
        takes_clips=run.settings.feature_process_embedded_media and not row.is_variant,
        reads_videos=run.settings.feature_video,
        leaves_drafts=leaves_drafts,
        kept=kept,
    )


@lru_cache(maxsize=1)
def _folders(data: Path) -> tuple[bytes, bytes]:
    """Return where derived files lie, and the sidecars that are kept apart from the library."""
    return os.fsencode(derived_root(data.absolute())), os.fsencode(kept_root(data.absolute()))
