"""Writes the smallest RAW files that LibRaw reads: uncompressed DNG, as a camera of ours would.

Source: Adobe DNG 1.4; TIFF 6.0 for the directories. The sensor has red, green, green, blue in squares of four.
"""

from __future__ import annotations

import struct

import numpy as np

BYTE, ASCII, SHORT, LONG, RATIONAL, SIGNED_RATIONAL = 1, 2, 3, 4, 5, 10
Entry = tuple[int, int, int, bytes]


def write_dng(
    colours: np.ndarray,
    *,
    preview: bytes | None = None,
    preview_size: tuple[int, int] = (0, 0),
    orientation: int = 1,
) -> bytes:
    """Return a DNG whose sensor saw `colours` (height, width, 3) of 8 bits, with a JPEG beside it when given one."""
    sensor = _mosaic(colours).tobytes()
    height, width = colours.shape[:2]
    picture = [
        _long(254, 0),
        _long(256, width),
        _long(257, height),
        _short(258, 16),
        _short(259, 1),
        _short(262, 32803),  # a colour filter array
        _long(273, 0),  # patched below: where the numbers lie
        _short(277, 1),
        _long(278, height),
        _long(279, len(sensor)),
        (33421, SHORT, 2, struct.pack("<HH", 2, 2)),
        (33422, BYTE, 4, bytes((0, 1, 1, 2))),
        _short(50714, 0),
        _short(50717, 65535),
    ]
    common = [
        _text(271, "Maker"),
        _text(272, "Model R"),
        _short(274, orientation),
        (50706, BYTE, 4, bytes((1, 4, 0, 0))),
        _text(50708, "Maker Model R"),
        # From XYZ to the sensor's colours: those of sRGB.
        (
            50721,
            SIGNED_RATIONAL,
            9,
            _matrix(3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.204, 1.057),
        ),
        (50728, RATIONAL, 3, struct.pack("<6I", 1, 1, 1, 1, 1, 1)),
        _short(50778, 21),
    ]
    if preview is None:
        return _file([sorted(picture + common)], [sensor])
    first = [
        _long(254, 1),
        _long(256, preview_size[0]),
        _long(257, preview_size[1]),
        (258, SHORT, 3, struct.pack("<HHH", 8, 8, 8)),
        _short(259, 7),
        _short(262, 6),
        _long(273, 0),
        _short(277, 3),
        _long(278, preview_size[1]),
        _long(279, len(preview)),
        _long(330, 0),  # patched below: the directory of the sensor's picture
    ]
    return _file([sorted(first + common), picture], [preview, sensor])


def _mosaic(colours: np.ndarray) -> np.ndarray:
    linear = ((colours / 255.0) ** 2.2 * 65535).astype("<u2")
    sensor = linear[:, :, 1].copy()
    sensor[::2, ::2] = linear[::2, ::2, 0]
    sensor[1::2, 1::2] = linear[1::2, 1::2, 2]
    return sensor


def _file(directories: list[list[Entry]], strips: list[bytes]) -> bytes:
    starts, position = [], 8
    for entries in directories:
        starts.append(position)
        position += (
            6 + 12 * len(entries) + sum(len(data) + len(data) % 2 for *_, data in entries if len(data) > 4)
        )
    places = []
    for strip in strips:
        places.append(position)
        position += len(strip) + len(strip) % 2
    out = struct.pack("<2sHI", b"II", 42, 8)
    for entries, start, place in zip(directories, starts, places, strict=True):
        patches = {273: place, 330: starts[-1]}
        table, beside = b"", b""
        outside = start + 6 + 12 * len(entries)
        for tag, kind, count, data in entries:
            value = struct.pack("<I", patches[tag]) if tag in patches else data
            if len(value) > 4:
                value, beside = (
                    struct.pack("<I", outside + len(beside)),
                    beside + data + b"\0" * (len(data) % 2),
                )
            table += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
        out += struct.pack("<H", len(entries)) + table + struct.pack("<I", 0) + beside
    return out + b"".join(strip + b"\0" * (len(strip) % 2) for strip in strips)


def _short(tag: int, value: int) -> Entry:
    return tag, SHORT, 1, struct.pack("<H", value)


def _long(tag: int, value: int) -> Entry:
    return tag, LONG, 1, struct.pack("<I", value)


def _text(tag: int, value: str) -> Entry:
    return tag, ASCII, len(value) + 1, value.encode() + b"\0"


def _matrix(*values: float) -> bytes:
    return b"".join(struct.pack("<ii", round(value * 10_000), 10_000) for value in values)
