"""Forgets what can no longer be used: expired refresh tokens, sessions and API keys long ended."""

from sqlalchemy import bindparam, delete, or_

from librephotos.db.statements import statement
from librephotos.db.tables import api_key, refresh_token, session
from librephotos.db.transactions import Tx
from librephotos.kit import clock

ENDED_KEPT_DAYS = 30

_TOKENS = statement(delete(refresh_token).where(refresh_token.c.expires_at < bindparam("before")))
_SESSIONS = statement(
    delete(session).where(
        or_(session.c.expires_at < bindparam("before"), session.c.ended_at < bindparam("before"))
    )
)
_KEYS = statement(
    delete(api_key).where(
        or_(
            api_key.c.revoked_at < bindparam("before"),
            api_key.c.expires_at < bindparam("before"),
            api_key.c.overlap_ends_at < bindparam("before"),
        )
    )
)


def prune_logins(tx: Tx) -> None:
    """A token is kept a day beyond its end, sessions and keys 30 days, so that their lists can tell of them."""
    now = clock.now()
    tx.execute(_TOKENS, before=now - clock.DAY)
    tx.execute(_SESSIONS, before=now - ENDED_KEPT_DAYS * clock.DAY)
    tx.execute(_KEYS, before=now - ENDED_KEPT_DAYS * clock.DAY)
