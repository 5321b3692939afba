"""Instants (UTC) and wall-clock texts, and the one place that reads the clock.

An instant is an integer of microseconds since 1970-01-01T00:00:00Z; a capture time is a naive ISO 8601 text.
"""

import time
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """Return the present instant in microseconds."""
    return time.time_ns() // 1000


def now_seconds() -> int:
    """Return the present instant in whole seconds, as JWT wants them (RFC 7519 section 2, NumericDate)."""
    return int(time.time())


def local_now() -> datetime:
    """Return the server's wall-clock time, naive."""
    return datetime.now(UTC).astimezone().replace(tzinfo=None)


def to_datetime(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def from_datetime(moment: datetime) -> int:
    """Return the instant of an aware `moment`; a naive one counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def iso(instant: int) -> str:
    """Return ISO 8601 with `Z`, microseconds only when they are not zero."""
    return to_datetime(instant).isoformat().replace("+00:00", "Z")


def iso_or_none(instant: int | None) -> str | None:
    return None if instant is None else iso(instant)


def iso_micro(instant: int) -> str:
    """Return ISO 8601 with `Z` and always six digits of microseconds, as times of jobs are sent."""
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def wall_iso(taken_local: datetime) -> str:
    """Return the stored text of a naive capture time, `YYYY-MM-DDThh:mm:ss[.ffffff]`; such texts sort by time."""
    return taken_local.replace(tzinfo=None).isoformat()


def parse_wall(text: str) -> datetime:
    """Return the naive time of a stored text."""
    return datetime.fromisoformat(text)
