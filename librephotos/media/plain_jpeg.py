"""The tags of a JPEG with hardly anything to read in it: most small pictures, those of messengers and of the web.

ExifTool takes 4 ms to say so of each. What this returns is what ExifTool would say, to the letter; of whatever is not
as plain as that it returns None, and ExifTool is asked. A test holds the two against each other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

import msgspec

from librephotos.media.exiftool import Tags
from librephotos.media.tags import FACT_TAGS, KEPT_TAGS

SUFFIXES: Final = (b".jpg", b".jpeg")
_ANSWERED: Final = frozenset((*FACT_TAGS, *KEPT_TAGS))
"""What may be asked: of these a plain JPEG has no more than its size and its orientation."""

_TABLES: Final = frozenset((0xDB, 0xC4, 0xDD))  # DQT, DHT, DRI: ITU-T T.81, table B.1
_FRAMES: Final = frozenset((0xC0, 0xC1, 0xC2))
_PROGRESSIVE: Final = 0xC2
_RESTARTS: Final = 0xDD
_SCAN: Final = 0xDA
_APP0: Final = 0xE0
_APP1: Final = 0xE1
_EXIF: Final = b"Exif\0\0"
_ORIENTATION: Final = 0x0112
_ENTRY_BYTES: Final = 12
_TEXT, _SHORT, _RATIONAL = 2, 3, 5
_BYTES: Final = {_SHORT: 2, _RATIONAL: 8}
_UNASKED: Final = {
    0x010E: _TEXT,  # ImageDescription
    0x0131: _TEXT,  # Software
    0x011A: _RATIONAL,  # XResolution
    0x011B: _RATIONAL,  # YResolution
    0x0128: _SHORT,  # ResolutionUnit
    0x0213: _SHORT,  # YCbCrPositioning
}
"""Tags of Exif's first directory that nobody asks for and that no other tag is made of, with their types."""


class Plain(msgspec.Struct, frozen=True):
    """What a plain JPEG says: its size as stored, its orientation (0 without one), and how it is coded."""

    width: int
    height: int
    orientation: int
    bands: int
    is_progressive: bool
    has_restarts: bool


def read_plain_jpeg(path: bytes, data: bytes, asked: Iterable[str]) -> Tags | None:
    """Return the tags, or None when there may be more to read than this knows."""
    if not path.lower().endswith(SUFFIXES) or not _ANSWERED.issuperset(asked):
        return None
    plain = read_header(data)
    return _tags(plain) if plain is not None else None


def read_header(data: bytes) -> Plain | None:
    """Return what a JPEG says before its first scan, or None when there may be more in it than this knows."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    frame: tuple[int, int, int, int] | None = None
    orientation = 0
    seen: set[int] = set()
    place = 2
    while place + 4 <= len(data):
        mark, kind, length = struct.unpack_from(">BBH", data, place)
        body, place = data[place + 4 : place + 2 + length], place + 2 + length
        if mark != 0xFF or length < 2 or place > len(data):
            return None
        if kind == _SCAN:
            return _plain(frame, orientation, has_restarts=_RESTARTS in seen)
        if kind not in _TABLES and kind in seen:
            return None
        seen.add(kind)
        if kind in _FRAMES and frame is None and len(body) >= 6:
            height, width, bands = struct.unpack_from(">HHB", body, 1)
            frame = (kind, width, height, bands) if width and height else None
        elif kind == _APP1 and body.startswith(_EXIF):
            found = _read_exif(body[len(_EXIF) :])
            if found is None:
                return None
            orientation = found
        elif kind not in _TABLES and not (kind == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 14):
            return None
    return None


def _plain(frame: tuple[int, int, int, int] | None, orientation: int, *, has_restarts: bool) -> Plain | None:
    if frame is None:
        return None
    kind, width, height, bands = frame
    return Plain(width, height, orientation, bands, kind == _PROGRESSIVE, has_restarts)


def _tags(plain: Plain) -> Tags:
    width, height = str(plain.width), str(plain.height)
    tags: Tags = {
        "File:ImageWidth": width,
        "File:ImageHeight": height,
        "Composite:ImageSize": f"{width} {height}",
        "ImageWidth": width,
        "ImageHeight": height,
    }
    if plain.orientation:
        tags["EXIF:Orientation"] = str(plain.orientation)
    return tags


def _read_exif(tiff: bytes) -> int | None:
    """Return the orientation, 0 without one; None when there is anything else that might be asked for.

    Source: TIFF 6.0, section 2: one directory of entries in ascending order, all values within the block.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 14 or struct.unpack_from(f"{order}L", tiff, 4) != (8,):
        return None
    (count,) = struct.unpack_from(f"{order}H", tiff, 8)
    end = 10 + count * _ENTRY_BYTES
    if not count or end + 4 > len(tiff) or struct.unpack_from(f"{order}L", tiff, end) != (0,):
        return None
    orientation, last = 0, 0
    for start in range(10, end, _ENTRY_BYTES):
        tag, kind, amount, value = struct.unpack_from(f"{order}HHLL", tiff, start)
        if tag <= last:
            return None
        last = tag
        if tag == _ORIENTATION and (kind, amount) == (_SHORT, 1):
            (orientation,) = struct.unpack_from(f"{order}H", tiff, start + 8)
            if not 1 <= orientation <= 8:
                return None
        elif kind != _UNASKED.get(tag) or (kind != _TEXT and amount != 1):
            return None
        else:
            length = amount if kind == _TEXT else _BYTES[kind]
            if length > 4 and not end + 4 <= value <= len(tiff) - length:
                return None
    return orientation
