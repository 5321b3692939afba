"""What an `Accept` header allows (RFC 9110 section 12.5.1): JSON nearly always, one of several types for documents."""

import re
from collections.abc import Sequence
from functools import lru_cache

# A caller that only asks for HTML, such as a browser's address bar, gets JSON all the same.
_ACCEPTED = frozenset({"*/*", "application/*", "application/json", "text/html", "text/*"})
_WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?")


@lru_cache(maxsize=256)
def accepts_json(accept: bytes) -> bool:
    if not accept.strip():
        return True
    for part in accept.decode("latin-1").split(","):
        media_range, _, parameters = part.partition(";")
        if media_range.strip().lower() in _ACCEPTED and not _is_refused(parameters):
            return True
    return False


def _is_refused(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return value.strip() in ("0", "0.0", "0.00", "0.000")
    return False


def choose(accept: str, offered: Sequence[str]) -> str | None:
    """Return the type of `offered` that `accept` wants most (its first on equal terms), or None if it takes none."""
    best, best_weight = None, 0.0
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        media_range, _, parameters = part.partition(";")
        wanted = media_range.strip().lower()
        weight = _weight(parameters)
        fitting = next((kind for kind in offered if _matches(wanted, kind)), None)
        if fitting is not None and weight > best_weight:
            best, best_weight = fitting, weight
    return best


def _matches(wanted: str, kind: str) -> bool:
    return wanted in (kind, "*/*", f"{kind.partition('/')[0]}/*")


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
    return 1.0
