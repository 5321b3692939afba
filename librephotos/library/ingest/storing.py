"""Stores a few outcomes in one transaction, and puts thumbnails in their places after it."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from librephotos.db.transactions import Tx
from librephotos.library.date_rules import DateRule
from librephotos.library.ingest import not_photos, photos
from librephotos.library.ingest.group import Group, Reading, Stored
from librephotos.library.queries import files
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.pending import PendingFile
from librephotos.media.process import Outcome
from librephotos.media.thumbnails import SIZES, clip_path, thumbnail_path
from librephotos.photos import storing
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import derived_root
from librephotos.photos.transcoding.transcoder import forget_transcoded


def store_outcomes(
    tx: Tx, owner: Owner, rules: Sequence[DateRule], outcomes: Sequence[tuple[PendingFile, Outcome]]
) -> Stored:
    """Store outcomes and what follows from them; afterwards, `tidy_thumbnails` is to be called."""
    group = Group(tx, owner, rules)
    for row, outcome in outcomes:
        photo_id = _store_one(group, row, outcome)
        if photo_id is not None:
            group.changed.add(photo_id)
        elif row.hash:
            storing.forget_announced(tx, owner.user_id, [row.hash])
    if group.changed:
        touched = sorted(group.changed)
        storing.refresh_search_text(tx, touched)
        photos_changed(tx, owner.user_id, touched, left_days=group.left_days)
    return group.stored


def tidy_thumbnails(data: Path, stored: Stored) -> None:
    """Put thumbnails where their photos look for them; after the commit, so that a rollback loses nothing."""
    folder = os.fsencode(derived_root(data))
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
        return photos.store_new(group, reading, outcome.looks)
    if not reading.is_changed:
        return photos.store_same(group, reading, known)
    return photos.store_edited(group, reading, outcome.looks, known)
