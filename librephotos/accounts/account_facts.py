"""What a person should know of their own account: ways in, logins that are open, what happened lately."""

from sqlalchemy import bindparam, select

from librephotos.accounts.event_pages import list_recent
from librephotos.accounts.keys.queries import count_live
from librephotos.accounts.limits import SessionLimits
from librephotos.accounts.open_sessions import count_sessions
from librephotos.accounts.passwords import is_usable, is_weak
from librephotos.accounts.schemas import AccountFacts, AccountKeys, AccountSessions, SignInMethod
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import user
from librephotos.db.transactions import Tx

_HASH = Statement(select(user.c.password_hash).where(user.c.id == bindparam("user_id")), scalar)


def get_account_facts(tx: Tx, viewer: Viewer, limits: SessionLimits) -> AccountFacts:
    stored: str = tx.one(_HASH, user_id=viewer.user_id)
    return AccountFacts(
        id=viewer.user_id,
        username=viewer.username,
        sign_in_methods=[password_method(stored)],
        keys=AccountKeys(count=count_live(tx, viewer.user_id)),
        sessions=AccountSessions(count_sessions(tx, limits, viewer.user_id), viewer.session_id),
        recent_events=list_recent(tx, viewer.user_id),
    )


def password_method(stored: str) -> SignInMethod:
    return SignInMethod("password", is_set=is_usable(stored), is_weak=is_weak(stored))
