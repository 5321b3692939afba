"""What an AVIF file says of its colours, which Pillow does not hand on: the `colr` box of the primary item.

Source: ISO/IEC 14496-12 (boxes, `pitm`), ISO/IEC 23008-12 (`iprp`, `ipco`, `ipma`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from librephotos.media.stills.light import Signal

_META_BYTES: Final = 1024 * 1024
_BOXES: Final = 4096


def read_signal(data: bytes) -> Signal | None:
    """Return primaries and transfer of the primary picture, None where the file does not tell or is damaged."""
    meta = _find(data[: 16 * 1024 * 1024], b"meta")
    if meta is None or len(meta) > _META_BYTES:
        return None
    inside = meta[4:]
    properties = _find(inside, b"iprp") or b""
    known = [(kind, body) for kind, body in _boxes(_find(properties, b"ipco") or b"")]
    for index in _indices(_find(properties, b"ipma") or b"", _primary(_find(inside, b"pitm") or b"")):
        if 0 < index <= len(known) and known[index - 1][0] == b"colr" and known[index - 1][1][:4] == b"nclx":
            body = known[index - 1][1]
            return Signal(int.from_bytes(body[4:6], "big"), int.from_bytes(body[6:8], "big"))
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    for _ in range(_BOXES):
        length, kind = int.from_bytes(data[offset : offset + 4], "big"), data[offset + 4 : offset + 8]
        start = offset + 8
        if length == 1:
            length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        elif length == 0:
            length = len(data) - offset
        if len(kind) < 4 or length < start - offset:
            return
        yield kind, data[start : offset + length]
        offset += length


def _find(data: bytes, wanted: bytes) -> bytes | None:
    return next((body for kind, body in _boxes(data) if kind == wanted), None)


def _primary(body: bytes) -> int:
    return int.from_bytes(body[4:6] if body[:1] == b"\x00" else body[4:8], "big")


def _indices(body: bytes, item: int) -> list[int]:
    """Return the numbers, from 1 on, of the properties that belong to an item."""
    version, is_wide = body[:1] or b"\x00", bool(body[3:4] and body[3] & 1)
    id_bytes = 2 if version == b"\x00" else 4
    step = 2 if is_wide else 1
    offset = 8
    for _ in range(min(int.from_bytes(body[4:8], "big"), _BOXES)):
        found = int.from_bytes(body[offset : offset + id_bytes], "big")
        offset += id_bytes
        count = body[offset] if offset < len(body) else 0
        offset += 1
        if found == item:
            mask = 0x7FFF if is_wide else 0x7F
            ends = range(offset, min(offset + count * step, len(body)), step)
            return [int.from_bytes(body[start : start + step], "big") & mask for start in ends]
        offset += count * step
    return []
