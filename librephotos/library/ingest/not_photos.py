"""Files that become no photo: what is no media, what cannot be read, and sidecars, which belong to a photo."""

from librephotos.library.file_kinds import RAW, VIDEO
from librephotos.library.ingest import pairs
from librephotos.library.ingest.group import Group, Reading, note_error, set_file
from librephotos.library.ingest.sidecar_files import attach_sidecars, read_sidecars_of_halves
from librephotos.library.queries import files
from librephotos.library.queries.pending import PendingFile
from librephotos.library.sidecars import sidecar_names
from librephotos.media.process import Outcome
from librephotos.photos import recognising, storing

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
    half = _photo_of_half(group, reading)
    if half is not None:
        # Its other half shows the picture.
        set_file(group, reading, half, reason=reason)
        attach_sidecars(group, row.path, half)
        read_sidecars_of_halves(group, half)
        if pixels.state == "failed":
            note_error(group, row, reason)
        return half
    if pixels.state != "failed":
        set_file(group, reading, row.photo_id, "skipped", reason)
        return None
    set_file(group, reading, row.photo_id, "failed", reason)
    note_error(group, row, reason)
    if row.photo_id is not None:
        storing.record_step(group.tx, row.photo_id, storing.THUMBNAILS, "failed", reason)
    return row.photo_id


def _photo_of_half(group: Group, reading: Reading) -> int | None:
    """Return the photo that a file without a picture belongs to, because another file shows it."""
    photo_id = reading.row.photo_id
    if reading.kind not in (RAW, VIDEO):
        return None
    if photo_id is not None:
        main = storing.get_stored(group.tx, photo_id).main_file_id
        is_other = main is not None and main != reading.row.file_id
        return photo_id if is_other or _is_shown_by_another(group, reading, photo_id) else None
    known_half = recognising.find_by_content(group.tx, group.owner.user_id, reading.content_hash)
    if known_half is None or known_half.is_removed or known_half.is_trashed:
        known_half = pairs.find_photo(group, reading, pairs.list_others(group, reading))
    return known_half.photo_id if known_half is not None else None


def _is_shown_by_another(group: Group, reading: Reading, photo_id: int) -> bool:
    """A person chose the main file although it shows nothing: then another file is to show the picture again."""
    parts = files.list_parts(group.tx, photo_id)
    other = next((each for each in parts if each.has_looks and each.file_id != reading.row.file_id), None)
    if other is not None:
        files.want_again(group.tx, other.file_id)
    return other is not None


def store_sidecar(group: Group, reading: Reading) -> int | None:
    """Attach a sidecar to its photo, whose metadata is then read again; without one it is set aside."""
    path = reading.row.path
    beside = files.list_media_beside(group.tx, group.owner.user_id, path)
    described = [(file_id, photo_id) for file_id, media, photo_id in beside if path in sidecar_names(media)]
    if not described:
        set_file(group, reading, None, "skipped", LONELY)
        return None
    photo_id = described[0][1]
    is_news = reading.is_changed or reading.row.photo_id != photo_id
    set_file(group, reading, photo_id)
    if is_news:
        files.want_metadata(group.tx, [file_id for file_id, _ in described])
        read_sidecars_of_halves(group, photo_id)
    return photo_id
