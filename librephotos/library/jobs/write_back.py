"""Writes what people say of photos into their files, for owners who want it: what waits, or all, if somebody asked."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from librephotos.jobs.registry import Report, Run
from librephotos.kit import json
from librephotos.library import guard
from librephotos.library.date_rules import default_date_rules, parse_date_rules
from librephotos.library.ingest.storing import prepare_to_store, tidy_thumbnails
from librephotos.library.jobs.write_requests import Context, Work, request_of
from librephotos.library.jobs.write_results import set_aside, store_results
from librephotos.library.progress import LISTED_ERRORS
from librephotos.library.queries import owners, roots, write_back
from librephotos.library.queries.write_back import Habits, Task
from librephotos.library.roots import bounds_of, scan_path
from librephotos.library.walk import shown
from librephotos.library.wishes import TYPES, Type, wanted_of
from librephotos.media.pool import Pool
from librephotos.media.writing import WriteRequest, Written, lost_writing
from librephotos.people.jobs import cut_again
from librephotos.photos.turned import take_place

AT_ONCE: Final = 200
SECONDS_A_FILE: Final = 300.0
STEP: Final = "Writing metadata"


def write_back_metadata(run: Run) -> Report:
    """Write what waits, until nothing does; or, with `types`, what is stored of all photos of the owner."""
    asked = tuple(name for name in TYPES if name in run.arguments.get("types", ()))
    with Pool(max(1, run.pool.size), tasks="librephotos.media.writing") as pool:
        if asked:
            return _write_all(run, pool, asked)
        return _write_due(run, pool)


def _write_due(run: Run, pool: Pool) -> Report:
    target: int = run.step("count", lambda: _count_due(run))
    told: list[dict[str, Any]] = []
    while (batch := run.step("write", lambda: _write_waiting(run, pool)))["photos"]:
        told.append(batch)
        done = sum(each["photos"] for each in told)
        target = max(target, done)
        run.progress(current=done, target=target, step=STEP)
    return _report(told, target)


def _count_due(run: Run) -> int:
    with run.db.snapshot() as tx:
        return write_back.count_due(tx, run.user_id)


def _write_all(run: Run, pool: Pool, types: tuple[Type, ...]) -> Report:
    faces_only = types == ("face_tags",)
    with run.db.snapshot() as tx:
        target = write_back.count_asked(tx, run.user_id, faces_only=faces_only)
    run.progress(target=target, step=STEP)
    told: list[dict[str, Any]] = []
    after = 0
    while True:
        batch = run.step("write", lambda: _write_next(run, pool, types, after, faces_only))  # noqa: B023
        if not batch["photos"]:
            return _report(told, target)
        told.append(batch)
        after = batch["last"]
        run.progress(current=sum(each["photos"] for each in told), step=STEP)


def _report(told: Sequence[dict[str, Any]], target: int) -> Report:
    counts = {name: sum(each[name] for each in told) for name in ("photos", "written", "failed")}
    errors = [text for each in told for text in each["errors"]][:LISTED_ERRORS]
    return Report(target=target, error_count=counts["failed"], errors=errors, result=counts)


# --- batches


def _write_waiting(run: Run, pool: Pool) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        habits = write_back.get_habits(tx, run.user_id)
        wants = habits.mode != write_back.OFF
        tasks = write_back.list_due(tx, run.user_id, AT_ONCE) if wants else []
    types = TYPES if habits.with_faces else tuple(name for name in TYPES if name != "face_tags")
    return _write_tasks(run, pool, tasks, types, habits, is_asked=False)


def _write_next(
    run: Run, pool: Pool, types: tuple[Type, ...], after: int, faces_only: bool
) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        habits = write_back.get_habits(tx, run.user_id)
        tasks = write_back.list_asked(tx, run.user_id, after, AT_ONCE, faces_only=faces_only)
    told = _write_tasks(run, pool, tasks, types, habits, is_asked=True)
    return {**told, "last": max((task.photo_id for task in tasks), default=after)}


def _write_tasks(
    run: Run, pool: Pool, tasks: Sequence[Task], types: tuple[Type, ...], habits: Habits, *, is_asked: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {"photos": len(tasks), "written": 0, "failed": 0, "errors": []}
    context = _context(run, types, habits, is_asked=is_asked)
    work: list[Work] = []
    idle: list[Task] = []
    for task in tasks:
        with run.db.snapshot() as tx:
            boxes = write_back.list_boxes(tx, task.photo_id) if "face_tags" in types else []
            wanted = wanted_of(task.saying, boxes, types, is_asked=is_asked)
            copies = tuple(write_back.list_copies(tx, task)) if wanted else ()
        if copies:
            work.append(Work(task, wanted, copies))
        else:
            # Nothing to say, or nothing to say it to. The next change, or the file's return, asks again.
            idle.append(task)
    if idle and not is_asked:
        run.db.commit(set_aside, idle)
    if not work:
        return told
    for each in work:
        # What a killed process left to do: only the content of this moment tells that they are to be shown.
        take_place(run.settings.data, each.task.image_hash, each.copies[0].hash)
    run.db.commit(
        write_back.begin,
        [each.task.photo_id for each in work],
        {each.task.photo_id: each.wanted.own for each in work},
    )
    for each, results in _results(run, pool, context, work):
        prepare_to_store(result.outcome for result in results if result.outcome is not None)
        stored = run.db.commit(store_results, context, each, results)
        tidy_thumbnails(run.settings.data, stored)
        cut_again(run.db, run.settings.data, stored.turned)
        told["written"] += any(result.places for result in results)
        failures = [result for result in results if result.reason]
        told["failed"] += bool(failures)
        told["errors"] += [f"{shown(failure.path)}: {failure.reason}" for failure in failures[:1]]
    return told


def _context(run: Run, types: tuple[Type, ...], habits: Habits, *, is_asked: bool) -> Context:
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        others = owners.list_other_scan_directories(tx, run.user_id)
        top = scan_path(owner.scan_directory)
        root = roots.find_root(tx, top)
    is_away = guard.reason_away(top) is not None or (root is not None and root.offline_since is not None)
    is_other = guard.is_other_disk(root, guard.marker_of(top))
    # Asked for, it goes into files also where nothing is written by itself, as published.
    into_file = habits.mode == write_back.MEDIA_FILE or (is_asked and habits.mode == write_back.OFF)
    return Context(
        owner=owner,
        rules=parse_date_rules(owner.datetime_rules or json.dumps(default_date_rules())),
        bounds=bounds_of(top, others, run.settings.roots, run.settings.data),
        is_there=not is_away and not is_other,
        into_file=into_file,
        types=types,
        is_asked=is_asked,
    )


def _results(
    run: Run, pool: Pool, context: Context, work: Sequence[Work]
) -> Iterator[tuple[Work, list[Written]]]:
    """Yield photos as all of their files are done."""
    open_requests: dict[int, int] = {}
    done: dict[int, list[Written]] = {}
    owner_of: dict[bytes, int] = {}
    requests: list[WriteRequest] = []
    by_photo = {each.task.photo_id: each for each in work}
    for each in work:
        photo_id = each.task.photo_id
        # One file does for all while none can be reached: the sidecar that is kept is called by their content.
        copies = each.copies if context.is_there else each.copies[:1]
        open_requests[photo_id], done[photo_id] = len(copies), []
        for copy in copies:
            request, refused = request_of(run, context, each, copy)
            owner_of[copy.path] = photo_id
            if request is None:
                done[photo_id].append(Written(copy.path, reason=refused))
                open_requests[photo_id] -= 1
            else:
                requests.append(request)
        if not open_requests[photo_id]:
            yield each, done[photo_id]
    written = pool.map_unordered(
        "write_tags", requests, Written, seconds=lambda _: SECONDS_A_FILE, blame=lost_writing
    )
    for result in written:
        run.progress()
        photo_id = owner_of[result.path]
        done[photo_id].append(result)
        open_requests[photo_id] -= 1
        if not open_requests[photo_id]:
            yield by_photo[photo_id], done[photo_id]
