"""Runs regular expressions that users typed: a bad one matches nothing, a catastrophic one is stopped.

Uses the package `regex`, the one engine compatible with `re` that has a time limit; refusing nested quantifiers by
inspection would miss `a*a*a*a*b` and refuse harmless patterns.
"""

import functools
from typing import Any, Final

PATTERN_CHARACTERS: Final = 1000
TEXT_CHARACTERS: Final = 4096
MATCH_SECONDS: Final = 0.1

_too_slow: set[str] = set()


def search_groups(pattern: str, text: str) -> tuple[str, ...] | None:
    """Return the whole match followed by its groups (empty where one took no part), or None without a match.

    A pattern that once ran out of time is not tried again by this process: a million photos must not wait for it.
    """
    compiled = _compiled(pattern)
    if compiled is None or pattern in _too_slow:
        return None
    try:
        found = compiled.search(text[:TEXT_CHARACTERS], timeout=MATCH_SECONDS)
    except TimeoutError:
        _too_slow.add(pattern)
        return None
    return None if found is None else (found.group(), *(group or "" for group in found.groups()))


def is_pattern(pattern: str) -> bool:
    """Tell whether the text is a regular expression that will be run."""
    return _compiled(pattern) is not None


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:  # the package has no types: its pattern, or None
    # 15 ms that most processes do without.
    import regex  # type: ignore[import-untyped]

    if len(pattern) > PATTERN_CHARACTERS:
        return None
    try:
        return regex.compile(pattern)
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError):
        return None
