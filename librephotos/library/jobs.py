"""The scan of a library, in steps that may each run twice: walk, moves, batches of files, what is gone.

What remains to be done is always read from the table of files; a step's answer holds counts only.
"""

import os
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from librephotos.jobs.registry import Report, Run
from librephotos.kit import json
from librephotos.library import guard, queries
from librephotos.library.compare import Difference, Pending, differences
from librephotos.library.date_rules import default_date_rules, parse_date_rules, tags_needed
from librephotos.library.ingest import Ingest, sidecars_of
from librephotos.library.queries import Owner, PendingFile
from librephotos.library.roots import bounds_of, scan_path
from librephotos.library.walk import Walk
from librephotos.media.process import Outcome, Request, process_files
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import derived_root
from librephotos.photos.storing import refresh_search_text

DIFFERENCES_AT_ONCE: Final = 500
FILES_A_STEP: Final = 240
STORED_AT_ONCE: Final = 16
STORED_EVERY_SECONDS: Final = 0.5
GONE_AT_ONCE: Final = 100
LISTED_ERRORS: Final = 20


def scan(run: Run) -> Report:
    """Bring an owner's photos up to date with their scan directory."""
    walked = run.step("walk", lambda: _walk(run))
    if walked["offline"]:
        return Report(result=_told(walked))
    while run.step("move", lambda: _move(run)):
        pass
    report = Report(target=walked["target"])
    errors: list[str] = []
    while True:
        batch = run.step("batch", lambda: _read_batch(run))
        report.error_count += batch["error_count"]
        errors += batch["errors"]
        if batch["remaining"] == 0:
            break
    settled = run.step("missing", lambda: _settle_gone(run, walked))
    report.errors = errors
    report.result = {**_told({**walked, **settled})}
    run.progress(current=walked["target"])
    return report


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
    if walked["offline"]:
        told["offline"] = walked["offline"]
    return told


# --- walk


