"""What differs between SQLite and PostgreSQL: connecting, beginning, and what their errors mean."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from sqlalchemy.engine import make_url

from librephotos.db.statements import POSTGRESQL, SQLITE
from librephotos.db.transactions import Connection
from librephotos.errors import BadInput, BadSetting, Conflict, Deadlock, LibrePhotosError, Unavailable

BUSY_TIMEOUT_SECONDS = 20
# Of pages that one connection keeps. A long read goes past most of what it would keep; there are several of them.
CACHE_KIB = 16_000
CACHE_KIB_OF_LONG_READS = 4_000


class Engine(Protocol):
    """One kind of database at one address."""

    dialect: str
    inline_reads: bool
    threads: int

    @property
    def error(self) -> type[Exception]: ...

    def connect(self, *, read_only: bool, reads_long: bool = False) -> Connection: ...
    def begin_read(self, connection: Connection) -> None: ...
    def version(self, connection: Connection) -> int | None: ...
    def begin_write(self, connection: Connection) -> None: ...
    def commit(self, connection: Connection) -> None: ...
    def rollback(self, connection: Connection) -> None: ...
    def is_usable(self, connection: Connection) -> bool: ...
    def translate(self, error: Exception) -> Exception: ...
    @contextmanager
    def translated_errors(self) -> Iterator[None]: ...


class _Translating:
    error: type[Exception] = Exception

    def translate(self, error: Exception) -> Exception:
        raise error

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        try:
            yield
        except LibrePhotosError:
            raise
        except self.error as error:
            raise self.translate(error) from error


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class SqliteEngine(_Translating):
    """WAL mode; an API commit survives a power cut (`synchronous=FULL`)."""

    dialect = SQLITE
    inline_reads = True
    threads = 1
    error: type[Exception] = sqlite3.Error

    def __init__(self, path: str, *, synchronous: str = "FULL") -> None:
        self.path = path
        self.synchronous = synchronous

    def connect(self, *, read_only: bool, reads_long: bool = False) -> Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # SQLite's own knows only ASCII: "Öl" would not be found by "öl".
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={self.synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        # What a long read sorts may be as large as the library: beyond its pages it goes to a file.
        if not reads_long:
            connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB_OF_LONG_READS if reads_long else CACHE_KIB}")
        # Not mapped: a disk that fails would end the process, and each connection's pages would count as its memory.
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        return cast("Connection", connection)

    def begin_read(self, connection: Connection) -> None:
        connection.execute("BEGIN")

    def version(self, connection: Connection) -> int | None:
        """Return a number that is another one after every commit of any other connection, of any process.

        Source: sqlite.org/pragma.html#pragma_data_version. It fixes what the transaction sees, if nothing has yet.
        """
        row = connection.execute("PRAGMA data_version").fetchone()
        return None if row is None else int(row[0])

    def begin_write(self, connection: Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")

    def commit(self, connection: Connection) -> None:
        connection.execute("COMMIT")

    def rollback(self, connection: Connection) -> None:
        if cast("sqlite3.Connection", connection).in_transaction:
            connection.execute("ROLLBACK")

    def is_usable(self, connection: Connection) -> bool:
        return True

    def translate(self, error: Exception) -> Exception:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")):
            return Conflict()
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Unavailable("The database is locked by another program. Try again in a moment.")
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return Unavailable("The disk of the data folder is full or failing; nothing was changed.")
        return error


class PostgresqlEngine(_Translating):
    dialect = POSTGRESQL
    inline_reads = False
    threads = 8

    def __init__(self, conninfo: str) -> None:
        # 7 MB that a process on SQLite does without.
        import psycopg

        self.conninfo = conninfo
        self.driver = psycopg
        self.error = psycopg.Error

    def connect(self, *, read_only: bool, reads_long: bool = False) -> Connection:
        try:
            connection = self.driver.connect(
                self.conninfo, autocommit=True, connect_timeout=10, application_name="librephotos"
            )
        except self.driver.OperationalError as error:
            raise Unavailable("The database cannot be reached.") from error
        return cast("Connection", connection)

    def begin_read(self, connection: Connection) -> None:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def version(self, connection: Connection) -> int | None:
        """To ask costs as much as to read, so that nothing is gained by it."""
        return None

    def begin_write(self, connection: Connection) -> None:
        connection.execute("BEGIN")

    def commit(self, connection: Connection) -> None:
        connection.execute("COMMIT")

    def rollback(self, connection: Connection) -> None:
        if not cast("Any", connection).closed:
            connection.execute("ROLLBACK")

    def is_usable(self, connection: Connection) -> bool:
        is_closed: bool = cast("Any", connection).closed
        return not is_closed

    def translate(self, error: Exception) -> Exception:
        if isinstance(error, self.driver.errors.UniqueViolation):
            return Conflict()
        if isinstance(error, self.driver.errors.DeadlockDetected):
            return Deadlock()
        if type(error) is self.driver.DataError:
            # Of the driver itself: a text with NUL. Nothing of that name can be stored, so whoever asks is wrong.
            return BadInput.of("detail", "Null characters are not allowed.")
        if isinstance(error, self.driver.OperationalError | self.driver.InterfaceError):
            return Unavailable("The database is busy or cannot be reached. Try again in a moment.")
        return error


def open_engine(url: str) -> Engine:
    """Return the engine of `url`. Raises BadSetting for a kind of database that is not known."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise BadSetting("LIBREPHOTOS_DATABASE_URL is not a database address.") from error
    backend = parsed.get_backend_name()
    if backend == SQLITE and parsed.database:
        return SqliteEngine(parsed.database)
    if backend == POSTGRESQL:
        plain = parsed.set(drivername="postgresql")
        return PostgresqlEngine(plain.render_as_string(hide_password=False))
    raise BadSetting("LIBREPHOTOS_DATABASE_URL must begin with sqlite:/// or postgresql://.")
