"""Forgets logins and API keys that can no longer be used, and events whose time in the audit log is over."""

from sqlalchemy import bindparam, delete, or_

from librephotos.accounts.attempt_rows import prune_attempts
from librephotos.accounts.facts import set_fact
from librephotos.db.database import Database
from librephotos.db.guards import KEPT_DAYS_FACT
from librephotos.db.statements import statement
from librephotos.db.tables import api_key, audit_event, password_reset, refresh_token, session
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.settings import Settings

ENDED_KEPT_DAYS = 30

_TOKENS = statement(delete(refresh_token).where(refresh_token.c.expires_at < bindparam("before")))
_RESETS = statement(delete(password_reset).where(password_reset.c.expires_at < bindparam("before")))
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


_EVENTS = statement(delete(audit_event).where(audit_event.c.happened_at < bindparam("before")))
# The database asks its own clock whether an event may go.
CLOCKS_DIFFER = clock.HOUR


def prune_logins(tx: Tx) -> None:
    """A token is kept a day beyond its end, sessions and keys 30 days, so that their lists can tell of them."""
    now = clock.now()
    tx.execute(_TOKENS, before=now - clock.DAY)
    tx.execute(_SESSIONS, before=now - ENDED_KEPT_DAYS * clock.DAY)
    tx.execute(_KEYS, before=now - ENDED_KEPT_DAYS * clock.DAY)
    prune_attempts(tx)
    tx.execute(_RESETS, before=now)


def prune_events(db: Database, settings: Settings) -> None:
    """Tell the database how long events are kept, and delete those that are older."""
    db.commit(_prune_events, settings.audit_days)


def _prune_events(tx: Tx, days: int) -> None:
    set_fact(tx, KEPT_DAYS_FACT, str(days))
    tx.execute(_EVENTS, before=clock.now() - days * clock.DAY - CLOCKS_DIFFER)
