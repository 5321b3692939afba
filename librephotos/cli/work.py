"""`work`: the worker process, alone on its data folder where the database allows only one."""

from librephotos.cli.preparing import prepared
from librephotos.jobs.lock import FolderLock
from librephotos.kit.logs import configure_logs
from librephotos.kit.parents import leave_with_parent

WORKER_LOCK = "worker.lock"


def work(overrides: dict[str, object], parent_pid: int | None) -> None:
    """Work until SIGTERM or Ctrl-C. Raises DataFolderInUse when a worker of this SQLite database runs already."""
    if parent_pid is not None:
        leave_with_parent(parent_pid)
    settings = prepared(overrides)
    configure_logs(settings.data)
    # The engine that runs jobs takes 0.3 s and 20 MB that no other command needs.
    from librephotos.jobs.worker import run_worker
    from librephotos.pipeline import PIPELINE

    lock = (
        FolderLock(settings.data, WORKER_LOCK, "worker") if settings.database.startswith("sqlite") else None
    )
    try:
        run_worker(settings, PIPELINE)
    finally:
        if lock is not None:
            lock.release()
