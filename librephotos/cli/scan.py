"""`scan`: queues scans, works them off where no worker runs, and tells what became of each file."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy import bindparam, func, or_, select

from librephotos.cli import accounts
from librephotos.cli.output import answers, complain, give_up, say
from librephotos.db.database import Database
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import file, job
from librephotos.jobs.child import python_command
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.workers import is_any_alive
from librephotos.kit import json
from librephotos.kit.text import one_line
from librephotos.settings import Settings, child_environment

SCAN_TYPE = 1
POLL_SECONDS = 0.3
STOP_SECONDS = 6
LISTED_FILES = 50
SOME_FAILED = 1


class Running(msgspec.Struct):
    """One queued or finished job as the bar shows it."""

    job_id: str
    state: str
    current: int
    target: int
    step: str | None
    result: str | None
    is_finished: bool


_JOBS = Statement(
    select(
        job.c.job_id,
        job.c.state,
        job.c.progress_current,
        job.c.progress_target,
        job.c.progress_step,
        job.c.result,
        job.c.finished_at.is_not(None),
    ).where(is_in(job.c.job_id, "job_ids")),
    Running,
)
_BAD = (
    is_in(file.c.owner_id, "owners"),
    or_(file.c.state == "failed", file.c.state == "skipped"),
    file.c.is_missing.is_(False),
)
_COUNT_BAD = Statement(select(func.count()).select_from(file).where(*_BAD), scalar)
_LIST_BAD = Statement(
    select(file.c.state, file.c.path, file.c.reason)
    .where(*_BAD)
    .order_by(file.c.state, file.c.path)
    .limit(bindparam("size")),
    as_row,
)
_COUNT_FAILED = Statement(
    select(func.count()).select_from(file).where(*_BAD, file.c.state == "failed"), scalar
)


def scan(settings: Settings, overrides: dict[str, object], usernames: Sequence[str], *, is_full: bool) -> int:
    """Scan the libraries of the users named, or of all; return 0, or 1 when some files failed."""
    db = Database(settings.database)
    try:
        owners = _owners(db, usernames)
        arguments = {"full_scan": True} if is_full else {}
        job_ids = [db.commit(enqueue_job, owner, SCAN_TYPE, "scan", arguments) for owner in owners]
        with db.snapshot() as tx:
            has_worker = is_any_alive(tx)
        with _own_worker(overrides, wanted=not has_worker) as worker:
            finished = _follow(db, job_ids, worker)
        return _summary(db, owners, finished)
    finally:
        db.close()


def _owners(db: Database, usernames: Sequence[str]) -> list[int]:
    with db.snapshot() as tx:
        known = accounts.list_accounts(tx)
    by_name = {one.username: one for one in known}
    chosen = [one for one in known if one.is_active and one.scan_directory]
    if usernames:
        if unknown := [name for name in usernames if name.lower() not in by_name]:
            raise give_up(f"There is no user {unknown[0]}. `librephotos user list` shows all.")
        chosen = [by_name[name.lower()] for name in usernames]
    for one in chosen:
        if not one.scan_directory:
            raise give_up(f"{one.username} has no scan directory. Set one on the page, under Users.")
        if not os.path.isdir(one.scan_directory):
            raise give_up(
                f"The scan directory {one.scan_directory} of {one.username} is not there. Is it mounted?"
            )
    if not chosen:
        raise give_up(
            "Nobody has a scan directory yet. Make an account with `librephotos user create NAME --scan DIR`."
        )
    return [one.user_id for one in chosen]


@contextmanager
def _own_worker(overrides: dict[str, object], *, wanted: bool) -> Iterator["subprocess.Popen[bytes] | None"]:
    """Run a worker of our own meanwhile when no other lives."""
    if not wanted:
        yield None
        return
    command = python_command("librephotos.cli", "work", "--parent", str(os.getpid()))
    process = subprocess.Popen(command, env=child_environment(overrides), start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _follow(db: Database, job_ids: list[str], worker: "subprocess.Popen[bytes] | None") -> list[Running]:
    """Show a bar until all jobs have finished."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=answers, disable=not answers.is_terminal) as bar:
        tasks: dict[str, TaskID] = {one: bar.add_task("waiting", total=None) for one in job_ids}
        while True:
            with db.snapshot() as tx:
                jobs = tx.all(_JOBS, job_ids=id_list(job_ids))
            for one in jobs:
                text = one_line(one.step or one.state, 40)
                bar.update(
                    tasks[one.job_id], description=text, completed=one.current, total=one.target or None
                )
            if all(one.is_finished for one in jobs):
                return jobs
            if worker is not None and worker.poll() is not None:
                raise give_up(
                    "The worker ended before the scan did; the reason stands above. The next worker goes on with it."
                )
            time.sleep(POLL_SECONDS)


def _summary(db: Database, owners: list[int], jobs: list[Running]) -> int:
    for one in jobs:
        numbers = {name: value for name, value in _numbers(one.result).items() if value}
        counts = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in numbers.items())
        say(f"Scan {one.state}: {counts or f'{one.current} of {one.target} looked at'}.")
    listed = id_list(owners)
    with db.snapshot() as tx:
        count: int = tx.one(_COUNT_BAD, owners=listed)
        failed: int = tx.one(_COUNT_FAILED, owners=listed)
        bad = tx.all(_LIST_BAD, owners=listed, size=LISTED_FILES)
    if bad:
        # A line a file, so that it can be searched and cut; in a table a long path would be torn apart.
        for state, path, reason in bad:
            say(f"{state}  {one_line(path, 4096)}: {one_line(reason)}")
        if count > LISTED_FILES:
            say(f"… and {count - LISTED_FILES} more.")
    if any(one.state != "done" for one in jobs):
        complain("Not every scan was completed.")
        return SOME_FAILED
    return SOME_FAILED if failed else 0


def _numbers(result: str | None) -> dict[str, int]:
    values = json.loads(result) if result else {}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
