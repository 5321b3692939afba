"""What is to be written into files: noted whenever a photo changes whose owner wants it, and taken by the job."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, delete, exists, func, literal, null, or_, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement, upsert, upsert_from
from librephotos.db.tables import (
    face,
    file,
    job,
    metadata_edit,
    person,
    photo,
    photo_metadata,
    user,
    write_back,
)
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.library.compare import Pending
from librephotos.library.file_kinds import SIDECAR
from librephotos.library.kinds import WRITE_BACK
from librephotos.library.wishes import NamedBox, Saying

SETTLED_AFTER: Final = 3 * clock.SECOND
"""How long a photo is left alone after a change: people change several things in a row."""

OFF: Final = "OFF"
MEDIA_FILE: Final = "MEDIA_FILE"


class Habits(msgspec.Struct, frozen=True):
    """What an owner wants written, and where."""

    mode: str
    with_faces: bool


class Task(msgspec.Struct, frozen=True):
    """A photo that waits. `due_at` is None when somebody asked for all."""

    photo_id: int
    due_at: int | None
    image_hash: str
    main_file_id: int
    saying: Saying


class Copy(msgspec.Struct, frozen=True):
    """A file that holds what the photo shows."""

    file_id: int
    path: bytes
    size_bytes: int
    mtime_ns: int
    hash: str


_IS_WANTED = and_(user.c.save_metadata_to_disk != OFF, user.c.is_active.is_(True))
# One whose file is yet to be read is looked at when it was.
_IS_READY = (
    photo.c.is_removed.is_(False),
    photo.c.main_file_id.is_not(None),
    photo.c.aspect_ratio.is_not(None),
)
_THEIR_OWN = write_back.join(photo, photo.c.id == write_back.c.photo_id).join(
    user, user.c.id == photo.c.owner_id
)


_NOTE = statement(
    upsert_from(
        write_back,
        select(photo.c.id, bindparam("due", type_=write_back.c.due_at.type))
        .join(user, user.c.id == photo.c.owner_id)
        .where(is_in(photo.c.id, "photo_ids"), _IS_WANTED),
        key=["photo_id"],
        update=["due_at"],
    )
)
_HABITS = Statement(
    select(user.c.save_metadata_to_disk, user.c.save_face_tags_to_disk).where(
        user.c.id == bindparam("owner")
    ),
    Habits,
)
_SAYING: Final = (
    photo.c.rating,
    photo_metadata.c.captions,
    photo_metadata.c.keywords,
    photo_metadata.c.from_file,
    photo_metadata.c.edits,
    photo_metadata.c.tags,
    photo.c.user_taken_local,
    photo.c.user_position,
    write_back.c.written,
    write_back.c.own,
    photo.c.local_orientation,
)
_IS_LIVING = (
    photo.c.owner_id == bindparam("owner"),
    *_IS_READY,
)
_TASKS = select(photo.c.id, write_back.c.due_at, photo.c.image_hash, photo.c.main_file_id, *_SAYING)


def _task(photo_id: int, due_at: int | None, image_hash: str, main_file_id: int, *saying: Any) -> Task:
    return Task(photo_id, due_at, image_hash, main_file_id, Saying(*saying))


_DUE = Statement(
    _TASKS.select_from(
        write_back.join(photo, photo.c.id == write_back.c.photo_id).outerjoin(
            photo_metadata, photo_metadata.c.photo_id == photo.c.id
        )
    )
    .where(*_IS_LIVING, write_back.c.due_at <= bindparam("now"))
    .order_by(write_back.c.due_at, photo.c.id)
    .limit(bindparam("size")),
    _task,
)
_HAS_NAMED_FACE = exists(literal(1)).where(
    face.c.photo_id == photo.c.id, face.c.person_id.is_not(None), face.c.is_deleted.is_(False)
)
_IS_ASKED = (
    *_IS_LIVING,
    or_(bindparam("faces_only", type_=photo.c.id.type) == 0, _HAS_NAMED_FACE),
)
_NEXT = Statement(
    _TASKS.select_from(
        photo.outerjoin(write_back, write_back.c.photo_id == photo.c.id).outerjoin(
            photo_metadata, photo_metadata.c.photo_id == photo.c.id
        )
    )
    .where(*_IS_ASKED, photo.c.id > bindparam("after"))
    .order_by(photo.c.id)
    .limit(bindparam("size")),
    _task,
)
_COUNT = Statement(select(func.count()).select_from(photo).where(*_IS_ASKED), scalar)
_COUNT_DUE = Statement(
    select(func.count())
    .select_from(write_back.join(photo, photo.c.id == write_back.c.photo_id))
    .where(*_IS_LIVING, write_back.c.due_at <= bindparam("now")),
    scalar,
)
_OWNERS_DUE = Statement(
    select(photo.c.owner_id)
    .select_from(_THEIR_OWN)
    .where(
        write_back.c.due_at <= bindparam("now"),
        *_IS_READY,
        _IS_WANTED,
        ~exists(literal(1)).where(
            job.c.user_id == photo.c.owner_id, job.c.kind == WRITE_BACK, job.c.finished_at.is_(None)
        ),
    )
    .distinct(),
    scalar,
)
_BOXES = Statement(
    select(
        face.c.location_left,
        face.c.location_top,
        face.c.location_right,
        face.c.location_bottom,
        person.c.name,
        face.c.region_name,
    )
    .select_from(face.outerjoin(person, and_(person.c.id == face.c.person_id, person.c.kind == "USER")))
    .where(face.c.photo_id == bindparam("photo_id"), face.c.is_deleted.is_(False))
    .order_by(face.c.id),
    NamedBox,
)
# What a scan has yet to read, it tells of when it has.
_IS_THERE = (file.c.is_missing.is_(False), file.c.pending == int(Pending.NOTHING))
_main = file.alias("main")
_COPIES = Statement(
    select(file.c.id, file.c.path_bytes, file.c.size_bytes, file.c.mtime_ns, file.c.hash)
    .join(_main, and_(_main.c.id == bindparam("main_file_id"), _main.c.hash == file.c.hash))
    .where(file.c.photo_id == bindparam("photo_id"), file.c.kind != SIDECAR, *_IS_THERE)
    .order_by((file.c.id != bindparam("main_file_id")), file.c.path_bytes),
    lambda file_id, path, *rest: Copy(file_id, bytes(path), *rest),
)
_FILE_AT = Statement(
    select(file.c.id, file.c.path_bytes, file.c.size_bytes, file.c.mtime_ns, file.c.hash).where(
        file.c.owner_id == bindparam("owner"), file.c.path_bytes == bindparam("path")
    ),
    lambda file_id, path, *rest: Copy(file_id, bytes(path), *rest),
)
_BEGIN = statement(upsert(write_back, key=["photo_id"], update=["begun_at", "own"]))
_GET_DUE = Statement(
    select(write_back.c.due_at).where(write_back.c.photo_id == bindparam("of_photo")), lambda due: (due,)
)
_END = statement(
    update(write_back)
    .where(write_back.c.photo_id == bindparam("of_photo"))
    .values(
        due_at=bindparam("new_due", type_=write_back.c.due_at.type),
        begun_at=null(),
        written=bindparam("new_written"),
        own=bindparam("new_own"),
    )
)
_PUT_OFF = statement(
    update(write_back)
    .where(write_back.c.photo_id == bindparam("of_photo"))
    .values(due_at=bindparam("new_due", type_=write_back.c.due_at.type), begun_at=null())
)
_FORGET = statement(delete(write_back).where(write_back.c.photo_id == bindparam("of_photo")))
_SYNCED = statement(
    update(metadata_edit)
    .where(
        metadata_edit.c.photo_id == bindparam("of_photo"),
        metadata_edit.c.is_synced.is_(False),
        metadata_edit.c.created_at <= bindparam("until"),
        is_in(metadata_edit.c.field_name, "names"),
    )
    .values(is_synced=True, synced_at=bindparam("now"))
)
_BEGUN = Statement(
    select(write_back.c.photo_id, file.c.path_bytes)
    .select_from(write_back.join(file, file.c.photo_id == write_back.c.photo_id))
    .where(write_back.c.begun_at < bindparam("before")),
    lambda photo_id, path: (photo_id, bytes(path)),
)
_FORGET_BEGUN = statement(
    update(write_back).where(is_in(write_back.c.photo_id, "photo_ids")).values(begun_at=null())
)


class _Due:
    """Notes changed photos whose owners want it; what really is to be written, the job finds out."""

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        want(tx, photo_ids)

    def recount(self, tx: Tx, owner_id: int) -> None:
        """Nothing is counted."""


DUE = _Due()


def want(tx: Tx, photo_ids: Sequence[int], *, at: int | None = None) -> None:
    """Have photos looked at soon, or at an instant, whose owners want their files written."""
    due = clock.now() + SETTLED_AFTER if at is None else at
    tx.execute(_NOTE, photo_ids=id_list(photo_ids), due=due)


def get_habits(tx: Tx, owner_id: int) -> Habits:
    return tx.one(_HABITS, owner=owner_id)


def list_due(tx: Tx, owner_id: int, size: int) -> list[Task]:
    return tx.all(_DUE, owner=owner_id, now=clock.now(), size=size)


def count_due(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT_DUE, owner=owner_id, now=clock.now())
    return count


def list_asked(tx: Tx, owner_id: int, after: int, size: int, *, faces_only: bool) -> list[Task]:
    """Return an owner's photos by id, or those on which somebody is named."""
    return tx.all(_NEXT, owner=owner_id, after=after, size=size, faces_only=int(faces_only))


