"""Reads where faces are and whose they are from XMP: regions of the Metadata Working Group, and those of Microsoft.

Sources: MWG Guidelines 2.0, section 5.9 (`mwg-rs`: centre and size as fractions of the stored picture, whose size
then stands in AppliedToDimensions); Microsoft's People Tagging Overview (`MP`: left, top, width, height).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

REGIONS: Final = "XMP-mwg-rs:RegionInfo"
"""By which name the regions of the Metadata Working Group are written."""

REGION_COUNT: Final = 200
SMALLEST: Final = 0.001
"""Of an edge. What is smaller is no face but a point."""

_NAMELESS_TYPES: Final = ("", "face")
_SWAPPED: Final = frozenset({5, 6, 7, 8})


class Region(msgspec.Struct, frozen=True):
    """A face as fractions of the upright picture, 0 to 1; `name` is empty when nobody was named."""

    left: float
    top: float
    right: float
    bottom: float
    name: str = ""


def read_regions(
    mwg: str, microsoft: str, *, orientation: int | None, width: int | None, height: int | None
) -> list[Region]:
    """Return the faces in `XMP:RegionInfo` and `XMP:RegionInfoMP`, each the JSON of ExifTool's structure.

    Width and height are the stored ones. Microsoft's regions add what the others do not name; they lie on the picture
    as it is shown, because they do not say otherwise.
    """
    turned = orientation or 1
    info = _object(mwg)
    if _is_upright_already(info, turned, width, height):
        turned = 1
    found = [_turned(region, turned) for region in _mwg_faces(info)]
    names = {region.name for region in found if region.name}
    found += [
        region
        for region in _microsoft_faces(_object(microsoft))
        if region.name not in names and not any(_overlap(region, each) for each in found)
    ]
    return [clipped for region in found[:REGION_COUNT] if (clipped := _clipped(region)) is not None]


class NamedFace(msgspec.Struct, frozen=True):
    """A face on the upright picture, 0 to 1, and who it is; nobody takes a name away."""

    left: float
    top: float
    right: float
    bottom: float
    name: str = ""


def turned_face(face: NamedFace, turn: int) -> NamedFace:
    """Return where a face lies once the picture is turned by a code of Exif's 0x0112."""
    now = _turned(Region(face.left, face.top, face.right, face.bottom), turn)
    return NamedFace(now.left, now.top, now.right, now.bottom, face.name)


def named_regions(
    mwg: str, faces: Sequence[NamedFace], *, orientation: int | None, width: int | None, height: int | None
) -> dict[str, Any] | None:
    """Return `XMP:RegionInfo` (ExifTool's structure) that names these faces, None when it does so already.

    Whatever else stands in it stays. A face that no region shows gets one of its own, if it has a name.
    """
    info = dict(_object(mwg))
    is_upright = _is_upright_already(info, orientation or 1, width, height)
    turned = 1 if is_upright else orientation or 1
    present = info.get("RegionList")
    entries = [dict(entry) for entry in _list(present)] if present is not None else []
    is_changed = False
    for face in faces:
        wanted = Region(face.left, face.top, face.right, face.bottom, face.name)
        entry = next((each for each in entries if _is_face(each, wanted, turned)), None)
        if entry is None and face.name:
            entries.append({"Area": _area(wanted, turned), "Name": face.name, "Type": "Face"})
            is_changed = True
        elif entry is not None and _text(entry.get("Name")).strip() != face.name:
            entry |= {"Name": face.name}
            if not face.name:
                del entry["Name"]
            is_changed = True
    if not is_changed:
        return None
    if "AppliedToDimensions" not in info and width and height:
        info["AppliedToDimensions"] = {"W": width, "H": height, "Unit": "pixel"}
    return {**info, "RegionList": entries}


def regions_after(
    mwg: str, microsoft: str, *, orientation: int, turn: int, width: int | None, height: int | None
) -> dict[str, Any]:
    """Return the structures, by the names that ExifTool writes, that must change for faces to stay where they are.

    `turn` is what a picture of this orientation is turned by beyond it. Regions that lie on the stored picture stay;
    those that were drawn on the upright one are put where the guidelines have them, and Microsoft's follow the turn.
    """
    values: dict[str, Any] = {}
    info = dict(_object(mwg))
    if _is_upright_already(info, orientation, width, height):
        entries = [_stored(entry, orientation) for entry in _list(info.get("RegionList"))]
        info["AppliedToDimensions"] = {"W": width, "H": height, "Unit": "pixel"}
        values[REGIONS] = {**info, "RegionList": entries}
    theirs = dict(_object(microsoft))
    if theirs.get("Regions"):
        theirs["Regions"] = [_shown_after(entry, turn) for entry in _list(theirs["Regions"])]
        values["XMP-MP:RegionInfoMP"] = theirs
    return values


