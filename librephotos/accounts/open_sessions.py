"""The sessions of an account that are open now: listed, and ended one by one or together, with an event for each."""

from typing import Any

from sqlalchemy import bindparam, func, select

from librephotos.accounts import queries
from librephotos.accounts.devices import device_name
from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.limits import SessionLimits
from librephotos.accounts.schemas import OpenSession
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, scalar
from librephotos.db.tables import session, user
from librephotos.db.transactions import Tx
from librephotos.errors import Forbidden, NotAuthenticated, NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock

_IS_OPEN = (
    session.c.user_id == bindparam("user_id"),
    session.c.ended_at.is_(None),
    session.c.expires_at > bindparam("now"),
    session.c.last_used_at > bindparam("used_after"),
    session.c.created_at > bindparam("born_after"),
)


_LOGIN = Statement(
    select(
        user.c.is_active,
        user.c.tokens_valid_from,
        session.c.ended_at,
        user.c.is_staff,
        user.c.is_superuser,
    )
    .select_from(user.outerjoin(session, session.c.id == bindparam("session_id")))
    .where(user.c.id == bindparam("user_id")),
    as_row,
)


def _session(*row: Any) -> OpenSession:  # the columns of _PAGE
    row_id, user_agent, address, method, created_at, last_used_at, expires_at = row
    return OpenSession(
        id=row_id,
        device=device_name(user_agent),
        user_agent=user_agent,
        address=address,
        method=method,
        created_at=clock.iso(created_at),
        last_used_at=clock.iso(last_used_at),
        expires_at=clock.iso(expires_at),
    )


_PAGE = Statement(
    select(
        session.c.id,
        session.c.user_agent,
        session.c.address,
        session.c.method,
        session.c.created_at,
        session.c.last_used_at,
        session.c.expires_at,
    )
    .where(*_IS_OPEN)
    .order_by(session.c.last_used_at.desc(), session.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skip")),
    _session,
)
_COUNT = Statement(select(func.count()).select_from(session).where(*_IS_OPEN), scalar)
_ONE = Statement(select(session.c.id).where(*_IS_OPEN, session.c.id == bindparam("session_id")), scalar)


def list_sessions(
    tx: Tx, limits: SessionLimits, user_id: int, current_id: int | None, page: PageRequest
) -> Page[OpenSession]:
    """Return the open sessions of an account, the one last used first. Raises NotFound for a page beyond the last."""
    count = count_sessions(tx, limits, user_id)
    page = page.settle(count)
    rows = tx.all(_PAGE, **_open(limits, user_id), size=page.size, skip=page.offset)
    for each in rows:
        each.current = each.id == current_id
    return page.answer(count, rows)


def count_sessions(tx: Tx, limits: SessionLimits, user_id: int) -> int:
    count: int = tx.one(_COUNT, **_open(limits, user_id))
    return count


def refuse_ended(tx: Tx, viewer: Viewer) -> None:
    """Raise NotAuthenticated when the login by which a request came has ended meanwhile, Forbidden for a lost right.

    For those who make or change credentials, in their transaction: passwords wait in line to be hashed, and what a
    login that is over leaves behind would outlive it.
    """
    row = tx.first(_LOGIN, user_id=viewer.user_id, session_id=viewer.session_id or 0)
    is_active, valid_from, ended_at, is_staff, is_superuser = row or (False, 0, None, False, False)
    # Without a session a login is as good as the password: Basic, and tokens minted elsewhere.
    is_stale = viewer.session_id is None and valid_from != viewer.valid_from
    if not is_active or ended_at is not None or is_stale:
        raise NotAuthenticated
    if (viewer.is_staff and not is_staff) or (viewer.is_superuser and not is_superuser):
        raise Forbidden


def end_session(tx: Tx, limits: SessionLimits, origin: Origin, user_id: int, session_id: int) -> None:
    """End one open session of an account. Raises NotFound, the same for ended, foreign and unknown ones."""
    if tx.first(_ONE, **_open(limits, user_id), session_id=session_id) is None:
        raise NotFound
    queries.end_session(tx, session_id)
    record(tx, Event(kind="session_ended", origin=origin, subject_id=user_id, detail={"session": session_id}))


def end_sessions(tx: Tx, origin: Origin, user_id: int, *, but: int | None = None) -> None:
    """End all sessions of an account, except `but`."""
    ended = queries.end_sessions(tx, user_id, but=but)
    record(tx, Event(kind="sessions_ended", origin=origin, subject_id=user_id, detail={"sessions": ended}))


def _open(limits: SessionLimits, user_id: int) -> dict[str, int]:
    now = clock.now()
    return {
        "user_id": user_id,
        "now": now,
        "used_after": now - limits.idle if limits.idle else -1,
        "born_after": now - limits.absolute if limits.absolute else -1,
    }
