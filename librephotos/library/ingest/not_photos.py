"""Files that become no photo: what is no media, what cannot be read, and sidecars, which belong to a photo."""

from librephotos.library.ingest.group import Group, Reading, note_error, set_file
from librephotos.library.queries import files
from librephotos.library.queries.pending import PendingFile
from librephotos.library.sidecars import sidecar_names, stem_of
from librephotos.media.process import Outcome
from librephotos.photos import storing

LONELY = "This XMP sidecar has no photo beside it."


def store_unread(group: Group, row: PendingFile, outcome: Outcome) -> None:
    """Not media, or not to be read. What may be a passing trouble is tried again by the next scan."""
    is_failure = outcome.read.state == "failed"
    is_passing = is_failure and outcome.metadata.state != "failed"
    reason = outcome.read.reason or ""
    state = "failed" if is_failure else "skipped"
    files.set_unread(group.tx, row.file_id, state, reason, 0 if is_passing else row.mtime_ns)
    if is_failure:
        note_error(group, row, reason)


def store_undecoded(group: Group, reading: Reading) -> int | None:
    """Media of a kind that is not read, or whose picture is damaged; a photo it was before keeps its place."""
    row, pixels = reading.row, reading.outcome.pixels
    reason = pixels.reason or ""
    if pixels.state != "failed":
        set_file(group, reading, row.photo_id, "skipped", reason)
        return None
    set_file(group, reading, row.photo_id, "failed", reason)
    note_error(group, row, reason)
    if row.photo_id is not None:
        storing.record_step(group.tx, row.photo_id, storing.THUMBNAILS, "failed", reason)
    return row.photo_id


def store_sidecar(group: Group, reading: Reading) -> int | None:
    """Attach a sidecar to its photo, whose metadata is then read again; without one it is set aside."""
    path = reading.row.path
    beside = files.list_media_beside(group.tx, group.owner.user_id, path)
    described = [(file_id, photo_id) for file_id, media, photo_id in beside if path in sidecar_names(media)]
    if not described:
        set_file(group, reading, None, "skipped", LONELY)
        return None
    photo_id = described[0][1]
    if reading.is_changed or reading.row.photo_id != photo_id:
        files.want_metadata(group.tx, [file_id for file_id, _ in described])
    set_file(group, reading, photo_id)
    return photo_id


def attach_sidecars(group: Group, path: bytes, photo_id: int) -> None:
    """Give a new photo the sidecars that were met before it; their content was read together with it."""
    beside = files.list_sidecars_beside(group.tx, group.owner.user_id, stem_of(path))
    names = sidecar_names(path)
    files.attach_files(group.tx, [file_id for file_id, name in beside if name in names], photo_id)
