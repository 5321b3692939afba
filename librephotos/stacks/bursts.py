"""Which photos are one burst, by the rules of their owner; no I/O.

Names alone say little: cameras number all their photos. So names make a burst of photos taken in a row, and only such
as say so themselves (`_BURST01`, `_001_COVER`) of photos that lie apart.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from librephotos.kit import json
from librephotos.kit.patterns import search_groups
from librephotos.stacks.burst_rules import BurstRule

BURST_MODE: Final = "MakerNotes:BurstMode"
CONTINUOUS_DRIVE: Final = "MakerNotes:ContinuousDrive"
SEQUENCE_NUMBER: Final = "MakerNotes:SequenceNumber"
_ON: Final = frozenset({"1", "on", "true", "yes"})
_CONTINUOUS: Final = frozenset({"continuous", "on", "1"})
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")

# Photos of one name that lie further apart than this are none of one burst.
IN_A_ROW_SECONDS: Final = 2.0
_TELLING: Final = (re.compile(r"_BURST[0-9]+", re.IGNORECASE), re.compile(r"_[0-9]{3}_COVER$", re.IGNORECASE))
_NUMBERED: Final = (
    re.compile(r"(?<=^IMG_[0-9]{4})_[0-9]+$", re.IGNORECASE),
    re.compile(r" ?\([0-9]+\)$"),
    re.compile(r"_[0-9]{3,}$"),
)
LEAST: Final = 2


class Shot(msgspec.Struct, frozen=True):
    """A still with what rules ask about; `tags` is the stored JSON of what its file says."""

    photo_id: int
    path: str
    taken_local: str | None
    added_at: int
    make: str
    model: str
    tags: str | None
    perceptual_hash: str | None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        stem, dot, _ = self.name.rpartition(".")
        return stem if dot and stem else self.name

    @property
    def moment(self) -> float | None:
        """Seconds of the wall clock; only differences mean anything."""
        if not self.taken_local:
            return None
        return datetime.fromisoformat(f"{self.taken_local}+00:00").timestamp()

    def tag(self, name: str) -> str | None:
        if not self.tags or name not in self.tags:
            return None
        value = json.loads(self.tags).get(name)
        return None if value is None else str(value)


class Key(msgspec.Struct, frozen=True):
    """What photos of one burst have in common. `in_a_row`: and only those that were taken one right after another."""

    parts: tuple[str, ...]
    in_a_row: bool = False


def find_bursts(shots: Iterable[Shot], rules: Sequence[BurstRule]) -> list[list[Shot]]:
    """Return the bursts, each by time: hard rules first, of which the first that fits counts, then soft ones."""
    ordered = sorted(shots, key=_by_time)
    found: list[list[Shot]] = []
    taken: set[int] = set()
    hard = [rule for rule in rules if not rule.is_soft]
    keyed: dict[Key, list[Shot]] = {}
    for shot in ordered if hard else ():
        key = next(filter(None, (_key(rule, shot) for rule in hard)), None)
        if key is not None:
            keyed.setdefault(key, []).append(shot)
    for key, members in keyed.items():
        _take(_in_a_row(members) if key.in_a_row else [members], found, taken)
    for rule in rules:
        if rule.is_soft:
            left = [each for each in ordered if each.photo_id not in taken and _applies(rule, each)]
            _take(_chains(left, _LINKS[rule.rule_type](rule)), found, taken)
    return found


def _take(groups: Iterable[list[Shot]], found: list[list[Shot]], taken: set[int]) -> None:
    for group in groups:
        if len(group) >= LEAST:
            found.append(group)
            taken.update(each.photo_id for each in group)


def _by_time(shot: Shot) -> tuple[bool, str, int, int]:
    return (shot.taken_local is None, shot.taken_local or "", shot.added_at, shot.photo_id)


# --- hard rules


def _key(rule: BurstRule, shot: Shot) -> Key | None:
    return _KEYS[rule.rule_type](rule, shot) if _applies(rule, shot) else None


def _applies(rule: BurstRule, shot: Shot) -> bool:
    for pattern, text in ((rule.condition_path, shot.path), (rule.condition_filename, shot.name)):
        if pattern and search_groups(pattern, text) is None:
            return False
    if not rule.condition_exif:
        return True
    tag, separator, pattern = rule.condition_exif.partition("//")
    value = shot.tag(tag)
    return bool(separator) and value is not None and search_groups(pattern, value) is not None


def _same_second(name: str, shot: Shot) -> Key | None:
    if not shot.taken_local:
        return None
    return Key((name, shot.model, shot.taken_local[:19]))


def _burst_mode(_: BurstRule, shot: Shot) -> Key | None:
    is_on = (shot.tag(BURST_MODE) or "").strip().lower() in _ON
    runs_on = (shot.tag(CONTINUOUS_DRIVE) or "").strip().lower() in _CONTINUOUS
    return _same_second("mode", shot) if is_on or runs_on else None


def _sequence_number(_: BurstRule, shot: Shot) -> Key | None:
    value = shot.tag(SEQUENCE_NUMBER)
    is_integer = value is not None and _INTEGER.fullmatch(value.strip()) is not None
    return _same_second("sequence", shot) if is_integer else None


def _file_name(rule: BurstRule, shot: Shot) -> Key | None:
    if rule.pattern_type == "custom":
        found = search_groups(rule.custom_pattern, shot.stem) if rule.custom_pattern else None
        rest = shot.stem.replace(found[0], "", 1) if found and found[0] else None
        return Key(("name", shot.folder, rest), in_a_row=True) if rest is not None else None
    for pattern in _TELLING if rule.pattern_type != "burst_suffix" else _TELLING[:1]:
        if pattern.search(shot.stem):
            return Key(("name", shot.folder, pattern.sub("", shot.stem)))
    for pattern in _NUMBERED if rule.pattern_type != "burst_suffix" else ():
        if pattern.search(shot.stem):
            return Key(("name", shot.folder, pattern.sub("", shot.stem)), in_a_row=True)
    return None


_KEYS: Final[dict[str, Callable[[BurstRule, Shot], Key | None]]] = {
    "exif_burst_mode": _burst_mode,
    "exif_sequence_number": _sequence_number,
    "filename_pattern": _file_name,
}


# --- chains


def _in_a_row(members: Sequence[Shot]) -> Iterator[list[Shot]]:
    """Members come by time. Of photos without a time nobody knows whether they were taken in a row."""
    return _chains([each for each in members if each.taken_local], _within(IN_A_ROW_SECONDS))


def _chains(ordered: Sequence[Shot], is_next: Callable[[Shot, Shot], bool]) -> Iterator[list[Shot]]:
    chain: list[Shot] = []
    for shot in ordered:
        if chain and not is_next(chain[-1], shot):
            yield chain
            chain = []
        chain.append(shot)
    if chain:
        yield chain


def _within(seconds: float) -> Callable[[Shot, Shot], bool]:
    def is_next(one: Shot, other: Shot) -> bool:
        before, after = one.moment, other.moment
        return before is not None and after is not None and after - before <= seconds

    return is_next


def _near_in_time(rule: BurstRule) -> Callable[[Shot, Shot], bool]:
    within = _within(rule.interval_ms / 1000)
    return lambda one, other: within(one, other) and (not rule.same_camera or _same_camera(one, other))


def _same_camera(one: Shot, other: Shot) -> bool:
    """Where one of them does not say, nothing speaks against it."""
    pairs = ((one.make, other.make), (one.model, other.model))
    return all(not mine or not theirs or mine == theirs for mine, theirs in pairs)


def _near_in_looks(rule: BurstRule) -> Callable[[Shot, Shot], bool]:
    def is_next(one: Shot, other: Shot) -> bool:
        if not one.perceptual_hash or not other.perceptual_hash:
            return False
        distance = (int(one.perceptual_hash, 16) ^ int(other.perceptual_hash, 16)).bit_count()
        return distance <= rule.similarity_threshold

    return is_next


_LINKS: Final[dict[str, Callable[[BurstRule], Callable[[Shot, Shot], bool]]]] = {
    "timestamp_proximity": _near_in_time,
    "visual_similarity": _near_in_looks,
}
