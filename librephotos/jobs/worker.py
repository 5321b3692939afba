"""The worker: takes jobs from the table, starts their workflows, gives signs of life and does the chores.

It knows no job by name. Everything it was doing when it ends, however it ends, goes on at the next start.
"""

import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable

import structlog

from librephotos.db.database import Database
from librephotos.db.statements import compile_all
from librephotos.errors import LibrePhotosError
from librephotos.jobs import durable, housekeeping, queries, workers
from librephotos.jobs.quiet import quiet_until
from librephotos.jobs.registry import Pipeline
from librephotos.jobs.running import TAKEN_OVER_STATUS, Host, run_job
from librephotos.media.pool import Pool
from librephotos.settings import Settings

log = structlog.get_logger()

OUTBOX_SECONDS = 0.25
PARENT_WATCH_SECONDS = 0.5
SIGN_OFF_SECONDS = 2.0
# Longer than a workflow takes from the queue to its first line on the busiest machine: none may run twice at once.
UNATTENDED_SECONDS = 30.0
ONLY_EXECUTOR = "local"


def run_worker(settings: Settings, pipeline: Pipeline) -> None:
    """Work until SIGTERM, SIGINT or the end of the parent process; never returns."""
    stopping = threading.Event()
    _listen(stopping)
    threading.Thread(
        target=_watch_parent, args=(os.getppid(), stopping), name="parent-watch", daemon=True
    ).start()
    threading.Thread(target=_end_soon_after, args=(stopping,), name="end", daemon=True).start()
    worker = Worker(settings, pipeline)
    worker.start()
    while not stopping.wait(OUTBOX_SECONDS):
        worker.tick()
    worker.stop()
    # Threads may be in the middle of a step; the step is repeated at the next start. The pool's processes see their
    # pipe close, and those at work see half a second later that their parent is gone.
    os._exit(0)


