"""What an archive holds, always of its owner's own photos, and how far its job is."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, select

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import embedded_media, file, job, photo, stack_photo
from librephotos.db.transactions import Tx
from librephotos.downloads.archives import ENTRY_BYTES
from librephotos.downloads.kinds import PACK, PACK_TYPE
from librephotos.downloads.schemas import ArchiveStarted, NoSpace
from librephotos.errors import Refusal
from librephotos.http.refusals import Mistake
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import ids, json
from librephotos.photos.queries.selections import list_selected
from librephotos.photos.selection import Selection
from librephotos.photos.visibility import IS_VISIBLE

NOTHING_FOUND: Final = "No photos found"


class PackedFile(msgspec.Struct, frozen=True):
    photo_id: int
    path: bytes
    hash: str


class Packing(msgspec.Struct, frozen=True):
    """How far the job of an archive is."""

    state: str
    is_finished: bool
    result: dict[str, Any]


_OF_OWNER = (
    is_in(photo.c.id, "photo_ids"),
    photo.c.owner_id == bindparam("owner"),
    photo.c.is_removed.is_(False),
)
_IS_THERE = file.c.is_missing.is_(False)
_SIZES = Statement(
    select(func.count(), func.coalesce(func.sum(file.c.size_bytes), 0))
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(*_OF_OWNER, _IS_THERE),
    lambda count, total: (int(count), int(total)),
)
_FILES = Statement(
    select(file.c.photo_id, file.c.path_bytes, file.c.hash)
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(*_OF_OWNER, _IS_THERE)
    .order_by(file.c.photo_id, file.c.id != photo.c.main_file_id, file.c.path_bytes),
    lambda photo_id, path, content_hash: PackedFile(photo_id, bytes(path), content_hash),
)
_CLIPS = Statement(
    select(embedded_media.c.photo_id, embedded_media.c.path, file.c.path_bytes)
    .select_from(
        embedded_media.join(photo, photo.c.id == embedded_media.c.photo_id).outerjoin(
            file, file.c.id == photo.c.main_file_id
        )
    )
    .where(*_OF_OWNER)
    .order_by(embedded_media.c.photo_id, embedded_media.c.id),
    lambda photo_id, path, main: (photo_id, path, bytes(main or b"")),
)
_PACKING = Statement(
    select(job.c.state, job.c.finished_at, job.c.progress_current, job.c.progress_target, job.c.result).where(
        job.c.job_id == bindparam("sought"), job.c.user_id == bindparam("owner"), job.c.kind == PACK
    ),
    lambda state, finished_at, current, target, result: Packing(
        state,
        finished_at is not None,
        {"progress": {"current": current, "target": target}, **(json.loads(result) if result else {})},
    ),
)


_own = stack_photo.alias("own")
_STACKED = Statement(
    select(stack_photo.c.photo_id)
    .select_from(
        _own.join(stack_photo, stack_photo.c.stack_id == _own.c.stack_id).join(
            photo, photo.c.id == stack_photo.c.photo_id
        )
    )
    .where(is_in(_own.c.photo_id, "photo_ids"), IS_VISIBLE)
    .distinct()
    .order_by(stack_photo.c.photo_id),
    scalar,
)


def start_archive(
    tx: Tx,
    viewer: Viewer,
    selection: Selection,
    left_bytes: int,
    origin: Origin,
    *,
    with_stacked: bool = False,
) -> ArchiveStarted:
    """Queue the job. Raises Refusal in the published words: no such photos, or not `left_bytes` enough for them."""
    photo_ids = [choice.photo.photo_id for choice in list_selected(tx, viewer, selection)]
    if not photo_ids:
        raise Refusal(404, msgspec.to_builtins(Mistake(NOTHING_FOUND)))
    if with_stacked:
        photo_ids = list(dict.fromkeys([*photo_ids, *tx.all(_STACKED, photo_ids=id_list(photo_ids))]))
    count, size_bytes = tx.one(_SIZES, owner=viewer.user_id, photo_ids=id_list(photo_ids))
    if size_bytes + count * ENTRY_BYTES > left_bytes:
        raise Refusal(507, msgspec.to_builtins(NoSpace()))
    name = ids.new_uuid()
    arguments = {"archive": name, "photos": photo_ids}
    job_id = enqueue_job(tx, viewer.user_id, PACK_TYPE, PACK, arguments)
    detail = {"photos": len(photo_ids), "bytes": size_bytes}
    record(
        tx,
        Event(kind="photos_exported", origin=origin, subject_id=viewer.user_id, target=name, detail=detail),
    )
    return ArchiveStarted(job_id, name)


def list_packed_files(tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> list[PackedFile]:
    """Return the files of those photos that are the owner's, a photo's main file first; copies are left out."""
    rows = tx.all(_FILES, owner=owner_id, photo_ids=id_list(photo_ids))
    return list({(row.photo_id, row.hash or row.path): row for row in reversed(rows)}.values())[::-1]


def list_packed_clips(tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> list[tuple[int, str, bytes]]:
    """Return (photo id, path below the derived files, path of the main file) of the photos' motion clips."""
    return tx.all(_CLIPS, owner=owner_id, photo_ids=id_list(photo_ids))


def find_packing(tx: Tx, viewer: Viewer, job_id: str) -> Packing | None:
    """Return the state of an archive's job that this very caller started."""
    return tx.first(_PACKING, sought=job_id, owner=viewer.user_id)
