"""Which photo a file belongs to: a new one, a known one, or the one it was before with other looks."""

from librephotos.kit import clock
from librephotos.library.ingest.columns import (
    capture_time,
    looks_columns,
    metadata_columns,
    place_and_time_columns,
)
from librephotos.library.ingest.group import Group, Reading, set_file
from librephotos.library.ingest.not_photos import attach_sidecars
from librephotos.library.queries import files
from librephotos.library.walk import shown
from librephotos.media.thumbnails import Looks
from librephotos.photos import storing
from librephotos.photos.categories import is_screenshot
from librephotos.photos.storing import METADATA, THUMBNAILS, StoredPhoto


def store_new(group: Group, reading: Reading, looks: Looks) -> int:
    """Content that this path did not have before: of a known photo, or of a new one."""
    known = storing.find_by_content(group.tx, group.owner.user_id, reading.content_hash)
    if known is not None and known.aspect_ratio is None:
        photo_id = _complete(group, reading, looks, known)
    elif known is not None:
        photo_id = _join(group, reading, known)
    else:
        retagged = _find_retagged(group, reading, looks)
        if retagged is None:
            photo_id = _create(group, reading, looks)
        else:
            photo_id = _join(group, reading, retagged)
            _write_metadata(group, reading, retagged)
    attach_sidecars(group, reading.row.path, photo_id)
    return photo_id


def store_same(group: Group, reading: Reading, known: StoredPhoto) -> int:
    """The content is as it was; its metadata is asked for, or its thumbnails had to be made again."""
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(group.tx, known.photo_id)
    if reading.outcome.looks is not None:
        _put_thumbnails(group, reading, known.image_hash)
        storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    if reading.row.file_id == known.main_file_id:
        _write_metadata(group, reading, known)
    return known.photo_id


def store_edited(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """Other content under a known path: the same picture with other metadata, or another picture."""
    tx, row = group.tx, reading.row
    is_same_picture = (known.perceptual_hash, known.aspect_ratio) == (
        looks.perceptual_hash,
        looks.aspect_ratio,
    )
    copy = None if is_same_picture else files.find_copy(tx, known.photo_id, row.file_id, row.hash)
    if copy is not None:
        # The other copy keeps the photo; this path shows something else now.
        if known.main_file_id == row.file_id:
            storing.set_main_file(tx, known.photo_id, copy)
        photo_id = store_new(group, reading, looks)
        group.changed.add(known.photo_id)
        return photo_id
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(tx, known.photo_id)
    name = known.image_hash if is_same_picture else reading.content_hash
    storing.set_looks(tx, known.photo_id, image_hash=name, **looks_columns(reading, looks))
    if not is_same_picture:
        storing.forget_derived(tx, known.photo_id)
        group.stored.obsolete.append(known.image_hash)
    _put_thumbnails(group, reading, name)
    _write_metadata(group, reading, known)
    facts = reading.outcome.facts
    if facts is not None and facts.rating is not None:
        storing.set_rating(tx, known.photo_id, facts.rating)
    storing.record_step(tx, known.photo_id, THUMBNAILS, "done")
    return known.photo_id


def _find_retagged(group: Group, reading: Reading, looks: Looks) -> StoredPhoto | None:
    taken = capture_time(group, reading, None)
    if taken is None:
        return None
    return storing.find_by_picture(
        group.tx,
        group.owner.user_id,
        looks.perceptual_hash,
        looks.aspect_ratio,
        clock.wall_iso(taken.taken_local),
    )


def _create(group: Group, reading: Reading, looks: Looks) -> int:
    facts = reading.outcome.facts
    photo_id = storing.create_photo(
        group.tx,
        group.owner.user_id,
        reading.content_hash,
        reading.row.file_id,
        rating=facts.rating or 0 if facts else 0,
        is_screenshot=is_screenshot(shown(reading.row.path), reading.mime, facts),
        **looks_columns(reading, looks),
        **place_and_time_columns(group, reading, None),
    )
    set_file(group, reading, photo_id)
    _write_facts(group, reading, photo_id)
    storing.record_step(group.tx, photo_id, THUMBNAILS, "done")
    return photo_id


def _complete(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """Give a photo that was announced by an upload all that it lacked until its file was read."""
    set_file(group, reading, known.photo_id)
    storing.set_main_file(group.tx, known.photo_id, reading.row.file_id)
    storing.set_looks(group.tx, known.photo_id, image_hash=known.image_hash, **looks_columns(reading, looks))
    _put_thumbnails(group, reading, known.image_hash)
    _write_metadata(group, reading, known)
    facts = reading.outcome.facts
    if facts is not None and facts.rating is not None:
        storing.set_rating(group.tx, known.photo_id, facts.rating)
    storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    return known.photo_id


def _join(group: Group, reading: Reading, known: StoredPhoto) -> int:
    """Another path of a photo; one that was removed comes back with its file."""
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(group.tx, known.photo_id)
    if known.main_file_id is None or not files.is_there(group.tx, known.main_file_id):
        storing.set_main_file(group.tx, known.photo_id, reading.row.file_id)
    _put_thumbnails(group, reading, known.image_hash)
    storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    return known.photo_id


def _put_thumbnails(group: Group, reading: Reading, name: str) -> None:
    made = reading.outcome.thumbnail_name
    if made is not None and made != name:
        group.stored.renames.append((made, name))


def _write_metadata(group: Group, reading: Reading, known: StoredPhoto) -> None:
    values = place_and_time_columns(group, reading, known.user_taken_local)
    if known.day_id is not None and known.day_id != values["day_id"]:
        group.left_days.add(known.day_id)
    storing.set_place_and_time(group.tx, known.photo_id, **values)
    _write_facts(group, reading, known.photo_id)
    if known.category_source == "auto":
        screenshot = is_screenshot(shown(reading.row.path), reading.mime, reading.outcome.facts)
        storing.set_screenshot(group.tx, known.photo_id, is_screenshot=screenshot)


def _write_facts(group: Group, reading: Reading, photo_id: int) -> None:
    facts, looks, step = reading.outcome.facts, reading.outcome.looks, reading.outcome.metadata
    if facts is not None or looks is not None:
        storing.write_metadata(group.tx, photo_id, **metadata_columns(facts, looks))
    if looks is not None:
        video = reading.outcome.video
        storing.set_playback_type(group.tx, photo_id, video.playback_type if video else None)
    if facts is not None and facts.description:
        storing.caption_from_file(group.tx, photo_id, facts.description)
    storing.record_step(group.tx, photo_id, METADATA, step.state, step.reason)
