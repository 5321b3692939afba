"""One transaction: runs statements on the driver's connection and gives rows as their statements make them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Table

from librephotos.db.statements import SQLITE, Statement, as_row, parameters
from librephotos.errors import LibrePhotosError

R = TypeVar("R")


class Cursor(Protocol):
    rowcount: int

    def fetchone(self) -> Sequence[Any] | None: ...
    def fetchall(self) -> Sequence[Sequence[Any]]: ...
    def __iter__(self) -> Iterator[Sequence[Any]]: ...


class Connection(Protocol):
    def execute(self, sql: Any, params: Any = ...) -> Cursor: ...  # sqlite3 and psycopg
    def cursor(self) -> Any: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class MoreThanOneRow(LibrePhotosError):
    message = "A query that must give one row gave more."


class Tx:
    """A transaction in progress. Query functions take it first; they never commit."""

    __slots__ = ("after_commit", "connection", "dialect", "statement_count", "touched")

    def __init__(self, connection: Connection, dialect: str) -> None:
        self.connection = connection
        self.dialect = dialect
        self.statement_count = 0
        self.after_commit: tuple[Callable[[], None], ...] = ()
        self.touched: dict[str, set[int]] = {}

    def _run(self, statement: Statement[Any], values: Mapping[str, Any]) -> Cursor:
        compiled = statement.compiled(self.dialect)
        self.statement_count += 1
        return self.connection.execute(compiled.sql, parameters(compiled, values))

    def all(self, statement: Statement[R], /, **values: Any) -> list[R]:  # parameters are any value
        """Return every row, in order."""
        rows = self._run(statement, values).fetchall()
        compiled = statement.compiled(self.dialect)
        if statement.raw or not compiled.booleans:
            row = statement.row
            if row is as_row:
                return rows  # type: ignore[return-value]  # the driver's rows are tuples already
            return [row(*each) for each in rows]
        return [statement.make(compiled, each) for each in rows]

    def first(self, statement: Statement[R], /, **values: Any) -> R | None:
        """Return the first row, or None."""
        row = self._run(statement, values).fetchone()
        return None if row is None else statement.make(statement.compiled(self.dialect), row)

    def one(self, statement: Statement[R], /, **values: Any) -> R:
        """Return the only row; for statements that always give one, such as counts and RETURNING."""
        row = self.first(statement, **values)
        if row is None:
            raise LibrePhotosError("A query that must give one row gave none.")
        return row

    def execute(self, statement: Statement[Any], /, **values: Any) -> int:
        """Run a statement without rows; return how many rows it touched."""
        return self._run(statement, values).rowcount

    def execute_many(self, statement: Statement[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once per row of parameters."""
        if not rows:
            return
        compiled = statement.compiled(self.dialect)
        self.statement_count += 1
        self.connection.cursor().executemany(compiled.sql, [parameters(compiled, row) for row in rows])

    def touch(self, table: Table, row_ids: Iterable[int] = ()) -> None:
        """Say that these rows change: their `modified_at` becomes the time of this transaction (`db/stamps.py`)."""
        self.touched.setdefault(table.name, set()).update(row_ids)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call it once this transaction is committed, after those given before; never when it is not."""
        self.after_commit = (*self.after_commit, call)

    def lock(self, name: str) -> None:
        """Hold a lock by `name` until the transaction ends. SQLite's write transactions exclude each other anyway."""
        if self.dialect != SQLITE:
            self.connection.execute("SELECT pg_advisory_xact_lock(hashtext(%(name)s))", {"name": name})
