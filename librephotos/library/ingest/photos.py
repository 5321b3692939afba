"""Which photo a file belongs to: a new one, a known one, or the one it was before with other looks."""

from librephotos.kit import clock, ids
from librephotos.library.compare import Pending
from librephotos.library.ingest import pairs, parting
from librephotos.library.ingest.columns import capture_time, looks_columns, place_and_time_columns, told_by
from librephotos.library.ingest.group import Group, Reading, set_file
from librephotos.library.ingest.sidecar_files import attach_sidecars, read_sidecars_of_halves
from librephotos.library.ingest.turned import show_turned, turn_into_file
from librephotos.library.ingest.writing import (
    discard,
    keep_if_shown,
    put_thumbnails,
    told_by_us,
    write_facts,
    write_metadata,
)
from librephotos.library.queries import files, write_back
from librephotos.library.sidecars import stem_of
from librephotos.library.walk import shown
from librephotos.media.orientation import UPRIGHT
from librephotos.media.saying import Wishes
from librephotos.media.thumbnails import Looks
from librephotos.photos import announcing, main_files, recognising, storing
from librephotos.photos.categories import is_screenshot
from librephotos.photos.provenance import described_first, get_described
from librephotos.photos.storing import THUMBNAILS, StoredPhoto


def store_found(group: Group, reading: Reading, looks: Looks) -> int | None:
    """Store a file that a scan found under a path that is no photo's.

    A copy of another picture in the place of a photo's waits with that one, and None is returned: if it is an edit,
    both are the photo.
    """
    tx, owner_id, row, blake2b = group.tx, group.owner.user_id, reading.row, reading.fingerprint.blake2b
    may_wait = row.pending in (Pending.NEW, Pending.REPLACED) and files.is_awaited(tx, owner_id, blake2b)
    if may_wait and recognising.find_by_content(tx, owner_id, reading.content_hash) is None:
        files.want_last(tx, row.file_id, blake2b)
        return None
    return store_new(group, reading, looks)


def store_new(group: Group, reading: Reading, looks: Looks) -> int:
    """Store content under a path that is no photo's: of a known photo, part of one beside it, or of a new one."""
    known = recognising.find_by_content(group.tx, group.owner.user_id, reading.content_hash)
    uuid = None
    if known is not None and known.aspect_ratio is None:
        # Announced by an upload: now it is known whether it is a photo of its own.
        uuid, known = announcing.take_back_announced(group.tx, known.photo_id), None
    if known is None:
        known = _find_retagged(group, reading, looks)
    is_alone = False
    if known is None:
        others = pairs.list_others(group, reading)
        known, is_alone = pairs.find_photo(group, reading, others), not others
    if known is not None:
        _join(group, reading, known)
    photo_id = known.photo_id if known is not None else _create(group, reading, looks, uuid)
    if known is None and uuid is not None:
        announcing.keep_announced(group.tx, group.owner.user_id, uuid)
    attach_sidecars(group, reading.row.path, photo_id)
    if not is_alone and (pairs.unite(group, reading.row.path) or known is not None):
        read_sidecars_of_halves(group, photo_id)
    return photo_id


def store_same(group: Group, reading: Reading, known: StoredPhoto) -> int:
    """The content is as it was; its metadata is asked for, or its thumbnails had to be made again."""
    if _settle(group, reading, known):
        _show(group, reading, known)
        if reading.outcome.facts is not None:
            write_metadata(group, reading, known)
        else:  # What it said before is better than nothing.
            write_facts(group, reading, known.photo_id, known.image_hash, None)
    else:
        keep_if_shown(group, reading, known)
    parting.part(group, known.photo_id)
    pairs.unite(group, reading.row.path)
    return known.photo_id


