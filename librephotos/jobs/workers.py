"""Heartbeats of workers: who lives, and who inherits the work of one that does not."""

import os
import secrets
import socket
from pathlib import Path

from sqlalchemy import bindparam, delete, select, update

from librephotos.db.statements import Statement, scalar, statement, upsert
from librephotos.db.tables import worker
from librephotos.db.transactions import Tx
from librephotos.kit import clock

HEARTBEAT_SECONDS = 3
DEAD_AFTER_SECONDS = 15

_ARRIVE = statement(upsert(worker, key=["executor"], update=["host", "pid", "started_at", "seen_at"]))
_BEAT = statement(
    update(worker).where(worker.c.executor == bindparam("name")).values(seen_at=bindparam("now"))
)
_LEAVE = statement(update(worker).where(worker.c.executor == bindparam("name")).values(seen_at=0))
_SILENT = Statement(
    delete(worker)
    .where(worker.c.seen_at < bindparam("before"), worker.c.executor != bindparam("me"))
    .returning(worker.c.executor),
    scalar,
)
_NEIGHBOURS = Statement(
    select(worker.c.executor, worker.c.pid).where(
        worker.c.host == bindparam("machine"), worker.c.executor != bindparam("me")
    ),
    lambda executor, pid: (executor, pid),
)
_REMOVE = statement(delete(worker).where(worker.c.executor == bindparam("name")))
_LAST_SEEN = Statement(select(worker.c.seen_at).order_by(worker.c.seen_at.desc()).limit(1), scalar)


def arrive(tx: Tx, executor: str, host: str, pid: int) -> None:
    now = clock.now()
    tx.execute(_ARRIVE, executor=executor, host=host, pid=pid, started_at=now, seen_at=now)


def beat(tx: Tx, executor: str) -> bool:
    """Give a sign of life; False when another worker has declared this one dead."""
    return tx.execute(_BEAT, name=executor, now=clock.now()) == 1


def leave(tx: Tx, executor: str) -> None:
    """Sign off: the next worker that looks takes over what this one had begun."""
    tx.execute(_LEAVE, name=executor)


def reap_dead(tx: Tx, me: str, machine: str) -> list[str]:
    """Return workers that fell silent or ended; whoever gets a name here, and only they, inherits its jobs.

    A process of this machine that is gone need not be waited for.
    """
    ended = [executor for executor, pid in tx.all(_NEIGHBOURS, machine=machine, me=me) if not _runs(pid)]
    won = [executor for executor in ended if tx.execute(_REMOVE, name=executor) == 1]
    return won + tx.all(_SILENT, before=clock.now() - DEAD_AFTER_SECONDS * clock.SECOND, me=me)


def machine() -> str:
    """Return what tells this run of this machine, and of this container, from all others."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # Not Linux: a random name, so that silence alone tells that a worker is dead.
        return f"{socket.gethostname()} {secrets.token_hex(8)}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def is_any_alive(tx: Tx) -> bool:
    """Tell whether a worker gave a sign of life lately; for health checks."""
    seen_at: int | None = tx.first(_LAST_SEEN)
    return seen_at is not None and seen_at > clock.now() - DEAD_AFTER_SECONDS * clock.SECOND
