"""AVIF, BMP, JPEG 2000 and Photoshop, by Pillow: libvips' wheel reads none of them."""

from __future__ import annotations

import struct
import warnings
from io import BytesIO
from typing import Final

import numpy as np
import pyvips  # type: ignore[import-untyped, unused-ignore]
from PIL import AvifImagePlugin, Image, ImageOps

from librephotos.media.stills.boxes import read_signal
from librephotos.media.stills.picture import Array, Picture, finished, from_array, reduced
from librephotos.media.stills.source import Limits, Source, unreadable

_PILLOW_NAMES: Final = {"AVIF": "AVIF", "BMP": "BMP", "JPEG 2000": "JPEG2000", "Photoshop": "PSD"}
_BYTES_PER_PIXEL: Final = {"AVIF": 16, "BMP": 8, "JPEG 2000": 28, "Photoshop": 10}
"""What the library's planes, Pillow's own four bytes a pixel and the array take together."""

# Pillow's own limit is a number of pixels; here it is one of memory. And one thread a process.
Image.MAX_IMAGE_PIXELS = None
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

_KEPT_MODES: Final = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
_FAILURES: Final = (
    *(OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError),
    *(RuntimeError, EOFError, struct.error, MemoryError, Image.DecompressionBombError),
)


def decode(source: Source, limits: Limits, *, format_name: str) -> Picture:
    """Return the first frame. Raises UnreadableMedia, and NeedsTurn by the header."""
    data = source.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data), formats=[_PILLOW_NAMES[format_name]]) as opened:
                limits.check(*opened.size, _BYTES_PER_PIXEL[format_name])
                profile = opened.info.get("icc_profile")
                image = ImageOps.exif_transpose(opened)
            signal = read_signal(data) if format_name == "AVIF" and not profile else None
            if image.mode == "CMYK":
                return _from_inks(image, profile)
            return from_array(_pixels(image), profile=profile, signal=signal)
        except _FAILURES as error:
            raise unreadable(error) from error
        except pyvips.Error as error:
            raise unreadable(error) from error


def _pixels(image: Image.Image) -> Array:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode not in _KEPT_MODES:
        has_alpha = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
        image = image.convert("L" if image.mode == "1" else "RGBA" if has_alpha else "RGB")
    return np.asarray(image)


def _from_inks(image: Image.Image, profile: bytes | None) -> Picture:
    """Inks become light through their profile, or through libvips' own for paper."""
    inks = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, 4, "uchar")
    inks = inks.copy(interpretation="cmyk")
    if profile:
        inks.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    try:
        big = finished(reduced(inks, output_profile="srgb"))
    except pyvips.Error:
        inks.remove("icc-profile-data")
        big = finished(reduced(inks, output_profile="srgb"))
    return Picture(big, image.width, image.height)
