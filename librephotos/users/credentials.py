"""A new password or address: held against the policy in force, the old password asked where the policy wants it."""

from librephotos.accounts import queries as account_queries
from librephotos.accounts.confirmation import confirm_password, policy_in_force
from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.keys.queries import count_live
from librephotos.accounts.open_sessions import refuse_ended
from librephotos.accounts.password_policy import Owner, list_problems
from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.users.rows import UserRow


async def hash_new_password(
    server: Server,
    viewer: Viewer,
    origin: Origin,
    row: UserRow,
    owner: Owner,
    password: str,
    current: str,
) -> str | None:
    """Return the hash to store, None for an empty password, which changes nothing. Raises BadInput.

    A new address of one's own needs the old password as much as a new password does: links to reset it go there.
    """
    if not password:
        if row.id == viewer.user_id and owner.email != row.email:
            await confirm_password(server, viewer, current, origin)
        return None
    problems = list_problems(password, await policy_in_force(server), owner)
    if problems:
        raise BadInput.of("password", " ".join(problems))
    if row.id == viewer.user_id:
        await confirm_password(server, viewer, current, origin)
    return await server.pool.hash(password)


def store_password(  # whose, by whom, and from where
    tx: Tx, viewer: Viewer, user_id: int, username: str, stored: str, origin: Origin
) -> None:
    """Store a hash and end the account's sessions, except the one that asks. Its API keys go on: none knows it.

    Raises NotAuthenticated for a caller whose own login has ended while the hash was made.
    """
    refuse_ended(tx, viewer)
    account_queries.set_password_hash(tx, user_id, stored)
    but = viewer.session_id if viewer.user_id == user_id else None
    ended = account_queries.end_sessions(tx, user_id, but=but)
    detail = {"sessions_ended": ended, "keys_left": count_live(tx, user_id)}
    record(
        tx,
        Event(kind="password_changed", origin=origin, subject_id=user_id, target=username, detail=detail),
    )
