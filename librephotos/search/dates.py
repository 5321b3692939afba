"""Years, months and days as people write them, as the beginnings of capture times; no I/O."""

import re
from datetime import date, timedelta
from typing import Final

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
# Before and after every capture time, as texts.
FIRST: Final = "0000"
LAST: Final = "9999-99"


def parse_dates(text: str) -> tuple[str, str]:
    """Return the beginning of a span, and the beginning of what follows it, as texts to compare capture times with.

    `2019`, `2019-07`, `2019-07-14`, from one to another with two dots, one side of which may be open. Raises
    ValueError with a sentence for people.
    """
    first, dots, last = text.partition("..")
    if dots and not (first or last):
        raise ValueError(_unclear(text))
    low = _span(first, text)[0] if first else FIRST
    high = _span(last if dots else first, text)[1] if last or not dots else LAST
    if low >= high:
        raise ValueError(f'"{text}" ends before it begins.')
    return low, high


def _span(written: str, text: str) -> tuple[str, str]:
    match = _DAY.fullmatch(written)
    if match is None:
        raise ValueError(_unclear(text))
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        begin = date(year or 0, month or 1, day or 1)
        end = _after(begin, has_month=month is not None, has_day=day is not None)
    except (ValueError, OverflowError):
        raise ValueError(f'"{written}" is not in the calendar.') from None
    return begin.isoformat(), end


def _after(begin: date, *, has_month: bool, has_day: bool) -> str:
    """Return the day after a day, or the first day after a month or a year."""
    if begin.year == date.max.year:
        return LAST
    if has_day:
        return (begin + timedelta(1)).isoformat()
    if has_month:
        return (begin.replace(day=28) + timedelta(4)).replace(day=1).isoformat()
    return begin.replace(year=begin.year + 1).isoformat()


def _unclear(text: str) -> str:
    return f'"{text}" is no date, such as 2019, 2019-07, 2019-07-14 or 2019..2021-06.'