def count_asked(tx: Tx, owner_id: int, *, faces_only: bool) -> int:
    count: int = tx.one(_COUNT, owner=owner_id, faces_only=int(faces_only))
    return count


def list_owners_due(tx: Tx) -> list[int]:
    """Return the owners whose photos wait, and for whom no job is there."""
    return tx.all(_OWNERS_DUE, now=clock.now())


def list_boxes(tx: Tx, photo_id: int) -> list[NamedBox]:
    return tx.all(_BOXES, photo_id=photo_id)


def list_copies(tx: Tx, task: Task) -> list[Copy]:
    """Return the files that hold what the photo shows, the main one first."""
    return tx.all(_COPIES, photo_id=task.photo_id, main_file_id=task.main_file_id)


def find_file(tx: Tx, owner_id: int, path: bytes) -> Copy | None:
    return tx.first(_FILE_AT, owner=owner_id, path=path)


def begin(tx: Tx, photo_ids: Sequence[int], owns: Mapping[int, Mapping[str, Any]]) -> None:
    """Note, before anything is written, that drafts may lie beside files from now on, and what the files say."""
    now = clock.now()
    rows = [{"photo_id": photo_id, "begun_at": now, "own": _dumped(owns[photo_id])} for photo_id in photo_ids]
    tx.execute_many(_BEGIN, rows)


