"""The end of a scan: what vanished is believed, unless a disk, or a part of the library, seems to be away."""

import os
from typing import Any, Final

from librephotos.jobs.registry import Run
from librephotos.library import guard
from librephotos.library.queries import gone, owners, roots
from librephotos.library.roots import scan_path
from librephotos.photos.changes import photos_changed
from librephotos.photos.storing import refresh_search_text

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
    forgiven: dict[str, int] = {}
    if reason is None and not accepted:
        forgiven = _forgive_parts(run, top, walked)
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
    told = " ".join(forgiven)
    run.db.commit(roots.record_root_seen, top, os.stat(top).st_dev, marker, told)
    return {"missing": losses.gone, **({"offline": told} if told else {})}


def _forgive_parts(run: Run, top: bytes, walked: dict[str, Any]) -> dict[str, int]:
    """Let files count as there that lie on a disk below the scan directory, or in a folder, that seems to be away.

    Return what to tell of them.
    """
    with run.db.snapshot() as tx:
        by_device = gone.count_gone_by_device(tx, run.user_id)
    # A disk that was mounted anew may have got another number: then its other files were met under that one.
    devices = [
        device
        for device, count in by_device
        if device not in walked["devices"] and walked.get("renumbered", {}).get(str(device), 0) < count
    ]
    told: dict[str, int] = {}
    if forgiven := run.db.commit(gone.forgive_devices, run.user_id, devices):
        told[f"{forgiven} files lie on a disk that is not mounted; they were left as they are."] = forgiven
    with run.db.snapshot() as tx:
        rest = gone.list_gone_paths(tx, run.user_id)
    for folder, file_ids in guard.emptied_folders(rest, top).items():
        run.db.commit(gone.forgive_files, file_ids)
        told[guard.reason_emptied(folder, len(file_ids))] = len(file_ids)
    return told


def _mark_missing(run: Run) -> None:
    while True:
        with run.db.transaction() as tx:
            photos = gone.settle_gone(tx, run.user_id, GONE_AT_ONCE)
            if photos:
                refresh_search_text(tx, photos)
                photos_changed(tx, run.user_id, photos)
        if photos is None:
            return
        run.progress()