def _stored(entry: Mapping[str, Any], orientation: int) -> Mapping[str, Any]:
    shown = next(_mwg_faces({"RegionList": [{**entry, "Type": "Face"}]}), None)
    return entry if shown is None else {**entry, "Area": _area(shown, orientation)}


def _shown_after(entry: Mapping[str, Any], turn: int) -> Mapping[str, Any]:
    shown = next(_microsoft_faces({"Regions": [entry]}), None)
    if shown is None:
        return entry
    now = _turned(shown, turn)
    sides = (now.left, now.top, now.right - now.left, now.bottom - now.top)
    return {**entry, "Rectangle": ", ".join(f"{side:.6f}" for side in sides)}


def _is_face(entry: Mapping[str, Any], wanted: Region, orientation: int) -> bool:
    shown = next(_mwg_faces({"RegionList": [entry]}), None)
    return shown is not None and _overlap(_turned(shown, orientation), wanted)


def _area(region: Region, orientation: int) -> dict[str, Any]:
    """Return a region of the upright picture as centre and size on the stored one: turned back."""
    left, top, right, bottom = region.left, region.top, region.right, region.bottom
    if orientation in (2, 3, 6, 7):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 7, 8):
        top, bottom = 1 - bottom, 1 - top
    if orientation in _SWAPPED:
        left, top, right, bottom = top, left, bottom, right
    numbers = {"X": (left + right) / 2, "Y": (top + bottom) / 2, "W": right - left, "H": bottom - top}
    return {name: round(value, 6) for name, value in numbers.items()} | {"Unit": "normalized"}


def _mwg_faces(info: Mapping[str, Any]) -> Iterator[Region]:
    for entry in _list(info.get("RegionList")):
        area = entry.get("Area")
        if not isinstance(area, Mapping) or _text(entry.get("Type")).lower() not in _NAMELESS_TYPES:
            continue
        if _text(area.get("Unit")).lower() not in ("", "normalized"):
            continue
        x, y, width, height = (_number(area.get(key)) for key in ("X", "Y", "W", "H"))
        if x is None or y is None or width is None or height is None:
            continue
        yield Region(
            x - width / 2, y - height / 2, x + width / 2, y + height / 2, _text(entry.get("Name")).strip()
        )


def _microsoft_faces(info: Mapping[str, Any]) -> Iterator[Region]:
    for entry in _list(info.get("Regions")):
        numbers = [_number(part) for part in _text(entry.get("Rectangle")).split(",")]
        if len(numbers) != 4 or None in numbers:
            continue
        left, top, width, height = (number or 0.0 for number in numbers)
        yield Region(left, top, left + width, top + height, _text(entry.get("PersonDisplayName")).strip())


def _is_upright_already(
    info: Mapping[str, Any], orientation: int, width: int | None, height: int | None
) -> bool:
    """Tell whether the regions were drawn on the turned picture, as some programs do against the guidelines.

    Only where turning swaps the edges does AppliedToDimensions show it.
    """
    applied = info.get("AppliedToDimensions")
    if orientation not in _SWAPPED or not isinstance(applied, Mapping) or not width or not height:
        return False
    across, down = _number(applied.get("W")), _number(applied.get("H"))
    if not across or not down or width == height:
        return False
    return (across > down) != (width > height)


def _turned(region: Region, orientation: int) -> Region:
    """Return a region of the stored picture as one of the upright picture. Source: Exif Orientation, 0x0112."""
    left, top, right, bottom = region.left, region.top, region.right, region.bottom
    if orientation in _SWAPPED:  # mirrored at the diagonal, which 5 is; the others follow from it
        left, top, right, bottom = top, left, bottom, right
    if orientation in (2, 3, 6, 7):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 7, 8):
        top, bottom = 1 - bottom, 1 - top
    return Region(left, top, right, bottom, region.name)


def _clipped(region: Region) -> Region | None:
    left, top = max(0.0, region.left), max(0.0, region.top)
    right, bottom = min(1.0, region.right), min(1.0, region.bottom)
    if right - left < SMALLEST or bottom - top < SMALLEST:
        return None
    return Region(left, top, right, bottom, region.name)


def _overlap(one: Region, other: Region) -> bool:
    """Tell whether both mean one face: they share more than a third of what they cover together."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return False
    areas = sum((each.right - each.left) * (each.bottom - each.top) for each in (one, other))
    return across * down / (areas - across * down) > 1 / 3


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(value: object) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries[:REGION_COUNT] if isinstance(entry, Mapping)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e9 else None
