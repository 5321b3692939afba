"""A new password for an account: held against the policy in force, the old one asked where the policy wants it."""

from typing import Final

from librephotos.accounts import queries as account_queries
from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.password_policy import Owner, Policy, list_problems
from librephotos.accounts.server import Server
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.kit import clock
from librephotos.settings import Settings
from librephotos.users import queries

FRESH: Final = 10 * clock.MINUTE
REQUIRED: Final = "This field is required."
WRONG: Final = "The current password is not right."


async def policy_in_force(server: Server) -> Policy:
    return await server.db.read(_policy, server.settings)


def _policy(tx: Tx, settings: Settings) -> Policy:
    return get_site_settings(tx, settings).policy(settings)


async def hash_new_password(
    server: Server, viewer: Viewer, user_id: int, owner: Owner, password: str, current: str
) -> str | None:
    """Return the hash to store, None for an empty password, which changes nothing. Raises BadInput."""
    if not password:
        return None
    policy = await policy_in_force(server)
    problems = list_problems(password, policy, owner)
    if problems:
        raise BadInput.of("password", " ".join(problems))
    if policy == "strict" and user_id == viewer.user_id:
        await _ask_current(server, viewer, current)
    return await server.pool.hash(password)


async def _ask_current(server: Server, viewer: Viewer, current: str) -> None:
    """Whoever signed in a moment ago has just shown the password; Basic shows it with every request."""
    if not current:
        fresh = await server.db.read(account_queries.is_fresh_session, viewer.session_id, FRESH)
        if fresh or viewer.method == "basic":
            return
        raise BadInput.of("current_password", REQUIRED)
    stored = await server.db.read(queries.get_password_hash, viewer.user_id)
    if not await server.pool.verify(current, stored):
        raise BadInput.of("current_password", WRONG)


def store_password(  # whose, by whom, and from where
    tx: Tx, viewer: Viewer, user_id: int, username: str, stored: str, origin: Origin
) -> None:
    """Store a hash and end the account's sessions, except the one that asks."""
    account_queries.set_password_hash(tx, user_id, stored)
    but = viewer.session_id if viewer.user_id == user_id else None
    ended = account_queries.end_sessions(tx, user_id, but=but)
    detail = {"sessions_ended": ended}
    record(
        tx,
        Event(kind="password_changed", origin=origin, subject_id=user_id, target=username, detail=detail),
    )
