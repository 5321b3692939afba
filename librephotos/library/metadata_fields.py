"""A photo's structured metadata: what its file says, what people typed over it, and how both are shown; no I/O."""

import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

import msgspec

from librephotos.kit import clock, json
from librephotos.library.capture_time import parse_time
from librephotos.library.schemas import MetadataEdit, PhotoMetadata, ShortMetadata, SidecarFile
from librephotos.photos.grid import maker_and_model, wall_time
from librephotos.places.geolocation import Parts, parts_of

# What is kept as typed, beside the file's own; the other fields have columns of their own.
TYPED: Final = (
    *("title", "caption", "copyright", "creator", "timezone_offset"),
    *("location_country", "location_state", "location_city", "location_address"),
)
UNKNOWN_USER: Final = "Unknown"
# Exif 2.32, tables of tags 0x9207, 0xA403 and 0xA001.
_METERING: Final = {
    "1": "Average",
    "2": "Center-weighted average",
    "3": "Spot",
    "4": "Multi-spot",
    "5": "Multi-segment",
    "6": "Partial",
}
_WHITE_BALANCE: Final = {"0": "Auto", "1": "Manual"}
_COLOR_SPACE: Final = {"1": "sRGB", "2": "Adobe RGB", "65535": "Uncalibrated"}
_MEGA: Final = 1_000_000


class Facts(msgspec.Struct, frozen=True):
    """The rows of one photo: its own, and that of its metadata (all None where nothing was read)."""

    photo_id: int
    uuid: str
    image_hash: str
    owner_id: int
    added_at: int
    modified_at: int
    taken_local: str | None
    taken_offset_minutes: int | None
    gps_lat: float | None
    gps_lon: float | None
    location: str
    rating: int
    width: int | None = None
    height: int | None = None
    fstop: float | None = None
    focal_length: float | None = None
    focal_length_35: int | None = None
    iso: int | None = None
    shutter_speed: str | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens: str | None = None
    keywords: str | None = None
    geolocation: str | None = None
    tags: str | None = None
    edits: str | None = None
    source: str | None = None
    version: int | None = None
    from_file: str | None = None

    @property
    def typed(self) -> dict[str, Any]:
        return json.loads(self.edits) if self.edits else {}


def said_by_file(facts: Facts) -> dict[str, Any]:
    """Return the writable fields without what people typed."""
    tags = json.loads(facts.tags) if facts.tags else {}
    place = parts_of(json.loads(facts.geolocation)) if facts.geolocation else Parts()
    return {
        "title": _first(tags, "XMP:Title", "IPTC:ObjectName"),
        "caption": _first(tags, "XMP:Description"),
        "keywords": json.loads(facts.keywords) if facts.keywords else None,
        "rating": facts.rating,
        "copyright": _first(tags, "EXIF:Copyright", "XMP:Rights"),
        "creator": _first(tags, "EXIF:Artist", "XMP:Creator"),
        "gps_latitude": facts.gps_lat,
        "gps_longitude": facts.gps_lon,
        "location_country": place.country,
        "location_state": place.state,
        "location_city": place.city,
        "location_address": facts.location or None,
        "date_taken": wall_time(facts.taken_local),
        "timezone_offset": _offset(facts.taken_offset_minutes),
    }


def keywords_of_file(facts: Facts) -> list[str] | None:
    """Return the words that the files had when they were last read, as a reading stores them."""
    told: list[str] = json.loads(facts.from_file).get("keywords", []) if facts.from_file else []
    return sorted(set(told)) or None


def fields_now(facts: Facts) -> dict[str, Any]:
    """Return the writable fields as they are shown."""
    return {**said_by_file(facts), **facts.typed}


