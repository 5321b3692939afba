"""Heartbeats of workers: who lives, and who inherits the work of one that does not."""

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
_LEAVE = statement(delete(worker).where(worker.c.executor == bindparam("name")))
_REAP = Statement(
    delete(worker)
    .where(worker.c.seen_at < bindparam("before"), worker.c.executor != bindparam("me"))
    .returning(worker.c.executor),
    scalar,
)
_LAST_SEEN = Statement(select(worker.c.seen_at).order_by(worker.c.seen_at.desc()).limit(1), scalar)


def arrive(tx: Tx, executor: str, host: str, pid: int) -> None:
    now = clock.now()
    tx.execute(_ARRIVE, executor=executor, host=host, pid=pid, started_at=now, seen_at=now)


def beat(tx: Tx, executor: str) -> bool:
    """Give a sign of life; False when another worker has declared this one dead."""
    return tx.execute(_BEAT, name=executor, now=clock.now()) == 1


def leave(tx: Tx, executor: str) -> None:
    tx.execute(_LEAVE, name=executor)


def reap_dead(tx: Tx, me: str) -> list[str]:
    """Return workers that fell silent; whoever gets a name here, and only they, inherits its jobs."""
    return tx.all(_REAP, before=clock.now() - DEAD_AFTER_SECONDS * clock.SECOND, me=me)


def is_any_alive(tx: Tx) -> bool:
    """Tell whether a worker gave a sign of life lately; for health checks."""
    seen_at: int | None = tx.first(_LAST_SEEN)
    return seen_at is not None and seen_at > clock.now() - DEAD_AFTER_SECONDS * clock.SECOND
