"""HEIC and HEIF by libheif, through pi-heif: the primary image, which the library has already turned upright.

The small pictures that such files carry beside it are never taken for it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pi_heif
from pi_heif import options

from librephotos.media.stills.light import Signal
from librephotos.media.stills.picture import Array, Picture, from_array
from librephotos.media.stills.source import Limits, Source, unreadable

_BYTES_PER_PIXEL: Final = 8
_DEEP_BYTES_PER_PIXEL: Final = 20
"""Measured: 73 MiB for 12 megapixels of 8 bits, 600 MiB for 33 megapixels of 10 bits in 4:2:2."""

_SONY: Final = b"SONY\0"
_MAKER_BYTES: Final = 2048
_CODE_POINTS: Final = b"colrnclx"
_FLAG_OFFSET: Final = 14
_PROPERTIES_BYTES: Final = 65536

# One thread a process, and nothing but the pictures themselves.
options.DECODE_THREADS = 1
options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False

_FAILURES: Final = (ValueError, EOFError, SyntaxError, RuntimeError, OSError, LookupError, MemoryError)


def decode(source: Source, limits: Limits) -> Picture:
    """Return the primary picture of 8, 10 or 12 bits. Raises UnreadableMedia, and NeedsTurn by the header."""
    try:
        image = _open(source.read())
        width, height = image.size
        is_deep = image.info["bit_depth"] > 8
        limits.check(width, height, _DEEP_BYTES_PER_PIXEL if is_deep else _BYTES_PER_PIXEL)
        pixels = _pixels(image)
    except _FAILURES as error:
        raise unreadable(error) from error
    return from_array(pixels, profile=image.info.get("icc_profile"), signal=_signal(image.info))


def _open(data: bytes) -> Any:
    """Return the primary image, undecoded.

    Sony's cameras write full range and say in the container that it is limited, which the standard has win over
    what the bitstream says (ISO/IEC 23000-22, 7.3.6.4): shadows and highlights would be lost.
    """
    image = _primary(data)
    colours = image.info.get("nclx_profile")
    if colours and not colours["full_range_flag"] and _SONY in (image.info.get("exif") or b"")[:_MAKER_BYTES]:
        return _primary(_with_full_range(data))
    return image


def _primary(data: bytes) -> Any:
    file = pi_heif.open_heif(data, convert_hdr_to_8bit=False)
    return file[file.primary_index]


def _with_full_range(data: bytes) -> bytes:
    """Return the file with the highest bit set in the last byte of each `colr` box with code points."""
    corrected = bytearray(data)
    found = corrected.find(_CODE_POINTS, 0, _PROPERTIES_BYTES)
    while found >= 0:
        corrected[found + _FLAG_OFFSET] |= 0x80
        found = corrected.find(_CODE_POINTS, found + _FLAG_OFFSET, _PROPERTIES_BYTES)
    return bytes(corrected)


def _pixels(image: Any) -> Array:
    pixels = np.asarray(image)[:, : image.size[0]]
    if image.has_alpha and image.premultiplied_alpha:
        pixels = _unmultiplied(pixels)
    return pixels


def _unmultiplied(pixels: Array) -> Array:
    most = np.iinfo(pixels.dtype).max
    alpha = np.maximum(pixels[:, :, -1:].astype(np.float32), 1) / most
    straight = pixels.copy()
    straight[:, :, :-1] = np.minimum(pixels[:, :, :-1] / alpha, most).astype(pixels.dtype)
    return straight


def _signal(info: dict[str, Any]) -> Signal | None:
    found = info.get("nclx_profile")
    return Signal(found["color_primaries"], found["transfer_characteristics"]) if found else None
