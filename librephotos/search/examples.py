"""Suggestions for the box of the search, out of what some photos show; no I/O beside chance."""

import random
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

EMPTY: Final = (
    "for people",
    "for places",
    "for things",
    "for time",
    "for file path or file name",
)
MOST: Final = 40
_COMBINED: Final = 10


class Shown(msgspec.Struct, frozen=True):
    """What one photo is found by; `location` is its address, `people` are names."""

    location: str = ""
    taken_local: str | None = None
    people: Sequence[str] = ()
    tags: Sequence[str] = ()


def suggest(photos: Iterable[Shown], chance: random.Random) -> list[str]:
    """Return single places, years, first names and tags, and some of them together, each once."""
    places: dict[str, None] = {}
    years: dict[str, None] = {}
    names: dict[str, None] = {}
    tags: dict[str, None] = {}
    for photo in photos:
        places |= dict.fromkeys(place.strip() for place in photo.location.split(",") if place.strip())
        if photo.taken_local:
            years[photo.taken_local[:4]] = None
        names |= dict.fromkeys(name.split()[0] for name in photo.people if name.strip())
        tags |= dict.fromkeys(tag.strip() for tag in photo.tags if tag.strip())
    kinds = [list(kind) for kind in (names, places, tags, years) if kind]
    if not kinds:
        return list(EMPTY)
    single = [word for kind in kinds for word in chance.sample(kind, min(len(kind), MOST // 4))]
    together = [
        " ".join(chance.choice(kind) for kind in chance.sample(kinds, min(len(kinds), 2)))
        for _ in range(_COMBINED if len(kinds) > 1 else 0)
    ]
    found = list(dict.fromkeys([*single, *together]))
    chance.shuffle(found)
    return found
