"""Which bytes of a file a chunk says that it is, from its `Content-Range`; no I/O."""

import re
from typing import Final

import msgspec

_RANGE: Final = re.compile(r"\s*bytes\s+(\d{1,15})-(\d{1,15})(?:/(?:\d{1,15}|\*))?\s*", re.IGNORECASE)


class Span(msgspec.Struct, frozen=True):
    """Byte `start` and how many."""

    start: int
    length_bytes: int


def parse_span(header: str | None, length_bytes: int) -> Span:
    """Read `bytes <start>-<end>/<total>` with inclusive end; without one that can be read, a first chunk is meant.

    The total is never looked at: clients put the size of the chunk there.
    """
    found = _RANGE.fullmatch(header or "")
    if found is None:
        return Span(0, length_bytes)
    start, end = int(found[1]), int(found[2])
    return Span(start, end - start + 1)
