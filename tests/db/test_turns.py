"""Reads of one turn of the event loop share a snapshot on SQLite; nobody reads what was overtaken before they came."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select

from librephotos.db.database import Database
from librephotos.db.migrate import migrate
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import fact
from librephotos.db.transactions import Tx

_ADD = statement(insert(fact).values(name=bindparam("the_name"), value=""))
_FIND = Statement(select(fact.c.name).where(fact.c.name == bindparam("the_name")), scalar)


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Of SQLite, whatever the other tests run on: elsewhere every read has a transaction of its own."""
    address = f"sqlite:///{tmp_path / 'turns.sqlite'}"
    migrate(address, tmp_path)
    return address


@pytest.fixture
def db(address: str) -> Iterator[Database]:
    db = Database(address)
    yield db
    db.close()


@pytest.fixture
def other(address: str) -> Iterator[Database]:
    """Another process's."""
    other = Database(address)
    yield other
    other.close()


def add(tx: Tx, name: str) -> None:
    tx.execute(_ADD, the_name=name)


def find(tx: Tx, name: str) -> str | None:
    return tx.first(_FIND, the_name=name)


def test_what_others_commit_shows_from_the_next_turn_on(db: Database, other: Database):
    async def run() -> None:
        assert await db.read(find, "x") is None
        other.commit(add, "x")
        assert await db.read(find, "x") is None
        await asyncio.sleep(0)
        assert await db.read(find, "x") == "x"

    asyncio.run(run())


def test_whoever_has_written_reads_it(db: Database):
    async def request(number: int) -> None:
        name = f"request {number}"
        assert await db.read(find, name) is None
        await db.write(add, name)
        assert await db.read(find, name) == name

    async def poll(until: asyncio.Event) -> None:
        """Keep a turn open wherever one can be."""
        while not until.is_set():
            await db.read(find, "nothing")
            await asyncio.sleep(0)

    async def run() -> None:
        done = asyncio.Event()
        pollers = [asyncio.create_task(poll(done)) for _ in range(5)]
        await asyncio.gather(*(request(number) for number in range(200)))
        done.set()
        await asyncio.gather(*pollers)

    asyncio.run(run())


def test_whoever_comes_after_anothers_write_reads_it(db: Database, other: Database):
    """As a client whose first request went to one process and whose second goes to another."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for number in range(200):
            name = f"round {number}"
            came = loop.create_future()

            def write_and_come(name: str = name, came: "asyncio.Future[None]" = came) -> None:
                other.commit(add, name)
                loop.call_soon_threadsafe(came.set_result, None)

            writing = loop.run_in_executor(None, write_and_come)
            while not came.done():
                await db.read(find, name)
                await asyncio.sleep(0)
            assert await db.read(find, name) == name
            await writing

    asyncio.run(run())


def test_a_turn_leaves_no_transaction_open(db: Database, other: Database):
    async def run() -> None:
        await db.read(find, "x")
        await asyncio.sleep(0)
        assert db._reader is not None
        assert not db._reader.in_transaction

    asyncio.run(run())
