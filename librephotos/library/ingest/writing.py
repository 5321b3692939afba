"""Writes of a file what its photo shows and tells: thumbnails in their place, metadata, faces, the film inside."""

import msgspec

from librephotos.albums.keyword_tags import follow_keywords
from librephotos.kit import json
from librephotos.library.ingest.columns import metadata_columns, place_and_time_columns, told_by
from librephotos.library.ingest.found_inside import store_clip, store_faces
from librephotos.library.ingest.group import Group, Reading
from librephotos.library.queries import files, turning
from librephotos.library.walk import shown
from librephotos.media.saying import Wishes
from librephotos.photos import storing
from librephotos.photos.categories import is_screenshot
from librephotos.photos.provenance import Described, Position, Told, get_described, set_described
from librephotos.photos.storing import METADATA, THUMBNAILS, StoredPhoto


def keep_if_shown(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """A copy: of what the photo shows, its thumbnails are as good; of another file, they are not wanted.

    Unless the main file, which a person chose, shows nothing.
    """
    shown_hash = files.get_hash(group.tx, known.main_file_id) if known.main_file_id is not None else ""
    if shown_hash == reading.content_hash or _shows_nothing(group, known):
        put_thumbnails(group, reading, known.image_hash)
        storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    else:
        discard(group, reading, known)


def _shows_nothing(group: Group, known: StoredPhoto) -> bool:
    parts = files.list_parts(group.tx, known.photo_id)
    return any(each.file_id == known.main_file_id and not each.has_looks for each in parts)


def discard(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """Drop what was rendered of a file that the photo does not show."""
    made = reading.outcome.thumbnail_name
    if made is None:
        return
    group.stored.obsolete.append(made)
    if made == known.image_hash and known.main_file_id is not None:
        # They lie where the photo has its own, which are made again.
        files.want_metadata(group.tx, [known.main_file_id])


def put_thumbnails(group: Group, reading: Reading, name: str) -> None:
    made = reading.outcome.thumbnail_name
    if made is not None and made != name:
        group.stored.renames.append((made, name))


def write_metadata(
    group: Group,
    reading: Reading,
    known: StoredPhoto,
    name: str = "",
    *,
    described: Described | None = None,
) -> None:
    """Store what the photo's main file says; `name` is what the photo is called, if not as before.

    `described` is what the photo and its files said before, where that is not what is stored.
    """
    described = described or _described(group, reading, known)
    position = _position(known, reading)
    values = place_and_time_columns(group, reading, position, known.user_taken_local)
    if known.day_id is not None and known.day_id != values["day_id"]:
        group.left_days.add(known.day_id)
    storing.set_place_and_time(group.tx, known.photo_id, **values)
    write_facts(group, reading, known.photo_id, name or known.image_hash, described)
    if known.category_source == "auto":
        screenshot = is_screenshot(shown(reading.row.path), reading.mime, reading.outcome.facts)
        storing.set_screenshot(group.tx, known.photo_id, is_screenshot=screenshot)


def told_by_us(described: Described, said: Told, wishes: Wishes) -> Described:
    """Return what a photo and its files said before, as if the files had said already what was written now.

    It is no news: who changed their mind while it was written is not overruled by it.
    """
    before = described.before or Told()
    names = [name for name in ("rating", "caption", "turn") if getattr(wishes, name) is not None]
    if wishes.keywords_added or wishes.keywords_removed:
        names.append("keywords")
    now = msgspec.structs.replace(before, **{name: getattr(said, name) for name in names})
    return msgspec.structs.replace(described, before=now if names else described.before)


def _described(group: Group, reading: Reading, known: StoredPhoto) -> Described:
    described, told = get_described(group.tx, known.photo_id), told_by(reading)
    if told.turn is not None and turning.get_turning(group.tx, known.photo_id).noted:
        # A sidecar of ours, of which nobody could store that it was written.
        return told_by_us(described, told, Wishes(turn=told.turn))
    return described


def _position(known: StoredPhoto, reading: Reading) -> Position | None:
    """Return where somebody said that the photo was taken, which may be nowhere, or else what the file says."""
    if known.user_position is None:
        return told_by(reading).position
    latitude, longitude = json.loads(known.user_position)
    return None if latitude is None or longitude is None else (latitude, longitude)


def write_facts(
    group: Group, reading: Reading, photo_id: int, name: str, described: Described | None
) -> None:
    outcome, tx = reading.outcome, group.tx
    if outcome.facts is not None or outcome.looks is not None:
        storing.write_metadata(tx, photo_id, **metadata_columns(outcome.facts, outcome.looks))
    if outcome.looks is not None:
        storing.set_playback_type(tx, photo_id, outcome.video.playback_type if outcome.video else None)
    if outcome.facts is not None:
        known = described or get_described(tx, photo_id)
        keywords = set_described(tx, photo_id, known, told_by(reading))
        if keywords or known.before is not None:
            follow_keywords(tx, group.owner.user_id, photo_id, keywords)
    store_faces(group, reading, photo_id, name)
    store_clip(group, reading, photo_id, name)
    storing.record_step(tx, photo_id, METADATA, outcome.metadata.state, outcome.metadata.reason)
