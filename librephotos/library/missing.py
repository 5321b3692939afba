"""Removes photos whose files are all gone. What people typed stays for 30 days and comes back with the file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import bindparam, delete, exists, func, literal, select, update

from librephotos.db.database import Database
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Report, Run
from librephotos.kit import clock
from librephotos.library import guard, queries
from librephotos.library.queries import Losses
from librephotos.library.roots import scan_path
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_path
from librephotos.settings import Settings

KEPT_DAYS: Final = 30
AT_ONCE: Final = 100

_HAS_MEDIA = exists(literal(1)).where(
    file.c.photo_id == photo.c.id,
    file.c.is_missing.is_(False),
    file.c.kind != 3,  # noqa: PLR2004  # a sidecar alone is no photo
)
_MISSING = (
    photo.c.owner_id == bindparam("owner"),
    photo.c.is_removed.is_(False),
    ~_HAS_MEDIA.correlate(photo),
)
_COUNT = Statement(select(func.count()).select_from(photo).where(*_MISSING), scalar)
_COUNT_ALL = Statement(
    select(func.count())
    .select_from(photo)
    .where(photo.c.owner_id == bindparam("owner"), photo.c.is_removed.is_(False)),
    scalar,
)
_LIST = Statement(
    select(photo.c.id).where(*_MISSING, photo.c.id > bindparam("after")).order_by(photo.c.id).limit(AT_ONCE),
    scalar,
)
_PATHS = Statement(
    select(file.c.photo_id, file.c.path_bytes).where(is_in(file.c.photo_id, "photo_ids")),
    lambda photo_id, path: (photo_id, bytes(path)),
)
_REMOVE = statement(update(photo).where(is_in(photo.c.id, "photo_ids")).values(is_removed=True))
_EXPIRED = Statement(
    select(photo.c.id, photo.c.owner_id, photo.c.image_hash)
    .where(photo.c.is_removed.is_(True), photo.c.modified_at < bindparam("before"))
    .order_by(photo.c.id)
    .limit(AT_ONCE),
    lambda *row: row,
)
_PURGE_FILES = statement(delete(file).where(is_in(file.c.photo_id, "photo_ids")))
_PURGE = statement(delete(photo).where(is_in(photo.c.id, "photo_ids")))
_IS_HASH_USED = Statement(
    select(photo.c.id).where(photo.c.image_hash == bindparam("image_hash")).limit(1), scalar
)


def delete_missing(run: Run) -> Report:
    """Remove the owner's photos without files, unless their disk seems to be away."""
    return Report(result=run.step("remove", lambda: _remove(run)))


def _remove(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        owner = queries.get_owner(tx, run.user_id)
        losses = Losses(known=tx.one(_COUNT_ALL, owner=run.user_id), gone=tx.one(_COUNT, owner=run.user_id))
        top = scan_path(owner.scan_directory)
        root = queries.find_root(tx, top)
    reason = guard.reason_absent(top)
    if reason is None and root is not None and root.offline_since is not None:
        reason = "The last scan found the scan directory offline; scan again first."
    if reason is None:
        reason = guard.reason_offline(root, guard.marker_of(top), losses, is_empty=not os.listdir(top))
    if reason is not None and not run.arguments.get("accept_losses"):
        return {"removed": 0, "offline": reason}
    removed, after = 0, 0
    run.progress(current=0, target=losses.gone)
    while True:
        with run.db.snapshot() as tx:
            photo_ids = tx.all(_LIST, owner=run.user_id, after=after)
            paths = tx.all(_PATHS, photo_ids=id_list(photo_ids))
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
        run.db.commit(_mark_removed, run.user_id, gone)
        removed += len(gone)
        run.progress(current=removed)


def _mark_removed(tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
    tx.execute(_REMOVE, photo_ids=id_list(photo_ids))
    photos_changed(tx, owner_id, photo_ids)


def purge_removed(db: Database, settings: Settings) -> None:
    """Forget photos that were removed more than 30 days ago, with their thumbnails."""
    before = clock.now() - KEPT_DAYS * clock.DAY
    while True:
        with db.transaction() as tx:
            expired = tx.all(_EXPIRED, before=before)
            photo_ids = id_list([photo_id for photo_id, _, _ in expired])
            tx.execute(_PURGE_FILES, photo_ids=photo_ids)
            tx.execute(_PURGE, photo_ids=photo_ids)
            for owner_id in sorted({owner_id for _, owner_id, _ in expired}):
                photos_changed(tx, owner_id, [])
            unused = [name for _, _, name in expired if tx.first(_IS_HASH_USED, image_hash=name) is None]
        for name in unused:
            for kind in (BIG, SQUARE, SQUARE_SMALL):
                Path(derived_path(settings.data, kind, name)).unlink(missing_ok=True)
        if len(expired) < AT_ONCE:
            return
