"""One who signs in alone gets every core; a crowd leaves half of them to others and comes last."""

import asyncio
import os
import sys
import threading

import pytest

from librephotos.accounts import hashing
from librephotos.kit import priority


@pytest.mark.parametrize("length", [0, 1])
def test_hashes_come_last_and_by_few_threads_while_others_wait(length: int, monkeypatch: pytest.MonkeyPatch):
    seen = []

    def verify(password: str, stored: str, threads: int | None) -> bool:
        niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        seen.append((threads, niceness if sys.platform == "linux" else None))
        return True

    monkeypatch.setattr("librephotos.accounts.passwords.verify_password", verify)
    pool = hashing.HashingPool(lambda: length)
    assert asyncio.run(pool.verify("password", "argon2$anything"))
    pool.close()
    expected = (hashing.THREADS_IN_A_CROWD, priority.LAST) if length else (None, priority.NICENESS)
    assert seen == [expected if sys.platform == "linux" else (expected[0], None)]
