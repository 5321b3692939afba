"""Chooses when a photo was taken: the first of the user's rules that yields a time wins.

The time is wall-clock time where the photo was taken. Knows tags, path and file times; looks nothing up itself.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from librephotos.kit.patterns import search_groups
from librephotos.library.date_rules import DateRule
from librephotos.library.lenient_times import parse_app_name, parse_odd_time, parse_partial_date

ZoneLookup = Callable[[float, float], str | None]
"""Latitude and longitude in degrees to an IANA zone name."""

FUTURE_DAYS: Final = 30

_BETWEEN: Final = r"[-:_., ]*"
_DEFAULT_TIME: Final = re.compile(
    r"(?<![0-9])"
    + _BETWEEN.join(
        (
            *(r"((?:19|20|21)[0-9]{2})", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12][0-9]|3[01])"),
            *(r"([01][0-9]|2[0-3])", r"([0-5][0-9])", r"([0-5][0-9])"),
        )
    )
)
_WHATSAPP_NAME: Final = re.compile(
    r"(?:IMG|VID)[-_]((?:19|20|21)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(?:[-_]WA([0-9]{1,18}))?"
)
_OFFSET: Final = re.compile(r"(Z)$|([+-])([0-9]{2}):?([0-9]{2})$")
_TEXT_CHARACTERS: Final = 4096
_UNSET_CLOCKS: Final = {
    "QuickTime:": frozenset({datetime(1904, 1, 1), datetime(1970, 1, 1)}),
    "EXIF:": frozenset({datetime(1970, 1, 1)}),
    "Composite:": frozenset({datetime(1970, 1, 1)}),
    "H264:": frozenset({datetime(1970, 1, 1)}),
    "RIFF:": frozenset({datetime(1970, 1, 1)}),
    "Matroska:": frozenset({datetime(2001, 1, 1), datetime(1970, 1, 1)}),
}
"""What writers leave when their clock is not set, to the second: the zero of their format's epoch, and of Unix.

XMP is written by photo managers, in which people date old prints.
"""

_RESET_CLOCK: Final = datetime(1980, 1, 1)
"""Where the clock of a camera begins whose battery was empty: the zero of FAT. An old print may bear it truly."""

_ELSEWHERE: Final = {
    "EXIF:DateTimeOriginal": ("H264:DateTimeOriginal", "RIFF:DateTimeOriginal"),
    "QuickTime:CreateDate": ("Matroska:DateTimeOriginal",),
}
"""Where videos without such a tag say the same: AVCHD (MDPM) and AVI (IDIT) by the camera's clock, Matroska in UTC."""

_SUMMER: Final = " DST"
"""How ExifTool ends a camcorder's time whose offset is that of the winter."""

_LOCAL_GROUPS: Final = ("EXIF:", "XMP:", "IPTC:")
_CREATION_DATE: Final = "QuickTime:CreationDate"

_OFFSET_TAGS: Final = {
    "EXIF:DateTimeOriginal": "EXIF:OffsetTimeOriginal",
    "EXIF:ModifyDate": "EXIF:OffsetTime",
}


class FileTimes(msgspec.Struct, frozen=True):
    """Seconds since 1970, UTC."""

    mtime: float
    ctime: float


class Evidence(msgspec.Struct, frozen=True):
    """All that may tell when a photo was taken. `position` is (latitude, longitude) in degrees."""

    path: str
    tags: Mapping[str, str] = {}
    file_times: FileTimes | None = None
    position: tuple[float, float] | None = None
    user_timestamp: datetime | None = None
    default_timezone: str = "UTC"


class CaptureTime(msgspec.Struct, frozen=True):
    """The chosen wall-clock time, minutes east of UTC if known, and the rule (and tag) that decided."""

    taken_local: datetime
    offset_minutes: int | None
    rule_id: int
    tag: str | None = None


def choose_capture_time(
    evidence: Evidence, rules: Iterable[DateRule], *, zone_at: ZoneLookup, now: datetime | None = None
) -> CaptureTime | None:
    """Return the time of the first rule that applies, None when none does. `now` is an aware instant.

    Where none applies to the letter, the rules are asked again for what a person would read in the same tags and
    names: `lenient_times.py`.
    """
    latest = (now or datetime.now(UTC)).replace(tzinfo=None) + timedelta(days=FUTURE_DAYS)
    rules = list(rules)
    for read in (_read, _read_leniently):
        for rule in rules:
            chosen = _apply(rule, evidence, zone_at, read)
            if chosen is not None and (rule.rule_type == "user_defined" or chosen.taken_local <= latest):
                return _with_offset(chosen, rule, evidence, zone_at)
    return None


def zone_at_position(latitude: float, longitude: float) -> str | None:
    """Return the IANA zone of a position, from tzfpy's bundled map; loads some megabytes at the first call."""
    return _zone_finder()(longitude, latitude) or None


