"""The scan of a library, in steps that may each run twice: walk, moves, batches of files, what is gone.

What remains to be done is always read from the table of files; a step's answer holds counts only.
"""

import os
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from librephotos.db.transactions import Tx
from librephotos.errors import Unavailable
from librephotos.jobs.registry import Report, Run
from librephotos.kit import json
from librephotos.kit.disks import reason_full
from librephotos.library import guard
from librephotos.library.compare import Difference, differences
from librephotos.library.date_rules import default_date_rules, parse_date_rules, tags_needed
from librephotos.library.ingest.storing import has_thumbnails, store_outcomes, tidy_thumbnails
from librephotos.library.queries import files, gone, moves, owners, roots
from librephotos.library.queries import pending as pending_files
from librephotos.library.queries import walked as walked_files
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.pending import PendingFile
from librephotos.library.roots import bounds_of, scan_path
from librephotos.library.sidecars import sidecars_of
from librephotos.library.walk import Walk
from librephotos.media.exiftool import locate_exiftool
from librephotos.media.process import Outcome, Request, process_files
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import derived_root
from librephotos.photos.storing import refresh_search_text

DIFFERENCES_AT_ONCE: Final = 500
FILES_A_STEP: Final = 240
STORED_AT_ONCE: Final = 16
STORED_EVERY_SECONDS: Final = 0.5
MOVED_AT_ONCE: Final = 50
GONE_AT_ONCE: Final = 100
LISTED_ERRORS: Final = 20
WITHOUT_EXIFTOOL: Final = "ExifTool or Perl is missing; a scan reads the metadata again once they are there."


def scan(run: Run) -> Report:
    """Bring an owner's photos up to date with their scan directory."""
    walked = run.step("walk", lambda: _walk(run))
    if walked["offline"]:
        return Report(result=_told(walked))
    while run.step("move", lambda: _move(run)):
        pass
    report = Report(target=walked["target"])
    errors: list[str] = []
    _read_all(run, "batch", report, errors)
    settled = run.step("missing", lambda: _settle_gone(run, walked))
    # Photos whose sidecars were deleted.
    _read_all(run, "reread", report, errors)
    report.errors = errors
    report.result = {**_told({**walked, **settled})}
    run.progress(current=walked["target"])
    return report


def _read_all(run: Run, step: str, report: Report, errors: list[str]) -> None:
    while True:
        batch = run.step(step, lambda: _read_batch(run))
        report.error_count += batch["error_count"]
        errors += batch["errors"]
        if batch["remaining"] == 0:
            return


def _told(walked: dict[str, Any]) -> dict[str, Any]:
    """What the result of a scan says besides errors, kept short when there is nothing to say."""
    told: dict[str, Any] = {
        "files": walked["files"],
        "new_or_changed": walked["changed"],
        "missing": walked.get("missing", 0),
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


def _walk(run: Run) -> dict[str, Any]:
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
            "is_empty": True,
        }
    batch: list[Difference] = []
    known = walked_files.known_files(run.db, owner.user_id, top)
    found = _counted(run, walk, counts)
    for difference in differences(found, known, is_full=run.arguments.get("mode") == "full"):
        if difference.found is None and difference.known and not walk.is_covered(difference.known.path):
            continue
        batch.append(difference)
        if len(batch) == DIFFERENCES_AT_ONCE:
            run.db.commit(walked_files.record_differences, owner.user_id, batch)
            batch = []
    run.db.commit(walked_files.record_differences, owner.user_id, batch)
    _look_elsewhere(run, owner, top)
    lacking = _read_better(run, owner)
    with run.db.snapshot() as tx:
        pending = pending_files.count_pending(tx, owner.user_id)
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
        "is_empty": walk.is_empty,
    }


def _counted(run: Run, walk: Walk, counts: dict[str, int]) -> Iterator[Any]:
    looked = time.monotonic()
    for file in walk.files():
        counts["files"] += 1
        yield file
        if counts["files"] % 1000 == 0 and time.monotonic() - looked > 1:
            looked = time.monotonic()
            run.progress(step="Looking for files")


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
        found = moves.list_moves(tx, run.user_id)
    for start in range(0, len(found), MOVED_AT_ONCE):
        run.db.commit(_store_moves, run.user_id, found[start : start + MOVED_AT_ONCE])
        run.progress()
    return len(found)


