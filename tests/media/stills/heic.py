"""Writes HEIC files, which no library here does: frames from x265, in boxes of our own.

Source: ISO/IEC 23008-12 (items and their properties), ISO/IEC 14496-15 (the record of the decoder's settings).
"""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np


def write_heic(
    *pictures: np.ndarray,
    primary: int = 0,
    quarter_turns: int = 0,
    mirror: int | None = None,
    code_points: tuple[int, int] = (1, 13),
    is_full_range: bool = True,
    maker: bytes = b"",
    crf: int | None = None,
) -> bytes:
    """Return a HEIC of pictures (height, width, 3), of 8 bits or, as uint16, of 10; all of one size and depth.

    `quarter_turns`, anticlockwise, make them upright, and after these `mirror`: 0 exchanges top and bottom, 1 left and
    right. `code_points` are primaries and transfer curve of H.273.
    Without loss, or as phones write them: in 4:2:0, as good as `crf` says.
    """
    frames = [_encode(picture, crf) for picture in pictures]
    height, width = pictures[0].shape[:2]
    depth = 10 if pictures[0].dtype == np.uint16 else 8
    colours = struct.pack(">4sHHHB", b"nclx", *code_points, 6, 0x80 if is_full_range else 0)
    shared = [
        _full(b"ispe", struct.pack(">II", width, height)),
        _full(b"pixi", bytes((3, depth, depth, depth))),
        _box(b"colr", colours),
        _box(b"irot", bytes((quarter_turns,))),
        *([_box(b"imir", bytes((mirror,)))] if mirror is not None else []),
    ]
    properties = b"".join([*shared, *(settings for settings, _ in frames)])
    numbers = range(1, len(frames) + 1)
    uses = b"".join(
        struct.pack(">HB", number, len(shared) + 1)
        # What turns it is essential, and so is how it is decoded.
        + bytes(
            (1, 2, 3, *(0x80 | each for each in range(4, len(shared) + 1)), 0x80 | (len(shared) + number))
        )
        for number in numbers
    )
    data = [frame for _, frame in frames]
    infos = b"".join(
        _full(b"infe", struct.pack(">HH4sB", number, 0, b"hvc1", 0), version=2) for number in numbers
    )
    if maker:
        exif = struct.pack(">I", 0) + struct.pack(
            "<2sHIHHHIII", b"II", 42, 8, 1, 0x010F, 2, len(maker) + 1, 26, 0
        )
        data.append(exif + maker + b"\0")
        infos += _full(b"infe", struct.pack(">HH4sB", len(data), 0, b"Exif", 0), version=2)
    head = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")

    def meta(start: int) -> bytes:
        places = b""
        for number, item in enumerate(data, 1):
            places += struct.pack(">HHHII", number, 0, 1, start, len(item))
            start += len(item)
        return _full(
            b"meta",
            _full(b"hdlr", struct.pack(">I4s12xB", 0, b"pict", 0))
            + _full(b"pitm", struct.pack(">H", primary + 1))
            + _full(b"iloc", struct.pack(">BBH", 0x44, 0, len(data)) + places)
            + _full(b"iinf", struct.pack(">H", len(data)) + infos)
            + (
                _full(b"iref", _box(b"cdsc", struct.pack(">HHH", len(data), 1, primary + 1)))
                if maker
                else b""
            )
            + _box(
                b"iprp",
                _box(b"ipco", properties) + _full(b"ipma", struct.pack(">I", len(frames)) + uses),
            ),
        )

    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", b"".join(data))


def _encode(picture: np.ndarray, crf: int | None) -> tuple[bytes, bytes]:
    """Return the decoder's settings as a box, and one frame."""
    is_deep = picture.dtype == np.uint16
    sampling, quality = ("yuv444p", "lossless=1") if crf is None else ("yuv420p", f"crf={crf}")
    codec = av.CodecContext.create("libx265", "w")
    codec.height, codec.width = picture.shape[:2]
    codec.pix_fmt = f"{sampling}10le" if is_deep else sampling
    codec.time_base = Fraction(1, 25)
    codec.options = {"x265-params": f"{quality}:log-level=none:pools=none:frame-threads=1:range=full"}
    frame = av.VideoFrame.from_ndarray(picture, format="rgb48le" if is_deep else "rgb24")
    frame = frame.reformat(format=codec.pix_fmt, dst_color_range="JPEG", src_color_range="JPEG")
    frame.pts = 0
    stream = b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])
    units = [unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1") if unit.rstrip(b"\0")]
    sets = {kind: next(unit for unit in units if _kind(unit) == kind) for kind in (32, 33, 34)}
    slices = b"".join(struct.pack(">I", len(unit)) + unit for unit in units if _kind(unit) < 32)
    return _settings(sets, 10 if is_deep else 8, 3 if crf is None else 1), slices


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 0x3F


def _settings(sets: dict[int, bytes], depth: int, sampling: int) -> bytes:
    """The box `hvcC`: profile and level as the second set says them, then the three sets."""
    profile_and_level = sets[33].replace(b"\0\0\3", b"\0\0")[3:15]
    body = (
        b"\1"
        + profile_and_level
        + b"\xf0\0\xfc"
        + bytes((0xFC | sampling, 0xF8 | depth - 8, 0xF8 | depth - 8, 0, 0, 0x0F))
    )
    body += bytes((len(sets),))
    for kind, unit in sets.items():
        body += struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit
    return _box(b"hvcC", body)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, body: bytes, *, version: int = 0) -> bytes:
    return _box(kind, bytes((version, 0, 0, 0)) + body)
