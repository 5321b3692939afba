"""JPEG, PNG, WebP, GIF and TIFF, by libvips: it reads only as many pixels as the thumbnails need."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyvips  # type: ignore[import-untyped, unused-ignore]

from librephotos.media.stills import light
from librephotos.media.stills.light import Signal
from librephotos.media.stills.picture import (
    SWAPPED_ORIENTATIONS,
    Picture,
    finished,
    is_about_profile,
    needs_conversion,
    turned,
)
from librephotos.media.stills.source import Limits, Source, unreadable
from librephotos.media.thumbnails import BIG, WEBP_EDGE_PX

_LOADERS: Final = ("Jpeg", "Png", "Webp", "Nsgif", "Tiff")
_BYTES_PER_SAMPLE: Final = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "uint": 4, "int": 4, "float": 4}
_WIDE_NUMBERS: Final = frozenset({"uint", "int", "short", "float", "double"})
_DEFINED_COLOURS: Final = frozenset({"lab", "labs", "xyz", "lch", "cmyk"})
_UPRIGHT: Final = 1


def prepare() -> None:
    """Leave libvips only the five loaders that are trusted here, and no cache. Call once in a decoding process."""
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for loader in _LOADERS:
        pyvips.operation_block_set(f"VipsForeignLoad{loader}", False)
    pyvips.cache_set_max(0)


def decode(source: Source, limits: Limits, *, orientation: int | None = None) -> Picture:
    """Return the picture, the first frame of an animation. Raises UnreadableMedia, and NeedsTurn by the header.

    `orientation`, a value of Exif's 0x0112, replaces what the file itself says.
    """
    try:
        header = _open(source)
        _check(header, limits)
        if orientation is None:
            orientation = _orientation(header)
            big, is_hdr = _decode(source, header)
        else:
            big, is_hdr = _decode_turned(source, header, orientation), False
        width, height = header.width, header.height
        if orientation in SWAPPED_ORIENTATIONS:
            width, height = height, width
        return Picture(big, width, height, is_hdr)
    except pyvips.Error as error:
        raise unreadable(error) from error


def size_of(source: Source) -> tuple[int, int]:
    """Return (width, height) as stored. Raises UnreadableMedia."""
    try:
        header = _open(source)
    except pyvips.Error as error:
        raise unreadable(error) from error
    return header.width, header.height


def orientation_of(source: Source) -> int:
    """Return the orientation that pictures are turned by, 1 without one. Raises UnreadableMedia."""
    try:
        return _orientation(_open(source))
    except pyvips.Error as error:
        raise unreadable(error) from error


def _orientation(header: Any) -> int:
    return int(header.get("orientation")) if header.get_typeof("orientation") else _UPRIGHT


def _open(source: Source, *, access: str = "sequential") -> Any:
    if source.data is not None:
        return pyvips.Image.new_from_buffer(source.data, "", access=access)
    return pyvips.Image.new_from_source(_behind(source), "", access=access)


def _behind(source: Source) -> Any:
    return pyvips.Source.new_from_descriptor(source.descriptor())


def _check(header: Any, limits: Limits) -> None:
    bytes_per_pixel = header.bands * _BYTES_PER_SAMPLE.get(header.format, 8)
    if header.get_typeof("jpeg-multiscan") and header.get("jpeg-multiscan"):
        bytes_per_pixel *= (
            3  # A progressive JPEG keeps two bytes of coefficients for each sample until the last scan.
        )
    limits.check(header.width, header.height, bytes_per_pixel)


def _decode(source: Source, header: Any) -> tuple[Any, bool]:
    """Return the small picture, and whether the file calls it bright (HDR)."""
    signal = _png_signal(source) if str(header.get("vips-loader")).startswith("png") else None
    if signal is not None and not signal.is_plain:
        image = _shrunk(source)
        in_colour = (
            image if image.bands >= 3 else image.colourspace("rgb16" if image.format == "ushort" else "srgb")
        )
        return finished(light.shown(in_colour, signal)), signal.is_hdr
    return _decode_plainly(source, header), False


def _decode_plainly(source: Source, header: Any) -> Any:
    if header.format in _WIDE_NUMBERS and header.interpretation not in _DEFINED_COLOURS:
        return _decode_wide(source, header)
    if not _needs_conversion(header):
        return finished(_scaled(source, header))
    try:
        return finished(_scaled(source, header, output_profile="srgb"))
    except pyvips.Error as error:
        if not is_about_profile(error):
            raise
        return finished(_scaled(source, header))  # A damaged colour profile must not cost the picture.


def _decode_turned(source: Source, header: Any, orientation: int) -> Any:
    """Scale as stored, into the box that is upright afterwards."""
    box: dict[str, Any] = {"no_rotate": True}
    if orientation in SWAPPED_ORIENTATIONS:
        box |= {"width": BIG.height_px, "height": WEBP_EDGE_PX}
    if _needs_conversion(header):
        box["output_profile"] = "srgb"
    return finished(turned(_scaled(source, header, **box), orientation))


def _decode_wide(source: Source, header: Any) -> Any:
    """Numbers of 32 bits say nothing of black and white by themselves."""
    image = _shrunk(source)
    is_colour = image.bands >= 3
    values = image.numpy().astype(np.float32).reshape(image.height, image.width, image.bands)
    values = np.nan_to_num(values, nan=0, posinf=0, neginf=0)
    if header.format in ("uint", "int", "short") or not (is_colour or _is_within_one(values)):
        return finished(light.image_of_srgb(_stretched(values[:, :, : 3 if is_colour else 1])))
    grey_or_colour = values[:, :, :3] if is_colour else np.repeat(values[:, :, :1], 3, axis=2)
    return finished(light.image_of_srgb(light.show_linear(np.maximum(grey_or_colour, 0))))


def _shrunk(source: Source) -> Any:
    """Return the picture upright and small, in numbers as they are stored.

    `thumbnail_image` would make bytes of them, and sharpening kernels ring where numbers are far apart.
    """
    image = _open(source, access="random").autorot()
    scale = min(BIG.height_px / image.height, WEBP_EDGE_PX / image.width, 1)
    return image.resize(scale, kernel="linear") if scale < 1 else image


def _png_signal(source: Source) -> Signal | None:
    """Return the code points of a PNG's `cICP` chunk, which libvips passes over. Source: PNG, third edition."""
    head, offset = source.head(), 8
    while offset + 12 <= len(head):
        length, kind = int.from_bytes(head[offset : offset + 4], "big"), head[offset + 4 : offset + 8]
        if kind == b"cICP" and length == 4:
            return Signal(head[offset + 8], head[offset + 9])
        if kind == b"IDAT":
            return None
        offset += 12 + length
    return None