def load_zones() -> None:
    """Load the map of zones, before a transaction asks it; the first question does that."""
    _zone_finder()(0.0, 0.0)


def parse_time(text: str) -> datetime | None:
    """Return the first date and time in a text, None if there is none or it is no possible one."""
    found = _DEFAULT_TIME.search(text[:_TEXT_CHARACTERS])
    return _as_time(found.groups()) if found else None


def parse_whatsapp_name(name: str) -> datetime | None:
    """Return the day in a name such as `IMG-20230701-WA0012.jpg`; the number becomes microseconds, for the order."""
    found = _WHATSAPP_NAME.match(name)
    if found is None:
        return None
    year, month, day, number = found.groups()
    microseconds = int(number or 0)
    try:
        return datetime(int(year), int(month), int(day)) + timedelta(microseconds=min(microseconds, 999_999))
    except ValueError:
        return None


def parse_offset_minutes(text: str) -> int | None:
    """Return minutes east of UTC from a text that ends in `Z`, `+02:00` or `-0330`."""
    found = _OFFSET.search(text.strip())
    if found is None:
        return None
    if found[1]:
        return 0
    minutes = int(found[3]) * 60 + int(found[4])
    return None if minutes > 14 * 60 or int(found[4]) > 59 else (-minutes if found[2] == "-" else minutes)


def _apply(
    rule: DateRule,
    evidence: Evidence,
    zone_at: ZoneLookup,
    reading: Callable[[DateRule, Evidence], datetime | None],
) -> CaptureTime | None:
    if not _conditions_hold(rule, evidence):
        return None
    if rule.rule_type == "user_defined":
        stamp = evidence.user_timestamp
        return CaptureTime(stamp.replace(tzinfo=None), None, rule.id) if stamp else None
    rule = _where_told(rule, evidence.tags)
    read = reading(rule, evidence)
    if read is None:
        return None
    tag = rule.exif_tag if rule.rule_type == "exif" else None
    if rule.transform_tz:
        converted = _convert(read, rule, evidence, zone_at)
        return CaptureTime(*converted, rule.id, tag) if converted else None
    return CaptureTime(read, _offset_minutes(rule, evidence), rule.id, tag)


def _where_told(rule: DateRule, tags: Mapping[str, str]) -> DateRule:
    """Return the rule about the tag that says in this kind of file what the rule asks for."""
    if rule.rule_type != "exif" or tags.get(rule.exif_tag):
        return rule
    told = next((tag for tag in _ELSEWHERE.get(rule.exif_tag, ()) if tags.get(tag)), None)
    return rule if told is None else msgspec.structs.replace(rule, exif_tag=told)


def _read(rule: DateRule, evidence: Evidence) -> datetime | None:
    if rule.rule_type == "exif":
        return _read_tag(rule.exif_tag, evidence.tags)
    if rule.rule_type == "path":
        return _read_path(rule, evidence.path)
    return _read_file_time(rule, evidence.file_times)


def _read_tag(tag: str, tags: Mapping[str, str]) -> datetime | None:
    text = tags.get(tag)
    if not text:
        return None
    time = parse_time(text)
    unset = _unset_clocks(tag)
    return None if time in unset or (unset and time == _RESET_CLOCK) else time


def _unset_clocks(tag: str) -> frozenset[datetime]:
    return next((times for group, times in _UNSET_CLOCKS.items() if tag.startswith(group)), frozenset())


def _read_leniently(rule: DateRule, evidence: Evidence) -> datetime | None:
    """Return what a person would read where the rule finds nothing; zones are left to the rule."""
    if rule.rule_type == "exif":
        text = evidence.tags.get(rule.exif_tag)
        if not text:
            return None
        time = parse_time(text) or parse_odd_time(text)
        if time is None and rule.exif_tag.startswith("XMP:"):
            time = parse_partial_date(text)
        return None if time in _unset_clocks(rule.exif_tag) else time
    if rule.rule_type != "path" or rule.custom_regexp or rule.predefined_regexp == "whatsapp":
        return None
    text = evidence.path if rule.path_part == "full_path" else os.path.basename(evidence.path)
    return parse_odd_time(text) or _of_app(os.path.basename(evidence.path), evidence)


def _of_app(name: str, evidence: Evidence) -> datetime | None:
    """Return the time in the user's zone of a name that counts milliseconds."""
    instant = parse_app_name(name)
    zone = named_zone(evidence.default_timezone)
    if instant is None or zone is None:
        return instant
    return instant.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _read_path(rule: DateRule, path: str) -> datetime | None:
    text = path if rule.path_part == "full_path" else os.path.basename(path)
    if rule.custom_regexp:
        groups = search_groups(rule.custom_regexp, text)
        return _as_time(groups[1:7]) if groups and len(groups) >= 7 else None
    return parse_whatsapp_name(text) if rule.predefined_regexp == "whatsapp" else parse_time(text)


