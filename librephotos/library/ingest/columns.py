"""From what was read to columns: looks, metadata, and when and where a photo was taken."""

from typing import Any

from librephotos.kit import clock, json
from librephotos.library.capture_time import (
    CaptureTime,
    Evidence,
    FileTimes,
    choose_capture_time,
    zone_at_position,
)
from librephotos.library.file_kinds import VIDEO
from librephotos.library.ingest.group import Group, Reading
from librephotos.library.walk import shown
from librephotos.media.facts import Facts
from librephotos.media.thumbnails import Looks, colour_text
from librephotos.photos import storing
from librephotos.photos.provenance import Position, Told


def looks_columns(reading: Reading, looks: Looks) -> dict[str, Any]:
    video = reading.outcome.video
    length = video.duration_seconds if video else None
    return {
        "is_video": video is not None,
        "video_length": "" if length is None else str(length),
        "is_hdr": looks.is_hdr or (video is not None and video.is_hdr),
        "size_bytes": reading.fingerprint.size_bytes,
        "aspect_ratio": looks.aspect_ratio,
        "dominant_color": "" if video else colour_text(looks.dominant_colour),
        "thumbhash": looks.thumbhash.hex(),
        "perceptual_hash": looks.perceptual_hash,
    }


def metadata_columns(facts: Facts | None, looks: Looks | None) -> dict[str, Any]:
    """Return all METADATA_COLUMNS; a size that the metadata does not tell is that of the picture."""
    values: dict[str, Any] = dict.fromkeys(storing.METADATA_COLUMNS)
    values["reader"] = ""
    if facts is not None:
        for name in values:
            values[name] = getattr(facts, name)
        values["tags"] = json.dumps(facts.tags) if facts.tags else None
    if looks is not None:
        values["width"] = values["width"] or looks.width
        values["height"] = values["height"] or looks.height
    return values


def told_by(reading: Reading) -> Told:
    """Return what a file and its sidecars say of what a person may change as well."""
    facts = reading.outcome.facts
    if facts is None:
        return Told()
    # What a lesser reader does not find, the file may say all the same.
    is_sure = facts.reader == "exiftool" and reading.kind != VIDEO
    turn = facts.turn if is_sure else None
    return Told(facts.rating, facts.description, facts.keywords, _position(facts), turn)


def place_and_time_columns(
    group: Group, reading: Reading, position: Position | None, user_taken_local: str | None
) -> dict[str, Any]:
    """Return when and where a photo was taken, and its day album, which is made when it is the day's first.

    What somebody said of both comes before what the file says; `position` is the one that counts.
    """
    taken = capture_time(group, reading, position, user_taken_local)
    local = clock.wall_iso(taken.taken_local) if taken else None
    return {
        "taken_local": local,
        "taken_offset_minutes": taken.offset_minutes if taken else None,
        "taken_by": json.dumps({"rule": taken.rule_id, "tag": taken.tag}) if taken else None,
        "day_id": storing.get_or_create_day(group.tx, group.owner.user_id, local),
        "gps_lat": position[0] if position else None,
        "gps_lon": position[1] if position else None,
    }


def capture_time(
    group: Group, reading: Reading, position: Position | None, user_taken_local: str | None
) -> CaptureTime | None:
    facts = reading.outcome.facts
    evidence = Evidence(
        path=shown(reading.row.path),
        tags=facts.tags if facts else {},
        file_times=FileTimes(reading.fingerprint.modified_ns / 1e9, reading.fingerprint.changed_ns / 1e9),
        position=position,
        user_timestamp=clock.parse_wall(user_taken_local) if user_taken_local else None,
        default_timezone=group.owner.default_timezone,
    )
    return choose_capture_time(evidence, group.rules, zone_at=zone_at_position)


def _position(facts: Facts) -> Position | None:
    is_there = facts.gps_lat is not None and facts.gps_lon is not None
    return (facts.gps_lat, facts.gps_lon) if is_there else None  # type: ignore[return-value]  # both were looked at
