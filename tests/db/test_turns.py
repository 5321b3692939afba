"""Reads of one turn of the event loop share a snapshot on SQLite; nobody reads what was overtaken before they came."""

import asyncio
import subprocess
import sys
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


def test_what_is_known_is_read_anew_once_anybody_has_written(db: Database, other: Database):
    async def run() -> None:
        made: list[str] = []

        def look(tx: Tx, name: str) -> str | None:
            made.append(name)
            return find(tx, name)

        for _ in range(3):
            assert await db.read_known(look, "x") is None
            await asyncio.sleep(0)
        assert await db.read_known(look, "y") is None
        other.commit(add, "x")
        await asyncio.sleep(0)
        assert await db.read_known(look, "x") == "x"
        await db.write(add, "y")
        assert await db.read_known(look, "y") == "y"
        assert made == ["x", "y", "x", "y"]

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


def test_the_version_is_the_same_until_somebody_commits(db: Database, other: Database):
    async def version() -> int | None:
        await asyncio.sleep(0)
        return db.version()

    async def run() -> None:
        first = await version()
        assert first is not None
        assert await db.read(find, "x") is None
        assert await version() == first
        with pytest.raises(ZeroDivisionError), other.transaction() as tx:
            add(tx, "rolled back")
            raise ZeroDivisionError
        assert await version() == first
        seen = {first}
        for number in range(50):
            # This process's writer and another's connection in turn.
            if number % 2:
                await db.write(add, f"own {number}")
            else:
                other.commit(add, f"other {number}")
            seen.add(await version())
            assert len(seen) == number + 2
            assert await version() in seen

    asyncio.run(run())


def test_a_commit_of_another_process_changes_it(db: Database, address: str):
    code = (
        "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]);"
        "one.execute(\"INSERT INTO fact (name, value) VALUES ('x', '')\"); one.commit()"
    )

    async def run() -> None:
        before = db.version()
        path = address.removeprefix("sqlite:///")
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code, path], check=True)
        assert db.version() != before
        assert await db.read(find, "x") == "x"

    asyncio.run(run())


def test_what_is_read_in_a_turn_is_of_its_version(db: Database, other: Database):
    """So what is kept with the version is never newer than it, and never older."""

    async def run() -> None:
        for number in range(100):
            name = f"x {number}"
            before = db.version()
            if number % 2:
                assert await db.read(find, name) is None
            other.commit(add, name)
            assert await db.read(find, name) is None
            assert db.version() == before
            await asyncio.sleep(0)
            assert db.version() != before
            assert await db.read(find, name) == name

    asyncio.run(run())
