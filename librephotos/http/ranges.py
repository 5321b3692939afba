"""Byte ranges and conditional requests for files (RFC 9110 sections 13 and 14); knows no photo."""

import os
import re
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

import msgspec

_RANGE = re.compile(rb"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


class Unsatisfiable(msgspec.Struct, frozen=True):
    """The range lies outside the file."""


class Part(msgspec.Struct, frozen=True):
    start: int
    length: int


class Validators(msgspec.Struct, frozen=True):
    """What names a version of a file: strong ETag and time of change in whole seconds."""

    etag: bytes
    modified_at_seconds: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Validators":
        return cls(f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'.encode(), int(stat.st_mtime))

    @property
    def last_modified(self) -> bytes:
        return _http_date(self.modified_at_seconds)


@lru_cache(maxsize=1024)
def _http_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


class Conditions(msgspec.Struct):
    """The request's headers that decide how a file is answered, as sent."""

    byte_range: bytes | None = None
    if_range: bytes | None = None
    if_none_match: bytes | None = None
    if_modified_since: bytes | None = None


def is_unchanged(conditions: Conditions, validators: Validators) -> bool:
    """Whether the caller has this version: 304. `If-None-Match` makes `If-Modified-Since` count for nothing."""
    tags = conditions.if_none_match
    if tags is not None:
        listed = (tag.strip().removeprefix(b"W/") for tag in tags.split(b","))
        return tags.strip() == b"*" or validators.etag in listed
    since = _seconds(conditions.if_modified_since)
    return since is not None and validators.modified_at_seconds <= since


def choose_part(conditions: Conditions, validators: Validators, size: int) -> Part | Unsatisfiable | None:
    """Return the one part asked for, or None for the whole file.

    Several ranges, other units and malformed ones are answered with the whole file, as the RFC allows.
    """
    if conditions.byte_range is None or not _is_range_fresh(conditions.if_range, validators):
        return None
    match = _RANGE.fullmatch(conditions.byte_range)
    if match is None or match.groups() == (b"", b""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return Part(size - length, length) if length else Unsatisfiable()
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        return Unsatisfiable()
    end = min(int(last), size - 1) if last else size - 1
    return Part(start, end - start + 1)


def _is_range_fresh(if_range: bytes | None, validators: Validators) -> bool:
    """A weak tag or another date makes the range count for nothing."""
    if if_range is None:
        return True
    if if_range.lstrip().startswith((b'"', b"W/")):
        return if_range.strip() == validators.etag
    return _seconds(if_range) == validators.modified_at_seconds


def _seconds(date: bytes | None) -> int | None:
    if date is None:
        return None
    try:
        return int(parsedate_to_datetime(date.decode("latin-1")).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