def store_written(group: Group, reading: Reading, known: StoredPhoto, wishes: Wishes, turn: int) -> None:
    """Store a file that was given other tags by this server, and is the same besides.

    What it says now is what it said last: so a later change by somebody else is one that the photo follows. `turn` is
    the code of a turn that went into the file's orientation.
    """
    set_file(group, reading, known.photo_id)
    if known.main_file_id == reading.row.file_id:
        recognising.set_content(
            group.tx, known.photo_id, reading.content_hash, reading.fingerprint.size_bytes
        )
        if known.content_hash != reading.row.hash:
            # A scan met it before us, and knew the turn by its note.
            turn = UPRIGHT
        described = told_by_us(get_described(group.tx, known.photo_id), told_by(reading), wishes)
        if turn == UPRIGHT:
            write_metadata(group, reading, known, described=described)
        else:
            show_turned(group, reading, known, turn, described)
            group.stored.fresh.append((known.image_hash, reading.content_hash))
    group.changed.add(known.photo_id)


def store_changed(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int | None:
    """Store other content under a known path: of another photo, the same picture, or another picture.

    Another picture may be an edit, or a photo that moved here while this one moved elsewhere. So it waits, and None is
    returned, until everything else is read.
    """
    other = recognising.find_by_content(group.tx, group.owner.user_id, reading.content_hash)
    if other is not None and other.photo_id != known.photo_id:
        return _leave(group, reading, looks, known)
    turn = turn_into_file(group, reading, known)
    if turn is not None:
        return _store_turned(group, reading, known, turn)
    if other is not None or _shows(reading, known, looks):
        return _store_retagged(group, reading, looks, known)
    if not reading.row.is_last:
        files.want_last(group.tx, reading.row.file_id, reading.fingerprint.blake2b)
        return None
    is_elsewhere = reading.row.was_missing or _has_copy(group, reading, known)
    is_variant = not _is_main(group, reading, known)
    if is_elsewhere or is_variant or _find_retagged(group, reading, looks) is not None:
        return _leave(group, reading, looks, known)
    return _store_edited(group, reading, looks, known)


def _shows(reading: Reading, known: StoredPhoto, looks: Looks) -> bool:
    """Tell whether a file shows what its photo does, or what it showed itself: halves of one shot look differently."""
    now = (looks.aspect_ratio, looks.perceptual_hash)
    before = (reading.row.aspect_ratio, reading.row.perceptual_hash)
    return now in ((known.aspect_ratio, known.perceptual_hash), before)


def _has_copy(group: Group, reading: Reading, known: StoredPhoto) -> bool:
    """Tell whether the photo has another file; those of the same stem are its variants and go with it."""
    row = reading.row
    stem = stem_of(row.path).lower()
    return any(
        other.content_hash == row.hash or stem_of(other.path).lower() != stem
        for other in files.list_others(group.tx, known.photo_id, row.file_id)
    )


def _is_main(group: Group, reading: Reading, known: StoredPhoto) -> bool:
    """Tell whether the photo shows this file, or has no file left that it could show."""
    main = known.main_file_id
    return main is None or main == reading.row.file_id or not files.is_there(group.tx, known.photo_id, main)


def _leave(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """The path shows another photo now. The one it showed goes on with its other files, or has none for now."""
    tx, row = group.tx, reading.row
    photo_id = store_new(group, reading, looks)
    is_shown = known.main_file_id is None or known.main_file_id == row.file_id
    if is_shown and photo_id != known.photo_id:
        heir = pairs.best_file(group, known.photo_id)
        if heir is None:
            main_files.forget_main_file(tx, known.photo_id)
        else:
            content_hash = files.get_hash(tx, heir)
            main_files.set_main_file(tx, known.photo_id, heir, content_hash)
            if content_hash != row.hash:
                files.want_again(tx, heir)
    group.changed.add(known.photo_id)
    return photo_id


def _store_retagged(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """The same picture with other metadata."""
    if _settle(group, reading, known):
        _show(group, reading, known)
        write_metadata(group, reading, known)
    else:
        keep_if_shown(group, reading, known)
    parting.part(group, known.photo_id)
    pairs.unite(group, reading.row.path)
    return known.photo_id


def _store_turned(group: Group, reading: Reading, known: StoredPhoto, turn: int) -> int:
    """The same picture, and what it was turned by stands in the file now."""
    if _settle(group, reading, known):
        described = get_described(group.tx, known.photo_id)
        show_turned(group, reading, known, turn, told_by_us(described, told_by(reading), Wishes(turn=turn)))
        put_thumbnails(group, reading, known.image_hash)
    else:
        keep_if_shown(group, reading, known)
    parting.part(group, known.photo_id)
    pairs.unite(group, reading.row.path)
    return known.photo_id


def _store_edited(group: Group, reading: Reading, looks: Looks, known: StoredPhoto) -> int:
    """Another picture in the place of the photo's: it is called anew, and what was found in the old one goes."""
    tx, name = group.tx, reading.content_hash
    if not _settle(group, reading, known):
        # A better file has come beside it meanwhile, and shows what it always did.
        discard(group, reading, known)
        return known.photo_id
    storing.set_looks(tx, known.photo_id, image_hash=name, **looks_columns(reading, looks))
    storing.forget_derived(tx, known.photo_id)
    write_back.forget(tx, known.photo_id)
    group.stored.obsolete.append(known.image_hash)
    put_thumbnails(group, reading, name)
    write_metadata(group, reading, known, name)
    storing.record_step(tx, known.photo_id, THUMBNAILS, "done")
    pairs.unite(group, reading.row.path)
    return known.photo_id


def _find_retagged(group: Group, reading: Reading, looks: Looks) -> StoredPhoto | None:
    def when() -> str | None:
        taken = capture_time(group, reading, told_by(reading).position, None)
        return clock.wall_iso(taken.taken_local) if taken else None

    return recognising.find_by_picture(
        group.tx,
        group.owner.user_id,
        looks.perceptual_hash,
        looks.aspect_ratio,
        when,
        reading.row.path,
    )


def _create(group: Group, reading: Reading, looks: Looks, uuid: str | None) -> int:
    facts, told = reading.outcome.facts, told_by(reading)
    photo_id = storing.create_photo(
        group.tx,
        group.owner.user_id,
        reading.content_hash,
        reading.row.file_id,
        uuid=uuid or ids.new_uuid(),
        rating=told.rating or 0,
        is_screenshot=is_screenshot(shown(reading.row.path), reading.mime, facts),
        **looks_columns(reading, looks),
        **place_and_time_columns(group, reading, told.position, None),
    )
    set_file(group, reading, photo_id)
    put_thumbnails(group, reading, reading.content_hash)
    write_facts(group, reading, photo_id, reading.content_hash, described_first(told))
    storing.record_step(group.tx, photo_id, THUMBNAILS, "done")
    return photo_id


def _join(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """Another file of a photo, which shows it from now on if it is the best, or the only one left."""
    if not _settle(group, reading, known):
        keep_if_shown(group, reading, known)
    elif reading.content_hash == known.content_hash:
        put_thumbnails(group, reading, known.image_hash)
        storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
    else:
        _show(group, reading, known)
        write_metadata(group, reading, known)


def _settle(group: Group, reading: Reading, known: StoredPhoto) -> bool:
    """Make the file one of the photo's; return whether the photo shows it from now on.

    That is the best of its files, but a copy of what it shows takes nobody's place. A photo that was removed comes back
    with its file.
    """
    tx, file_id = group.tx, reading.row.file_id
    had_main = not _is_main(group, reading, known)
    set_file(group, reading, known.photo_id)
    if known.is_removed:
        storing.revive(tx, known.photo_id)
    files.drop_missing(tx, known.photo_id)
    if had_main and reading.content_hash == known.content_hash:
        return False
    if pairs.best_file(group, known.photo_id) != file_id:
        if not had_main:
            pairs.settle_main(group, known.photo_id)
        return False
    main_files.set_main_file(tx, known.photo_id, file_id, reading.content_hash)
    return True


def _show(group: Group, reading: Reading, known: StoredPhoto) -> None:
    """Let the photo look as this file does, under the name that its thumbnails have."""
    looks = reading.outcome.looks
    if looks is None:
        return
    columns = looks_columns(reading, looks)
    storing.set_looks(group.tx, known.photo_id, image_hash=known.image_hash, **columns)
    put_thumbnails(group, reading, known.image_hash)
    storing.record_step(group.tx, known.photo_id, THUMBNAILS, "done")
