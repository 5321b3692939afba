"""Which tags make a file say what people said of its photo; no I/O.

Asked again of what was written, the same function tells whether it is said now: then nothing is left to assign.
Sources: MWG Guidelines 2.0 (which tag stands for what), ExifTool's tag names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from librephotos.media.facts import clean_text, extract_facts
from librephotos.media.orientation import UPRIGHT, turn_between
from librephotos.media.regions import REGIONS, NamedFace, named_regions, regions_after, turned_face

Tags = Mapping[str, str | list[str]]
Kind = Literal["file", "sidecar"]

FILE_ORIENTATION: Final = "IFD0:Orientation"
SIDECAR_ORIENTATION: Final = "XMP-tiff:Orientation"
"""By which names a turn goes into a file, and into a sidecar."""

DEGREES: Final = 1e-5
"""Positions that differ by less are the same; it is a meter."""

_CAPTION_CHARACTERS: Final = 10_000
_PERCENTS: Final = {0: 0, 1: 1, 2: 25, 3: 50, 4: 75, 5: 99}
_HIERARCHIES: Final = (
    ("XMP:HierarchicalSubject", "XMP-lr:HierarchicalSubject", "|"),
    ("XMP:TagsList", "XMP-digiKam:TagsList", "/"),
    ("XMP:LastKeywordXMP", "XMP-microsoft:LastKeywordXMP", "/"),
)
# Of a text: where it is read from, then the names to write into a file; a sidecar takes the first of them.
_TEXTS: Final = {
    "title": (("XMP:Title", "IPTC:ObjectName"), ("XMP-dc:Title",)),
    "copyright": (("EXIF:Copyright", "XMP:Rights"), ("XMP-dc:Rights", "IFD0:Copyright")),
    "creator": (("EXIF:Artist", "XMP:Creator"), ("XMP-dc:Creator", "IFD0:Artist")),
}
SAYING_TAGS: Final = (
    *("XMP:DateCreated", "XMP:Title", "IPTC:ObjectName", "EXIF:Copyright", "XMP:Rights", "EXIF:Artist"),
    *("XMP:Creator", "EXIF:GPSLatitude", "EXIF:GPSLongitude", "EXIF:Rating", "EXIF:RatingPercent"),
)
"""What has to be read besides the tags of a scan."""


class Wishes(msgspec.Struct, omit_defaults=True):
    """What a file is to say; None leaves a value as it is.

    An empty text takes it away. `taken_local` is wall-clock time, ISO 8601; `position` (latitude, longitude), empty for
    nowhere. Of keywords it is told which come and which go, so that those of other programs stay. `turn` is how the
    picture is to be shown beyond the file's own orientation, and `orientation` both in one, as it is to be written.
    """

    rating: int | None = None
    caption: str | None = None
    keywords_added: list[str] = []
    keywords_removed: list[str] = []
    taken_local: str | None = None
    position: list[float] | None = None
    title: str | None = None
    copyright: str | None = None
    creator: str | None = None
    faces: list[NamedFace] = []
    turn: int | None = None
    orientation: int | None = None

    def __bool__(self) -> bool:
        return self != Wishes()


class Assignments(msgspec.Struct):
    """Values by the names that ExifTool writes, and names whose values go."""

    values: dict[str, Any] = {}
    cleared: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.values or self.cleared)


def assignments(wishes: Wishes, tags: Tags, kind: Kind) -> Assignments:
    """Return what is still to be written, nothing when all of it is said.

    `tags` are the file's own; for a sidecar those of the file with its sidecars laid over. What only the file itself
    could unsay (a position, a keyword of IPTC) is not asked of a sidecar.
    """
    found = Assignments()
    facts = extract_facts(tags, reader="exiftool")
    if wishes.rating is not None and (facts.rating or 0) != wishes.rating:
        _assign_rating(found, wishes.rating, tags, kind)
    if wishes.caption is not None:
        _assign_caption(
            found, clean_text(wishes.caption, _CAPTION_CHARACTERS), facts.description or "", tags, kind
        )
    if wishes.keywords_added or wishes.keywords_removed:
        _assign_keywords(found, wishes, facts.keywords, tags, kind)
    if wishes.taken_local is not None:
        _assign_time(found, wishes.taken_local, tags)
    if wishes.position is not None:
        here = (
            (facts.gps_lat, facts.gps_lon) if facts.gps_lat is not None and facts.gps_lon is not None else ()
        )
        _assign_position(found, wishes.position, here, tags, kind)
    for name in _TEXTS:
        wanted = getattr(wishes, name)
        if wanted is not None:
            _assign_text(found, name, wanted.strip(), tags, kind)
    if wishes.orientation is not None:
        _assign_orientation(found, wishes.orientation, tags, kind)
    if wishes.faces:
        regions = named_regions(
            _regions(found) or _text(tags, "XMP:RegionInfo"),
            _faces_on(wishes, facts.orientation or UPRIGHT),
            orientation=facts.orientation,
            width=facts.width,
            height=facts.height,
        )
        if regions is not None:
            found.values[REGIONS] = regions
    return found


def _assign_rating(found: Assignments, rating: int, tags: Tags, kind: Kind) -> None:
    found.values["XMP-xmp:Rating"] = rating
    if kind == "file":  # Windows reads its own; where they are, they must not say something else.
        if "EXIF:Rating" in tags:
            found.values["IFD0:Rating"] = rating
        if "EXIF:RatingPercent" in tags:
            found.values["IFD0:RatingPercent"] = _PERCENTS[rating]
    if "XMP:RatingPercent" in tags:
        found.values["XMP-microsoft:RatingPercent"] = _PERCENTS[rating]


def _assign_caption(found: Assignments, wanted: str, said: str, tags: Tags, kind: Kind) -> None:
    if wanted == said:
        return
    if wanted:
        found.values["XMP-dc:Description"] = wanted
    elif kind == "file":
        found.cleared += [
            written
            for read, written in (
                ("XMP:Description", "XMP-dc:Description"),
                ("IPTC:Caption-Abstract", "IPTC:Caption-Abstract"),
            )
            if any(name == read or name.startswith(f"{read}-") for name in tags)
        ]


def _assign_keywords(found: Assignments, wishes: Wishes, said: Sequence[str], tags: Tags, kind: Kind) -> None:
    removed = set(wishes.keywords_removed)
    present = _list(tags, "XMP:Subject")
    kept = [word for word in present if clean_text(word, 200) not in removed]
    added = [word for word in wishes.keywords_added if word not in said]
    if added or kept != present:
        _assign_list(found, "XMP-dc:Subject", [*kept, *added])
    for read, written, separator in _HIERARCHIES:
        paths = _list(tags, read)
        left = [path for path in paths if path.rsplit(separator, 1)[-1].strip() not in removed]
        if left != paths:
            _assign_list(found, written, left)
    words = _list(tags, "IPTC:Keywords")
    left = [word for word in words if clean_text(word, 200) not in removed]
    if kind == "file" and left != words:
        _assign_list(found, "IPTC:Keywords", left)


def _assign_list(found: Assignments, name: str, words: list[str]) -> None:
    if words:
        found.values[name] = words
    else:
        found.cleared.append(name)


def _assign_time(found: Assignments, wanted: str, tags: Tags) -> None:
    """The time in which other programs see that a person set it; what the camera wrote stays as it is."""
    said = _text(tags, "XMP:DateCreated")
    date, _, time = wanted.partition("T")
    value = f"{date.replace('-', ':')} {time}" if wanted else ""
    if said[:19] == value[:19]:
        return
    if value:
        found.values["XMP-photoshop:DateCreated"] = value
    else:
        found.cleared.append("XMP-photoshop:DateCreated")


def _assign_position(
    found: Assignments, wanted: Sequence[float], said: Sequence[float], tags: Tags, kind: Kind
) -> None:
    if not wanted:
        if said and kind == "file":
            found.cleared += ["GPS:all", "XMP-exif:GPSLatitude", "XMP-exif:GPSLongitude"]
        return
    if said and all(abs(one - other) < DEGREES for one, other in zip(said, wanted, strict=True)):
        return
    latitude, longitude = wanted
    if kind == "file":
        found.values |= {
            "GPS:GPSLatitude": abs(latitude),
            "GPS:GPSLatitudeRef": "S" if latitude < 0 else "N",
            "GPS:GPSLongitude": abs(longitude),
            "GPS:GPSLongitudeRef": "W" if longitude < 0 else "E",
        }
    if kind == "sidecar" or "XMP:GPSLatitude" in tags:
        found.values |= {"XMP-exif:GPSLatitude": latitude, "XMP-exif:GPSLongitude": longitude}


def _assign_text(found: Assignments, name: str, wanted: str, tags: Tags, kind: Kind) -> None:
    read, written = _TEXTS[name]
    said = next((text for each in read if (text := _text(tags, each).strip())), "")
    if said == wanted:
        return
    # What stands in the file's Exif comes before a sidecar, so that a sidecar is asked for its own word alone.
    if kind == "sidecar" and _text(tags, f"XMP:{written[0].split(':')[1]}").strip() == wanted:
        return
    if wanted:
        found.values |= dict.fromkeys(written if kind == "file" else written[:1], wanted)
    elif kind == "file":
        found.cleared += [*written, *(("IPTC:ObjectName",) if name == "title" else ())]


def _regions(found: Assignments) -> str:
    """Return the regions as they are to be written already, as ExifTool tells of them."""
    return json.dumps(found.values[REGIONS]) if REGIONS in found.values else ""


def _faces_on(wishes: Wishes, orientation: int) -> list[NamedFace]:
    """Return the faces, which lie on the picture before it is turned, on that of a file that may be turned already."""
    turn = wishes.turn or UPRIGHT
    if turn == UPRIGHT or orientation != wishes.orientation:
        return wishes.faces
    return [turned_face(face, turn) for face in wishes.faces]


def _assign_orientation(found: Assignments, wanted: int, tags: Tags, kind: Kind) -> None:
    """The combined orientation; where a file's own XMP has one, it must not say something else."""
    facts = extract_facts(tags, reader="exiftool")
    own = facts.orientation or UPRIGHT
    beside = _text(tags, "XMP:Orientation").strip()
    if kind == "sidecar":
        if beside != str(wanted) and (beside or own != wanted):
            found.values[SIDECAR_ORIENTATION] = wanted
        return
    if own != wanted:
        found.values[FILE_ORIENTATION] = wanted
        found.values |= regions_after(
            _text(tags, "XMP:RegionInfo"),
            _text(tags, "XMP:RegionInfoMP"),
            orientation=own,
            turn=turn_between(own, wanted),
            width=facts.width,
            height=facts.height,
        )
    if beside and beside != str(wanted):
        found.values[SIDECAR_ORIENTATION] = wanted


def _text(tags: Tags, name: str) -> str:
    value = tags.get(name, "")
    return value if isinstance(value, str) else (value[0] if value else "")


def _list(tags: Tags, name: str) -> list[str]:
    value = tags.get(name, [])
    return [value] if isinstance(value, str) else list(value)
