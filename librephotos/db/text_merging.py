"""Keeps SQLite's index of texts in one piece.

FTS5 writes what changes into segments of their own, and a search reads all of them side by side: several times as long
as one, and a text that lies in one place of a long list is no longer jumped to. Its own merging keeps a dozen of them.
Source: sections 6.8 and 6.9 of SQLite's FTS5 documentation, and the layout of ids in its shadow tables.
"""

from typing import Final

from sqlalchemy import bindparam, column, func, insert, literal_column, select, table
from sqlalchemy.types import Text

from librephotos.db.statements import SQLITE, Statement, scalar, statement
from librephotos.db.text_search import SQLITE_INDEX
from librephotos.db.transactions import Tx

# Below this, a search of all segments takes a few milliseconds. A page is 4 KB.
SMALL_PAGES: Final = 1_000
# Up to this share outside the largest segment searches are hardly slower; merging writes all of the index.
TOLERATED_SHARE: Final = 0.2
# About 5 ms, during which nobody else writes.
PAGES_AT_ONCE: Final = 8

# The id of a page is that of its segment, 37 bits further left, and its number from 1 on; others lie above in between.
_SEGMENT_BITS: Final = 37
_PAGE_BITS: Final = 31

_DATA = table(f"{SQLITE_INDEX}_data", column("id"))
_SEGMENTS = table(f"{SQLITE_INDEX}_idx", column("segid"))
_INDEX = table(SQLITE_INDEX, column(SQLITE_INDEX), column("rank"))

_LIST_SEGMENTS: Statement[int] = Statement(select(_SEGMENTS.c.segid).distinct(), scalar)
_LAST_PAGE: Statement[int | None] = Statement(
    select(func.max(_DATA.c.id)).where(_DATA.c.id.between(bindparam("first"), bindparam("last"))), scalar
)
_MERGE = statement(
    insert(_INDEX).values({SQLITE_INDEX: bindparam("command", type_=Text()), "rank": bindparam("pages")})
)
_CHANGES: Statement[int] = Statement(select(literal_column("total_changes()")), scalar)


def segment_pages(tx: Tx) -> list[int]:
    """Return about how many pages each segment of the index has; none where the database is not SQLite."""
    if tx.dialect != SQLITE:
        return []
    sizes = []
    for segment in tx.all(_LIST_SEGMENTS):
        first = segment << _SEGMENT_BITS
        last = tx.one(_LAST_PAGE, first=first, last=first + (1 << _PAGE_BITS) - 1)
        sizes.append(0 if last is None else last - first)
    return sizes


def is_scattered(tx: Tx) -> bool:
    """Whether merging would make searches quicker by more than it costs."""
    sizes = segment_pages(tx)
    total = sum(sizes)
    return total >= SMALL_PAGES and total - max(sizes) > total * TOLERATED_SHARE


def merge_some(tx: Tx, *, begins: bool) -> bool:
    """Write a few pages of the one segment that all are merged into; return whether there may be more to do.

    `begins` means everything that is there by now. What is written meanwhile goes into segments of its own.
    """
    before = tx.one(_CHANGES)
    tx.execute(_MERGE, command="merge", pages=-PAGES_AT_ONCE if begins else PAGES_AT_ONCE)
    # The command itself counts as one change.
    return tx.one(_CHANGES) - before > 1