def is_as_taken(tx: Tx, task: Task) -> bool:
    """Tell whether nobody changed the photo since the task was taken."""
    return tx.first(_GET_DUE, of_photo=task.photo_id) == (task.due_at,)


def is_known(tx: Tx, photo_id: int) -> bool:
    return tx.first(_GET_DUE, of_photo=photo_id) is not None


def get_due(tx: Tx, photo_id: int) -> int | None:
    found = tx.first(_GET_DUE, of_photo=photo_id)
    return found[0] if found else None


def end(
    tx: Tx, photo_id: int, written: Mapping[str, Any], own: Mapping[str, Any], *, due_at: int | None
) -> None:
    """Remember what a photo's files say now; `due_at` when they are to be looked at again."""
    tx.execute(_END, of_photo=photo_id, new_due=due_at, new_written=_dumped(written), new_own=_dumped(own))


def forget(tx: Tx, photo_id: int) -> None:
    """Forget what was written: the photo's file is another one now."""
    tx.execute(_FORGET, of_photo=photo_id)


def put_off(tx: Tx, photo_id: int, due_at: int | None) -> None:
    tx.execute(_PUT_OFF, of_photo=photo_id, new_due=due_at)


def mark_synced(tx: Tx, photo_id: int, names: Sequence[str], until: int) -> None:
    """Say in the log of edits that files tell of them."""
    tx.execute(_SYNCED, of_photo=photo_id, names=id_list(names), until=until, now=clock.now())


def list_begun(tx: Tx, before: int) -> list[tuple[int, bytes]]:
    """Return (photo id, path) of the files beside which drafts may lie since before an instant."""
    return tx.all(_BEGUN, before=before)


def forget_begun(tx: Tx, photo_ids: Sequence[int]) -> None:
    tx.execute(_FORGET_BEGUN, photo_ids=id_list(photo_ids))


def _dumped(values: Mapping[str, Any]) -> str | None:
    return json.dumps(dict(values)) if values else None
