"""Turns the text of an API key into a viewer, by one statement a request: that is why revocation holds at once."""

import asyncio
from functools import lru_cache
from typing import Any, NoReturn

from librephotos.accounts.events import record_apart, refused_key, tell, trace
from librephotos.accounts.keys import queries
from librephotos.accounts.keys.queries import KeyCaller
from librephotos.accounts.keys.states import WHY_NOT
from librephotos.accounts.keys.text import PREFIX, KeyText, Misspelled, is_same, parse_key
from librephotos.accounts.limiter import Limiter
from librephotos.accounts.scopes import GRANTABLE, SERVER_READ
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import InvalidToken, LibrePhotosError
from librephotos.http.origin import Proxies
from librephotos.kit import clock

PREFIX_BYTES = PREFIX.encode()
UNKNOWN = "API key is unknown"


class KeyRing:
    """Admits keys, and notes their use at most once a minute, never in the request's way."""

    def __init__(self, db: Database, proxies: Proxies, limiter: Limiter) -> None:
        self.db = db
        self.proxies = proxies
        self.limiter = limiter
        self._touched: dict[int, int] = {}
        self._refused: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

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
        if self._is_due(self._refused, caller.key_id, 0):
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
        caller = await self.db.read(queries.find_key_caller, text.public_id)
        return caller if caller is not None and is_same(text.digest, caller.digest) else None

    def _admit(self, caller: KeyCaller, scope: Any) -> Viewer:
        self._touch(caller, scope)
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

    def _touch(self, caller: KeyCaller, scope: Any) -> None:
        if not self._is_due(self._touched, caller.key_id, caller.last_used_at or 0):
            return
        address = self.proxies.origin(scope).address
        task = asyncio.get_running_loop().create_task(self._write_touch(caller.key_id, address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    def _is_due(done: dict[int, int], key_id: int, last: int) -> bool:
        """Whether a minute has passed since it was `done` for the key; then it counts as done now."""
        now = clock.now()
        if now - max(last, done.get(key_id, 0)) < clock.MINUTE:
            return False
        if len(done) > 10_000:
            done.clear()
        done[key_id] = now
        return True

    async def _write_touch(self, key_id: int, address: str) -> None:
        try:
            await self.db.write(queries.touch_key, key_id, address)
        except LibrePhotosError:
            # A busy database loses a time of use, nothing else.
            self._touched.pop(key_id, None)


@lru_cache(maxsize=1024)
def _scopes(stored: str) -> frozenset[str]:
    """A scope that is no longer granted to keys counts for none that has it."""
    return frozenset(stored.split()) & GRANTABLE
