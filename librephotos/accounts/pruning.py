"""Forgets logins that can no longer be used: expired refresh tokens and sessions long ended."""

from sqlalchemy import bindparam, delete, or_

from librephotos.db.statements import statement
from librephotos.db.tables import refresh_token, session
from librephotos.db.transactions import Tx
from librephotos.kit import clock

ENDED_KEPT_DAYS = 30

_TOKENS = statement(delete(refresh_token).where(refresh_token.c.expires_at < bindparam("before")))
_SESSIONS = statement(
    delete(session).where(
        or_(session.c.expires_at < bindparam("before"), session.c.ended_at < bindparam("before"))
    )
)


def prune_logins(tx: Tx) -> None:
    """A token is kept a day beyond its end, a session 30 days, so that the list of devices can tell of it."""
    now = clock.now()
    tx.execute(_TOKENS, before=now - clock.DAY)
    tx.execute(_SESSIONS, before=now - ENDED_KEPT_DAYS * clock.DAY)
