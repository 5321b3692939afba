"""Which photo a file belongs to: a new one, a known one, or the one it was before with other looks."""

from librephotos.albums.keyword_tags import follow_keywords
from librephotos.kit import clock, json
from librephotos.library.ingest import pairs
from librephotos.library.ingest.columns import (
    capture_time,
    looks_columns,
    metadata_columns,
    place_and_time_columns,
    told_by,
)
from librephotos.library.ingest.found_inside import store_clip, store_faces
from librephotos.library.ingest.group import Group, Reading, set_file
from librephotos.library.ingest.sidecar_files import attach_sidecars, read_sidecars_of_halves
from librephotos.library.queries import files
from librephotos.library.walk import shown
from librephotos.media.thumbnails import Looks
from librephotos.photos import storing
from librephotos.photos.categories import is_screenshot
from librephotos.photos.provenance import Described, Position, get_described, set_described
from librephotos.photos.storing import METADATA, THUMBNAILS, StoredPhoto


def store_new(group: Group, reading: Reading, looks: Looks) -> int:
    """Content that this path did not have before: of a known photo, part of one beside it, or of a new one."""
    known = storing.find_by_content(group.tx, group.owner.user_id, reading.content_hash)
    if known is None:
        known = _find_retagged(group, reading, looks)
    if known is None:
        known = pairs.find_photo(group, reading)
    if known is not None:
        _join(group, reading, known)
    photo_id = known.photo_id if known is not None else _create(group, reading, looks)
    attach_sidecars(group, reading.row.path, photo_id)
    if pairs.unite(group, reading.row.path) or known is not None:
        read_sidecars_of_halves(group, photo_id)
    return photo_id


def store_same(group: Group, reading: Reading, known: StoredPhoto) -> int:
    """The content is as it was; its metadata is asked for, or its thumbnails had to be made again."""
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(group.tx, known.photo_id)
    if reading.row.file_id == known.main_file_id:
        _show(group, reading, known)
        if reading.outcome.facts is not None:
            _write_metadata(group, reading, known)
        else:  # What it said before is better than nothing.
            _write_facts(group, reading, known.photo_id, known.image_hash, None)
    else:
        _discard(group, reading, known)
    pairs.unite(group, reading.row.path)
    return known.photo_id


def store_edited(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """Other content under a known path: the same picture with other metadata, or another picture."""
    tx, row = group.tx, reading.row
    is_same_picture = (known.perceptual_hash, known.aspect_ratio) == (
        looks.perceptual_hash,
        looks.aspect_ratio,
    )
    copy = None if is_same_picture else files.find_copy(tx, known.photo_id, row.file_id, row.hash)
    if copy is not None or not (is_same_picture or _is_main(group, reading, known)):
        # The other files keep the photo; this path shows something else now, which may belong to them all the same.
        if copy is not None and known.main_file_id == row.file_id:
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
    _write_metadata(group, reading, known, name)
    storing.record_step(tx, known.photo_id, THUMBNAILS, "done")
    pairs.unite(group, row.path)
    return known.photo_id


def _find_retagged(group: Group, reading: Reading, looks: Looks) -> StoredPhoto | None:
    taken = capture_time(group, reading, told_by(reading).position, None)
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
    facts, told = reading.outcome.facts, told_by(reading)
    photo_id = storing.create_photo(
        group.tx,
        group.owner.user_id,
        reading.content_hash,
        reading.row.file_id,
        rating=told.rating or 0,
        is_screenshot=is_screenshot(shown(reading.row.path), reading.mime, facts),
        **looks_columns(reading, looks),
        **place_and_time_columns(group, reading, told.position, None),
    )
    set_file(group, reading, photo_id)
    _put_thumbnails(group, reading, reading.content_hash)
    _write_facts(group, reading, photo_id, reading.content_hash, None)
    storing.record_step(group.tx, photo_id, THUMBNAILS, "done")
    return photo_id


def _join(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """Another file of a photo, which shows it from now on if it is the best; one that was removed comes back."""
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(group.tx, known.photo_id)
    best = pairs.best_file(group, known.photo_id)
    if best != known.main_file_id and best == reading.row.file_id:
        storing.set_main_file(group.tx, known.photo_id, best)
        _show(group, reading, known)
        _write_metadata(group, reading, known)
    elif files.find_copy(group.tx, known.photo_id, reading.row.file_id, reading.content_hash) is not None:
        _keep_if_shown(group, reading, known)
    else:
        _discard(group, reading, known)


def _is_main(group: Group, reading: Reading, known: StoredPhoto) -> bool:
    """Tell whether the photo shows this file, or has no file left that it could show."""
    main = known.main_file_id
    return main is None or main == reading.row.file_id or not files.is_there(group.tx, main)


def _show(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """Let the photo look as this file does, under the name that its thumbnails have."""
    looks = reading.outcome.looks
    if looks is None:
        return
    columns = looks_columns(reading, looks)
    storing.set_looks(group.tx, known.photo_id, image_hash=known.image_hash, **columns)
    _put_thumbnails(group, reading, known.image_hash)
    storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")


def _keep_if_shown(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """A copy: of what the photo shows, its thumbnails are as good; of another file, they are not wanted."""
    shown_hash = files.get_hash(group.tx, known.main_file_id) if known.main_file_id is not None else ""
    if shown_hash == reading.content_hash:
        _put_thumbnails(group, reading, known.image_hash)
        storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    else:
        _discard(group, reading, known)


def _discard(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """Drop what was rendered of a file that the photo does not show."""
    made = reading.outcome.thumbnail_name
    if made is None:
        return
    group.stored.obsolete.append(made)
    if made == known.image_hash and known.main_file_id is not None:
        # They lie where the photo has its own, which are made again.
        files.want_metadata(group.tx, [known.main_file_id])


def _put_thumbnails(group: Group, reading: Reading, name: str) -> None:
    made = reading.outcome.thumbnail_name
    if made is not None and made != name:
        group.stored.renames.append((made, name))


def _write_metadata(group: Group, reading: Reading, known: StoredPhoto, name: str = "") -> None:
    """Store what the photo's main file says; `name` is what the photo is called, if not as before."""
    described = get_described(group.tx, known.photo_id)
    position = _position(known, reading)
    values = place_and_time_columns(group, reading, position, known.user_taken_local)
    if known.day_id is not None and known.day_id != values["day_id"]:
        group.left_days.add(known.day_id)
    storing.set_place_and_time(group.tx, known.photo_id, **values)
    _write_facts(group, reading, known.photo_id, name or known.image_hash, described)
    if known.category_source == "auto":
        screenshot = is_screenshot(shown(reading.row.path), reading.mime, reading.outcome.facts)
        storing.set_screenshot(group.tx, known.photo_id, is_screenshot=screenshot)


def _position(known: StoredPhoto, reading: Reading) -> Position | None:
    """Return where somebody said that the photo was taken, which may be nowhere, or else what the file says."""
    if known.user_position is None:
        return told_by(reading).position
    latitude, longitude = json.loads(known.user_position)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _write_facts(
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
        follow_keywords(tx, group.owner.user_id, photo_id, keywords)
    store_faces(group, reading, photo_id, name)
    store_clip(group, reading, photo_id, name)
    storing.record_step(tx, photo_id, METADATA, outcome.metadata.state, outcome.metadata.reason)
