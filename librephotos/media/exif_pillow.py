"""The fallback where Perl or ExifTool is missing: the same tag names, as far as Pillow can read them.

Source: Exif 2.32 (tag numbers), IPTC-IIM 4.2 (2:25 keywords). No maker notes, no videos.
"""

from __future__ import annotations

import contextlib
import math
import struct
import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageFile, IptcImagePlugin

from librephotos.media.errors import UnreadableMetadata
from librephotos.media.xmp import read_xmp

Value = str | list[str]

_MAIN: Final = {0x010F: "EXIF:Make", 0x0110: "EXIF:Model", 0x0132: "EXIF:ModifyDate"}
_MAIN_NUMBERS: Final = {0x0112: "EXIF:Orientation", 0x4746: "EXIF:Rating", 0x9211: "EXIF:ImageNumber"}
_DETAIL: Final = {
    0x829A: "EXIF:ExposureTime",
    0x829D: "EXIF:FNumber",
    0x8827: "EXIF:ISO",
    0x9003: "EXIF:DateTimeOriginal",
    0x9010: "EXIF:OffsetTime",
    0x9011: "EXIF:OffsetTimeOriginal",
    0x9206: "EXIF:SubjectDistance",
    0x920A: "EXIF:FocalLength",
    0x9211: "EXIF:ImageNumber",
    0x9291: "EXIF:SubSecTimeOriginal",
    0xA404: "EXIF:DigitalZoomRatio",
    0xA405: "EXIF:FocalLengthIn35mmFormat",
    0xA434: "EXIF:LensModel",
}
_DETAIL_IFD: Final = 0x8769
_GPS_IFD: Final = 0x8825


def read_with_pillow(data: bytes) -> dict[str, Value]:
    """Return tag values by ExifTool's names. Raises UnreadableMetadata when the file's structure is damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data)) as image:
                return _read(image)
        except (
            *(OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError),
            *(struct.error, RecursionError, MemoryError, Image.DecompressionBombError),
        ) as error:
            # Pillow's parsers meet hostile structures in many ways; all of them mean the same to the owner.
            raise UnreadableMetadata(
                "The metadata is damaged or of a kind not read without ExifTool."
            ) from error


def _read(image: Image.Image) -> dict[str, Value]:
    exif = image.getexif()
    values: dict[str, Value] = {"ImageWidth": str(image.width), "ImageHeight": str(image.height)}
    values |= _named(exif, _MAIN | _MAIN_NUMBERS)
    values |= _named(exif.get_ifd(_DETAIL_IFD), _DETAIL)
    values |= _position(exif.get_ifd(_GPS_IFD))
    if keywords := _iptc_keywords(image):
        values["IPTC:Keywords"] = keywords
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet:
        with contextlib.suppress(UnreadableMetadata):  # Broken XMP beside sound Exif must not cost the Exif.
            values |= read_xmp(packet.encode() if isinstance(packet, str) else bytes(packet))
    return values


def _named(found: Mapping[int, Any], names: Mapping[int, str]) -> dict[str, Value]:
    texts = {name: _text(found[number]) for number, name in names.items() if number in found}
    return {name: text for name, text in texts.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 ")
    return str(value).strip("\0 ")


def _position(gps: Mapping[int, Any]) -> dict[str, Value]:
    """Return position and UTC instant. Tags: 1 to 4 position, 7 time of day, 29 day."""
    values: dict[str, Value] = {}
    for name, side, number, negative in (("GPSLatitude", 1, 2, "S"), ("GPSLongitude", 3, 4, "W")):
        degrees = _degrees(gps.get(number))
        if degrees is not None:
            values[f"Composite:{name}"] = str(
                -degrees if _text(gps.get(side, "")).upper() == negative else degrees
            )
    day, clock = _text(gps.get(29, "")), gps.get(7)
    if day and isinstance(clock, tuple) and len(clock) == 3:
        hours, minutes, seconds = (int(float(part)) for part in clock)
        values["Composite:GPSDateTime"] = f"{day} {hours:02}:{minutes:02}:{seconds:02}Z"
    return values


def _degrees(parts: Any) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    try:
        value = sum(float(part) / 60**place for place, part in enumerate(parts))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def _iptc_keywords(image: Image.Image) -> list[str]:
    if not isinstance(image, ImageFile.ImageFile):
        return []
    found = (IptcImagePlugin.getiptcinfo(image) or {}).get((2, 25), [])
    words = found if isinstance(found, list) else [found]
    return [word.decode("utf-8", "replace") for word in words]
