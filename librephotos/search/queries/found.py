"""Photos that a search finds, among the caller's own visible ones: how many, a page of them, or all piece by piece.

A search for few photos asks the index of texts for their ids. One for many, a common word, walks the photos in the
order of the answer and looks into each text: its first page reads little more than what it shows.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Text, and_, bindparam, func, literal, select, tuple_

from librephotos.accounts.viewer import Viewer
from librephotos.db import text_search
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import photo, photo_search, user
from librephotos.db.text_search import Part, find_candidates
from librephotos.db.transactions import Tx
from librephotos.db.types import BigInteger
from librephotos.photos.grid import pig_photo
from librephotos.photos.queries.gatherings import Slice, get_owner
from librephotos.photos.queries.grid import GRID_COLUMNS
from librephotos.photos.schemas import PigPhoto, SimpleUser
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID, narrowed
from librephotos.search.dates import LAST
from librephotos.search.language import Search
from librephotos.search.queries.conditions import condition_of, form_of, is_text_alone, source_of, values_of

# Up to here, sorting what the index gives is quicker than walking past what is not found: a small library is soon
# walked through.
FEW: Final = 5_000
_FEW_OF: Final = 50
_TOPK = Statement(select(user.c.semantic_search_topk).where(user.c.id == VIEWER_ID), scalar)
_NEWEST_FIRST: Final = (photo.c.taken_local.desc().nulls_last(), photo.c.id.desc())
# Spelled so that no index of the owner's is taken: the candidates are to be looked up, however many photos there are.
_IS_OWN_CANDIDATE: ColumnElement[bool] = and_(
    photo.c.owner_id + literal(0, BigInteger()) == VIEWER_ID, is_in(photo.c.id, "candidates")
)


class Position(msgspec.Struct, frozen=True):
    """The last photo that was given; `taken_local` is None among the undated."""

    taken_local: str | None
    photo_id: int


class Piece(msgspec.Struct, frozen=True):
    """Some photos in the order of the answer, and where the next ones begin; None when there are no more."""

    photos: list[PigPhoto]
    next: Position | None


START: Final = Position(LAST, 2**62)


class _Form(msgspec.Struct, frozen=True):
    """The statements of one form of search."""

    count: Statement[int]
    page: Statement[Row]
    dated: Statement[Row]
    undated: Statement[Row]


@lru_cache(maxsize=256)
def _form(form: Search, is_limited: bool, has_candidates: bool) -> _Form:
    own = _IS_OWN_CANDIDATE if has_candidates else IS_OWN
    asked = condition_of(form, is_limited=is_limited)
    condition = narrowed(and_(own, IS_VISIBLE, asked), is_limited)
    source = source_of(form)
    items = select(photo.c.id, *GRID_COLUMNS).select_from(source).where(condition)
    counted = select(func.count()).select_from(source).where(condition)
    if form.groups and is_text_alone(form) and not is_limited:
        counted = select(func.count()).select_from(photo_search).where(_counted_alone(has_candidates), asked)
    passed = tuple_(photo.c.taken_local, photo.c.id) < tuple_(
        bindparam("after_time", type_=Text()), bindparam("after_id", type_=BigInteger())
    )
    pieces = items.order_by(*_NEWEST_FIRST).limit(bindparam("size"))
    return _Form(
        Statement(counted, scalar),
        Statement(pieces.offset(bindparam("skipped")), as_row, raw=True),
        Statement(pieces.where(photo.c.taken_local.is_not(None), passed), as_row, raw=True),
        Statement(
            pieces.where(photo.c.taken_local.is_(None), photo.c.id < bindparam("after_id")), as_row, raw=True
        ),
    )


def _counted_alone(has_candidates: bool) -> ColumnElement[bool]:
    """The texts of the caller's visible photos, without a look at the photos themselves."""
    shown = and_(photo_search.c.owner_id == VIEWER_ID, photo_search.c.is_shown.is_(True))
    return and_(shown, is_in(photo_search.c.photo_id, "candidates")) if has_candidates else shown


class _Asked(msgspec.Struct, frozen=True):
    form: _Form
    values: dict[str, Any]


def _asked(tx: Tx, viewer: Viewer, search: Search) -> _Asked:
    candidates = find_candidates(tx, search.required_texts, _few(tx)) if search.required_texts else None
    values = {"viewer_id": viewer.user_id, "key_id": viewer.key_id, **values_of(search)}
    if candidates is not None:
        values["candidates"] = id_list(candidates)
    return _Asked(_form(form_of(search), viewer.is_limited, candidates is not None), values)


def _few(tx: Tx) -> int:
    return min(FEW, max(FEW // _FEW_OF, text_search.highest_id(tx) // _FEW_OF))


def wants_flat(tx: Tx, viewer: Viewer) -> bool:
    """Whether the caller's clients expect one list instead of days: those who searched by meaning."""
    topk: int = tx.one(_TOPK, viewer_id=viewer.user_id)
    return topk > 0


def parts_of_count(tx: Tx, viewer: Viewer, search: Search, most: int) -> list[Part]:
    """Return by which parts `count_part` counts what is found, several at once; none if only `count_found` can."""
    texts = search.required_texts
    is_plain = len(texts) == len(search.groups) and not viewer.is_limited
    return text_search.parts_of_count(tx, texts, most) if is_plain else []


def count_part(tx: Tx, viewer: Viewer, search: Search, part: Part) -> int:
    return text_search.count_by_index(tx, viewer.user_id, search.required_texts, part)


def count_found(tx: Tx, viewer: Viewer, search: Search) -> int:
    asked = _asked(tx, viewer, search)
    count: int = tx.one(asked.form.count, **asked.values)
    return count


def list_found(tx: Tx, viewer: Viewer, search: Search, part: Slice) -> list[PigPhoto]:
    """Return a page, newest first, the undated last."""
    asked = _asked(tx, viewer, search)
    rows = tx.all(asked.form.page, size=part.size, skipped=part.skipped, **asked.values)
    return _photos(rows, get_owner(tx, viewer), viewer)


def next_piece(tx: Tx, viewer: Viewer, search: Search, after: Position, size: int) -> Piece:
    """Return the photos that follow `after`, at most `size` of them, newest first, the undated last."""
    asked = _asked(tx, viewer, search)
    owner = get_owner(tx, viewer)
    rows: Sequence[Row] = []
    if after.taken_local is not None:
        rows = tx.all(
            asked.form.dated, size=size, after_time=after.taken_local, after_id=after.photo_id, **asked.values
        )
        if len(rows) == size:
            taken_local: str = rows[-1][_TAKEN_LOCAL]
            return Piece(_photos(rows, owner, viewer), Position(taken_local, rows[-1][0]))
        after = Position(None, START.photo_id)
    missing = size - len(rows)
    undated = tx.all(asked.form.undated, size=missing, after_id=after.photo_id, **asked.values)
    photos = _photos([*rows, *undated], owner, viewer)
    return Piece(photos, Position(None, undated[-1][0]) if len(undated) == missing else None)


_TAKEN_LOCAL: Final = 1 + GRID_COLUMNS.index(photo.c.taken_local)


def _photos(rows: Sequence[Row], owner: SimpleUser, viewer: Viewer) -> list[PigPhoto]:
    return [pig_photo(row[1:], owner, viewer) for row in rows]
