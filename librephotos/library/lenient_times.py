"""Reads times as a person would where the published rules find none: odd clocks, dates alone, names of other apps.

Asked only when no rule yields a time, so what the rules give never changes by it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_DATE: Final = r"(?<![0-9])((?:19|20|21)[0-9]{2})[-:_./ ]?(0[1-9]|1[0-2])[-:_./ ]?(0[1-9]|[12][0-9]|3[01])"
# "at" in the languages of phones and computers, or whatever stands between a date and a time in a name.
_BETWEEN: Final = r"(?:[-_., T]|\s|at|um|à|a las|às|alle|om|kl\.?|klo|o|в|à\s|的|在)*"
_HOUR: Final = r"(24|[01]?[0-9]|2[0-3])"
# Four digits after a date are a running number more often than a clock, so minutes alone need their separator.
_CLOCK: Final = (
    r"(?:" + _HOUR + r"[-:.h]([0-5][0-9])(?:[-:.m](60|[0-5][0-9]))?(?![0-9])"
    r"|(24|[01][0-9]|2[0-3])([0-5][0-9])(60|[0-5][0-9])(?![0-9]))"
)
_HALF: Final = r"(?:\s?([AaPp])\.?[Mm]\b)?"
_DATE_AND_CLOCK: Final = re.compile(_DATE + _BETWEEN + _CLOCK + _HALF)
_DATE_ALONE: Final = re.compile(_DATE + r"(?![0-9])")
_MONTH_OR_YEAR: Final = re.compile(
    r"((?:18|19|20)[0-9]{2})(?:[-:](0[0-9]|1[0-2]))?(?:[-:]00)?(?:[ T]00:00:00)?\Z"
)
_MILLISECONDS: Final = re.compile(r"(?:FB_IMG_|mmexport|wx_camera_)([0-9]{13})(?![0-9])")
_CHARACTERS: Final = 4096


def parse_odd_time(text: str) -> datetime | None:
    """Return a date with an odd clock, such as 24:00:00, a leap second, no seconds or AM and PM; else a date alone."""
    text = text[:_CHARACTERS]
    found = _DATE_AND_CLOCK.search(text)
    if found is not None and (time := _as_time(found)) is not None:
        return time
    alone = _DATE_ALONE.search(text)
    return _day(*alone.groups()) if alone is not None else None


def parse_partial_date(text: str) -> datetime | None:
    """Return the beginning of a year or month, as photo managers write it for old prints: `1955`, `1955:08`."""
    found = _MONTH_OR_YEAR.fullmatch(text.strip()[:40])
    if found is None:
        return None
    return datetime(int(found[1]), max(1, int(found[2] or 1)), 1)


def parse_app_name(name: str) -> datetime | None:
    """Return the instant in UTC, as a wall-clock time, of names that count milliseconds since 1970."""
    found = _MILLISECONDS.match(name)
    if found is None:
        return None
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC).replace(tzinfo=None, microsecond=0)


def _as_time(found: re.Match[str]) -> datetime | None:
    year, month, day, *clocks, half = found.groups()
    hour, minute, second = clocks[:3] if clocks[0] else clocks[3:]
    start = _day(year, month, day)
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    # 24:00:00 is the next day's first second, and so is the leap second 23:59:60.
    return start + timedelta(hours=hours, minutes=int(minute), seconds=int(second or 0)) if start else None


def _day(year: str, month: str, day: str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day))
    except ValueError:
        return None
