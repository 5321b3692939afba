"""Photos of one owner gathered by something else than their day: by arrival, without a time, by anniversary."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, exists, func, or_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, contains, id_list, is_in, like_pattern, scalar
from librephotos.db.tables import day, face, person, photo, photo_metadata, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.photos.grid import pig_photo
from librephotos.photos.memories import (
    Group,
    MemoryDay,
    MemoryRequest,
    group_by_month,
    group_by_year,
    memory,
    month_days,
)
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.schemas import Memories, PigPhoto, SimpleUser
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID, has_not, narrowed

_OWNER = Statement(select(*USER_COLUMNS).where(user.c.id == VIEWER_ID), SimpleUser)


def get_owner(tx: Tx, viewer: Viewer) -> SimpleUser:
    return tx.one(_OWNER, viewer_id=viewer.user_id)


class Slice(msgspec.Struct, frozen=True):
    """A part of a list; `size` None is all of it."""

    size: int | None = None
    skipped: int = 0


# --- the latest day of arrivals


class LatestDay(msgspec.Struct, frozen=True):
    """`added_at` is the latest instant, `photo_count` how many photos came on its day (UTC)."""

    added_at: int
    photo_count: int


class _Recent(msgspec.Struct, frozen=True):
    latest: Statement[int | None]
    count: Statement[int]
    items: Statement[Row]


def _recent(is_limited: bool) -> _Recent:
    own = narrowed(and_(IS_OWN, IS_VISIBLE), is_limited)
    of_day = and_(own, photo.c.added_at >= bindparam("since"))
    items = select(*GRID_COLUMNS).where(of_day).order_by(photo.c.added_at.desc(), photo.c.id.desc())
    return _Recent(
        Statement(select(func.max(photo.c.added_at)).where(own), scalar),
        Statement(select(func.count()).select_from(photo).where(of_day), scalar),
        Statement(items.limit(bindparam("size")).offset(bindparam("skipped")), as_row, raw=True),
    )


_RECENT = {is_limited: _recent(is_limited) for is_limited in (True, False)}


def _who(viewer: Viewer) -> dict[str, int]:
    return {"viewer_id": viewer.user_id, "key_id": viewer.key_id}


def find_latest_day(tx: Tx, viewer: Viewer) -> LatestDay | None:
    """Return the day of the latest arrival; None without any photo."""
    recent = _RECENT[viewer.is_limited]
    latest = tx.first(recent.latest, **_who(viewer))
    if latest is None:
        return None
    return LatestDay(latest, tx.one(recent.count, **_who(viewer), since=_midnight(latest)))


def list_recent(tx: Tx, viewer: Viewer, latest: LatestDay, part: Slice) -> list[PigPhoto]:
    """Return the photos of that day, latest first."""
    size = latest.photo_count if part.size is None else part.size
    rows = tx.all(
        _RECENT[viewer.is_limited].items,
        **_who(viewer),
        since=_midnight(latest.added_at),
        size=size,
        skipped=part.skipped,
    )
    owner = get_owner(tx, viewer)
    return [pig_photo(row, owner, viewer) for row in rows]


def _midnight(instant: int) -> int:
    return instant - instant % clock.DAY


# --- without a time


class _Undated(msgspec.Struct, frozen=True):
    count: Statement[int]
    items: Statement[Row]


@lru_cache(maxsize=32)
def _undated(term_count: int, is_limited: bool) -> _Undated:
    terms = (_matches(f"term_{number}") for number in range(term_count))
    condition = narrowed(and_(IS_OWN, IS_VISIBLE, photo.c.taken_local.is_(None), *terms), is_limited)
    source: Any = photo
    if term_count:
        source = photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
    items = select(*GRID_COLUMNS).select_from(source).where(condition).order_by(photo.c.added_at, photo.c.id)
    return _Undated(
        Statement(select(func.count()).select_from(source).where(condition), scalar),
        Statement(items.limit(bindparam("size")).offset(bindparam("skipped")), as_row, raw=True),
    )


def _matches(parameter: str) -> Any:  # a condition
    named = exists().where(
        face.c.photo_id == photo.c.id,
        face.c.is_deleted.is_(False),
        person.c.id == face.c.person_id,
        contains(person.c.name, parameter),
    )
    return or_(
        contains(photo_metadata.c.search_captions, parameter),
        contains(photo_metadata.c.captions, parameter),
        contains(photo.c.location, parameter),
        named.correlate(photo),
    )


def _terms(terms: tuple[str, ...]) -> dict[str, str]:
    return {f"term_{number}": like_pattern(term) for number, term in enumerate(terms)}


def count_undated(tx: Tx, viewer: Viewer, terms: tuple[str, ...]) -> int:
    return tx.one(_undated(len(terms), viewer.is_limited).count, **_who(viewer), **_terms(terms))


def list_undated(
    tx: Tx, viewer: Viewer, terms: tuple[str, ...], *, size: int, skipped: int
) -> list[PigPhoto]:
    """Return a page of the visible photos without a capture time, in the order of their arrival."""
    statement = _undated(len(terms), viewer.is_limited).items
    rows = tx.all(statement, **_who(viewer), **_terms(terms), size=size, skipped=skipped)
    owner = get_owner(tx, viewer)
    return [pig_photo(row, owner, viewer) for row in rows]


# --- memories

# What the timeline shows: of a stack its primary alone.
_CANDIDATE = and_(
    *(IS_OWN, IS_VISIBLE, has_not("is_stacked")),
    *(photo.c.is_screenshot.is_(False), photo.c.is_document.is_(False)),
)


def _days(part: Any, parameter: str) -> Statement[MemoryDay]:
    """Days with candidates whose date has one of these texts as its `part`."""
    return Statement(
        select(day.c.id, day.c.date, day.c.location, func.count())
        .select_from(day.join(photo, photo.c.day_id == day.c.id))
        .where(day.c.owner_id == VIEWER_ID, is_in(part, parameter), _CANDIDATE)
        .group_by(day.c.id, day.c.date, day.c.location),
        lambda day_id, on, location, count: MemoryDay(day_id, date.fromisoformat(on), location, count),
    )


_ZONE = Statement(select(user.c.default_timezone).where(user.c.id == VIEWER_ID), scalar)
_DAYS_OF_YEAR = _days(func.substr(day.c.date, 6, 5), "parts")
_DAYS_OF_MONTH = _days(func.substr(day.c.date, 6, 2), "parts")
_ranked = (
    select(
        photo.c.day_id,
        photo.c.id,
        func.row_number()
        .over(partition_by=photo.c.day_id, order_by=(photo.c.taken_local, photo.c.id))
        .label("rank"),
    )
    .where(is_in(photo.c.day_id, "day_ids"), _CANDIDATE)
    .subquery()
)
_MEMORY_ITEMS = Statement(
    select(photo.c.day_id, *GRID_COLUMNS)
    .select_from(photo.join(_ranked, _ranked.c.id == photo.c.id))
    .where(_ranked.c.rank <= bindparam("size"))
    .order_by(photo.c.taken_local, photo.c.id),
    as_row,
    raw=True,
)


def get_zone(tx: Tx, viewer: Viewer) -> str:
    zone: str = tx.one(_ZONE, viewer_id=viewer.user_id)
    return zone


def list_memories(tx: Tx, viewer: Viewer, asked: MemoryRequest) -> Memories:
    """Return what earlier years have around this day; failing that, in this month."""
    parts = id_list(month_days(asked))
    groups = group_by_year(asked, tx.all(_DAYS_OF_YEAR, viewer_id=viewer.user_id, parts=parts))
    if not groups and asked.fallback:
        parts = id_list([f"{asked.on.month:02}"])
        groups = group_by_month(asked, tx.all(_DAYS_OF_MONTH, viewer_id=viewer.user_id, parts=parts))
    items = _items(tx, viewer, asked, groups)
    results = [memory(asked, group, items[group.year]) for group in groups]
    return Memories(asked.on.isoformat(), asked.window_days, results)


def _items(
    tx: Tx, viewer: Viewer, asked: MemoryRequest, groups: Sequence[Group]
) -> dict[int, list[PigPhoto]]:
    """Return the first photos of each group by its year."""
    year_of = {day_id: group.year for group in groups for day_id in group.days_to_show(asked.size)}
    found: dict[int, list[PigPhoto]] = {group.year: [] for group in groups}
    if not groups:
        return found
    owner = get_owner(tx, viewer)
    rows = tx.all(_MEMORY_ITEMS, viewer_id=viewer.user_id, day_ids=id_list(year_of), size=asked.size)
    for day_id, *row in rows:
        shown = found[year_of[day_id]]
        if len(shown) < asked.size:
            shown.append(pig_photo(row, owner, viewer))
    return found