def _listen(stopping: threading.Event) -> None:
    """Set `stopping` on a signal, at once even while this thread waits inside the database's C code."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)

    def wait() -> None:
        ours.recv(1)
        theirs.fileno()  # Held open here.
        stopping.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()


def _end_soon_after(stopping: threading.Event) -> None:
    """End even if signing off takes too long: a database that is away must not hold up the end."""
    stopping.wait()
    time.sleep(SIGN_OFF_SECONDS)
    log.warning("worker ended without signing off")
    os._exit(0)


def _watch_parent(parent: int, stopping: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_WATCH_SECONDS)
    stopping.set()


class Worker:
    """One worker process. On SQLite there is one, of a constant name; on PostgreSQL any number, each with its own."""

    def __init__(self, settings: Settings, pipeline: Pipeline) -> None:
        self.settings = settings
        self.pipeline = pipeline
        self.db = Database(settings.database)
        self.is_alone = self.db.inline
        self.executor = ONLY_EXECUTOR if self.is_alone else f"{socket.gethostname()}-{secrets.token_hex(6)}"
        self.machine = workers.machine()
        pool = Pool(
            settings.scan_processes or len(os.sched_getaffinity(0)),
            memory_bytes=settings.scan_memory * 1024**2,
        )
        self.host = Host(settings, self.db, pool, self.executor)
        self.stopping = threading.Event()
        self._running: set[str] = set()
        # Since when the engine has called jobs running that this worker is not at, as it does while it takes them up.
        self._unattended: dict[str, float] = {}
        self._next_beat = 0.0
        self._next_chores = 0.0

    def start(self) -> None:
        self.db.commit(workers.arrive, self.executor, self.machine, os.getpid())
        self.db.commit(queries.release_finished, self.executor)
        durable.launch(
            self.settings, self.executor, {name: self._workflow(name) for name in self.pipeline.kinds}
        )
        compile_all(self.db.engine.dialect)
        self._adopt(self.executor)
        threading.Thread(
            target=housekeeping.run_at_start,
            args=(self.db, self.settings, self.pipeline),
            name="chores",
            daemon=True,
        ).start()
        for companion in self.pipeline.beside:
            threading.Thread(
                target=companion,
                args=(self.db, self.settings, self.stopping),
                name=companion.__name__,
                daemon=True,
            ).start()
        log.info("worker started", executor=self.executor)

    def tick(self) -> None:
        """One look at the outbox, and what is due besides. A database that is away for a while is waited for."""
        try:
            if time.monotonic() >= self._next_beat:
                self._beat()
            self._start_waiting()
            if time.monotonic() >= self._next_chores:
                self._next_chores = time.monotonic() + housekeeping.CHECK_SECONDS
                housekeeping.run_due(self.db, self.settings, self.pipeline)
        except LibrePhotosError as error:
            log.warning("worker waits for the database", reason=error.message)

    def stop(self) -> None:
        """Sign off, so that whoever comes next goes on at once. The pool ends with this process."""
        self.stopping.set()
        durable.stop()
        try:
            self.db.commit(queries.discount_attempt, self.executor)
            self.db.commit(workers.leave, self.executor)
        except LibrePhotosError:
            log.warning("worker could not sign off")
        log.info("worker stopped", executor=self.executor)

    def _workflow(self, name: str) -> Callable[[str], None]:
        kind = self.pipeline.kinds[name]

        def workflow(job_id: str) -> None:
            self._running.add(job_id)
            try:
                run_job(self.host, self.pipeline, kind, job_id)
            except LibrePhotosError as error:
                # The database is away: the job stays unfinished and is started again.
                log.warning("job interrupted", job_id=job_id, kind=name, reason=error.message)
            except Exception:
                log.exception("job interrupted", job_id=job_id, kind=name)
            finally:
                self._running.discard(job_id)

        return workflow

    def _start_waiting(self) -> None:
        with self.db.snapshot() as tx:
            waiting = queries.list_waiting(tx)
        taken: set[str] = set()
        resting = quiet_until(self.settings)
        for job in waiting:
            kind = self.pipeline.kinds.get(job.kind)
            if kind is None or job.kind in taken:
                # Of another version, or perhaps the same user's: the next look tells.
                continue
            if resting and kind.queue == "long" and not job.arguments.get(queries.EVEN_QUIET):
                if job.step != resting:
                    self.db.commit(queries.rest_job, job.job_id, self.executor, resting)
                continue
            if self.db.commit(queries.claim_job, job.job_id, self.executor):
                taken.add(job.kind)
                if not durable.is_alive(job.job_id):
                    durable.forget(job.job_id)
                durable.start(job.kind, kind.queue, job.job_id)

    def _beat(self) -> None:
        self._next_beat = time.monotonic() + workers.HEARTBEAT_SECONDS
        if not self.db.commit(workers.beat, self.executor):
            if not self.is_alone:
                # Declared dead while frozen: the jobs are another's now. The supervisor starts a fresh worker.
                log.error("worker was declared dead", executor=self.executor)
                os._exit(TAKEN_OVER_STATUS)
            self.db.commit(workers.arrive, self.executor, self.machine, os.getpid())
        self._adopt(self.executor)
        if self.is_alone:
            return
        for dead in self.db.commit(workers.reap_dead, self.executor, self.machine):
            log.warning("taking over from a dead worker", executor=dead)
            self._adopt(dead)

    def _adopt(self, executor: str) -> None:
        """Go on with what a worker, or this one before its restart, had taken."""
        self.db.commit(queries.release_finished, executor)
        with self.db.snapshot() as tx:
            held = queries.list_held(tx, executor)
        unattended = {}
        for job_id, name in held:
            kind = self.pipeline.kinds.get(name)
            if kind is None or not durable.is_alive(job_id):
                # The engine does not know it (its file may be lost): the outbox starts it afresh.
                self.db.commit(queries.release_job, job_id, executor)
            elif executor != self.executor:
                self.db.commit(queries.reassign_job, job_id, executor, self.executor)
                if durable.is_running(job_id):
                    durable.take_over(job_id, kind.queue)
            elif job_id not in self._running and durable.is_running(job_id):
                # Where its database fails between taking a workflow and running it, the engine forgets it.
                since = unattended[job_id] = self._unattended.get(job_id, time.monotonic())
                if time.monotonic() - since >= UNATTENDED_SECONDS:
                    log.warning("job taken up again", job_id=job_id, kind=name)
                    durable.take_over(job_id, kind.queue)
                    del unattended[job_id]
        if executor == self.executor:
            self._unattended = unattended
