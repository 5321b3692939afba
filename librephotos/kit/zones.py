"""The names of the world's time zones, aliases included, as the IANA database of the package `tzdata` has them."""

from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Return every IANA name in order."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return tuple(sorted(name for name in names if name not in ("Factory", "localtime", "posixrules")))


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(zone_names())


def is_zone(name: str) -> bool:
    return name in _known()


def today_in(name: str) -> date:
    """Return today's date in a zone; in UTC when there is no such zone."""
    try:
        return datetime.now(ZoneInfo(name)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now(UTC).date()
