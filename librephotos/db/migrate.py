"""Brings a database to the schema of this version: under a lock, after a snapshot, all or nothing.

Alembic is imported only when there is something to do: looking costs one statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.exc import SQLAlchemyError as DatabaseFailure
from sqlalchemy.pool import NullPool

from librephotos.db.snapshots import take_snapshot
from librephotos.db.statements import POSTGRESQL, SQLITE
from librephotos.errors import BadSetting, LibrePhotosError
from librephotos.kit.mounts import file_system_of, is_network

log = structlog.get_logger()

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"
LOCK_NAME = "librephotos migrate"
LOCK_WAIT_SECONDS = 600


class MigrationFailed(LibrePhotosError):
    """The schema could not be brought up to date; the database is as it was."""

    code = "migration_failed"


def migrate(url: str, data_dir: Path, *, versions: Path = VERSIONS) -> bool:
    """Bring the database at `url` to the last step; return whether anything was done.

    A snapshot of an existing database goes to `data_dir/snapshots`. Raises BadSetting for an address that cannot be
    used and for a database newer than this version, MigrationFailed when a step fails.
    """
    address = _usable(url)
    steps = list_steps(versions)
    engine = _engine(address)
    try:
        with _reported(address), engine.connect() as connection:
            if _position(connection, steps) == steps[-1]:
                return False
        with _reported(address), engine.begin() as connection:
            _lock(connection)
            # Another process may have done it while this one waited.
            position = _position(connection, steps)
            if position == steps[-1]:
                return False
            if position is not None:
                take_snapshot(address, data_dir / "snapshots", f"schema-{position}")
            _upgrade(connection, versions)
            log.info("database migrated", from_step=position or "nothing", to_step=steps[-1])
            return True
    finally:
        engine.dispose()


def read_position(url: str) -> tuple[str | None, str]:
    """Return the step that the database is at (None when it is empty) and the last one this version knows."""
    address = _usable(url)
    steps = list_steps(VERSIONS)
    engine = _engine(address)
    try:
        with _reported(address), engine.connect() as connection:
            return _position(connection, steps), steps[-1]
    finally:
        engine.dispose()


def list_steps(versions: Path) -> list[str]:
    """Return the numbers of the steps in order, from the names of their files."""
    return sorted(path.name.split("_")[0] for path in versions.glob("[0-9]*_*.py"))


def _usable(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (DatabaseFailure, NoSuchModuleError, ValueError):
        raise BadSetting("LIBREPHOTOS_DATABASE_URL is not a database address.") from None
    if backend == POSTGRESQL:
        return address.set(drivername="postgresql+psycopg")
    if backend != SQLITE or not address.database:
        raise BadSetting("LIBREPHOTOS_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    folder = Path(address.database).absolute().parent
    if is_network(folder):
        raise BadSetting(
            f"The database cannot lie on {folder}: that is a network file system ({file_system_of(folder)}), where "
            "SQLite loses data. Put the data folder on a local disk, or set LIBREPHOTOS_DATABASE_URL to a PostgreSQL "
            "database."
        )
    return address


def _engine(address: URL) -> Engine:
    if address.get_backend_name() != SQLITE:
        return create_engine(address, poolclass=NullPool, connect_args={"connect_timeout": 10})
    arguments = {"isolation_level": None, "timeout": LOCK_WAIT_SECONDS}
    engine = create_engine(address, poolclass=NullPool, connect_args=arguments)

    # Steps copy tables; with foreign keys on, dropping the old copy would delete what refers to it.
    @event.listens_for(engine, "connect")
    def prepare(connection: object, record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    return engine


def _lock(connection: Connection) -> None:
    """Let one process migrate at a time; the lock ends with the transaction."""
    if connection.dialect.name == SQLITE:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": LOCK_NAME})


def _position(connection: Connection, steps: list[str]) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    position: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if position is not None and position not in steps:
        raise BadSetting(
            f"The database was made by a newer version of LibrePhotos (step {position}; this version knows up to "
            f"{steps[-1]}). Install that version again, or restore the snapshot taken before the upgrade."
        )
    return position


def _upgrade(connection: Connection, versions: Path) -> None:
    from alembic.command import upgrade  # 0.3 s that a start with nothing to do need not spend
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    for name, path in (("script_location", MIGRATIONS), ("version_locations", versions)):
        config.set_main_option(name, str(path).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    try:
        upgrade(config, "head")
        _check_references(connection)
    except Exception as error:
        log.exception("migration failed")
        raise MigrationFailed(
            f"The database could not be migrated and is as it was before: {_first_line(error)}"
        ) from error


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == SQLITE and (
        broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    ):
        raise MigrationFailed(f"a row of {broken[0]} refers to a row of {broken[2]} that does not exist")


@contextmanager
def _reported(address: URL) -> Iterator[None]:
    """Say in a sentence why the database cannot be reached."""
    try:
        yield
    except DBAPIError as error:
        where = (
            address.database if address.get_backend_name() == SQLITE else address.host or "the local socket"
        )
        raise BadSetting(
            f"The database at {where} cannot be used: {_first_line(error.orig or error)}"
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
