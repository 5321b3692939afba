"""The engine of durable workflows: where it keeps its state and how it is set. Only the worker imports it.

Losing its state loses nothing: what remains to be done is read from our own tables. Its version is fixed, so that an
upgrade does not strand what was running; workflow names, the order of steps and arguments are therefore a format.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy.engine import make_url

from librephotos.errors import Unavailable
from librephotos.settings import Settings

VERSION: Final = "1"
QUEUES: Final[Mapping[str, int]] = {"long": 2, "short": 4}
POLLING_SECONDS: Final = 0.5
_ALIVE: Final = ("PENDING", "ENQUEUED", "DELAYED")
_PRUNED_AT_ONCE: Final = 500


def launch(settings: Settings, executor: str, workflows: Mapping[str, Callable[[str], None]]) -> None:
    """Start the engine; workflows of this executor that were cut short go on at their last step."""
    _quieten()
    config: DBOSConfig = {
        "name": "librephotos",
        "system_database_engine": _engine(settings),
        "executor_id": executor,
        "application_version": VERSION,
        "log_level": "WARNING",
        "serializer": DBOSPortableJSONSerializer(),
    }
    DBOS(config=config)
    for name, workflow in workflows.items():
        _registered[name] = DBOS.workflow(name=name, max_recovery_attempts=None)(workflow)
    DBOS.launch()
    for name, concurrency in QUEUES.items():
        DBOS.register_queue(name, worker_concurrency=concurrency, polling_interval_sec=POLLING_SECONDS)


def start(kind: str, queue: str, job_id: str) -> None:
    """Enqueue the workflow of a job; started again under the same id, it runs once. Raises Unavailable."""
    with _translated(), SetWorkflowID(job_id):
        DBOS.enqueue_workflow(queue, _registered[kind], job_id)


def step(name: str, work: Callable[[], Any]) -> Any:  # JSON
    """Run a part of the current workflow, or return what it gave when it ran before."""
    return DBOS.run_step({"name": name}, work)


def is_alive(job_id: str) -> bool:
    """Tell whether the workflow of a job is known and not at its end."""
    return any(status.status in _ALIVE for status in _find(job_id))


def is_running(job_id: str) -> bool:
    return any(status.status == "PENDING" for status in _find(job_id))


def take_over(job_id: str, queue: str) -> None:
    """Let a worker go on with a workflow that nobody is at. Raises Unavailable."""
    with _translated():
        DBOS.resume_workflow(job_id, queue_name=queue)


def forget(job_id: str) -> None:
    """Remove a workflow, so that its job may be started again under the same id. Raises Unavailable."""
    if _find(job_id):
        with _translated():
            DBOS.delete_workflows([job_id])


def prune(before_iso: str) -> None:
    """Remove workflows that ended before an instant; the engine itself never deletes any."""
    while True:
        ended = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before_iso,
            limit=_PRUNED_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if not ended:
            return
        DBOS.delete_workflows([status.workflow_id for status in ended])


def stop() -> None:
    """Let go without waiting: what runs stays pending and goes on at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=0)


_registered: dict[str, Callable[[str], None]] = {}


def _find(job_id: str) -> list[Any]:
    with _translated():
        return list(DBOS.list_workflows(workflow_ids=[job_id], load_input=False, load_output=False))


@contextmanager
def _translated() -> Iterator[None]:
    """Say of the engine's database what is said of ours when it is busy, away, or its disk full."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise Unavailable(f"The engine of jobs has no database at the moment: {error.orig}") from error


def _engine(settings: Settings) -> sa.Engine:
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"), pool_size=6, max_overflow=4, pool_pre_ping=True
        )
    engine = sa.create_engine(f"sqlite:///{settings.data.absolute() / 'jobs.sqlite'}")

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # sqlite3's connection
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=wal", "synchronous=normal"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _quieten() -> None:
    """Its advertisement, its advice against SQLite and the tracebacks of jobs, which we log ourselves, help nobody."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    logger.addFilter(lambda record: "SQLite" not in record.getMessage() and record.exc_info is None)
