"""Finds bursts and duplicates: among all photos when somebody asks, among new ones after a scan. All may run twice."""

import time
from collections.abc import Callable
from typing import Any, Final

from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Report, Run
from librephotos.stacks.burst_rules import parse_burst_rules
from librephotos.stacks.bursts import find_bursts
from librephotos.stacks.finding import find_alike, find_copies, groups_of, with_newer
from librephotos.stacks.kinds import EXACT, NORMAL_THRESHOLD, SENSITIVITY, VISUAL
from librephotos.stacks.queries import detecting

BURSTS = "burst_sequences"
COPIES = "exact_copies"
ALIKE = "visual_duplicates"
BATCH = 10_000
# A checkpoint is a write, which others wait for.
CHECKPOINT_SECONDS: Final = 1.0


def detect_bursts(run: Run) -> Report:
    """Find the bursts of all photos by their owner's rules; the stacks of earlier ones give way."""
    told: dict[str, Any] = run.step("bursts", lambda: _bursts(run, newer_than=None))
    return Report(target=told["total"], result=told)


def detect_duplicates(run: Run) -> Report:
    """Find copies and pictures that look alike among all photos, as far as the job's arguments ask for it."""
    told: dict[str, Any] = run.step("duplicates", lambda: _duplicates(run, run.arguments, newer_than=None))
    return Report(target=told["total"], result=told)


def detect_new(run: Run) -> Report:
    """Find what photos that came since the last time belong to; nothing that was decided before is touched."""
    told: dict[str, Any] = run.step("new", lambda: _new(run))
    return Report(target=told["total"], result=told)


def _new(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        settings = detecting.get_settings(tx, run.user_id)
        last = detecting.get_last_photo(tx, run.user_id)
    seen = settings.seen_photo_id
    if last <= seen:
        return {"current": 0, "total": 0, "stage": ALIKE, "found": 0}
    found = 0
    if parse_burst_rules(settings.rules):
        found += _bursts(run, newer_than=seen)["found"]
    threshold = SENSITIVITY.get(settings.sensitivity, NORMAL_THRESHOLD)
    told = _duplicates(run, {"visual_threshold": threshold}, newer_than=seen)
    run.commit(detecting.record_seen, run.user_id, last)
    return {**told, "found": found + told["found"]}


def _bursts(run: Run, *, newer_than: int | None) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        rules = parse_burst_rules(detecting.get_settings(tx, run.user_id).rules)
        shots = detecting.list_shots(tx, run.user_id)
    _tell(run, BURSTS, 0, len(shots), 0)
    found = [[each.photo_id for each in burst] for burst in find_bursts(shots, rules)]
    if newer_than is None:
        count = run.commit(detecting.replace_bursts, run.user_id, found)
    else:
        count = run.commit(detecting.extend_bursts, run.user_id, with_newer(found, newer_than))
    return _tell(run, BURSTS, len(shots), len(shots), count)


def _duplicates(run: Run, options: dict[str, Any], *, newer_than: int | None) -> dict[str, Any]:
    wants_copies = options.get("detect_exact_copies", True)
    wants_alike = options.get("detect_visual_duplicates", True)
    with run.db.snapshot() as tx:
        digests = detecting.list_digests(tx, run.user_id)
        looks = detecting.list_looks(tx, run.user_id) if wants_alike else []
        reviewed = detecting.get_reviewed(tx, run.user_id)
    photos = len({photo_id for _, photo_id in digests})
    stage = COPIES if wants_copies else ALIKE
    _tell(run, stage, 0, photos, 0)
    copies = find_copies(digests, reviewed)
    found = {EXACT: groups_of(copies) if wants_copies else []}
    if wants_alike:
        stage = ALIKE
        _tell(run, ALIKE, photos - len(looks), photos, len(found[EXACT]))
        alike = find_alike(
            [(each.photo_id, each.perceptual_hash) for each in looks],
            options.get("visual_threshold", NORMAL_THRESHOLD),
            reviewed,
            at_once=options.get("batch_size", BATCH),
            newer_than=newer_than,
            progress=_now_and_then(run),
        )
        found[VISUAL] = groups_of(alike, but_in=copies if wants_copies else None)
    if newer_than is not None:
        found = {kind: with_newer(groups, newer_than) for kind, groups in found.items()}  # type: ignore[misc]
    count = run.commit(_store, run.user_id, found, clears=bool(options.get("clear_pending")))
    return _tell(run, stage, photos, photos, count)


def _now_and_then(run: Run) -> Callable[[], None]:
    """Return a checkpoint that may be called as often as one likes."""
    looked = time.monotonic()

    def look() -> None:
        nonlocal looked
        if time.monotonic() - looked >= CHECKPOINT_SECONDS:
            run.progress()
            looked = time.monotonic()

    return look


def _store(tx: Tx, owner_id: int, found: dict[str, list[list[int]]], *, clears: bool) -> int:
    if clears:
        detecting.clear_pending(tx, owner_id)
    return sum(detecting.store_groups(tx, owner_id, kind, groups) for kind, groups in found.items())


def _tell(run: Run, stage: str, current: int, total: int, found: int) -> dict[str, Any]:
    told = {"current": current, "total": total, "stage": stage, "found": found}
    run.note(told)
    run.progress(current=current, target=total, step=stage)
    return told