def _store_moves(tx: Tx, owner_id: int, found: list[tuple[int, int]]) -> None:
    moved = moves.move_files(tx, found)
    refresh_search_text(tx, moved)
    photos_changed(tx, owner_id, moved)


# --- batches


def _read_batch(run: Run) -> dict[str, Any]:
    """Read and store pending files, as many as a step may lose. Raises Unavailable when there is no room to store."""
    _leave_room(run)
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        rows = pending_files.list_pending(tx, run.user_id, FILES_A_STEP)
        remaining = pending_files.count_pending(tx, run.user_id)
    target = run.progress_target()
    rules = parse_date_rules(owner.datetime_rules or json.dumps(default_date_rules()))
    by_path = {row.path: row for row in rows}
    tags = tags_needed(rules)
    requests = (_request(run, row, tags) for row in rows)
    error_count, errors = 0, list[str]()
    group: list[tuple[PendingFile, Outcome]] = []
    stored_at = time.monotonic()
    left = remaining

    def flush() -> None:
        nonlocal error_count, left, stored_at
        done = run.db.commit(store_outcomes, owner, rules, group)
        tidy_thumbnails(run.settings.data, done)
        left -= len(group)
        error_count += len(done.errors)
        errors.extend(done.errors)
        group.clear()
        stored_at = time.monotonic()
        run.progress(current=max(0, target - left))
        _leave_room(run)

    for outcome in process_files(run.pool, requests):
        if outcome.pixels.is_blameless:
            # It would be the same with every other file. What is stored stays; the rest waits for the next scan.
            raise Unavailable(outcome.pixels.reason or "")
        group.append((by_path[outcome.path], outcome))
        if len(group) >= STORED_AT_ONCE or time.monotonic() - stored_at > STORED_EVERY_SECONDS:
            flush()
    if group:
        flush()
    with run.db.snapshot() as tx:
        remaining = pending_files.count_pending(tx, run.user_id)
    return {"remaining": remaining, "error_count": error_count, "errors": errors[:LISTED_ERRORS]}


def _leave_room(run: Run) -> None:
    reason = reason_full(run.settings.data)
    if reason is not None:
        raise Unavailable(reason)


def _request(run: Run, row: PendingFile, tags: list[str]) -> Request:
    """Ask for metadata alone where that is enough: when the photo's thumbnails are all there."""
    keeps_pixels = row.is_metadata_only and (
        row.image_hash is None or has_thumbnails(run.settings.data, row.image_hash)
    )
    return Request(
        path=row.path,
        size_bytes=row.size_bytes,
        render_to=None if keeps_pixels else os.fsencode(derived_root(run.settings.data.absolute())),
        thumbnail_name=row.image_hash if row.is_metadata_only else None,
        name_suffix=str(run.user_id),
        sidecars=sidecars_of(row.path),
        tags=tags,
    )


# --- what is gone


def _settle_gone(run: Run, walked: dict[str, Any]) -> dict[str, Any]:
    """Believe what vanished, unless a disk seems to be away."""
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        top = scan_path(owner.scan_directory)
        root = roots.find_root(tx, top)
    # Disks below the scan directory that were not met: their files are not gone.
    with run.db.transaction() as tx:
        away = [
            device for device in gone.list_gone_devices(tx, run.user_id) if device not in walked["devices"]
        ]
        forgiven = gone.forgive_gone(tx, run.user_id, away)
        losses = gone.count_losses(tx, run.user_id)
    marker = guard.marker_of(top)
    reason = guard.reason_offline(root, marker, losses, is_empty=walked["is_empty"])
    if reason is not None and not run.arguments.get("accept_losses"):
        with run.db.transaction() as tx:
            gone.forgive_gone(tx, run.user_id)
            roots.record_root_offline(tx, top, reason)
        return {"offline": reason}
    missing = 0
    while True:
        with run.db.transaction() as tx:
            photos = gone.settle_gone(tx, run.user_id, GONE_AT_ONCE)
            if photos:
                refresh_search_text(tx, photos)
                photos_changed(tx, run.user_id, photos)
        if photos is None:
            break
        missing += len(photos)
        run.progress()
    run.db.commit(roots.record_root_seen, top, os.stat(top).st_dev, marker)
    told: dict[str, Any] = {"missing": losses.gone}
    if forgiven:
        told["offline"] = f"{forgiven} files lie on a disk that is not mounted; they were left as they are."
    return told
