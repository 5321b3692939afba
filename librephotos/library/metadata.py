"""Edits of structured metadata: stored, logged field by field, and taken back."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from librephotos.accounts.viewer import Viewer
from librephotos.albums.keyword_tags import set_keywords
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.edits import Taken, take_again
from librephotos.library.metadata_fields import (
    TYPED,
    Facts,
    changes_of,
    keywords_of_file,
    metadata_of,
    said_by_file,
    typed_after,
)
from librephotos.library.queries import metadata as rows
from librephotos.library.queries.edited import Edit, Subject, get_subject_and_owner, store_edit
from librephotos.library.queries.owners import Owner
from librephotos.library.schemas import PhotoMetadata
from librephotos.photos.changes import photos_changed
from librephotos.photos.grid import wall_time
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.storing import refresh_search_text

Changes = Mapping[str, tuple[Any, Any]]
EDITED = "user_edit"
EMBEDDED = "embedded"
# Not kept as typed beside what the file says: what was there before the first edit comes back.
_FIRST = ("rating", "gps_latitude", "gps_longitude", "keywords")


def read_metadata(tx: Tx, viewer: Viewer, key: PhotoKey) -> PhotoMetadata:
    """Return everything that is known of a photo. Raises NotFound."""
    facts = rows.get_facts(tx, viewer, key)
    photo_id = facts.photo_id
    history, sidecars = rows.list_edits(tx, photo_id), rows.list_sidecars(tx, photo_id)
    return metadata_of(facts, history, sidecars, rows.find_edited_at(tx, photo_id))


def _subject(tx: Tx, viewer: Viewer, key: PhotoKey) -> tuple[Subject, Owner]:
    return get_subject_and_owner(tx, viewer, key, anybodys=viewer.is_staff or viewer.is_superuser)


async def edit_metadata(
    db: Database, viewer: Viewer, key: PhotoKey, sent: Mapping[str, Any]
) -> PhotoMetadata:
    """Apply the fields that were sent; a time goes through the account's rules, as everywhere."""
    subject, owner = await db.read(_subject, viewer, key)
    taken: Taken | None = None
    if "date_taken" in sent:
        taken = await asyncio.to_thread(take_again, subject, owner, sent["date_taken"], None)
    return await db.write(_store, viewer, key, subject, sent, taken)


def _store(
    tx: Tx, viewer: Viewer, key: PhotoKey, subject: Subject, sent: Mapping[str, Any], taken: Taken | None
) -> PhotoMetadata:
    facts = _locked_facts(tx, viewer, key)
    changes = changes_of(facts, sent)
    if changes:
        _describe(tx, viewer, facts, changes, EDITED)
        moment = sent.get("date_taken")
        user_time = (clock.wall_iso(moment) if moment else None,) if "date_taken" in changes else None
        edit = Edit(user_time, taken if user_time else None, _position(facts, changes))
        _finish(tx, facts.owner_id, [facts.photo_id])
        store_edit(tx, subject, edit)
    return read_metadata(tx, viewer, key)


def _locked_facts(tx: Tx, viewer: Viewer, key: PhotoKey) -> Facts:
    """Return what is known of a photo once no other edit can come between."""
    lock_photos(tx, rows.get_facts(tx, viewer, key).owner_id)
    return rows.get_facts(tx, viewer, key)


def _position(facts: Facts, changes: Changes) -> tuple[float | None, float | None] | None:
    """Return where the photo was taken after these changes, None when they leave that as it is."""
    if not changes.keys() & {"gps_latitude", "gps_longitude"}:
        return None
    _, latitude = changes.get("gps_latitude", (None, facts.gps_lat))
    _, longitude = changes.get("gps_longitude", (None, facts.gps_lon))
    return latitude, longitude


def _describe(tx: Tx, viewer: Viewer, facts: Facts, changes: Changes, source: str) -> None:
    """Store what is no time and no position, and log all."""
    rows.store_typed(tx, facts.photo_id, typed_after(facts, changes), source)
    if "keywords" in changes:
        set_keywords(tx, facts.owner_id, facts.photo_id, changes["keywords"][1])
    if "rating" in changes:
        rows.set_rating(tx, facts.photo_id, changes["rating"][1])
    rows.log_edits(tx, facts.photo_id, viewer.user_id, changes)


def _finish(tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
    refresh_search_text(tx, photo_ids)
    photos_changed(tx, owner_id, photo_ids)


def describe_many(
    tx: Tx, viewer: Viewer, uuids: Sequence[str], hashes: Sequence[str], sent: Mapping[str, Any]
) -> int:
    """Tell several own photos the same; return how many there are."""
    lock_photos(tx, viewer.user_id)
    found = rows.list_facts(tx, viewer, uuids, hashes)
    changed = []
    for facts in found:
        changes = changes_of(facts, sent)
        if changes:
            _describe(tx, viewer, facts, changes, EDITED)
            changed.append(facts.photo_id)
    if changed:
        _finish(tx, viewer.user_id, changed)
    return len(found)


async def revert_edit(db: Database, viewer: Viewer, key: PhotoKey, edit_uuid: str | None) -> PhotoMetadata:
    """Undo one edit, which is an edit as well. Raises NotFound, or a refusal for an edit that is not the photo's."""
    edit = await db.read(_find_edit, viewer, key, edit_uuid)
    value = edit.old_value
    if edit.field_name == "date_taken" and value is not None:
        subject, owner = await db.read(_subject, viewer, key)
        files_own = await asyncio.to_thread(take_again, subject, owner, None, None)
        # A time that the file tells anyway need not be kept as somebody's.
        value = None if wall_time(files_own[0]) == value else datetime.fromisoformat(value.removesuffix("Z"))
    return await edit_metadata(db, viewer, key, {edit.field_name: value})


def _find_edit(tx: Tx, viewer: Viewer, key: PhotoKey, edit_uuid: str | None) -> Any:  # a MetadataEdit
    return rows.get_edit(tx, rows.get_facts(tx, viewer, key).photo_id, edit_uuid)


async def revert_all(db: Database, viewer: Viewer, key: PhotoKey) -> PhotoMetadata:
    """Drop what people said of a photo; what its file says is read again by the next scan."""
    subject, owner = await db.read(_subject, viewer, key)
    taken = await asyncio.to_thread(take_again, subject, owner, None, None)
    return await db.write(_revert_all, viewer, key, subject, taken)


def _revert_all(tx: Tx, viewer: Viewer, key: PhotoKey, subject: Subject, taken: Taken) -> PhotoMetadata:
    facts = _locked_facts(tx, viewer, key)
    before = rows.first_values(tx, facts.photo_id)
    said = said_by_file(facts)
    wanted = {name: said[name] for name in TYPED}
    wanted |= {name: before[name] for name in _FIRST if name in before}
    if facts.from_file is not None:
        wanted["keywords"] = keywords_of_file(facts)
    changes = changes_of(facts, {**wanted, "date_taken": clock.parse_wall(taken[0]) if taken[0] else None})
    _describe(tx, viewer, facts, changes, EMBEDDED)
    _finish(tx, facts.owner_id, [facts.photo_id])
    store_edit(tx, subject, Edit((None,), taken, _position(facts, changes)))
    rows.forget_position(tx, facts.photo_id)
    rows.want_metadata(tx, facts.photo_id)
    return read_metadata(tx, viewer, key)
