"""JPEG XL by libjxl, through pylibjxl: the first frame, which the library has already turned upright."""

from __future__ import annotations

from typing import Any, Final

import pylibjxl

from librephotos.media.errors import UnreadableMedia
from librephotos.media.stills.jxl_header import read_header
from librephotos.media.stills.light import LINEAR, Signal
from librephotos.media.stills.picture import Array, Picture, from_array
from librephotos.media.stills.source import CUT_SHORT, Limits, Source, unreadable

_BYTES_PER_PIXEL: Final = 12
"""Measured: 34 MiB for 6 megapixels, which progressive ones exceed: libjxl keeps their 32-bit coefficients."""

_FAILURES: Final = (ValueError, RuntimeError, TypeError, OSError, MemoryError)


def decode(source: Source, limits: Limits) -> Picture:
    """Return the picture in 8 bits. Raises UnreadableMedia, and NeedsTurn by the header."""
    data = source.read()
    try:
        size = pylibjxl.probe(data)
        limits.check(size["width"], size["height"], _BYTES_PER_PIXEL)
        pixels, profile = _decode(data, is_animated=size["have_animation"])
    except _FAILURES as error:
        raise _told(error) from error
    header = read_header(data)
    if header is not None and header.is_xyb and header.signal is None:
        # libjxl cannot aim at a profile from its own colours: what it yields is linear light, whatever the profile.
        return from_array(pixels, signal=Signal(transfer=LINEAR))
    return from_array(pixels, profile=profile, signal=header.signal if header else None)


def _decode(data: bytes, *, is_animated: bool) -> tuple[Array, bytes | None]:
    """Of an animation, only the call without metadata stops after the first frame."""
    with pylibjxl.JXL(threads=1) as codec:
        if is_animated:
            return codec.decode(data), None
        pixels, metadata = codec.decode(data, metadata=True)
    return pixels, metadata.get("icc")


def _told(error: BaseException) -> Any:
    return UnreadableMedia(CUT_SHORT) if "need more input" in str(error) else unreadable(error)
