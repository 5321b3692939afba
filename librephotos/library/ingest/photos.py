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
from librephotos.library.sidecars import stem_of
from librephotos.library.walk import shown
from librephotos.media.thumbnails import Looks
from librephotos.photos import recognising, storing
from librephotos.photos.categories import is_screenshot
from librephotos.photos.storing import METADATA, THUMBNAILS, StoredPhoto


def store_new(group: Group, reading: Reading, looks: Looks) -> int:
    """Store content under a path that is no photo's: it is of a known photo, or of a new one."""
    known = recognising.find_by_content(
        group.tx, group.owner.user_id, reading.content_hash
    ) or _find_retagged(group, reading, looks)
    photo_id = _create(group, reading, looks) if known is None else _join(group, reading, known)
    attach_sidecars(group, reading.row.path, photo_id)
    return photo_id


def store_same(group: Group, reading: Reading, known: StoredPhoto) -> int:
    """The content is as it was; its metadata is asked for, or its thumbnails had to be made again."""
    is_main = _settle(group, reading, known)
    if reading.outcome.looks is not None:
        _put_thumbnails(group, reading, known.image_hash)
        storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    if is_main:
        _write_metadata(group, reading, known)
    return known.photo_id


def store_changed(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int | None:
    """Store other content under a known path: of another photo, the same picture, or another picture.

    Another picture may be an edit, or a photo that moved here while this one moved elsewhere. So it waits, and None is
    returned, until everything else is read.
    """
    other = recognising.find_by_content(group.tx, group.owner.user_id, reading.content_hash)
    if other is not None and other.photo_id != known.photo_id:
        return _leave(group, reading, looks, known)
    if other is not None or _shows(known, looks):
        return _store_retagged(group, reading, looks, known)
    if not reading.row.is_last:
        files.want_last(group.tx, reading.row.file_id)
        return None
    is_elsewhere = reading.row.was_missing or _has_copy(group, reading, known)
    if is_elsewhere or _find_retagged(group, reading, looks) is not None:
        return _leave(group, reading, looks, known)
    return _store_edited(group, reading, looks, known)


def _shows(known: StoredPhoto, looks: Looks) -> bool:
    return (known.perceptual_hash, known.aspect_ratio) == (looks.perceptual_hash, looks.aspect_ratio)


def _has_copy(group: Group, reading: Reading, known: StoredPhoto) -> bool:
    """Tell whether the photo has another file; those of the same stem are its variants and go with it."""
    row = reading.row
    stem = stem_of(row.path).lower()
    return any(
        other.content_hash == row.hash or stem_of(other.path).lower() != stem
        for other in files.list_others(group.tx, known.photo_id, row.file_id)
    )


def _leave(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """The path shows another photo now. The one it showed goes on with its other files, or has none for now."""
    tx, row = group.tx, reading.row
    photo_id = store_new(group, reading, looks)
    if known.main_file_id is None or known.main_file_id == row.file_id:
        heirs = files.list_others(tx, known.photo_id, row.file_id)
        if heirs:
            storing.set_main_file(tx, known.photo_id, heirs[0].file_id, heirs[0].content_hash)
            if heirs[0].content_hash != row.hash:
                files.want_metadata(tx, [heirs[0].file_id])
        else:
            storing.forget_main_file(tx, known.photo_id)
    group.changed.add(known.photo_id)
    return photo_id


def _store_retagged(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """The same picture with other metadata."""
    is_main = _settle(group, reading, known)
    _put_thumbnails(group, reading, known.image_hash)
    if is_main:
        storing.set_looks(
            group.tx, known.photo_id, image_hash=known.image_hash, **looks_columns(reading, looks)
        )
        _write_metadata(group, reading, known)
        _take_rating(group, reading, known)
    storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    return known.photo_id


def _store_edited(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """Another picture in the place of the photo's: it is called anew, and what was found in the old one goes."""
    tx = group.tx
    if not _settle(group, reading, known):
        # A variant was edited, which is not what the photo shows.
        group.stored.obsolete.append(reading.content_hash)
        return known.photo_id
    storing.set_looks(tx, known.photo_id, image_hash=reading.content_hash, **looks_columns(reading, looks))
    storing.forget_derived(tx, known.photo_id)
    group.stored.obsolete.append(known.image_hash)
    _put_thumbnails(group, reading, reading.content_hash)
    _write_metadata(group, reading, known)
    _take_rating(group, reading, known)
    storing.record_step(tx, known.photo_id, THUMBNAILS, "done")
    return known.photo_id


def _take_rating(group: Group, reading: Reading, known: StoredPhoto) -> None:
    facts = reading.outcome.facts
    if facts is not None and facts.rating is not None:
        storing.set_rating(group.tx, known.photo_id, facts.rating)


def _find_retagged(group: Group, reading: Reading, looks: Looks) -> StoredPhoto | None:
    taken = capture_time(group, reading, None)
    return recognising.find_by_picture(
        group.tx,
        group.owner.user_id,
        looks.perceptual_hash,
        looks.aspect_ratio,
        clock.wall_iso(taken.taken_local) if taken else None,
        reading.row.path,
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


def _join(group: Group, reading: Reading, known: StoredPhoto) -> int:
    """Another path of a photo, which may be the only one left."""
    is_main = _settle(group, reading, known)
    _put_thumbnails(group, reading, known.image_hash)
    storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    if is_main and reading.content_hash != known.content_hash:
        _write_metadata(group, reading, known)
    return known.photo_id


def _settle(group: Group, reading: Reading, known: StoredPhoto) -> bool:
    """Make the file one of the photo's; return whether it is, or had to become, its main file.

    A photo that was removed comes back with its file.
    """
    tx, file_id = group.tx, reading.row.file_id
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(tx, known.photo_id)
    files.drop_missing(tx, known.photo_id)
    main = known.main_file_id
    if main is not None and main != file_id and files.is_there(tx, known.photo_id, main):
        return False
    storing.set_main_file(tx, known.photo_id, file_id, reading.content_hash)
    return True


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
