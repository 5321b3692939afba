"""Stores a few outcomes in one transaction, and puts thumbnails in their places after it."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from librephotos.db.transactions import Tx
from librephotos.library.capture_time import load_zones
from librephotos.library.date_rules import DateRule
from librephotos.library.file_kinds import RAW, VIDEO
from librephotos.library.ingest import not_photos, pairs, photos
from librephotos.library.ingest.group import Group, Reading, Stored, set_file
from librephotos.library.queries import files, moves
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.pending import PendingFile
from librephotos.media.motion import clip_name
from librephotos.media.process import Outcome
from librephotos.media.thumbnails import SIZES, clip_path, thumbnail_path, write_whole
from librephotos.photos import announcing, main_files, storing
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import derived_root, face_path
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.transcoding.transcoder import forget_transcoded
from librephotos.photos.turned import take_place

RAW_IGNORED = "RAW files are left out by your settings."


def prepare_to_store(outcomes: Iterable[Outcome]) -> None:
    """Load what storing these outcomes asks; before the transaction, for it takes up to 0.2 s the first time."""
    if any(outcome.facts is not None and outcome.facts.gps_lat is not None for outcome in outcomes):
        load_zones()


def store_outcomes(
    tx: Tx, owner: Owner, rules: Sequence[DateRule], outcomes: Iterable[tuple[PendingFile, Outcome]]
) -> Stored:
    """Store outcomes and what follows from them; afterwards, `tidy_thumbnails` is to be called."""
    lock_photos(tx, owner.user_id)
    group = Group(tx, owner, rules)
    for row, outcome in outcomes:
        photo_id = _store_one(group, row, outcome)
        if photo_id is not None:
            group.changed.add(photo_id)
        elif row.hash:
            announcing.forget_announced(tx, owner.user_id, [row.hash])
    return finish(group)


def store_moves(tx: Tx, owner: Owner, found: Sequence[tuple[int, int]]) -> Stored:
    """Give files the paths under which they lie now, beside which they may find their other half."""
    lock_photos(tx, owner.user_id)
    group = Group(tx, owner, ())
    for photo_id, path in moves.move_files(tx, found):
        group.changed.add(photo_id)
        pairs.unite(group, path)
    return finish(group)


def finish(group: Group) -> Stored:
    """Follow the changes of a group; the last thing in its transaction."""
    if group.changed:
        touched = sorted(group.changed)
        main_files.follow_choices(group.tx, touched)
        storing.refresh_variants(group.tx, touched)
        storing.refresh_search_text(group.tx, touched)
        photos_changed(group.tx, group.owner.user_id, touched, left_days=group.left_days)
    return group.stored


def tidy_thumbnails(data: Path, stored: Stored) -> None:
    """Put thumbnails where their photos look for them; after the commit, so that a rollback loses nothing."""
    root = derived_root(data)
    folder = os.fsencode(root)
    kept = {new for _, new in stored.clip_renames}
    for old, new in stored.clip_renames:
        _move(root / clip_name(old), root / clip_name(new))
    for old, new in stored.renames:
        for size in SIZES:
            os.makedirs(os.path.dirname(thumbnail_path(folder, size, new)), exist_ok=True)
            for of in (thumbnail_path, clip_path):
                with contextlib.suppress(
                    FileNotFoundError
                ):  # Equal files of one group: the first has moved it.
                    os.replace(of(folder, size, old), of(folder, size, new))
    for name in stored.obsolete:
        forget_transcoded(data, name)
        for size in SIZES:
            for of in (thumbnail_path, clip_path):
                Path(os.fsdecode(of(folder, size, name))).unlink(missing_ok=True)
        if name not in kept:
            (root / clip_name(name)).unlink(missing_ok=True)
    for image_hash, content in stored.fresh:
        take_place(data, image_hash, content)
    _tidy_faces(root, stored)


def _tidy_faces(root: Path, stored: Stored) -> None:
    for old, new in stored.face_renames:
        _move(face_path(root, old), face_path(root, new))
    for name, jpeg in stored.face_pictures:
        path = face_path(root, name)
        if not path.exists():
            write_whole(os.fsencode(path), jpeg)


def _move(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # Moved already, by a step that runs twice.
        old.replace(new)


def has_thumbnails(data: Path, image_hash: str) -> bool:
    folder = os.fsencode(derived_root(data))
    return all(
        os.path.exists(thumbnail_path(folder, size, image_hash))
        or os.path.exists(clip_path(folder, size, image_hash))
        for size in SIZES
    )


def _store_one(group: Group, row: PendingFile, outcome: Outcome) -> int | None:
    """Return the photo that changed, if one did."""
    if outcome.format is None or outcome.fingerprint is None:
        not_photos.store_unread(group, row, outcome)
        return None
    reading = Reading(row, outcome, f"{outcome.fingerprint.md5}{group.owner.user_id}")
    if outcome.format.kind == "sidecar":
        return not_photos.store_sidecar(group, reading)
    ignored = _reason_ignored(group, reading)
    if ignored is not None:
        set_file(group, reading, None, "skipped", ignored)
        return None
    known = storing.get_stored(group.tx, row.photo_id) if row.photo_id is not None else None
    if known is not None and row.is_metadata_only:
        if reading.is_changed:
            # The content changed unnoticed, which takes more than a look at the metadata.
            files.want_again(group.tx, row.file_id)
            return None
        if outcome.pixels.state != "failed":
            return photos.store_same(group, reading, known)
    if outcome.looks is None:
        return not_photos.store_undecoded(group, reading)
    if known is None:
        return photos.store_found(group, reading, outcome.looks)
    if not reading.is_changed:
        return photos.store_same(group, reading, known)
    return photos.store_changed(group, reading, outcome.looks, known)


def _reason_ignored(group: Group, reading: Reading) -> str | None:
    """Say why media become no photo, or None; what is a photo already stays one."""
    if reading.row.photo_id is not None:
        return None
    if reading.kind == RAW and group.owner.skip_raw_files:
        return RAW_IGNORED
    is_video = reading.kind == VIDEO
    is_clip = is_video and storing.is_clip(group.tx, group.owner.user_id, reading.content_hash)
    return files.INSIDE if is_clip else None
