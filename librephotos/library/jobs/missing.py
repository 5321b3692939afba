"""Removes photos whose files are all gone. What people typed stays for 30 days and comes back with the file."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from librephotos.accounts.events import Event, Origin, record
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Report, Run
from librephotos.kit import clock
from librephotos.library import guard
from librephotos.library.queries import missing, owners, roots
from librephotos.library.roots import scan_path
from librephotos.people.pictures import remove_pictures
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_path
from librephotos.photos.tombstones import record_deletions
from librephotos.photos.transcoding.transcoder import forget_transcoded
from librephotos.photos.turned import remove_turned
from librephotos.settings import Settings

KEPT_DAYS: Final = 30


def delete_missing(run: Run) -> Report:
    """Remove the owner's photos without files, unless their disk seems to be away."""
    return Report(result=run.step("remove", lambda: _remove(run)))


def _remove(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        losses = missing.count_missing(tx, run.user_id)
        top = scan_path(owner.scan_directory)
        root = roots.find_root(tx, top)
    absent = guard.reason_absent(top)
    reason = absent or (guard.reason_away(top) if losses.gone else None)
    if reason is None and root is not None and root.offline_since is not None:
        reason = "The last scan found the scan directory offline; scan again first."
    if reason is None:
        reason = guard.reason_offline(root, guard.marker_of(top), losses)
    if absent or (reason is not None and not run.arguments.get("accept_losses")):
        return {"removed": 0, "offline": reason}
    removed, after = 0, 0
    run.progress(current=0, target=losses.gone)
    while True:
        with run.db.snapshot() as tx:
            photo_ids = missing.list_missing(tx, run.user_id, after)
            paths = missing.list_paths(tx, photo_ids)
        if not photo_ids:
            return {"removed": removed}
        after = photo_ids[-1]
        # A file that came back since the last scan keeps its photo; the next scan takes it up.
        back = {
            photo_id
            for photo_id, path in paths
            if os.path.lexists(path) and not path.lower().endswith(b".xmp")
        }
        gone = [photo_id for photo_id in photo_ids if photo_id not in back]
        run.commit(_mark_removed, run.user_id, gone)
        removed += len(gone)
        run.progress(current=removed)


def _mark_removed(tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
    missing.remove_photos(tx, photo_ids)
    photos_changed(tx, owner_id, photo_ids)
    if photo_ids:
        origin = Origin(method="job", actor_id=owner_id)
        _record_deletion(tx, owner_id, origin, "files gone", len(photo_ids))


def _record_deletion(tx: Tx, owner_id: int, origin: Origin, target: str, count: int) -> None:
    """Whole batches of an hour are one event with a count."""
    event = Event(
        kind="photos_deleted",
        origin=origin,
        subject_id=owner_id,
        target=target,
        detail={"photos": count},
        repeats=True,
    )
    record(tx, event)


def purge_removed(db: Database, settings: Settings) -> None:
    """Forget photos that were removed more than 30 days ago, with their thumbnails and what was converted of them."""
    before = clock.now() - KEPT_DAYS * clock.DAY
    while True:
        with db.transaction() as tx:
            expired = missing.purge_expired(tx, before)
            for owner_id, count in sorted(Counter(photo.owner_id for photo in expired).items()):
                uuids = [photo.uuid for photo in expired if photo.owner_id == owner_id]
                record_deletions(tx, owner_id, "photo", uuids)
                photos_changed(tx, owner_id, [])
                _record_deletion(tx, owner_id, Origin(method="system"), "removed long ago", count)
            unused = missing.list_unused(tx, [photo.image_hash for photo in expired])
        for name in unused:
            remove_turned(settings.data, name)
            remove_pictures(settings.data, name)
            forget_transcoded(settings.data, name)
            for kind in (BIG, SQUARE, SQUARE_SMALL):
                for extension in ("webp", "mp4"):
                    Path(derived_path(settings.data, kind, name, extension)).unlink(missing_ok=True)
        if len(expired) < missing.AT_ONCE:
            return
