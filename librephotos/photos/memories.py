""" "On this day": which days of earlier years belong to a memory, and how it is told; no I/O.

Anniversaries of 29 February are on the 28th in common years, and a window of days crosses the turn of the year.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from librephotos.http.flags import FALSE_WORDS
from librephotos.photos.schemas import Memory, PigPhoto

Kind = Literal["years_ago", "month_years_ago"]
YEARS: Final = "years_ago"
MONTHS: Final = "month_years_ago"

DEFAULT_WINDOW_DAYS: Final = 3
MAX_WINDOW_DAYS: Final = 30
DEFAULT_SIZE: Final = 30
MAX_SIZE: Final = 200
_NO: Final = FALSE_WORDS | {"f"}


class MemoryRequest(msgspec.Struct, frozen=True):
    """The day asked about, days either side, whether the same month will do, and the most items of a group."""

    on: date
    window_days: int
    fallback: bool
    size: int


class MemoryDay(msgspec.Struct, frozen=True):
    """A day that has candidates: `photo_count` of them."""

    day_id: int
    on: date
    location: str
    photo_count: int


class Group(msgspec.Struct, frozen=True):
    """One earlier year's days in order, and the day that stands for it."""

    kind: Kind
    year: int
    days: Sequence[MemoryDay]
    nearest: MemoryDay

    @property
    def location(self) -> str:
        return self.nearest.location or next((day.location for day in self.days if day.location), "")

    def days_to_show(self, size: int) -> list[int]:
        """Return the ids of the first days that together have `size` photos, or of all."""
        shown, count = [], 0
        for day in self.days:
            if count >= size:
                break
            shown.append(day.day_id)
            count += day.photo_count
        return shown


def parse_memories(query: Mapping[str, str], today: date) -> MemoryRequest:
    """Read the parameters; what cannot be read counts as not sent, and numbers outside are clipped."""
    return MemoryRequest(
        on=_parse_date(query.get("date"), today),
        window_days=_clipped(query.get("window"), DEFAULT_WINDOW_DAYS, 0, MAX_WINDOW_DAYS),
        fallback=(query.get("fallback") or "true").lower() not in _NO,
        size=_clipped(query.get("size"), DEFAULT_SIZE, 1, MAX_SIZE),
    )


def _parse_date(text: str | None, today: date) -> date:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return today


def _clipped(text: str | None, default: int, least: int, most: int) -> int:
    try:
        return min(max(int((text or "")[:20]), least), most)
    except ValueError:
        return default


def anniversary(on: date, year: int) -> date:
    """Return the same day of another year."""
    try:
        return on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def month_days(asked: MemoryRequest) -> list[str]:
    """Return, as `MM-DD`, every day of any year that may lie in the window."""
    found: dict[str, None] = {}
    # A leap year and a common one around the day, far from where the calendar begins and ends.
    for year in (2023, 2024):
        middle = anniversary(asked.on, year)
        for days in range(-asked.window_days, asked.window_days + 1):
            found[(middle + timedelta(days)).strftime("%m-%d")] = None
    return list(found)


def group_by_year(asked: MemoryRequest, days: Iterable[MemoryDay]) -> list[Group]:
    """Return the groups of the years before that of the day asked about, nearest year first."""
    found: dict[int, list[MemoryDay]] = {}
    for day in days:
        year = _year_of(asked, day.on)
        if year is not None and year < asked.on.year:
            found.setdefault(year, []).append(day)
    return _groups(YEARS, found, lambda year: anniversary(asked.on, year))


def group_by_month(asked: MemoryRequest, days: Iterable[MemoryDay]) -> list[Group]:
    """As `group_by_year`, of the whole month; its first day with photos stands for it."""
    found: dict[int, list[MemoryDay]] = {}
    for day in days:
        if day.on.month == asked.on.month and day.on.year < asked.on.year:
            found.setdefault(day.on.year, []).append(day)
    return _groups(MONTHS, found, lambda year: date(year, asked.on.month, 1))


def _year_of(asked: MemoryRequest, on: date) -> int | None:
    """Return the year whose anniversary is near enough; a window may reach into the year before or after."""
    for year in (on.year, on.year + 1, on.year - 1):
        if 1 <= year <= 9999 and abs((on - anniversary(asked.on, year)).days) <= asked.window_days:
            return year
    return None


def _groups(kind: Kind, found: dict[int, list[MemoryDay]], middle_of: Callable[[int], date]) -> list[Group]:
    groups = []
    for year in sorted(found, reverse=True):
        days = sorted(found[year], key=lambda day: day.on)
        middle = middle_of(year)
        nearest = min(days, key=lambda day: (abs((day.on - middle).days), day.on))
        groups.append(Group(kind, year, days, nearest))
    return groups


def memory(asked: MemoryRequest, group: Group, items: list[PigPhoto]) -> Memory:
    """Return a group as it is sent; `items` are chronological and at most as many as asked for."""
    return Memory(
        id=f"{group.kind}-{group.year}",
        type=group.kind,
        years_ago=asked.on.year - group.year,
        year=group.year,
        date=group.nearest.on.isoformat(),
        start_date=group.days[0].on.isoformat(),
        end_date=group.days[-1].on.isoformat(),
        location=group.location,
        number_of_items=sum(day.photo_count for day in group.days),
        cover=min(items, key=lambda item: (item.type == "video", -item.rating)),
        items=items,
    )
