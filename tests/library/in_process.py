"""A library whose scans run in this process: the real steps, database, pool and files, without a server or an engine.

One scan of a few files costs tens of milliseconds, which is what random sequences of them need.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text

from librephotos.db.database import Database
from librephotos.db.migrate import migrate
from librephotos.db.statements import Row, statement
from librephotos.jobs.registry import Handler, Report
from librephotos.library.jobs.missing import delete_missing
from librephotos.library.jobs.scan import scan
from librephotos.media.pool import Pool
from librephotos.settings import Settings
from tests.databases import NewDatabase
from tests.instance import Instance

T = TypeVar("T")


class Killed(BaseException):
    """Stands for a process that ended here: nothing may catch it."""


class PlainRun:
    """A `Run` that keeps no answers. With `ends_after`, it ends at that checkpoint as a killed process would."""

    def __init__(self, host: "Host", user_id: int, ends_after: int | None, **arguments: Any) -> None:
        self.job_id = "in-process"
        self.user_id = user_id
        self.arguments = arguments
        self.db = host.db
        self.settings = host.settings
        self.pool = host.pool
        self._left = ends_after
        self._target = 0

    def step(self, name: str, work: Callable[[], T]) -> T:
        self.progress()
        answer = work()
        self._checkpoint()
        return answer

    def commit(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self.db.commit(query, *args, **kwargs)

    def progress(
        self, current: int | None = None, target: int | None = None, step: str | None = None
    ) -> None:
        self._target = target if target is not None else self._target
        self._checkpoint()

    def progress_target(self) -> int:
        return self._target

    def note(self, result: dict[str, Any]) -> None:
        self._checkpoint()

    def noted(self) -> dict[str, Any]:
        return {}

    def _checkpoint(self) -> None:
        if self._left is not None:
            if self._left == 0:
                raise Killed
            self._left -= 1


class Host:
    """A migrated database, a data folder and a pool that stays open; many libraries share it."""

    def __init__(self, folder: Path, new_database: NewDatabase, processes: int = 1) -> None:
        self.data = folder / "data"
        self.libraries = folder / "libraries"
        for each in (self.data, self.libraries):
            each.mkdir()
        self.url = new_database(self.data)
        migrate(self.url, self.data)
        self.settings = Settings(
            data=self.data,
            library_roots=str(self.libraries),
            database_url=self.url,
            secret_key="x" * 40,
            settle_seconds=0,
        )
        self.instance = Instance(self.data, self.libraries, self.url)
        self.db: Database = self.instance.db
        self.pool = Pool(processes, niceness=0)

    def close(self) -> None:
        self.pool.close()
        self.instance.stop()


class InProcessLibrary:
    """One user's folder on a host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        name = f"library-{len(list(host.libraries.iterdir()))}"
        self.folder = host.libraries / name
        self.folder.mkdir()
        self.user_id = host.instance.add_user(scan_directory=str(self.folder)).user_id

    def scan(
        self, *, ends_after: int | None = None, pool: Pool | None = None, **arguments: Any
    ) -> Report | None:
        """Scan to the end; or to the given checkpoint, which returns None. With a pool of its own, if one is given."""
        return self._run(scan, ends_after, pool, **arguments)

    def delete_missing(self) -> Report | None:
        return self._run(delete_missing)

    def _run(
        self, handler: Handler, ends_after: int | None = None, pool: Pool | None = None, **arguments: Any
    ) -> Report | None:
        run = PlainRun(self.host, self.user_id, ends_after, **arguments)
        run.pool = pool or run.pool
        try:
            return handler(run)
        except Killed:
            return None

    def rows(self, sql: str) -> Sequence[Row]:
        with self.host.db.snapshot() as tx:
            return tx.all(statement(text(sql)))

    def change(self, sql: str) -> None:
        with self.host.db.transaction() as tx:
            tx.execute(statement(text(sql)))


@contextmanager
def hosted(folder: Path, new_database: NewDatabase) -> Iterator[Host]:
    host = Host(folder, new_database)
    try:
        yield host
    finally:
        host.close()
