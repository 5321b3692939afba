"""Finding texts inside `photo_search.text` by the three-letter pieces (trigrams) that they are made of.

On SQLite an FTS5 table beside it, kept by triggers so that rows which vanish with their photo leave the index too; on
PostgreSQL a GIN index of the extension pg_trgm, without which the same statements read the texts themselves. The
index gives candidates: whoever asks also asks `holds`. SQLite's also counts, with a look at few texts or none.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from librephotos.db.statements import POSTGRESQL, SQLITE, Statement, scalar
from librephotos.db.tables import photo, photo_search
from librephotos.db.transactions import Tx

TRIGRAM: Final = 3
# Of a longer text the index is asked for both ends: more hardly narrows further.
_END_LETTERS: Final = 16
# Each letter of a text is a list to be read; of longer texts, looking into photos costs less.
MOST_COUNTED_LETTERS: Final = 12
# As many photos that are hidden or in the trash are looked into while the others are counted.
MOST_UNSHOWN: Final = 1_000
# Counting fewer is over before another thread has begun.
PART_PHOTOS: Final = 100_000
_EVERY_ID: Final = 2**63 - 1
# What stands for a number of 0 to 9,999 in the index: ideographs, from the first of Unicode's main block on.
_FIRST_LETTER: Final = 0x4E00
_LETTERS: Final = 10_000
POSTGRESQL_INDEX: Final = "ix_photo_search_text"
# What the steps of the schema make beside the tables: an index in a table's form, with its own tables.
SQLITE_INDEX: Final = "search_index"


class holds(FunctionElement[bool]):  # noqa: N801  # reads as SQL
    """A text column has the text of a parameter somewhere, case and all."""

    inherit_cache = True
    name = "holds"
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], parameter: str) -> None:
        super().__init__(column, bindparam(parameter, type_=Text()))


@compiles(holds, SQLITE)
def _holds_sqlite(element: holds, compiler: SQLCompiler, **kw: Any) -> str:
    column, text = (compiler.process(clause, **kw) for clause in element.clauses)
    # Over many texts GLOB takes two thirds of the time of instr; what it would read as a pattern stands in brackets.
    escaped = f"replace(replace(replace({text}, '[', '[[]'), '*', '[*]'), '?', '[?]')"
    return f"({column} GLOB '*' || {escaped} || '*')"


@compiles(holds, POSTGRESQL)
def _holds_postgresql(element: holds, compiler: SQLCompiler, **kw: Any) -> str:
    column, text = (compiler.process(clause, **kw) for clause in element.clauses)
    # LIKE, because that is what the index knows; what it would read as a pattern is escaped in the statement.
    escaped = rf"regexp_replace(({text})::text, '([\\%%_])', '\\\1', 'g')"
    return f"({column} LIKE '%%' || {escaped} || '%%')"


_INDEX = table(SQLITE_INDEX, column("rowid"))
_FIND_SQLITE = (
    select(_INDEX.c.rowid)
    .where(literal_column(SQLITE_INDEX).op("MATCH")(bindparam("phrases", type_=Text())))
    .limit(bindparam("most"))
)


def find_candidates(tx: Tx, texts: Sequence[str], most: int) -> list[int] | None:
    """Return the ids of all photos of anybody that may hold every one of `texts`; None when they are more than `most`.

    Texts shorter than three letters find nothing out; without any longer one the answer is None.
    """
    long = [text for text in texts if len(text) >= TRIGRAM]
    if not long:
        return None
    found = tx.all(_candidates(len(long)), **_values(long), phrases=_phrases(long), most=most + 1)
    return found if len(found) <= most else None


_COUNT_SQLITE: Statement[int] = Statement(
    select(func.count())
    .select_from(_INDEX)
    .where(
        literal_column(SQLITE_INDEX).op("MATCH")(bindparam("phrases", type_=Text())),
        _INDEX.c.rowid.between(bindparam("first"), bindparam("last")),
    ),
    scalar,
)
_LAST_ID: Statement[int] = Statement(select(func.coalesce(func.max(photo_search.c.photo_id), 0)), scalar)


# No photo is anybody else's, and few are not seen.
_UNSHOWN = select(literal(1)).where(photo_search.c.is_shown.is_(False)).limit(bindparam("most") + 1)
_IS_ALONE: Statement[bool] = Statement(
    select(
        and_(
            ~exists(literal(1)).where(photo.c.owner_id < bindparam("owner_id")),
            ~exists(literal(1)).where(photo.c.owner_id > bindparam("owner_id")),
            select(func.count()).select_from(_UNSHOWN.subquery()).scalar_subquery() <= bindparam("most"),
        )
    ),
    scalar,
)


class Part(msgspec.Struct, frozen=True):
    """The photos whose ids lie between two, both included."""

    first: int
    last: int


def parts_of_count(tx: Tx, texts: Sequence[str], most: int) -> list[Part]:
    """Return the at most `most` parts by which `count_by_index` is to count; none where no index can tell."""
    lengths = [len(text) for text in texts]
    if tx.dialect != SQLITE or not texts or min(lengths) < TRIGRAM or sum(lengths) > MOST_COUNTED_LETTERS:
        return []
    last = highest_id(tx)
    count = max(1, min(most, last // PART_PHOTOS))
    bounds = [last * number // count for number in range(count)]
    return [Part(low + 1, high) for low, high in zip(bounds, [*bounds[1:], _EVERY_ID], strict=True)]


def highest_id(tx: Tx) -> int:
    """Return the id of the newest photo, which is about how many there are."""
    return tx.one(_LAST_ID)


def count_by_index(tx: Tx, owner_id: int, texts: Sequence[str], part: Part) -> int:
    """Return how many visible photos of an owner in a part hold every one of `texts`."""
    held = " AND ".join(_in_texts(text) for text in texts)
    bounds = {"first": part.first, "last": part.last}
    if tx.one(_IS_ALONE, owner_id=owner_id, most=MOST_UNSHOWN):
        # Whose texts are is a list as long as the library, which need not be read then.
        unshown: int = tx.one(_count_unshown(len(texts)), **_values(texts), **bounds)
        return tx.one(_COUNT_SQLITE, phrases=held, **bounds) - unshown
    owned = " AND ".join([held, f"whose : {_phrase(whose(owner_id))}"])
    return tx.one(_COUNT_SQLITE, phrases=owned, **bounds)


def whose(owner_id: int) -> str:
    """Return the letters by which the index names the owner of visible photos, as its triggers make them."""
    digits = (owner_id // _LETTERS**power % _LETTERS for power in (2, 1, 0))
    return "".join(chr(_FIRST_LETTER + digit) for digit in digits)


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@cache
def _candidates(count: int) -> Statement[int]:
    texts = select(photo_search.c.photo_id).where(*_held(count)).limit(bindparam("most"))
    return Statement(lambda dialect: _FIND_SQLITE if dialect == SQLITE else texts, scalar)


@cache
def _count_unshown(count: int) -> Statement[int]:
    return Statement(
        select(func.count())
        .select_from(photo_search)
        .where(
            photo_search.c.is_shown.is_(False),
            photo_search.c.photo_id.between(bindparam("first"), bindparam("last")),
            *_held(count),
        ),
        scalar,
    )


def _held(count: int) -> list[ColumnElement[bool]]:
    return [holds(photo_search.c.text, f"piece_{number}") for number in range(count)]


def _values(texts: Sequence[str]) -> dict[str, str]:
    return {f"piece_{number}": text for number, text in enumerate(texts)}


def _phrases(texts: Sequence[str]) -> str:
    """Return texts, or the ends of long ones, as an FTS5 query: trigrams in a row each, joined by AND."""
    ends: dict[str, None] = {}
    for text in texts:
        is_short = len(text) <= 2 * _END_LETTERS
        ends |= dict.fromkeys([text] if is_short else [text[:_END_LETTERS], text[-_END_LETTERS:]])
    return " AND ".join(_in_texts(end) for end in ends)


def _in_texts(text: str) -> str:
    """Return a phrase that means texts alone: without letters that name owners nothing else can be meant."""
    named = any(_FIRST_LETTER <= ord(letter) < _FIRST_LETTER + _LETTERS for letter in text)
    return f"text : {_phrase(text)}" if named else _phrase(text)


def is_text_index(name: str | None) -> bool:
    """Whether a table or index of this name belongs to the index, which `db/tables` does not tell of."""
    return name is not None and (name == POSTGRESQL_INDEX or name.startswith(SQLITE_INDEX))


def has_text_index(tx: Tx) -> bool:
    """Whether searches of this database are helped by an index; without one they read every text."""
    return tx.first(_HAS_INDEX) is not None


def _index_row(dialect: str) -> ClauseElement:
    if dialect == SQLITE:
        return select(_SQLITE_MASTER.c.name).where(_SQLITE_MASTER.c.name == SQLITE_INDEX)
    return select(_PG_INDEXES.c.indexname).where(_PG_INDEXES.c.indexname == POSTGRESQL_INDEX)


_SQLITE_MASTER = table("sqlite_master", column("name"))
_PG_INDEXES = table("pg_indexes", column("indexname"))
_HAS_INDEX = Statement(_index_row, scalar)
