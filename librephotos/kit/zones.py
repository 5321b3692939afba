"""The names of the world's time zones, aliases included, as the IANA database of the package `tzdata` has them."""

from functools import lru_cache
from importlib.resources import files


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
