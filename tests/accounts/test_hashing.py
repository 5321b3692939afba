"""One who signs in alone gets every core; a crowd leaves half of them to others and comes last."""

import asyncio
import os
import sys
import threading

import pytest

from librephotos.accounts import hashing
from librephotos.kit import priority


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int | None, int]]:
    """How many threads each hash was given, and its niceness (0 where that belongs to the process)."""
    found = []

    def verify(password: str, stored: str, threads: int | None) -> bool:
        niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        found.append((threads, niceness if sys.platform == "linux" else 0))
        return True

    monkeypatch.setattr("librephotos.accounts.passwords.verify_password", verify)
    return found


def verify_times(times: int, length: int) -> None:
    pool = hashing.HashingPool(lambda: length)

    async def scene() -> None:
        for _ in range(times):
            assert await pool.verify("password", "argon2$anything")

    asyncio.run(scene())
    pool.close()


ON_LINUX = sys.platform == "linux"
ALONE = (None, priority.NICENESS if ON_LINUX else 0)
IN_A_CROWD = (hashing.THREADS_IN_A_CROWD, priority.LAST if ON_LINUX else 0)


def test_hashes_come_last_and_by_few_threads_while_others_wait(seen: list[tuple[int | None, int]]):
    verify_times(2, length=0)
    verify_times(2, length=1)
    assert seen == [ALONE, ALONE, IN_A_CROWD, IN_A_CROWD]


def test_a_crowd_on_a_machine_that_leaves_it_nothing_is_hurried(
    seen: list[tuple[int | None, int]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hashing, "STARVED_SECONDS", -1)
    verify_times(3, length=1)
    assert seen == [IN_A_CROWD, ALONE, ALONE]
