"""Saying whose faces are, which are none, and where others are. Counts, covers and search texts follow."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, insert, select, true, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement
from librephotos.db.tables import face, photo
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.people.face_boxes import SAME_OVERLAP, Box, overlap
from librephotos.people.names import NOBODY, TAKEN_BY_GROUP, USER, face_url, image_number
from librephotos.people.queries.counting import recount_persons
from librephotos.people.queries.faces import OwnFace, list_own_faces
from librephotos.people.queries.person_edits import find_or_make, lock_persons
from librephotos.people.queries.persons import list_named
from librephotos.people.schemas import DeletedFaces, DrawnBox, DrawnFace, Labelled, LabelledFace
from librephotos.photos.changes import photos_changed
from librephotos.photos.grid import wall_time
from librephotos.photos.keys import PhotoKey
from librephotos.photos.storing import refresh_search_text
from librephotos.photos.visibility import IS_KEPT, IS_OWN

NO_PHOTO = {"status": False, "message": "photo not found"}
GROUP_NAMED = {"status": False, "message": TAKEN_BY_GROUP}
COVERED = {"status": False, "message": "There is a face here already."}

_LABEL = statement(update(face).where(is_in(face.c.id, "face_ids")).values(person_id=bindparam("new_person")))
# What was suggested is not wanted either.
_UNLABEL = statement(
    update(face)
    .where(is_in(face.c.id, "face_ids"))
    .values(
        person_id=None,
        cluster_person_id=None,
        cluster_probability=0,
        classification_person_id=None,
        classification_probability=0,
    )
)
_DELETE = statement(update(face).where(is_in(face.c.id, "face_ids")).values(is_deleted=true()))
_BOX = (face.c.location_left, face.c.location_top, face.c.location_right, face.c.location_bottom)
_ON_PHOTO = Statement(
    select(*_BOX, face.c.image, face.c.is_deleted).where(face.c.photo_id == bindparam("photo_id")), as_row
)
_INSERT = Statement(
    insert(face)
    .values(
        photo_id=bindparam("photo_id"),
        person_id=bindparam("person_id"),
        image=bindparam("image"),
        location_left=bindparam("left"),
        location_top=bindparam("top"),
        location_right=bindparam("right"),
        location_bottom=bindparam("bottom"),
    )
    .returning(face.c.id),
    scalar,
)


class DrawnOn(msgspec.Struct, frozen=True):
    """A photo that somebody draws on; `orientation` is how they see it turned."""

    photo_id: int
    image_hash: str
    orientation: int
    is_ready: bool


_OWN_PHOTO = {
    is_uuid: Statement(
        select(photo.c.id, photo.c.image_hash, photo.c.local_orientation, photo.c.aspect_ratio.is_not(None))
        .where((photo.c.uuid if is_uuid else photo.c.image_hash) == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id)
        .limit(1),
        DrawnOn,
    )
    for is_uuid in (True, False)
}


def get_drawn_on(tx: Tx, viewer: Viewer, key: PhotoKey | None) -> DrawnOn:
    """Raises a refusal of its own shape for a photo that is unknown or not the viewer's."""
    found = tx.first(_OWN_PHOTO[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key else None
    if found is None:
        raise Refusal(404, NO_PHOTO)
    return found


def label_faces(tx: Tx, viewer: Viewer, face_ids: Sequence[int], name: str) -> Labelled:
    """Label the viewer's faces among these; `Unknown - Other` takes labels away.

    Raises a refusal for a group's name.
    """
    lock_persons(tx, viewer.user_id)
    faces = list_own_faces(tx, viewer, face_ids)
    person_id = None if name == NOBODY else _person_of(tx, viewer, name, makes=bool(faces))
    asked = id_list([each.face_id for each in faces])
    if person_id is None:
        tx.execute(_UNLABEL, face_ids=asked)
    else:
        tx.execute(_LABEL, face_ids=asked, new_person=person_id)
    _follow(tx, viewer, faces, person_id)
    rows = [_labelled(each, person_id, name) for each in faces]
    return Labelled(True, rows, rows, [])


def delete_faces(tx: Tx, viewer: Viewer, face_ids: Sequence[int]) -> DeletedFaces:
    """Mark the viewer's faces among these as no faces, so that they are not found again."""
    faces = list_own_faces(tx, viewer, face_ids)
    tx.execute(_DELETE, face_ids=id_list([each.face_id for each in faces]))
    _follow(tx, viewer, faces, None)
    urls = [face_url(each.image) or "" for each in faces]
    return DeletedFaces(True, urls, urls, [])


def draw_face(tx: Tx, viewer: Viewer, key: PhotoKey | None, box: Box, name: str) -> DrawnFace:
    """Store a face that somebody drew, labelled.

    Raises refusals for an unknown photo, a group's name, and a face that is there already.
    """
    lock_persons(tx, viewer.user_id)
    drawn_on = get_drawn_on(tx, viewer, key)
    tx.lock(f"faces of {drawn_on.photo_id}")
    known = tx.all(_ON_PHOTO, photo_id=drawn_on.photo_id)
    if any(not row[5] and overlap(box, Box(*row[:4])) >= SAME_OVERLAP for row in known):
        raise Refusal(409, COVERED)
    person_id = _person_of(tx, viewer, name, makes=True)
    number = 1 + max((image_number(row[4]) for row in known), default=-1)
    image = f"{drawn_on.image_hash}_{number}.jpg"
    face_id: int = tx.one(
        _INSERT,
        photo_id=drawn_on.photo_id,
        person_id=person_id,
        image=f"faces/{image}",
        **msgspec.structs.asdict(box),
    )
    refresh_search_text(tx, [drawn_on.photo_id])
    photos_changed(tx, viewer.user_id, [drawn_on.photo_id])
    location = DrawnBox(top=box.top, right=box.right, bottom=box.bottom, left=box.left)
    return DrawnFace(face_id, f"/media/faces/{image}", person_id or 0, name, location)


def _person_of(tx: Tx, viewer: Viewer, name: str, *, makes: bool) -> int | None:
    same = list_named(tx, viewer, name)
    if same and same[0][1] != USER:
        raise Refusal(400, GROUP_NAMED)
    return find_or_make(tx, viewer, name) if makes or same else None


def _follow(tx: Tx, viewer: Viewer, faces: Sequence[OwnFace], person_id: int | None) -> None:
    photo_ids = sorted({each.photo_id for each in faces})
    refresh_search_text(tx, photo_ids)
    touched = {each.person_id for each in faces} | {person_id}
    recount_persons(tx, [each for each in touched if each is not None])
    photos_changed(tx, viewer.user_id, photo_ids)


def _labelled(each: OwnFace, person_id: int | None, name: str) -> LabelledFace:
    url = face_url(each.image)
    is_labelled = person_id is not None
    return LabelledFace(
        id=each.face_id,
        image=url,
        face_url=url,
        photo=each.photo_uuid,
        timestamp=wall_time(each.taken_local),
        person=person_id,
        person_label_probability=1.0 if is_labelled else 0.0,
        person_name=name if is_labelled else NOBODY,
    )
