"""Turns tag values, whatever a file claims, into typed facts within sane ranges.

Tags come from strangers: a text may stand for a number, a number may be infinite, a name may hold NUL.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, Literal

import msgspec

from librephotos.media.orientation import UPRIGHT, turn_between
from librephotos.media.regions import Region, read_regions
from librephotos.media.tags import KEPT_TAGS

TOLD_ORIENTATION: Final = "XMP:Orientation"

Reader = Literal["exiftool", "pillow"]
Tags = Mapping[str, str | list[str]]

_DENOMINATOR: Final = 1000
_NAME_CHARACTERS: Final = 200
_TAG_CHARACTERS: Final = 500
_DESCRIPTION_CHARACTERS: Final = 10_000
_KEYWORD_COUNT: Final = 500
_PERSON_CHARACTERS: Final = 128
_PERCENT_TAGS: Final = ("XMP:RatingPercent", "EXIF:RatingPercent")
_HIERARCHIES: Final = (("XMP:HierarchicalSubject", "|"), ("XMP:TagsList", "/"), ("XMP:LastKeywordXMP", "/"))
_RATING_TAGS: Final = ("XMP:Rating", "EXIF:Rating", "Rating", "QuickTime:Rating")


class Facts(msgspec.Struct):
    """What a file says about itself; None where it says nothing, or zero, or nonsense.

    Width and height are the stored ones, before Exif rotation; `shutter_speed` is a fraction text in seconds;
    `subject_distance` is in meters, focal lengths in millimeters, `subsec` the digits after the second.
    `content_id` is what Apple writes into both halves of a live photo. `faces` lie on the upright picture.
    `turn` is how a sidecar says that the picture is shown turned beyond the file's own orientation, 1 when it says not.
    `tags` are texts for date and burst rules. `reader` "pillow" invites a later reading with ExifTool.
    """

    reader: Reader = "exiftool"
    fstop: float | None = None
    focal_length: float | None = None
    focal_length_35: int | None = None
    iso: int | None = None
    shutter_speed: str | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens: str | None = None
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    turn: int | None = None
    subject_distance: float | None = None
    digital_zoom: float | None = None
    rating: int | None = None
    keywords: list[str] = []
    description: str | None = None
    gps_lat: float | None = None
    gps_lon: float | None = None
    subsec: str | None = None
    image_number: str | None = None
    video_seconds: float | None = None
    content_id: str | None = None
    faces: list[Region] = []
    tags: dict[str, str] = {}


def extract_facts(tags: Tags, *, reader: Reader, kept: Iterable[str] = ()) -> Facts:
    """Return the facts in `tags`; `kept` names tags to hand on besides those of the predefined rules."""
    latitude, longitude = _position(tags)
    width, height = _size(tags)
    return Facts(
        reader=reader,
        fstop=_number(tags, "EXIF:FNumber", below=1000),
        focal_length=_number(tags, "EXIF:FocalLength", below=100_000),
        focal_length_35=_whole(tags, "EXIF:FocalLengthIn35mmFormat", below=100_000),
        iso=_whole(tags, "EXIF:ISO", below=2**31),
        shutter_speed=_shutter_speed(tags),
        camera_make=_name(tags, "EXIF:Make", "QuickTime:Make"),
        camera_model=_name(tags, "EXIF:Model", "QuickTime:Model"),
        lens=_name(tags, "EXIF:LensModel"),
        width=width,
        height=height,
        orientation=_whole(tags, "EXIF:Orientation", below=9),
        turn=_turn(tags),
        subject_distance=_number(tags, "EXIF:SubjectDistance", below=1e7),
        digital_zoom=_number(tags, "EXIF:DigitalZoomRatio", below=10_000),
        rating=_rating(tags),
        keywords=_keywords(tags),
        description=_description(tags),
        gps_lat=latitude,
        gps_lon=longitude,
        subsec=_digits(tags, "EXIF:SubSecTimeOriginal"),
        image_number=_name(tags, "EXIF:ImageNumber"),
        video_seconds=_number(tags, "QuickTime:Duration", below=1e9),
        content_id=_name(tags, "MakerNotes:ContentIdentifier", "QuickTime:ContentIdentifier"),
        faces=_faces(tags),
        tags=_kept_tags(tags, kept),
    )


def merge_sidecars(media: Tags, sidecars: Iterable[Tags]) -> dict[str, str | list[str]]:
    """Return the tags of a file with those of its sidecars laid over; earlier sidecars win.

    An orientation in a file's own XMP is what editors forgot there: only a sidecar's is told of.
    """
    merged = {name: value for name, value in media.items() if name != TOLD_ORIENTATION}
    for sidecar in reversed(list(sidecars)):
        described = {name: value for name, value in sidecar.items() if name.startswith("XMP:")}
        if any(name.startswith("XMP:Description") for name in described):
            merged = {name: value for name, value in merged.items() if not name.startswith("XMP:Description")}
        merged |= described
        if "XMP:GPSLatitude" in described and "XMP:GPSLongitude" in described:
            merged["Composite:GPSLatitude"] = described["XMP:GPSLatitude"]
            merged["Composite:GPSLongitude"] = described["XMP:GPSLongitude"]
    return merged


def clean_text(text: str, most_characters: int) -> str:
    """Return one trimmed line or more without control characters and lone surrogates, at most so long."""
    kept = (
        character
        for character in text[: most_characters * 2]
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()[:most_characters].strip()


def _text(tags: Tags, name: str) -> str:
    value = tags.get(name, "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return value


def _finite(text: str) -> float | None:
    """Return the number at the start of a short text; fractions such as `1/250` count, NaN does not."""
    first = text.strip("\0 ")[:40].split(" ")[0]
    above, _, below = first.partition("/")
    try:
        value = float(above) / float(below) if below else float(above)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _number(tags: Tags, name: str, *, below: float) -> float | None:
    value = _finite(_text(tags, name)) if name in tags else None
    return value if value is not None and 0 < value < below else None


def _whole(tags: Tags, name: str, *, below: float) -> int | None:
    value = _number(tags, name, below=below)
    return (round(value) or None) if value is not None else None


def own_orientation(tags: Tags) -> int:
    """Return how a file itself says that its stored picture is to be shown."""
    return _whole(tags, "EXIF:Orientation", below=9) or UPRIGHT


def _turn(tags: Tags) -> int | None:
    shown = _whole(tags, TOLD_ORIENTATION, below=9)
    return None if shown is None else turn_between(own_orientation(tags), shown)


def _size(tags: Tags) -> tuple[int | None, int | None]:
    """Return the size of the picture itself: in a RAW file, `ImageWidth` is that of the small picture before it."""
    words = _text(tags, "Composite:ImageSize").replace("x", " ").split()
    if len(words) == 2:
        sides = {"width": words[0], "height": words[1]}
        width, height = _whole(sides, "width", below=2**31), _whole(sides, "height", below=2**31)
        if width and height:
            return width, height
    return _whole(tags, "ImageWidth", below=2**31), _whole(tags, "ImageHeight", below=2**31)


def _name(tags: Tags, *names: str) -> str | None:
    told = (_text(tags, name) for name in names if name in tags)
    cleaned = (clean_text(text.replace("\n", " "), _NAME_CHARACTERS) for text in told)
    return next((text for text in cleaned if text), None)


def _digits(tags: Tags, name: str) -> str | None:
    text = _text(tags, name).strip("\0 ")
    return text[:9] if text.isascii() and text.isdigit() else None


def _shutter_speed(tags: Tags) -> str | None:
    """Return `1/250`, `2` or `8/5`; speeds beyond 1/1000 s keep their own denominator rather than turn to 0."""
    seconds = _number(tags, "EXIF:ExposureTime", below=1e6)
    if seconds is None or seconds < 1e-9:
        return None
    if seconds < 1 / _DENOMINATOR:
        return f"1/{round(1 / seconds)}"
    return str(Fraction(seconds).limit_denominator(_DENOMINATOR))


def _rating(tags: Tags) -> int | None:
    """Return 0 to 5; XMP's -1 for rejected pictures counts as 0. Windows also knows percents: 1, 25, 50, 75, 99."""
    for name in _RATING_TAGS:
        value = _finite(_text(tags, name))
        if value is not None:
            return max(0, min(5, int(value)))
    for name in _PERCENT_TAGS:
        value = _finite(_text(tags, name))
        if value is not None:
            return max(0, min(5, math.ceil(value / 25 + 0.5) if value > 0 else 0))
    return None


