"""A photo that its owner edits: what the rules of time need to know of it, and what becomes of it."""

from typing import Any, Final

import msgspec
from sqlalchemy import Boolean, bindparam, func, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import file, photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import json
from librephotos.library.queries.owners import Owner, get_owner
from librephotos.library.schemas import EditedPhoto
from librephotos.photos.changes import photos_changed
from librephotos.photos.grid import wall_time
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.storing import get_or_create_day, refresh_search_text, set_place_and_time
from librephotos.photos.visibility import IS_KEPT, IS_OWN
from librephotos.places.kinds import ADD_GEOLOCATION, ADD_GEOLOCATION_TYPE

_SHOWN: Final = (
    photo.c.image_hash,
    photo.c.is_hidden,
    photo.c.rating,
    photo.c.is_trashed,
    photo.c.is_removed,
    photo.c.is_video,
    photo.c.taken_local,
    photo.c.user_taken_local,
    photo.c.gps_lat,
    photo.c.gps_lon,
    photo.c.is_screenshot,
    photo.c.is_document,
    photo.c.category_source,
)


def _edited(*row: Any) -> EditedPhoto:
    image_hash, hidden, rating, trashed, removed, video, taken, typed, lat, lon, *category = row
    times = wall_time(taken), wall_time(typed)
    return EditedPhoto(image_hash, hidden, rating, trashed, removed, video, *times, lat, lon, *category)


class Subject(msgspec.Struct, frozen=True):
    """A photo before the edit: where its main file lies, and what is known of when and where it was taken."""

    photo_id: int
    owner_id: int
    day_id: int | None
    taken_local: str | None
    user_taken_local: str | None
    taken_offset_minutes: int | None
    taken_by: str | None
    gps_lat: float | None
    gps_lon: float | None
    path: bytes
    mtime_ns: int
    tags: dict[str, str]


def _subject(*row: Any) -> Subject:
    path, mtime_ns, tags = row[-3:]
    known = (*row[:-3], bytes(path or b""), mtime_ns or 0, json.loads(tags) if tags else {})
    return Subject(*known)


def _one(is_uuid: bool, *, anybodys: bool = False) -> Statement[Subject]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    return Statement(
        select(
            photo.c.id,
            photo.c.owner_id,
            photo.c.day_id,
            photo.c.taken_local,
            photo.c.user_taken_local,
            photo.c.taken_offset_minutes,
            photo.c.taken_by,
            photo.c.gps_lat,
            photo.c.gps_lon,
            file.c.path_bytes,
            file.c.mtime_ns,
            photo_metadata.c.tags,
        )
        .select_from(
            photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id).outerjoin(
                file, file.c.id == photo.c.main_file_id
            )
        )
        .where(key == bindparam("key"), IS_KEPT, *(() if anybodys else (IS_OWN,)))
        .order_by(IS_OWN.desc(), photo.c.id)
        .limit(1),
        _subject,
    )


