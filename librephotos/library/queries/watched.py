"""What the watcher remembers and asks: how each folder is watched, whose it is, and whether a scan is due."""

from typing import Final

import msgspec
from sqlalchemy import and_, bindparam, delete, exists, func, literal, or_, select

from librephotos.db.statements import Statement, as_row, scalar, statement, upsert
from librephotos.db.tables import fact, job, user
from librephotos.db.transactions import Tx
from librephotos.jobs.queries import enqueue_job
from librephotos.library.kinds import SCAN, SCAN_TYPE

PREFIX: Final = "watching "


class WatchState(msgspec.Struct, frozen=True):
    """How a folder is watched: `watched`, `partly`, `limited`, `away`, `network` or `off`; and what to do about it."""

    state: str
    reason: str = ""


_FACTS = Statement(
    select(fact.c.name, fact.c.value).where(fact.c.name >= PREFIX, fact.c.name < PREFIX + "\U0010ffff"),
    lambda name, value: (name.removeprefix(PREFIX), msgspec.json.decode(value, type=WatchState)),
)
_REMEMBER = statement(upsert(fact, key=["name"], update=["value"]))
_FORGET = statement(delete(fact).where(fact.c.name >= PREFIX, fact.c.name < PREFIX + "\U0010ffff"))
_OWNERS = Statement(
    select(user.c.id, user.c.scan_directory)
    .where(user.c.scan_directory != "", user.c.is_active.is_(True))
    .order_by(user.c.id),
    as_row,
)
_IS_OWN_SCAN = (job.c.user_id == bindparam("owner"), job.c.kind == SCAN)
# One that has not begun will see everything; so will one that began after the change. Whoever paused a scan wants none.
_COVERED = Statement(
    select(literal(1)).where(
        exists(literal(1)).where(
            *_IS_OWN_SCAN,
            or_(
                and_(job.c.finished_at.is_(None), job.c.started_at.is_(None)),
                and_(job.c.finished_at.is_(None), job.c.state == "paused"),
                job.c.started_at > bindparam("since"),
            ),
        )
    ),
    scalar,
)
_LAST_SCAN = Statement(select(func.max(job.c.queued_at)).where(*_IS_OWN_SCAN), scalar)


def watch_states(tx: Tx) -> dict[str, WatchState]:
    """Return how folders are watched, by path."""
    return dict(tx.all(_FACTS))


def remember_watch_state(tx: Tx, path: str, state: WatchState) -> None:
    tx.execute(_REMEMBER, name=f"{PREFIX}{path}", value=msgspec.json.encode(state).decode())


def forget_watch_states(tx: Tx) -> None:
    tx.execute(_FORGET)


def list_scan_directories(tx: Tx) -> list[tuple[int, str]]:
    """Return (user id, scan directory) of everybody who has one."""
    return [(user_id, directory) for user_id, directory in tx.all(_OWNERS) if directory.strip()]


def scan_after(tx: Tx, owner_id: int, changed_at: int) -> bool:
    """Queue a scan that sees what changed at an instant, unless one that will see it or saw it is there already."""
    tx.lock(f"enqueue {SCAN} {owner_id}")
    if tx.first(_COVERED, owner=owner_id, since=changed_at) is not None:
        return False
    enqueue_job(tx, owner_id, SCAN_TYPE, SCAN)
    return True


def is_scan_due(tx: Tx, owner_id: int, before: int) -> bool:
    """Tell whether the last scan was asked for before an instant."""
    last: int | None = tx.first(_LAST_SCAN, owner=owner_id)
    return last is None or last < before
