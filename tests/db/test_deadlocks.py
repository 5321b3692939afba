"""Two writers that wait for each other both end well: the one that PostgreSQL rolls back runs again."""

import asyncio
import threading
from pathlib import Path

import pytest

from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from tests.databases import ON_POSTGRESQL, NewDatabase

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite's one writer waits for nobody")


def test_a_write_that_was_ended_for_another_runs_again(new_database: NewDatabase, tmp_path: Path):
    db = Database(new_database(tmp_path))
    both_hold_one = threading.Barrier(2)
    runs: list[str] = []

    def write(tx: Tx, first: str, second: str) -> str:
        runs.append(first)
        tx.lock(first)
        if runs.count(first) == 1:
            both_hold_one.wait(60)
        tx.lock(second)
        return first

    async def at_once() -> list[str]:
        return await asyncio.gather(db.write(write, "a", "b"), db.write(write, "b", "a"))

    try:
        assert asyncio.run(at_once()) == ["a", "b"]
    finally:
        db.close()
    assert len(runs) == 3
