"""Files of one shot become one photo, in whatever order they come: the store asks what lies beside each file.

Which files those are is decided in `grouping.py`; here it is carried out, in the transaction that stores a file.
"""

from collections.abc import Sequence

from librephotos.library.file_kinds import RAW
from librephotos.library.grouping import Member, group_files
from librephotos.library.ingest.group import Group, Reading
from librephotos.library.ingest.sidecar_files import attach_sidecars, read_sidecars_of_halves
from librephotos.library.queries import files
from librephotos.people.queries import region_faces
from librephotos.photos import main_files, storing
from librephotos.photos.merging import merge_photos
from librephotos.photos.storing import StoredPhoto


def list_others(group: Group, reading: Reading) -> list[Member]:
    """Return the other files that are known under this folder and stem."""
    known = _beside(group, reading.row.path)
    return [each for each in known if each.file_id != reading.row.file_id]


def find_photo(group: Group, reading: Reading, others: Sequence[Member]) -> StoredPhoto | None:
    """Return the photo that files beside this one already are, and that it belongs to."""
    if not others:
        return None
    for members in _grouped(group, [*others, member_of(reading)]):
        if any(each.file_id == reading.row.file_id for each in members):
            photo_id = next((each.photo_id for each in members if each.photo_id is not None), None)
            return storing.get_stored(group.tx, photo_id) if photo_id is not None else None
    return None


def member_of(reading: Reading) -> Member:
    """Return a file that is just being stored as the others see it; it belongs to no photo yet."""
    facts, looks = reading.outcome.facts, reading.outcome.looks
    return Member(
        file_id=reading.row.file_id,
        path=reading.row.path,
        kind=reading.kind,
        content_id=(facts.content_id or "") if facts else "",
        video_seconds=facts.video_seconds if facts else None,
        aspect_ratio=looks.aspect_ratio if looks else None,
        perceptual_hash=looks.perceptual_hash if looks else None,
    )


def unite(group: Group, path: bytes) -> set[int]:
    """Make one photo of what belongs together beside this path; return the photos that changed by that."""
    known = _beside(group, path)
    changed: set[int] = set()
    if len(known) > 1:
        for members in _grouped(group, known):
            changed |= _unite_one(group, members)
    group.changed |= changed
    return changed


def join_photos(group: Group, kept_id: int, lost_id: int) -> None:
    """Give one photo all that another has; its main file is then the best of both."""
    tx = group.tx
    kept, lost = storing.get_stored(tx, kept_id), storing.get_stored(tx, lost_id)
    group.stored.face_renames += region_faces.move_faces(tx, kept_id, kept.image_hash, lost_id)
    merge_photos(tx, kept_id, lost_id)
    if kept.user_taken_local is None and lost.user_taken_local is not None:
        storing.take_user_time(tx, group.owner.user_id, kept_id, lost.user_taken_local)
    group.left_days |= {day for day in (kept.day_id, lost.day_id) if day is not None}
    group.changed |= {kept_id, lost_id}
    settle_main(group, kept_id)


def settle_main(group: Group, photo_id: int) -> None:
    """Let a photo show its best file. Another one than before is read again, for its looks and what it says."""
    known = storing.get_stored(group.tx, photo_id)
    best = best_file(group, photo_id)
    if best is not None and best != known.main_file_id:
        main_files.set_main_file(group.tx, photo_id, best, files.get_hash(group.tx, best))
        files.want_again(group.tx, best)


def best_file(group: Group, photo_id: int) -> int | None:
    """Return which of its files that are there a photo shows: the one a person chose, or else the first by the rule."""
    best = files.find_best(group.tx, photo_id)
    return best.file_id if best is not None else None


def set_clip_apart(group: Group, photo_id: int, clip_hash: str) -> None:
    """Files that are nothing but the film inside a motion photo are no photos of their own."""
    found = files.list_of_content(group.tx, group.owner.user_id, clip_hash)
    others = {other for _, other in found if other is not None and other != photo_id}
    thrown_away = {other for other in others if storing.get_stored(group.tx, other).is_trashed}
    for other in sorted(others - thrown_away):
        join_photos(group, photo_id, other)
    files.set_inside(group.tx, [file_id for file_id, other in found if other not in thrown_away])


def _beside(group: Group, path: bytes) -> list[Member]:
    """Return what is known under this folder and stem, without RAW files that the owner leaves out."""
    known = files.list_of_stem(group.tx, group.owner.user_id, path)
    leaves_out = group.owner.skip_raw_files
    return [each for each in known if not (leaves_out and each.kind == RAW and each.photo_id is None)]


def _grouped(group: Group, members: Sequence[Member]) -> list[list[Member]]:
    return group_files(members, stack_raw_jpeg=group.owner.stack_raw_jpeg)


def _unite_one(group: Group, members: Sequence[Member]) -> set[int]:
    photos = list(dict.fromkeys(each.photo_id for each in members if each.photo_id is not None))
    if not photos:
        return set()
    kept, *lost = photos
    for other in lost:
        join_photos(group, kept, other)
    loose = [each for each in members if each.photo_id is None]
    files.attach_halves(group.tx, [each.file_id for each in loose], kept)
    for each in loose:
        attach_sidecars(group, each.path, kept)
    if lost or loose:
        read_sidecars_of_halves(group, kept)
    return {kept, *lost} if lost or loose else set()