def _is_within_one(values: Any) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def _stretched(values: Any) -> Any:
    """Return three bytes a pixel from the least to the greatest number: elevations and the like have no white."""
    least, most = float(values.min()), float(values.max())
    grey = np.round((values - least) * (255 / (most - least)) if most > least else np.full_like(values, 128))
    return np.repeat(grey, 3, axis=2).astype(np.uint8) if grey.shape[2] == 1 else grey.astype(np.uint8)


def _fail_on(header: Any) -> str:
    """Return how strict the loader is: odd camera JPEGs pass, a TIFF cut short is only told as an error."""
    return "error" if str(header.get("vips-loader")).startswith("tiff") else "truncated"


def _needs_conversion(header: Any) -> bool:
    if header.interpretation == "cmyk":
        return True
    return bool(header.get_typeof("icc-profile-data")) and needs_conversion(header.get("icc-profile-data"))


def _scaled(source: Source, header: Any, *, width: int = WEBP_EDGE_PX, **options: Any) -> Any:
    box = {"height": BIG.height_px, "size": "down", **options}
    # `fail_on` of thumbnail_buffer and thumbnail_source is ignored by libvips 8.18; as a loader's option it counts.
    box["option_string"] = f"[fail_on={_fail_on(header)}]"
    if source.data is not None:
        return pyvips.Image.thumbnail_buffer(source.data, width, **box)
    return pyvips.Image.thumbnail_source(_behind(source), width, **box)
