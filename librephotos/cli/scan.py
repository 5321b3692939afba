"""`scan`: queues scans, works them off where no worker runs, and tells what became of each file."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from sqlalchemy import select

from librephotos.cli import accounts
from librephotos.cli.output import answers, give_up
from librephotos.cli.scan_summary import Running, summary
from librephotos.db.database import Database
from librephotos.db.statements import Statement, id_list, is_in
from librephotos.db.tables import job
from librephotos.jobs.child import python_command
from librephotos.jobs.queries import EVEN_QUIET, enqueue_job
from librephotos.jobs.workers import is_any_alive
from librephotos.kit.text import one_line
from librephotos.library.kinds import SCAN, SCAN_TYPE
from librephotos.settings import Settings, child_environment

POLL_SECONDS = 0.3
STOP_SECONDS = 6


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


def scan(
    settings: Settings, overrides: dict[str, object], usernames: Sequence[str], arguments: dict[str, object]
) -> int:
    """Scan the libraries of the users named, or of all; return 0, or 1 when some files failed or a disk is away."""
    db = Database(settings.database)
    try:
        owners = _owners(db, usernames)
        # Whoever sits before it wants it now, however quiet the hours are.
        wanted = {**arguments, EVEN_QUIET: True}
        job_ids = [db.commit(enqueue_job, owner, SCAN_TYPE, SCAN, wanted) for owner in owners]
        with db.snapshot() as tx:
            has_worker = is_any_alive(tx)
        with _own_worker(overrides, wanted=not has_worker) as worker:
            finished = _follow(db, job_ids, worker)
        return summary(db, owners, finished)
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
    # It does what is asked for here and starts nothing by itself.
    settings = {**overrides, "watch": False, "rescan_minutes": 0}
    process = subprocess.Popen(command, env=child_environment(settings), start_new_session=True)
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
    columns = (BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=answers, disable=not answers.is_terminal) as bar:
        tasks: dict[str, TaskID] = {one: bar.add_task("waiting", total=None) for one in job_ids}
        while True:
            with db.snapshot() as tx:
                jobs = tx.all(_JOBS, job_ids=id_list(job_ids))
            for one in jobs:
                text = one_line(one.step or one.state, 100)
                bar.update(
                    tasks[one.job_id], description=text, completed=one.current, total=one.target or None
                )
            if all(one.is_finished or one.state == "paused" for one in jobs):
                return jobs
            if worker is not None and worker.poll() is not None:
                raise give_up(
                    "The worker ended before the scan did; the reason stands above. The next worker goes on with it."
                )
            time.sleep(POLL_SECONDS)
