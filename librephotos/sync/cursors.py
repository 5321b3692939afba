"""Where somebody is in a feed: the time of change and the id of the last item they had.

A cursor says what happened since the time of that item. After 90 days nobody knows any more what was deleted, so that
an older cursor is refused. It is as old as its item, unless it says that it was given later: in a library where nothing
has changed for months, a copy that was begun today would otherwise have to begin anew for ever.
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from librephotos.errors import Refusal
from librephotos.kit import clock
from librephotos.kit.ids import parse_int, parse_uuid
from librephotos.photos.tombstones import KEPT_DAYS

DEFAULT_SIZE: Final = 500
MAX_SIZE: Final = 1000
# From this age of an item on, a cursor says when it was given.
AGED: Final = KEPT_DAYS * clock.DAY // 2
INVALID: Final = {"error": "invalid_cursor"}
EXPIRED: Final = {"error": "cursor_expired"}
MAX_CHARS: Final = 256


class Cursor(msgspec.Struct, frozen=True):
    """`key` is the id of an item as its feed has it: a UUID or a number. `given_at` is when the cursor was given."""

    at: int
    key: str | int
    given_at: int


# Before every item; negative, since a time of change may be 0 where nothing is known.
BEGINNING: Final = -1


def write_cursor(at: int, key: str | int, now: int) -> str:
    parts = [iso_offset(at), str(key)]
    if at < now - AGED:
        parts.append(iso_offset(now))
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode()


def parse_cursor(text: str | None, now: int, *, is_uuid: bool) -> Cursor | None:
    """Return the cursor that a query gives, None for none. Raises Refusal for one that cannot be served."""
    if not text:
        return None
    at_text, _, rest = _decoded(text).partition("|")
    key_text, _, given_text = rest.partition("|")
    key = parse_uuid(key_text) if is_uuid else parse_int(key_text)
    at = _instant(at_text)
    given_at = _instant(given_text) if given_text else at
    if key is None or at is None or given_at is None:
        raise Refusal(400, INVALID)
    if given_at < now - KEPT_DAYS * clock.DAY:
        raise Refusal(410, EXPIRED)
    return Cursor(at, key, given_at)


def parse_size(text: str | None) -> int:
    """Return the size of a page that a query asks for, within its limits."""
    number = parse_int(text.removeprefix("-")) if text else None
    if text is None or number is None:
        return DEFAULT_SIZE
    return 1 if text.startswith("-") else min(max(number, 1), MAX_SIZE)


def iso_offset(instant: int) -> str:
    """Return ISO 8601 with six digits of microseconds and `+00:00`, as feeds spell times."""
    return clock.to_datetime(instant).isoformat(timespec="microseconds")


def _decoded(text: str) -> str:
    """Return what a cursor holds; what is not one is empty."""
    if len(text) > MAX_CHARS:
        return ""
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _instant(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        return (moment.astimezone(UTC) - clock.EPOCH) // timedelta(microseconds=1)
    except OverflowError:
        return None
