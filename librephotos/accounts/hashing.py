"""A bounded pool for password hashing: each hash takes 100 MB and about 0.1 s, off the event loop."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from librephotos.accounts import passwords
from librephotos.errors import TooManyRequests
from librephotos.kit.priority import yield_to_others

T = TypeVar("T")

# One hash has eight lanes: on few cores a second one makes both slower, and everybody else wait.
AT_ONCE = 2 if (os.cpu_count() or 1) >= 4 else 1
WAITING = 64
RETRY_AFTER_SECONDS = 5


class HashingPool:
    """At most `AT_ONCE` hashes run and `WAITING` wait; the next caller is told to come back (429)."""

    def __init__(self) -> None:
        # Requests come first where people sign in in numbers: hashing has eight lanes and would take every core.
        self._threads = ThreadPoolExecutor(AT_ONCE, "hash", initializer=yield_to_others)
        self._pending = 0
        # Verified when an account is unknown, so that the answer takes as long as for a wrong password.
        self.decoy = passwords.decoy_hash()

    async def hash(self, password: str) -> str:
        return await self._run(lambda: passwords.hash_password(password))

    async def verify(self, password: str, stored: str) -> bool:
        if not passwords.is_usable(stored):
            return await self.verify_nothing(password)
        return await self._run(lambda: passwords.verify_password(password, stored))

    async def verify_nothing(self, password: str) -> bool:
        """Spend the time of a verification and answer False."""
        await self._run(lambda: passwords.verify_password(password, self.decoy))
        return False

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._pending >= AT_ONCE + WAITING:
            raise TooManyRequests(RETRY_AFTER_SECONDS)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._pending -= 1
