"""A bounded pool for password hashing: each hash takes 100 MB and about 0.1 s, off the event loop."""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from librephotos.accounts import passwords
from librephotos.errors import TooManyRequests
from librephotos.kit.priority import come_last, yield_to_others

T = TypeVar("T")

# One hash has eight lanes: on few cores a second one makes both slower, and everybody else wait.
_CORES = os.cpu_count() or 1
AT_ONCE = 2 if _CORES >= 4 else 1
# While others wait, hashes take half of the cores together and leave the rest to whoever is signed in already.
THREADS_IN_A_CROWD = max(1, _CORES // 2 // AT_ONCE)
# A hash that took longer did not step aside for requests, but for a machine that is busy with other things: then the
# next ones are done as fast as can be.
STARVED_SECONDS = 6
HURRIED_SECONDS = 60
WAITING = 64
RETRY_AFTER_SECONDS = 5


class HashingPool:
    """At most `AT_ONCE` hashes run and `WAITING` wait; the next caller is told to come back (429).

    A hash has eight lanes and takes every core, so that one who signs in alone waits for no longer than need be. While
    others wait, here or in the line whose length `line` tells, the lanes are worked off by few threads that come last.
    """

    def __init__(self, line: Callable[[], int] = lambda: 0) -> None:
        self._line = line
        self._threads = ThreadPoolExecutor(AT_ONCE, "hash", initializer=yield_to_others)
        self._pending = 0
        self._hurried_until = 0.0
        # Verified when an account is unknown, so that the answer takes as long as for a wrong password.
        self.decoy = passwords.decoy_hash()

    async def hash(self, password: str) -> str:
        return await self._run(lambda threads: passwords.hash_password(password, threads))

    async def verify(self, password: str, stored: str) -> bool:
        if not passwords.is_usable(stored):
            return await self.verify_nothing(password)
        return await self._run(lambda threads: passwords.verify_password(password, stored, threads))

    async def verify_nothing(self, password: str) -> bool:
        """Spend the time of a verification and answer False."""
        await self._run(lambda threads: passwords.verify_password(password, self.decoy, threads))
        return False

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[int | None], T]) -> T:
        if self._pending >= AT_ONCE + WAITING:
            raise TooManyRequests(RETRY_AFTER_SECONDS)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._work_off, work)
        finally:
            self._pending -= 1

    def _work_off(self, work: Callable[[int | None], T]) -> T:
        began = time.monotonic()
        is_crowd = self._pending > AT_ONCE or self._line() > 0
        if not is_crowd or began < self._hurried_until:
            return work(None)
        try:
            return come_last(lambda: work(THREADS_IN_A_CROWD))
        finally:
            ended = time.monotonic()
            if ended - began > STARVED_SECONDS:
                self._hurried_until = ended + HURRIED_SECONDS
