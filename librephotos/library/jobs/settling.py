"""The end of a scan: what vanished is believed, unless a disk, or a part of the library, seems to be away."""

import os
from typing import Any, Final

import msgspec

from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Run
from librephotos.library import guard
from librephotos.library.queries import gone, owners, roots
from librephotos.library.roots import scan_path
from librephotos.photos.changes import photos_changed
from librephotos.photos.storing import refresh_search_text, refresh_variants

GONE_AT_ONCE: Final = 100


def settle_gone(run: Run, walked: dict[str, Any]) -> dict[str, Any]:
    """Believe what vanished, unless a disk seems to be away."""
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
        top = scan_path(owner.scan_directory)
        root = roots.find_root(tx, top)
        losses = gone.count_losses(tx, run.user_id)
    marker = guard.marker_of(top)
    accepted = run.arguments.get("accept_losses")
    reason = guard.reason_away(top) if losses.gone or not os.path.isdir(top) else None
    if reason is None and guard.is_other_disk(root, marker):
        reason = guard.reason_offline(root, marker, losses)
    told = ""
    if reason is None:
        away = _parts_away(run, top, walked)
        told = " ".join(away.told)
        if guard.is_accepted(accepted, told):
            told = ""
        else:
            run.db.commit(gone.forgive_devices, run.user_id, away.devices)
            run.db.commit(gone.forgive_files, away.file_ids)
        with run.db.snapshot() as tx:
            losses = gone.count_losses(tx, run.user_id)
    if reason is None:
        reason = guard.reason_offline(root, marker, losses)
    if reason is not None and (not guard.is_accepted(accepted, reason) or not os.path.isdir(top)):
        with run.db.transaction() as tx:
            gone.forgive_gone(tx, run.user_id)
            roots.record_root_offline(tx, top, reason)
        return {"offline": reason}
    _mark_missing(run)
    run.db.commit(roots.record_root_seen, top, os.stat(top).st_dev, marker, told)
    return {"missing": losses.gone, **({"offline": told} if told else {})}


class _Away(msgspec.Struct):
    """Parts of a library that seem to be away; `told` are sentences on them."""

    devices: list[int] = []
    file_ids: list[int] = []
    told: list[str] = []


def _parts_away(run: Run, top: bytes, walked: dict[str, Any]) -> _Away:
    """Return the disks below the scan directory, and the files of folders, that seem to be away."""
    with run.db.snapshot() as tx:
        by_device = gone.count_gone_by_device(tx, run.user_id)
        vanished = gone.list_gone_paths(tx, run.user_id)
    # A disk that was mounted anew may have got another number: then its other files were met under that one.
    renumbered = walked.get("renumbered", {})
    absent = {
        device: count
        for device, count in by_device
        if device not in walked["devices"] and renumbered.get(str(device), 0) < count
    }
    away = _Away(devices=list(absent))
    if absent:
        away.told.append(
            f"{sum(absent.values())} files lie on a disk that is not mounted; they were left as they are."
        )
    rest = [(file_id, path) for file_id, path, device in vanished if device not in absent]
    for folder, file_ids in guard.emptied_folders(rest, top).items():
        away.file_ids += file_ids
        away.told.append(guard.reason_emptied(folder, len(file_ids)))
    return away


def _mark_missing(run: Run) -> None:
    while run.commit(_mark_some, run.user_id):
        run.progress()


def _mark_some(tx: Tx, owner_id: int) -> bool:
    """Return whether there may be more."""
    photos = gone.settle_gone(tx, owner_id, GONE_AT_ONCE)
    if photos:
        refresh_variants(tx, photos)
        refresh_search_text(tx, photos)
        photos_changed(tx, owner_id, photos)
    return photos is not None
