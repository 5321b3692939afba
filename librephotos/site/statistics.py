"""What is drawn of counts: months without gaps, words, the hierarchy of places, stays. No I/O."""

import colorsys
import hashlib
import itertools
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date
from typing import Any, Final

import msgspec

from librephotos.kit import clock, json
from librephotos.site.schemas import MonthCount, PlaceLeaf, PlaceRing, PlaceRoot, Region, Stay, Word

OLDEST_YEAR: Final = 2000
WORDS_MAX: Final = 100
ROOT_NAME: Final = "Places I've visited"
LEVELS: Final = 3


class Located(msgspec.Struct, frozen=True):
    """A stored geolocation (JSON) and how many photos have it."""

    geolocation: str
    count: int


class Moment(msgspec.Struct, frozen=True):
    """When (wall-clock text) and where (stored geolocation, JSON) a photo was taken."""

    taken_local: str
    geolocation: str


def fill_months(counts: Sequence[tuple[str, int]], today: date) -> list[MonthCount]:
    """Return every month from the first to the last, the empty ones too; `counts` are by `YYYY-MM`, in order.

    Months before 2000 and after this year come from wrong clocks and would make the row endless.
    """
    known = {_month_number(month): count for month, count in counts}
    shown = [number for number in known if OLDEST_YEAR * 12 <= number < (today.year + 1) * 12]
    if not shown:
        return []
    return [
        MonthCount(f"{number // 12}-{number % 12 + 1}", known.get(number, 0))
        for number in range(min(shown), max(shown) + 1)
    ]


def _month_number(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def weigh(words: Iterable[tuple[str, int]]) -> list[Word]:
    return [Word(label, math.log(count)) for label, count in words]


def color_of(name: str) -> str:
    """Return `#rrggbb`, the same for the same name: a colour that changed on each reload would tell nothing."""
    digest = hashlib.blake2b(name.encode(), digest_size=2).digest()
    parts = colorsys.hls_to_rgb(int.from_bytes(digest, "big") / 65536, 0.6, 0.6)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def place_names(geolocation: str) -> list[str]:
    """Return the names of a stored geolocation, the most specific first; other people's data may hold anything."""
    stored: Any = json.loads(geolocation)
    features = stored.get("features") if isinstance(stored, dict) else None
    if not isinstance(features, list):
        return []
    texts = [each.get("text") if isinstance(each, dict) else None for each in features]
    return [text for text in texts if isinstance(text, str) and text]


def build_sunburst(towns: Iterable[Located]) -> PlaceRoot:
    """Sort photos by the last three of their places, the most general outermost in the tree."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for town in towns:
        names = place_names(town.geolocation)
        if len(names) < LEVELS:
            continue
        region = counts.setdefault(names[-1], {}).setdefault(names[-2], {})
        region[names[-3]] = region.get(names[-3], 0) + town.count
    return PlaceRoot(ROOT_NAME, [_ring(name, counts[name]) for name in sorted(counts)])


def _ring(name: str, regions: dict[str, dict[str, int]]) -> PlaceRing:
    return PlaceRing(name, color_of(name), [_region(each, regions[each]) for each in sorted(regions)])


def _region(name: str, leaves: dict[str, int]) -> Region:
    return Region(
        name, color_of(name), [PlaceLeaf(each, leaves[each], color_of(each)) for each in sorted(leaves)]
    )


def build_stays(moments: Iterable[Moment]) -> list[Stay]:
    """Return runs of one most general place; each ends where the next begins, the last one at its last photo."""
    placed = [
        (_seconds(each.taken_local), names[-1])
        for each in moments
        if (names := place_names(each.geolocation))
    ]
    if not placed:
        return []
    begun = [next(run) for _, run in itertools.groupby(placed, key=lambda moment: moment[1])]
    ends = [*(start for start, _ in begun[1:]), placed[-1][0]]
    return [
        Stay([end - start], color_of(place), place, start, end)
        for (start, place), end in zip(begun, ends, strict=True)
    ]


def _seconds(taken_local: str) -> float:
    return clock.parse_wall(taken_local).replace(tzinfo=UTC).timestamp()
