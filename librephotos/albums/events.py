"""Which photos make an event, and what it is called; no I/O. Times are wall-clock times of the camera."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from librephotos.kit.clock import parse_wall, wall_iso

GAP: Final = timedelta(hours=36)
MARGIN: Final = timedelta(hours=11, minutes=59)
LEAST_PHOTOS: Final = 2
NAMED: Final = 2
_SPAN_DAYS: Final = 3
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SATURDAY, _SUNDAY = 5, 6
# Up to which hour the daytime lasts.
_DAYTIMES: Final = ((5, "Early Morning"), (12, "Morning"), (18, "Afternoon"), (24, "Evening"))


class Moment(msgspec.Struct, frozen=True):
    """A photo by its capture time and position in degrees."""

    photo_id: int
    taken_local: str
    latitude: float | None
    longitude: float | None


class Group(msgspec.Struct, frozen=True):
    """Photos without a long gap between them, in order of time."""

    moments: tuple[Moment, ...]

    @property
    def first(self) -> datetime:
        return parse_wall(self.moments[0].taken_local)

    @property
    def last(self) -> datetime:
        return parse_wall(self.moments[-1].taken_local)

    @property
    def window(self) -> tuple[str, str]:
        """Within which an event's beginning makes it this one. Its own beginning is the first."""
        return wall_iso(_shifted(self.first, -MARGIN)), wall_iso(_shifted(self.last, MARGIN))

    @property
    def center(self) -> tuple[float, float] | None:
        """The mean position of the photos that have one."""
        located = [
            (each.latitude, each.longitude)
            for each in self.moments
            if each.latitude is not None and each.longitude is not None
        ]
        if not located:
            return None
        return sum(each[0] for each in located) / len(located), sum(each[1] for each in located) / len(
            located
        )


def group_events(moments: Iterable[Moment]) -> Iterator[Group]:
    """Part moments in order of time wherever 36 hours or more lie between them; single photos are no event."""
    current: list[Moment] = []
    before: datetime | None = None
    for each in moments:
        taken = parse_wall(each.taken_local)
        if before is not None and taken - before >= GAP:
            yield from _event(current)
            current = []
        current.append(each)
        before = taken
    yield from _event(current)


def _event(moments: list[Moment]) -> Iterator[Group]:
    if len(moments) >= LEAST_PHOTOS:
        yield Group(tuple(moments))


def title_event(first: datetime, last: datetime, people: Iterable[str], places: Iterable[str]) -> str:
    """Say when, with whom and where, the most frequent first: `people` and `places` name one each time it occurs."""
    parts = [_when(first, last)]
    for word, names in (("with", _most_frequent(people)), ("in", _most_frequent(places))):
        if names:
            parts.append(f"{word} {' and '.join(names)}")
    return " ".join(parts)


def _when(first: datetime, last: datetime) -> str:
    days = (last.date() - first.date()).days + 1
    if days >= _SPAN_DAYS:
        return f"{days} days"
    if (first.weekday(), last.weekday()) == (_SATURDAY, _SUNDAY):
        return "Weekend"
    daytime = next(name for hour, name in _DAYTIMES if first.hour < hour)
    return f"{_WEEKDAYS[first.weekday()]} {daytime}"


def _most_frequent(names: Iterable[str]) -> Sequence[str]:
    counted = Counter(name for name in names if name)
    return [name for name, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]]


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:  # the first or last day of the calendar
        return moment
