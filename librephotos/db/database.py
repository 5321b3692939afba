"""The database as the rooms see it: `read` and `write` for requests, `snapshot` and `transaction` for jobs and CLI.

Nothing outside `db/` asks which engine it is. On SQLite point reads run inline on the event loop over one held
connection (a thread hop costs two to three times the CPU), heavy reads in a small pool of threads, writes in one
writer thread. On PostgreSQL everything runs in a bounded pool of threads, a connection each.
"""

import asyncio
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar, cast

from librephotos.db.engines import Engine, open_engine
from librephotos.db.remembered import Remembered
from librephotos.db.stamps import settle
from librephotos.db.transactions import Connection, Tx
from librephotos.errors import Deadlock

P = ParamSpec("P")
T = TypeVar("T")

HEAVY_THREADS = 4
# Results of `read_known`, a few hundred bytes each.
KNOWN = 4_096
# How often a transaction is begun anew that the database has ended for the sake of another.
DEADLOCKS = 3


class Database:
    """Connections to one database. `read` and `write` belong to one event loop; the rest may be used by any thread."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)
        self.inline = self.engine.inline_reads
        self._reader: Connection | None = None
        self._turn_tx: Tx | None = None
        self._turn_version: int | None = None
        self._known: Remembered[Hashable, object] = Remembered(KNOWN)
        self._local = threading.local()
        self._opened: list[Connection] = []
        self._opened_lock = threading.Lock()
        self._readers = ThreadPoolExecutor(HEAVY_THREADS if self.inline else self.engine.threads, "db-read")
        self._writers = ThreadPoolExecutor(1 if self.inline else self.engine.threads, "db-write")

    async def read(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query of under about 1 ms in a read-only transaction."""
        if not self.inline:
            return await self.read_heavy(query, *args, **kwargs)
        try:
            return query(self._turn(), *args, **kwargs)
        except self.engine.error as error:
            raise self.engine.translate(error) from error

    async def read_known(
        self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `read`, of something small that is asked for all the time: read anew once anybody has written anything."""
        version = self.version()
        if version is None or kwargs:
            return await self.read(query, *args, **kwargs)
        known, asked = self._known.at(version), (query, args)
        if asked not in known:
            known[asked] = await self.read(query, *args, **kwargs)
        return cast("T", known[asked])

    def version(self) -> int | None:
        """Return what is the same as long as nobody has committed anything; None where it takes as long as reading.

        A `read` before the next `await` of something else sees the database as of this version. So what was read at
        one version is what would be read now at the same one, whichever process may have written in between.
        """
        if not self.inline:
            return None
        try:
            self._turn()
        except self.engine.error as error:
            raise self.engine.translate(error) from error
        return self._turn_version

    async def read_heavy(
        self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a longer query in a read-only transaction, off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._readers, lambda: self._read(self._held("read"), query, *args, **kwargs)
        )

    async def write(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query` in one transaction and commit it. Raises Conflict (unique violation), Unavailable (busy)."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, lambda: self.commit(query, *args, **kwargs))

    def commit(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write`, for callers in threads."""
        for _ in range(DEADLOCKS):
            try:
                with self.transaction() as tx:
                    return query(tx, *args, **kwargs)
            except Deadlock:
                # Nothing of it was done, and whoever was waited for is ahead now.
                continue
        with self.transaction() as tx:
            return query(tx, *args, **kwargs)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A read-write transaction on this thread's connection, committed at the end, rolled back on any error."""
        connection = self._held("write")
        with self.engine.translated_errors():
            self.engine.begin_write(connection)
            tx = Tx(connection, self.engine.dialect)
            try:
                yield tx
                settle(tx)
            except BaseException:
                self.engine.rollback(connection)
                raise
            self.engine.commit(connection)
        for each in tx.after_commit:
            each()

    @contextmanager
    def snapshot(self) -> Iterator[Tx]:
        """A read-only transaction on this thread's connection."""
        connection = self._held("read")
        with self.engine.translated_errors():
            self.engine.begin_read(connection)
            try:
                yield Tx(connection, self.engine.dialect)
            finally:
                self.engine.rollback(connection)

    def close(self) -> None:
        self._readers.shutdown(wait=True)
        self._writers.shutdown(wait=True)
        with self._opened_lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._reader = self._turn_tx = None
        self._local = threading.local()

    def _read(
        self,
        connection: Connection,
        query: Callable[Concatenate[Tx, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        try:
            self.engine.begin_read(connection)
            try:
                return query(Tx(connection, self.engine.dialect), *args, **kwargs)
            finally:
                self.engine.rollback(connection)
        except self.engine.error as error:
            raise self.engine.translate(error) from error

    def _turn(self) -> Tx:
        """Return the reading transaction of this turn of the event loop, which all inline reads of the turn share.

        Taking and leaving SQLite's locks costs more than a point read. Nobody reads what is out of date: a request, or
        the rest of one that waited for its write, runs behind this turn's end in the loop's queue unless it stood
        there before the turn began; either way it sees what was committed before it was queued.
        """
        if self._turn_tx is None:
            if self._reader is None:
                self._reader = self._open("read")
            self.engine.begin_read(self._reader)
            self._turn_version = self.engine.version(self._reader)
            self._turn_tx = Tx(self._reader, self.engine.dialect)
            asyncio.get_running_loop().call_soon(self._end_turn)
        return self._turn_tx

    def _end_turn(self) -> None:
        self._turn_tx = None
        if self._reader is not None:
            self.engine.rollback(self._reader)

    def _held(self, purpose: str) -> Connection:
        connection: Connection | None = getattr(self._local, purpose, None)
        if connection is None or not self.engine.is_usable(connection):
            connection = self._open(purpose, reads_long=purpose == "read")
            setattr(self._local, purpose, connection)
        return connection

    def _open(self, purpose: str, *, reads_long: bool = False) -> Connection:
        connection = self.engine.connect(read_only=purpose == "read", reads_long=reads_long)
        with self._opened_lock:
            self._opened.append(connection)
        return connection
