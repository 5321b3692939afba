"""Turns the text of an API key into a viewer, by its row as it is at each request: so revocation holds at once."""

from functools import lru_cache
from typing import Any, NoReturn

from librephotos.accounts.events import (
    Origin,
    network_of,
    record,
    record_apart,
    refused_key,
    signed_in,
    tell,
    trace,
)
from librephotos.accounts.keys import queries
from librephotos.accounts.keys.queries import KeyCaller
from librephotos.accounts.keys.states import WHY_NOT
from librephotos.accounts.keys.text import PREFIX, KeyText, Misspelled, is_same, parse_key
from librephotos.accounts.limiter import Limiter
from librephotos.accounts.scopes import GRANTABLE, SERVER_READ
from librephotos.accounts.uses import Uses
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.remembered import Remembered
from librephotos.db.transactions import Tx
from librephotos.errors import InvalidToken
from librephotos.http.origin import Proxies
from librephotos.kit import clock

PREFIX_BYTES = PREFIX.encode()
UNKNOWN = "API key is unknown"
KNOWN_KEYS = 1_024


class KeyRing:
    """Admits keys and notes their use; from which network stands in the audit log, an hour at a time."""

    def __init__(self, db: Database, proxies: Proxies, limiter: Limiter) -> None:
        self.db = db
        self.proxies = proxies
        self.limiter = limiter
        self._known: Remembered[str, KeyCaller] = Remembered(KNOWN_KEYS)
        self._uses = Uses(db)
        self._told = Uses(db, clock.HOUR)
        self._refused = Uses(db)

    async def bearer(self, word: bytes, scope: Any, refusal: str) -> Viewer:  # an ASGI scope
        """Return the viewer of a key sent as a token. Raises InvalidToken with `refusal` and the cause.

        Whoever sends a key that was one guesses nothing, and is told each time why it is none any more. One that never
        was is a failure of the network that sent it, as a wrong password is, and TooManyRequests in the end.
        """
        caller = None
        try:
            caller = await self._find(parse_key(word.decode("latin-1")))
        except Misspelled as error:
            await self._refuse_guess(scope, InvalidToken(refusal, cause=str(error)), "misspelled")
        if caller is None:
            await self._refuse_guess(scope, InvalidToken(refusal, cause=UNKNOWN), "unknown")
        if not caller.is_active:
            await self._note_refusal(scope, caller, "inactive")
            raise InvalidToken("User is inactive", code="user_inactive")
        state = caller.state()
        if (why_not := WHY_NOT.get(state)) is not None:
            await self._note_refusal(scope, caller, state)
            raise InvalidToken(refusal, cause=why_not)
        return self._admit(caller, scope)

    async def _refuse_guess(self, scope: Any, error: InvalidToken, reason: str) -> NoReturn:
        origin = trace(scope, self.proxies, method="key")
        attempt = await self.limiter.begin(origin)
        await self.limiter.failed(attempt, refused_key(origin, None, "", None, reason=reason))
        raise error from None

    async def _note_refusal(self, scope: Any, caller: KeyCaller, reason: str) -> None:
        """Tell of it each time, and write it down at most once a minute: such a key may go on asking for years."""
        origin = trace(scope, self.proxies, method="key")
        event = refused_key(origin, caller.user_id, caller.username, caller.key_id, reason=reason)
        if self._refused.is_due(caller.key_id):
            await record_apart(self.db, event)
        else:
            tell(event)

    async def password(self, username: str, password: str, scope: Any) -> Viewer | None:  # an ASGI scope
        """Return the viewer when the password is a working key of the account `username`, else None.

        None means nothing: somebody's real password may look like a key, and is verified as any other.
        """
        try:
            caller = await self._find(parse_key(password))
        except Misspelled:
            return None
        if caller is None or caller.username != username or not caller.is_active:
            return None
        return None if caller.state() in WHY_NOT else self._admit(caller, scope)

    async def _find(self, text: KeyText) -> KeyCaller | None:
        known = self._known.at(self.db.version())
        caller = known.get(text.public_id)
        if caller is None:
            caller = await self.db.read(queries.find_key_caller, text.public_id)
            if caller is not None:
                known[text.public_id] = caller
        return caller if caller is not None and is_same(text.digest, caller.digest) else None

    def _admit(self, caller: KeyCaller, scope: Any) -> Viewer:
        self._note_use(caller, scope)
        scopes = _scopes(caller.scopes)
        return Viewer(
            user_id=caller.user_id,
            username=caller.username,
            favorite_min_rating=caller.favorite_min_rating,
            list_version=caller.list_version,
            method="key",
            key_id=caller.key_id,
            scopes=scopes,
            reads_server=SERVER_READ in scopes and bool(caller.is_staff or caller.is_superuser),
            is_limited=bool(caller.is_limited),
        )

    def _note_use(self, caller: KeyCaller, scope: Any) -> None:
        """Note a use at most once a minute, and a place that it comes from at most once an hour, whichever is due.

        A use from elsewhere is told of even when the owner's own was noted a moment ago.
        """
        address = self.proxies.address(scope)
        place = (caller.key_id, network_of(address))
        if self._told.is_due(place):
            origin = trace(scope, self.proxies, method="key")
            self._told.write(place, _tell_use, caller, origin)
        if self._uses.is_due(caller.key_id, caller.last_used_at or 0):
            self._uses.write(caller.key_id, queries.touch_key, caller.key_id, address)


def _tell_use(tx: Tx, caller: KeyCaller, origin: Origin) -> None:
    record(tx, signed_in(origin, caller.user_id, caller.username, key=caller.key_id))


@lru_cache(maxsize=1024)
def _scopes(stored: str) -> frozenset[str]:
    """A scope that is no longer granted to keys counts for none that has it."""
    return frozenset(stored.split()) & GRANTABLE
