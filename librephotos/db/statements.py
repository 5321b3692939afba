"""Statements: built once with SQLAlchemy, compiled once per dialect, run on the driver's own connection.

Running a statement through an SQLAlchemy engine costs about 115 µs; this costs what raw SQL costs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from sqlalchemy import Boolean, ColumnElement, Integer, Text, bindparam, func, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement

from librephotos.kit import json

R = TypeVar("R")
Row = tuple[Any, ...]

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
_dialects: dict[str, Dialect] = {
    SQLITE: sqlite.dialect(paramstyle="named"),
    POSTGRESQL: postgresql.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}


class Compiled:
    """The text of a statement for one dialect, its fixed parameters, and which columns of its rows are booleans."""

    __slots__ = ("booleans", "defaults", "sql")

    def __init__(self, statement: ClauseElement, dialect: str) -> None:
        compiled = statement.compile(dialect=_dialects[dialect], compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        # A parameter that a statement names is the caller's to give; the rest come from literals in it, None included.
        binds: Mapping[str, BindParameter[Any]] = getattr(compiled, "binds", {})
        required = {name for name, bind in binds.items() if bind.required}
        self.defaults = {name: value for name, value in compiled.params.items() if name not in required}
        columns = getattr(compiled, "_result_columns", None) or ()
        self.booleans = [index for index, column in enumerate(columns) if isinstance(column.type, Boolean)]


class Statement(Generic[R]):
    """A statement whose rows are made by `row`, called with the columns in order.

    `build` is a clause, or a function from the dialect's name to one where the two differ. `row` gets Python booleans
    from boolean columns unless `raw` says that it takes the driver's values (0 and 1 on SQLite).
    """

    __slots__ = ("__weakref__", "_build", "_compiled", "raw", "row")

    def __init__(
        self,
        build: ClauseElement | Callable[[str], ClauseElement],
        row: Callable[..., R],
        *,
        raw: bool = False,
    ) -> None:
        self._build = build
        self.row = row
        self.raw = raw
        self._compiled: dict[str, Compiled] = {}
        _built.add(self)

    def compiled(self, dialect: str) -> Compiled:
        known = self._compiled.get(dialect)
        if known is None:
            build = self._build if isinstance(self._build, ClauseElement) else self._build(dialect)
            known = self._compiled[dialect] = Compiled(build, dialect)
        return known

    def make(self, compiled: Compiled, row: Sequence[Any]) -> R:
        if self.raw or not compiled.booleans:
            return self.row(*row)
        values = list(row)
        for index in compiled.booleans:
            if values[index] is not None:
                values[index] = bool(values[index])
        return self.row(*values)


_built: "WeakSet[Statement[Any]]" = WeakSet()


def compile_all(dialect: str) -> None:
    """Compile every statement built so far, so that no first use does it while a transaction holds others up."""
    for each in list(_built):
        each.compiled(dialect)


def scalar(value: Any) -> Any:  # the value of a one-column row
    return value


def as_row(*values: Any) -> Row:  # a row of any columns
    return values


def statement(build: ClauseElement | Callable[[str], ClauseElement]) -> Statement[Row]:
    """Return a statement whose rows are plain tuples; also for statements without rows."""
    return Statement(build, as_row)


class each_of(FunctionElement[Any]):  # noqa: N801  # reads as SQL
    """The members of a list parameter, as the right side of IN. Give the parameter `id_list([...])`."""

    inherit_cache = True
    name = "each_of"


@compiles(each_of, SQLITE)
def _each_of_sqlite(element: each_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"


@compiles(each_of, POSTGRESQL)
def _each_of_postgresql(element: each_of, compiler: SQLCompiler, **kw: Any) -> str:
    # Members come as texts of the JSON array; numbers are cast by the column that they are compared with.
    number = "::bigint" if element.type.python_type is int else ""
    return f"(SELECT v{number} FROM jsonb_array_elements_text(({compiler.process(element.clauses, **kw)})::jsonb) v)"


def is_in(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """`column` IN the list given as `parameter=id_list([...])`; one statement text for any length."""
    members = each_of(bindparam(parameter, type_=Text()))
    members.type = column.type
    return column.op("IN", is_comparison=True)(members)


def id_list(values: Iterable[int | str]) -> str:
    """The value of a list parameter of `is_in`."""
    return json.dumps(list(values))


class json_length(FunctionElement[int]):  # noqa: N801  # reads as SQL
    """The length of the array under `key` of the JSON object in a text column; null when there is none."""

    inherit_cache = True
    name = "json_length"
    type = Integer()

    def __init__(self, column: ColumnElement[Any], key: str) -> None:
        super().__init__(column, literal(key))


@compiles(json_length, SQLITE)
def _json_length_sqlite(element: json_length, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_array_length({column}, '$.' || {key})"


@compiles(json_length, POSTGRESQL)
def _json_length_postgresql(element: json_length, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = (compiler.process(clause, **kw) for clause in element.clauses)
    # A value of another kind has no length.
    array = f"(({column})::jsonb -> ({key})::text)"
    return f"(CASE jsonb_typeof({array}) WHEN 'array' THEN jsonb_array_length({array}) END)"


class in_bits(FunctionElement[int]):  # noqa: N801  # reads as SQL
    """Truths, none of them null, in one number: the first is its lowest bit. Drivers hand over one column for all."""

    inherit_cache = True
    name = "in_bits"
    type = Integer()


@compiles(in_bits, SQLITE)
def _in_bits_sqlite(element: in_bits, compiler: SQLCompiler, **kw: Any) -> str:
    truths = (compiler.process(clause, **kw) for clause in element.clauses)
    return " + ".join(f"{1 << bit} * ({truth})" for bit, truth in enumerate(truths))


@compiles(in_bits, POSTGRESQL)
def _in_bits_postgresql(element: in_bits, compiler: SQLCompiler, **kw: Any) -> str:
    truths = (compiler.process(clause, **kw) for clause in element.clauses)
    return " + ".join(f"{1 << bit} * ({truth})::int" for bit, truth in enumerate(truths))


def truths_of(number: int, count: int) -> tuple[bool, ...]:
    """Return the first of the truths that `in_bits` made a number of."""
    return tuple(bool(number >> bit & 1) for bit in range(count))


class in_utf8(FunctionElement[Any]):  # noqa: N801  # reads as SQL
    """A text to be sent on as it stands: as bytes where the driver would make a text of them only for that."""

    inherit_cache = True
    name = "in_utf8"


@compiles(in_utf8, SQLITE)
def _in_utf8_sqlite(element: in_utf8, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS BLOB)"


@compiles(in_utf8, POSTGRESQL)
def _in_utf8_postgresql(element: in_utf8, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


class position_of(FunctionElement[int]):  # noqa: N801  # reads as SQL
    """Where a text first stands in a text column, from 1; 0 when it does not."""

    inherit_cache = True
    name = "position_of"
    type = Integer()

    def __init__(self, text: str, column: ColumnElement[Any]) -> None:
        super().__init__(column, literal(text))


@compiles(position_of, SQLITE)
def _position_of_sqlite(element: position_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(position_of, POSTGRESQL)
def _position_of_postgresql(element: position_of, compiler: SQLCompiler, **kw: Any) -> str:
    column, text = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strpos({column}, ({text})::text)"


def contains(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Case-insensitive "contains"; give the parameter `like_pattern(text)`."""
    return func.lower(column).like(bindparam(parameter), escape="\\")


