"""Asks for the password again before credentials are made or changed, where the strict policy wants it."""

from typing import Final

from librephotos.accounts import queries
from librephotos.accounts.events import Origin, failed_sign_in
from librephotos.accounts.password_policy import Policy
from librephotos.accounts.server import Server
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.kit import clock
from librephotos.settings import Settings

FRESH: Final = 10 * clock.MINUTE
REQUIRED: Final = "This field is required."
WRONG: Final = "The current password is not right."


async def policy_in_force(server: Server) -> Policy:
    return await server.db.read(_policy, server.settings)


def _policy(tx: Tx, settings: Settings) -> Policy:
    return get_site_settings(tx, settings).policy(settings)


async def confirm_password(server: Server, viewer: Viewer, current: str, origin: Origin) -> None:
    """Raise BadInput unless `current` is the caller's password or none is needed now.

    Whoever signed in a moment ago has just shown the password; Basic shows it with every request. Whoever got hold of a
    token guesses the password no faster here than by signing in: TooManyRequests.
    """
    if await policy_in_force(server) != "strict":
        return
    if not current:
        fresh = await server.db.read(queries.is_fresh_session, viewer.session_id, FRESH)
        if fresh or viewer.method == "basic":
            return
        raise BadInput.of("current_password", REQUIRED)
    stored = await server.db.read(queries.get_password_hash, viewer.user_id)
    attempt = await server.limiter.begin(origin, viewer.username, viewer.user_id)
    async with server.limiter.turn(attempt):
        if not await server.pool.verify(current, stored):
            event = failed_sign_in(origin, viewer.user_id, viewer.username, reason="password")
            await server.limiter.failed(attempt, event)
            raise BadInput.of("current_password", WRONG)
