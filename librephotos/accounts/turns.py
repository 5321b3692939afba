"""Who may have a password verified next: as many at once as hashes run, devices that are known before strangers."""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from librephotos.accounts.hashing import AT_ONCE, RETRY_AFTER_SECONDS, WAITING
from librephotos.errors import TooManyRequests


class Turns:
    """At most `at_once` have their turn and `waiting` wait; of one event loop.

    Whoever comes to a full line is told to come back (429), but a known device takes the place of the stranger who came
    last: a crowd of strangers keeps nobody out who belongs here.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._free = at_once
        self._waiting = waiting
        self._known: deque[Future[None]] = deque()
        self._strangers: deque[Future[None]] = deque()

    @property
    def length(self) -> int:
        """How many wait; may be read by any thread."""
        return len(self._known) + len(self._strangers)

    @asynccontextmanager
    async def turn(self, *, is_known: bool) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises TooManyRequests."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(self._known if is_known else self._strangers)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, line: deque[Future[None]]) -> None:
        is_full = self.length >= self._waiting
        if is_full and (line is self._strangers or not self._send_a_stranger_away()):
            raise TooManyRequests(RETRY_AFTER_SECONDS)
        place: Future[None] = get_running_loop().create_future()
        line.append(place)
        try:
            await place
        except BaseException:
            # The caller went away; if its turn had come in this very moment, the next one has it.
            if place in line:
                line.remove(place)
            elif place.done() and not place.cancelled() and place.exception() is None:
                self._pass_on()
            raise

    def _send_a_stranger_away(self) -> bool:
        while self._strangers:
            place = self._strangers.pop()
            if not place.done():
                place.set_exception(TooManyRequests(RETRY_AFTER_SECONDS))
                return True
        return False

    def _pass_on(self) -> None:
        for line in (self._known, self._strangers):
            while line:
                place = line.popleft()
                if not place.done():
                    place.set_result(None)
                    return
        self._free += 1
