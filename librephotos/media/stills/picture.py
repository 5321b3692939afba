"""What every decoder ends with: an upright 8-bit sRGB picture, small enough for the largest thumbnail.

libvips does the scaling and the colour profiles; decoders that yield arrays come here with them.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyvips  # type: ignore[import-untyped, unused-ignore]

from librephotos.media.stills import light
from librephotos.media.stills.light import Signal
from librephotos.media.thumbnails import BIG, WEBP_EDGE_PX

Array = npt.NDArray[Any]

_SRGB_NAMES: Final = (b"sRGB IEC61966-2", b"sRGB built-in", b"sRGB2014")
_UPRIGHT: Final = 1
SWAPPED_ORIENTATIONS: Final = frozenset({5, 6, 7, 8})
"""Orientations (Exif 0x0112) under which width and height change places."""


class Picture(msgspec.Struct):
    """An image of libvips that fits the largest thumbnail, and the upright size of what it was made from.

    `pixels` are those of the image, where the decoder has them besides.
    """

    big: Any
    width: int
    height: int
    is_hdr: bool = False
    pixels: Array | None = None


def from_array(pixels: Array, *, profile: bytes | None = None, signal: Signal | None = None) -> Picture:
    """Return the picture of upright pixels (height, width) or (height, width, 1 to 4), of 8 or 16 bits.

    `profile` is an ICC profile; `signal` says what the numbers mean where there is none.
    """
    image = image_of(pixels)
    height, width = pixels.shape[:2]
    if profile is None and signal is not None and not signal.is_plain:
        in_colour = (
            image if image.bands >= 3 else image.colourspace("rgb16" if image.format == "ushort" else "srgb")
        )
        big = finished(light.shown(reduced(in_colour), signal))
        return Picture(big, width, height, is_hdr=signal.is_hdr)
    if profile and needs_conversion(profile):
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        try:
            return Picture(finished(reduced(image, output_profile="srgb")), width, height)
        except pyvips.Error as error:
            if not is_about_profile(error):
                raise
            image.remove("icc-profile-data")  # A damaged colour profile must not cost the picture.
    return Picture(finished(reduced(image)), width, height)


def reduced(image: Any, **options: Any) -> Any:
    """Return the image scaled down to the largest thumbnail's box, never up, turned upright by its own tag."""
    return image.thumbnail_image(WEBP_EDGE_PX, height=BIG.height_px, size="down", **options)


def finished(image: Any) -> Any:
    """Return it as 8-bit sRGB, with at most one further band for transparency, decoded into memory."""
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.bands > 4:
        image = image.extract_band(0, n=4)
    return image.cast("uchar").copy_memory()


def turned(image: Any, orientation: int) -> Any:
    """Return the image turned upright as the value of Exif's 0x0112 says."""
    image = image.copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    return image.autorot() if orientation != _UPRIGHT else image


def needs_conversion(profile: bytes) -> bool:
    """Tell whether colours must go through a profile: for a plain sRGB picture that would triple the time."""
    return not any(name in profile or name.decode().encode("utf-16-be") in profile for name in _SRGB_NAMES)


def is_about_profile(error: Exception) -> bool:
    text = str(error).lower()
    return "icc" in text or "profile" in text


def image_of(pixels: Array) -> Any:
    """Return an image over the array's own memory, which the caller must not change any more."""
    height, width = pixels.shape[:2]
    bands = 1 if pixels.ndim == 2 else pixels.shape[2]
    is_deep = pixels.dtype == np.uint16
    image = pyvips.Image.new_from_memory(
        np.ascontiguousarray(pixels), width, height, bands, "ushort" if is_deep else "uchar"
    )
    colours = ("grey16" if is_deep else "b-w") if bands <= 2 else ("rgb16" if is_deep else "srgb")
    return image.copy(interpretation=colours)