def _keywords(tags: Tags) -> list[str]:
    """Return all words once, sorted; of a hierarchy (`People|Ann`, `People/Ann`) the last one."""
    found = {word for name in ("XMP:Subject", "IPTC:Keywords") for word in _list(tags, name)}
    for name, separator in _HIERARCHIES:
        found |= {path.rsplit(separator, 1)[-1].strip() for path in _list(tags, name)}
    return sorted(found - {""})[:_KEYWORD_COUNT]


def _list(tags: Tags, name: str) -> list[str]:
    value = tags.get(name, [])
    return [clean_text(word, _NAME_CHARACTERS) for word in ([value] if isinstance(value, str) else value)]


def _description(tags: Tags) -> str | None:
    """Return the default description, or any language when there is no default one; failing those that of IPTC."""
    others = sorted(name for name in tags if name.startswith("XMP:Description-"))
    for name in ("XMP:Description", *others, "IPTC:Caption-Abstract"):
        if text := clean_text(_text(tags, name), _DESCRIPTION_CHARACTERS):
            return text
    return None


def _faces(tags: Tags) -> list[Region]:
    found = read_regions(
        _text(tags, "XMP:RegionInfo"),
        _text(tags, "XMP:RegionInfoMP"),
        orientation=_whole(tags, "EXIF:Orientation", below=9),
        width=_whole(tags, "ImageWidth", below=2**31),
        height=_whole(tags, "ImageHeight", below=2**31),
    )
    return [
        msgspec.structs.replace(region, name=clean_text(region.name.replace("\n", " "), _PERSON_CHARACTERS))
        for region in found
    ]


def _position(tags: Tags) -> tuple[float | None, float | None]:
    for group in ("Composite", "XMP"):
        latitude = _finite(_text(tags, f"{group}:GPSLatitude"))
        longitude = _finite(_text(tags, f"{group}:GPSLongitude"))
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            continue
        if latitude or longitude:  # Cameras without a fix write 0,0, a point in the Gulf of Guinea.
            return latitude, longitude
    return None, None


def _kept_tags(tags: Tags, kept: Iterable[str]) -> dict[str, str]:
    texts = {
        name: clean_text(_text(tags, name), _TAG_CHARACTERS) for name in (*KEPT_TAGS, *kept) if name in tags
    }
    return {name: text for name, text in texts.items() if text}