_SUBJECTS = {
    (is_uuid, anybodys): _one(is_uuid, anybodys=anybodys)
    for is_uuid in (True, False)
    for anybodys in (True, False)
}
_EDITED = Statement(select(*_SHOWN).where(photo.c.id == bindparam("photo_id")), _edited)
_COUNT = Statement(select(func.count()).select_from(photo).where(IS_OWN, IS_KEPT), scalar)
_PAGE = Statement(
    select(*_SHOWN)
    .where(IS_OWN, IS_KEPT)
    .order_by(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skipped")),
    _edited,
)
_IS_THERE = Statement(
    select(photo.c.day_id).where(
        photo.c.id == bindparam("photo_id"), photo.c.owner_id == bindparam("owner"), IS_KEPT
    ),
    lambda day_id: (day_id,),
)
_SET_USER_TIME = statement(
    update(photo).where(photo.c.id == bindparam("photo_id")).values(user_taken_local=bindparam("new_time"))
)
_SET_USER_POSITION = statement(
    update(photo)
    .where(photo.c.id == bindparam("photo_id"))
    .values(user_position=bindparam("new_position"), location="")
)
_FORGET_PLACE = statement(
    update(photo_metadata).where(photo_metadata.c.photo_id == bindparam("photo_id")).values(geolocation=None)
)
_SET_MARKS: dict[tuple[str, ...], Statement[Any]] = {
    names: statement(
        update(photo)
        .where(photo.c.id == bindparam("photo_id"))
        .values(category_source="user", **{name: bindparam(f"new_{name}", type_=Boolean()) for name in names})
    )
    for names in (("is_screenshot",), ("is_document",), ("is_document", "is_screenshot"))
}


def get_subject(tx: Tx, viewer: Viewer, key: PhotoKey, *, anybodys: bool = False) -> Subject:
    """Return a photo of the viewer's, or of anybody's for staff. Raises NotFound for what is unknown or removed."""
    found = tx.first(_SUBJECTS[key.is_uuid, anybodys], key=key.value, viewer_id=viewer.user_id)
    if found is None:
        raise NotFound.of("Photo")
    return found


def get_subject_and_owner(
    tx: Tx, viewer: Viewer, key: PhotoKey, *, anybodys: bool = False
) -> tuple[Subject, Owner]:
    subject = get_subject(tx, viewer, key, anybodys=anybodys)
    return subject, get_owner(tx, subject.owner_id)


def get_edited(tx: Tx, viewer: Viewer, key: PhotoKey) -> EditedPhoto:
    return tx.one(_EDITED, photo_id=get_subject(tx, viewer, key).photo_id)


def count_editable(tx: Tx, viewer: Viewer) -> int:
    count: int = tx.one(_COUNT, viewer_id=viewer.user_id)
    return count


def list_editable(tx: Tx, viewer: Viewer, size: int, skipped: int) -> list[EditedPhoto]:
    """Return a page of the viewer's photos in any state but removed, newest first."""
    return tx.all(_PAGE, viewer_id=viewer.user_id, size=size, skipped=skipped)


class Edit(msgspec.Struct, frozen=True):
    """What to store. `user_time` and `position` are None to leave them, a tuple of one or two values to set them.

    `taken` are the columns that the rules chose, all None without a time.
    """

    user_time: tuple[str | None] | None = None
    taken: tuple[str | None, int | None, str | None] | None = None
    position: tuple[float | None, float | None] | None = None
    marks: dict[str, bool] = {}


def store_edit(tx: Tx, subject: Subject, edit: Edit) -> EditedPhoto:
    """Store an edit and what follows from it. Raises NotFound when the photo has gone meanwhile."""
    lock_photos(tx, subject.owner_id)
    photo_id = subject.photo_id
    there = tx.first(_IS_THERE, photo_id=photo_id, owner=subject.owner_id)
    if there is None:
        raise NotFound.of("Photo")
    left_days = _store_place_and_time(tx, subject, edit, there[0])
    if edit.marks:
        values = {f"new_{name}": value for name, value in edit.marks.items()}
        tx.execute(_SET_MARKS[tuple(sorted(edit.marks))], photo_id=photo_id, **values)
        refresh_search_text(tx, [photo_id])
    if edit.marks or edit.user_time is not None or edit.position is not None:
        photos_changed(tx, subject.owner_id, [photo_id], left_days=left_days)
    return tx.one(_EDITED, photo_id=photo_id)


def _store_place_and_time(tx: Tx, subject: Subject, edit: Edit, day_id: int | None) -> set[int]:
    """Return the days that the photo left."""
    if edit.user_time is not None:
        tx.execute(_SET_USER_TIME, photo_id=subject.photo_id, new_time=edit.user_time[0])
    if edit.position is not None:
        is_nowhere = edit.position == (None, None)
        stored = "[null,null]" if is_nowhere else json.dumps(edit.position)
        tx.execute(_SET_USER_POSITION, photo_id=subject.photo_id, new_position=stored)
        tx.execute(_FORGET_PLACE, photo_id=subject.photo_id)
        # The place is looked up anew: at once, as whoever typed the position waits for its name.
        enqueue_job(tx, subject.owner_id, ADD_GEOLOCATION_TYPE, ADD_GEOLOCATION)
    if edit.taken is None and edit.position is None:
        return set()
    taken = edit.taken or (subject.taken_local, subject.taken_offset_minutes, subject.taken_by)
    position = edit.position or (subject.gps_lat, subject.gps_lon)
    new_day = get_or_create_day(tx, subject.owner_id, taken[0])
    set_place_and_time(
        tx,
        subject.photo_id,
        taken_local=taken[0],
        taken_offset_minutes=taken[1],
        taken_by=taken[2],
        day_id=new_day,
        gps_lat=position[0],
        gps_lon=position[1],
    )
    return {day_id} if day_id is not None and day_id != new_day else set()