def _walk(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        owner = queries.get_owner(tx, run.user_id)
        others = queries.list_other_scan_directories(tx, run.user_id)
        skip_patterns = queries.get_skip_patterns(tx, run.settings.skip_patterns)
    top = scan_path(owner.scan_directory)
    walk = Walk(top, bounds_of(top, others, run.settings.roots, run.settings.data), skip_patterns)
    absent = guard.reason_absent(top)
    counts = {"files": 0, "changed": 0}
    if absent is not None:
        run.db.commit(queries.record_root_offline, top, absent)
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
    known = queries.known_files(run.db, owner.user_id, top)
    found = _counted(run, walk, counts)
    for difference in differences(found, known, is_full=run.arguments.get("mode") == "full"):
        if difference.found is None and difference.known and not walk.is_covered(difference.known.path):
            continue
        batch.append(difference)
        if len(batch) == DIFFERENCES_AT_ONCE:
            run.db.commit(queries.record_differences, owner.user_id, batch)
            batch = []
    run.db.commit(queries.record_differences, owner.user_id, batch)
    _look_elsewhere(run, owner, top)
    with run.db.snapshot() as tx:
        pending = queries.count_pending(tx, owner.user_id)
    run.progress(
        current=counts["files"] - min(pending, counts["files"]), target=counts["files"], step="Reading files"
    )
    return {
        "files": counts["files"],
        "changed": pending,
        "target": counts["files"],
        "offline": "",
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


def _look_elsewhere(run: Run, owner: Owner, top: bytes) -> None:
    """Find vanished files of a former scan directory, or of an upload folder beside it."""
    with run.db.snapshot() as tx:
        elsewhere = queries.list_elsewhere(tx, owner.user_id, top)
    gone = [file_id for file_id, path in elsewhere if not os.path.lexists(path)]
    for start in range(0, len(gone), DIFFERENCES_AT_ONCE):
        run.db.commit(queries.mark_gone, gone[start : start + DIFFERENCES_AT_ONCE])


# --- moves


def _move(run: Run) -> int:
    with run.db.transaction() as tx:
        moved = queries.move_files(tx, run.user_id)
        if moved:
            refresh_search_text(tx, moved)
            photos_changed(tx, run.user_id, moved)
    return len(moved)


# --- batches


def _read_batch(run: Run) -> dict[str, Any]:
    """Read and store pending files, as many as a step may lose."""
    with run.db.snapshot() as tx:
        owner = queries.get_owner(tx, run.user_id)
        rows = queries.list_pending(tx, run.user_id, FILES_A_STEP)
        remaining = queries.count_pending(tx, run.user_id)
    target = run.progress_target()
    rules = parse_date_rules(owner.datetime_rules or json.dumps(default_date_rules()))
    ingest = Ingest(owner, rules, run.settings.data)
    by_path = {row.path: row for row in rows}
    tags = tags_needed(rules)
    requests = (_request(run, row, tags) for row in rows)
    error_count, errors = 0, list[str]()
    group: list[tuple[PendingFile, Outcome]] = []
    stored_at = time.monotonic()
    left = remaining

    def flush() -> None:
        nonlocal error_count, left, stored_at
        done = run.db.commit(ingest.store, group)
        ingest.tidy(done)
        left -= len(group)
        error_count += len(done.errors)
        errors.extend(done.errors)
        group.clear()
        stored_at = time.monotonic()
        run.progress(current=max(0, target - left))

    for outcome in process_files(run.pool, requests):
        group.append((by_path[outcome.path], outcome))
        if len(group) >= STORED_AT_ONCE or time.monotonic() - stored_at > STORED_EVERY_SECONDS:
            flush()
    if group:
        flush()
    with run.db.snapshot() as tx:
        remaining = queries.count_pending(tx, run.user_id)
    return {"remaining": remaining, "error_count": error_count, "errors": errors[:LISTED_ERRORS]}


def _request(run: Run, row: PendingFile, tags: list[str]) -> Request:
    wants_pixels = row.pending != Pending.METADATA
    return Request(
        path=row.path,
        size_bytes=row.size_bytes,
        render_to=os.fsencode(derived_root(run.settings.data.absolute())) if wants_pixels else None,
        name_suffix=str(run.user_id),
        sidecars=sidecars_of(row.path),
        tags=tags,
    )


# --- what is gone


def _settle_gone(run: Run, walked: dict[str, Any]) -> dict[str, Any]:
    """Believe what vanished, unless a disk seems to be away."""
    with run.db.snapshot() as tx:
        owner = queries.get_owner(tx, run.user_id)
        top = scan_path(owner.scan_directory)
        root = queries.find_root(tx, top)
    # Disks below the scan directory that were not met: their files are not gone.
    with run.db.transaction() as tx:
        away = [
            device for device in queries.list_gone_devices(tx, run.user_id) if device not in walked["devices"]
        ]
        forgiven = queries.forgive_gone(tx, run.user_id, away)
        losses = queries.count_losses(tx, run.user_id)
    marker = guard.marker_of(top)
    reason = guard.reason_offline(root, marker, losses, is_empty=walked["is_empty"])
    if reason is not None and not run.arguments.get("accept_losses"):
        with run.db.transaction() as tx:
            queries.forgive_gone(tx, run.user_id)
            queries.record_root_offline(tx, top, reason)
        return {"offline": reason}
    missing = 0
    while True:
        with run.db.transaction() as tx:
            photos = queries.settle_gone(tx, run.user_id, GONE_AT_ONCE)
            if photos:
                refresh_search_text(tx, photos)
                photos_changed(tx, run.user_id, photos)
        if photos is None:
            break
        missing += len(photos)
        run.progress()
    run.db.commit(queries.record_root_seen, top, os.stat(top).st_dev, marker)
    told: dict[str, Any] = {"missing": losses.gone}
    if forgiven:
        told["offline"] = f"{forgiven} files lie on a disk that is not mounted; they were left as they are."
    return told