def changes_of(facts: Facts, sent: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (old, new) of each field that what was sent changes."""
    now = fields_now(facts)
    new = {name: _plain(name, value) for name, value in sent.items()}
    return {name: (now[name], value) for name, value in new.items() if now[name] != value}


def _plain(name: str, value: Any) -> Any:  # JSON
    if isinstance(value, datetime):
        return wall_time(clock.wall_iso(value))
    # A photo always has a rating; none is 0.
    return 0 if name == "rating" and value is None else value


def typed_after(facts: Facts, changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return what people typed, after these changes; what the file says anyway need not be kept."""
    said = said_by_file(facts)
    typed = {**facts.typed, **{name: new for name, (_, new) in changes.items() if name in TYPED}}
    return {name: value for name, value in typed.items() if value != said[name]}


def metadata_of(
    facts: Facts, history: list[MetadataEdit], sidecars: list[SidecarFile], edited_at: int | None
) -> PhotoMetadata:
    tags: dict[str, str] = json.loads(facts.tags) if facts.tags else {}
    has_size = bool(facts.width and facts.height)
    modified = parse_time(tags.get("EXIF:ModifyDate", ""))
    flash = _number(tags, "EXIF:Flash")
    now = fields_now(facts)
    return PhotoMetadata(
        # One row a photo, so that its id follows from the photo's.
        id=row_uuid("metadata", facts.uuid),
        aperture=facts.fstop,
        shutter_speed=facts.shutter_speed,
        shutter_speed_seconds=_seconds(facts.shutter_speed),
        iso=facts.iso,
        focal_length=facts.focal_length,
        focal_length_35mm=facts.focal_length_35,
        exposure_compensation=_number(tags, "EXIF:ExposureCompensation"),
        flash_fired=None if flash is None else bool(int(flash) & 1),
        metering_mode=_METERING.get(tags.get("EXIF:MeteringMode", "")),
        white_balance=_WHITE_BALANCE.get(tags.get("EXIF:WhiteBalance", "")),
        camera_make=facts.camera_make,
        camera_model=facts.camera_model,
        lens_make=_first(tags, "EXIF:LensMake"),
        lens_model=facts.lens,
        serial_number=_first(tags, "EXIF:SerialNumber"),
        camera_display=maker_and_model(facts.camera_make, facts.camera_model),
        lens_display=maker_and_model(_first(tags, "EXIF:LensMake"), facts.lens),
        width=facts.width,
        height=facts.height,
        orientation=_whole(tags, "EXIF:Orientation"),
        color_space=_COLOR_SPACE.get(tags.get("EXIF:ColorSpace", "")),
        bit_depth=_whole(tags, "EXIF:BitsPerSample"),
        resolution=f"{facts.width}x{facts.height}" if has_size else None,
        megapixels=round((facts.width or 0) * (facts.height or 0) / _MEGA, 1) if has_size else None,
        date_taken_subsec=_first(tags, "EXIF:SubSecTimeOriginal"),
        date_modified=wall_time(clock.wall_iso(modified)) if modified else None,
        gps_altitude=_number(tags, "Composite:GPSAltitude"),
        has_location=now["gps_latitude"] is not None and now["gps_longitude"] is not None,
        source=facts.source or "embedded",
        version=facts.version or 1,
        created_at=clock.iso_micro(facts.added_at),
        updated_at=clock.iso_micro(edited_at or facts.added_at),
        edit_history=history,
        sidecar_files=sidecars,
        **now,
    )


def short_metadata(facts: Facts) -> ShortMetadata:
    return ShortMetadata(
        maker_and_model(facts.camera_make, facts.camera_model),
        facts.lens,
        wall_time(facts.taken_local),
        facts.gps_lat is not None and facts.gps_lon is not None,
        facts.rating,
    )


def sidecar_file(file_id: int, path: str, priority: int, added_at: int, checked_at: int) -> SidecarFile:
    return SidecarFile(
        id=row_uuid("sidecar", str(file_id)),
        file_type=os.path.splitext(path)[1].lstrip(".").lower() or "xmp",
        source="original",
        priority=priority,
        creator_software=None,
        created_at=clock.iso_micro(added_at),
        updated_at=clock.iso_micro(checked_at),
    )


def row_uuid(kind: str, of: str) -> str:
    """Return the UUID that always belongs to this row (RFC 9562, version 5)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"librephotos:{kind}:{of}"))


def _first(tags: Mapping[str, str], *names: str) -> str | None:
    return next((tags[name] for name in names if tags.get(name)), None)


def _number(tags: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(tags.get(name, "").split(" ")[0])
    except ValueError:
        return None
    # Neither infinite nor more than a JSON reader's integer.
    return value if abs(value) < 2**31 else None


def _whole(tags: Mapping[str, str], name: str) -> int | None:
    value = _number(tags, name)
    return None if value is None else int(value)


def _seconds(shutter_speed: str | None) -> float | None:
    try:
        return float(Fraction(shutter_speed)) if shutter_speed else None
    except (ValueError, ZeroDivisionError):
        return None


def _offset(minutes: int | None) -> str | None:
    if minutes is None:
        return None
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