def like_pattern(text: str) -> str:
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _insert(dialect: str, table: Any) -> Any:  # the two dialects' Insert have no common type
    return sqlite.insert(table) if dialect == SQLITE else postgresql.insert(table)


def insert_new(
    table: Any, values: Mapping[str, Any], *, key: Sequence[str], returning: ColumnElement[Any] | None = None
) -> Callable[[str], ClauseElement]:
    """INSERT of `values`; a row with the same `key` stays as it is, and then nothing is returned."""

    def build(dialect: str) -> ClauseElement:
        insert = _insert(dialect, table).values(dict(values)).on_conflict_do_nothing(index_elements=list(key))
        return insert if returning is None else insert.returning(returning)  # type: ignore[no-any-return]

    return build


def upsert(table: Any, *, key: Sequence[str], update: Sequence[str]) -> Callable[[str], ClauseElement]:
    """INSERT of all named parameters; a row with the same `key` gets the `update` columns instead, or stays."""

    def build(dialect: str) -> ClauseElement:
        columns = [*key, *update]
        insert = _insert(dialect, table).values({name: bindparam(name) for name in columns})
        if not update:
            return insert.on_conflict_do_nothing(index_elements=list(key))  # type: ignore[no-any-return]
        changes = {name: insert.excluded[name] for name in update}
        return insert.on_conflict_do_update(index_elements=list(key), set_=changes)  # type: ignore[no-any-return]

    return build


def upsert_from(
    table: Any, rows: Any, *, key: Sequence[str], update: Sequence[str]
) -> Callable[[str], ClauseElement]:
    """INSERT what a SELECT with a WHERE finds as columns `key` and `update`; rows with the same `key` are updated."""

    def build(dialect: str) -> ClauseElement:
        insert = _insert(dialect, table).from_select([*key, *update], rows)
        changes = {name: insert.excluded[name] for name in update}
        return insert.on_conflict_do_update(index_elements=list(key), set_=changes)  # type: ignore[no-any-return]

    return build


def upsert_with(
    table: Any, *, columns: Sequence[str], key: Sequence[str], changes: Callable[[Any], Mapping[str, Any]]
) -> Callable[[str], ClauseElement]:
    """INSERT of all named parameters; a row with the same `key` gets `changes(excluded)` instead."""

    def build(dialect: str) -> ClauseElement:
        insert = _insert(dialect, table).values({name: bindparam(name) for name in columns})
        changed = dict(changes(insert.excluded))
        return insert.on_conflict_do_update(index_elements=list(key), set_=changed)  # type: ignore[no-any-return]

    return build


def parameters(compiled: Compiled, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**compiled.defaults, **values} if compiled.defaults else values