def _read_file_time(rule: DateRule, times: FileTimes | None) -> datetime | None:
    if times is None or rule.file_property not in ("mtime", "ctime"):
        return None
    seconds = times.mtime if rule.file_property == "mtime" else times.ctime
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def _as_time(groups: Iterable[str]) -> datetime | None:
    try:
        return datetime(*(int(group) for group in groups))  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return None


def _convert(
    read: datetime, rule: DateRule, evidence: Evidence, zone_at: ZoneLookup
) -> tuple[datetime, int | None] | None:
    """Read the time in source_tz and express it in report_tz; None when a zone cannot be told."""
    try:
        instant = _as_instant(read, rule.source_tz, evidence, zone_at)
        shown = _shown_in(instant, rule.report_tz, evidence, zone_at) if instant else None
        offset = shown.utcoffset() if shown else None
    except (ValueError, OverflowError, OSError):
        return None
    if shown is None or offset is None:
        return None
    return shown.replace(tzinfo=None), round(offset.total_seconds() / 60)


def _as_instant(read: datetime, word: str, evidence: Evidence, zone_at: ZoneLookup) -> datetime | None:
    if word == "server_local":
        return read.astimezone()
    zone = _zone(word, evidence, zone_at)
    return read.replace(tzinfo=zone) if zone else None


def _shown_in(instant: datetime, word: str, evidence: Evidence, zone_at: ZoneLookup) -> datetime | None:
    if word == "server_local":
        return instant.astimezone()
    zone = _zone(word, evidence, zone_at)
    return instant.astimezone(zone) if zone else None


def _zone(word: str, evidence: Evidence, zone_at: ZoneLookup) -> tzinfo | None:
    if word == "utc":
        return UTC
    if word == "gps_timezonefinder":
        position = evidence.position
        name = zone_at(*position) if position and position != (0, 0) else None
        return named_zone(name) if name else None
    if word == "user_default":
        return named_zone(evidence.default_timezone)
    return named_zone(word.removeprefix("name:")) if word.startswith("name:") else None


@functools.lru_cache(maxsize=512)
def named_zone(name: str) -> tzinfo | None:
    """Return the zone of an IANA name, None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset_minutes(rule: DateRule, evidence: Evidence) -> int | None:
    """Return the offset an unconverted tag comes with: its own offset tag, or the suffix of an XMP or GPS time."""
    if rule.rule_type != "exif":
        return None
    if rule.exif_tag in _OFFSET_TAGS:
        return parse_offset_minutes(evidence.tags.get(_OFFSET_TAGS[rule.exif_tag], ""))
    text = evidence.tags.get(rule.exif_tag, "").strip()
    minutes = (
        parse_offset_minutes(text.removesuffix(_SUMMER)) if len(text) > len("2023:07:01 14:05") else None
    )
    return minutes + 60 if minutes is not None and text.endswith(_SUMMER) else minutes


def _with_offset(chosen: CaptureTime, rule: DateRule, evidence: Evidence, zone_at: ZoneLookup) -> CaptureTime:
    """Return a time with the offset that is known from elsewhere: of a phone's own note, or of the place."""
    if chosen.offset_minutes is not None:
        return chosen
    note = evidence.tags.get(_CREATION_DATE, "")
    if parse_time(note) == chosen.taken_local and (minutes := parse_offset_minutes(note)) is not None:
        return msgspec.structs.replace(chosen, offset_minutes=minutes)
    is_local = rule.rule_type in ("path", "user_defined") or rule.exif_tag.startswith(_LOCAL_GROUPS)
    zone = _zone("gps_timezonefinder", evidence, zone_at) if is_local else None
    offset = chosen.taken_local.replace(tzinfo=zone).utcoffset() if zone else None
    if offset is None:
        return chosen
    return msgspec.structs.replace(chosen, offset_minutes=round(offset.total_seconds() / 60))


def _conditions_hold(rule: DateRule, evidence: Evidence) -> bool:
    if rule.condition_path and search_groups(rule.condition_path, evidence.path) is None:
        return False
    name = os.path.basename(evidence.path) if rule.condition_filename else ""
    if rule.condition_filename and search_groups(rule.condition_filename, name) is None:
        return False
    if not rule.condition_exif:
        return True
    tag, separator, pattern = rule.condition_exif.partition("//")
    return bool(separator) and tag in evidence.tags and search_groups(pattern, evidence.tags[tag]) is not None


@functools.lru_cache(maxsize=1)
def _zone_finder() -> Callable[[float, float], str]:
    import tzfpy  # Loaded by the worker alone, when the first position asks for its zone.

    return tzfpy.get_tz
