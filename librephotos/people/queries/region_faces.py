"""Faces that the regions of files tell of become labelled faces, without undoing what a person did to them.

Every caller ends its transaction with `photos_changed`.
"""

import os
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import face, person
from librephotos.db.transactions import Tx
from librephotos.people.face_boxes import Box, KnownFace, find_same, takes_name
from librephotos.people.names import image_number
from librephotos.people.queries.counting import recount_persons, recount_persons_of

_FACES = Statement(
    select(
        face.c.id,
        face.c.location_left,
        face.c.location_top,
        face.c.location_right,
        face.c.location_bottom,
        face.c.image,
        face.c.person_id,
        person.c.name,
        face.c.region_name,
        face.c.is_deleted,
    )
    .select_from(face.outerjoin(person, person.c.id == face.c.person_id))
    .where(face.c.photo_id == bindparam("photo_id"))
    .order_by(face.c.id),
    lambda face_id, left, top, right, bottom, *rest: KnownFace(face_id, Box(left, top, right, bottom), *rest),
)
_PERSON = Statement(
    select(person.c.id)
    .where(
        person.c.owner_id == bindparam("owner"), person.c.name == bindparam("name"), person.c.kind == "USER"
    )
    .order_by(person.c.id)
    .limit(1),
    scalar,
)
_INSERT_PERSON = Statement(
    insert(person)
    .values(owner_id=bindparam("owner"), name=bindparam("name"), kind="USER", modified_at=UNSTAMPED)
    .returning(person.c.id),
    scalar,
)
_INSERT_FACE = statement(
    insert(face).values(
        photo_id=bindparam("photo_id"),
        person_id=bindparam("person_id"),
        image=bindparam("image"),
        location_left=bindparam("left"),
        location_top=bindparam("top"),
        location_right=bindparam("right"),
        location_bottom=bindparam("bottom"),
        region_name=bindparam("region_name"),
    )
)
_LABEL = statement(
    update(face)
    .where(face.c.id == bindparam("face_id"))
    .values(person_id=bindparam("new_person"), region_name=bindparam("new_name"))
)
_NOTE_NAME = statement(
    update(face).where(face.c.id == bindparam("face_id")).values(region_name=bindparam("new_name"))
)
_MOVE = statement(
    update(face)
    .where(face.c.id == bindparam("face_id"))
    .values(photo_id=bindparam("to_photo"), image=bindparam("new_image"))
)
_SET_BOX = statement(
    update(face)
    .where(face.c.id == bindparam("face_id"))
    .values(
        location_left=bindparam("left"),
        location_top=bindparam("top"),
        location_right=bindparam("right"),
        location_bottom=bindparam("bottom"),
    )
)
_DROP = statement(delete(face).where(face.c.id == bindparam("face_id")))


class RegionFace(msgspec.Struct, frozen=True):
    """A face that a region tells of; `name` is empty when it names nobody."""

    box: Box
    name: str


def store_regions(
    tx: Tx, owner_id: int, photo_id: int, image_hash: str, regions: Sequence[RegionFace]
) -> list[str]:
    """Store the faces that are new, label known ones; return the name of each face's picture, "" for deleted ones."""
    known = tx.all(_FACES, photo_id=photo_id)
    number = 1 + max((image_number(each.image) for each in known), default=-1)
    images: list[str] = []
    touched: set[int] = set()
    for region in regions:
        same = find_same(region.box, known)
        if same is not None:
            images.append("" if same.is_deleted else os.path.basename(same.image))
            touched |= _follow(tx, owner_id, same, region.name)
            continue
        person_id = get_or_create_person(tx, owner_id, region.name) if region.name else None
        image = f"{image_hash}_{number}.jpg"
        _insert(tx, photo_id, person_id, image, region)
        touched |= {person_id} if person_id is not None else set()
        images.append(image)
        number += 1
    recount_persons(tx, touched)
    return images


def get_or_create_person(tx: Tx, owner_id: int, name: str) -> int:
    """Return the owner's person of this name."""
    tx.lock(f"persons of {owner_id}")
    found: int | None = tx.first(_PERSON, owner=owner_id, name=name)
    if found is not None:
        return found
    made: int = tx.one(_INSERT_PERSON, owner=owner_id, name=name)
    tx.touch(person, [made])
    return made


def move_faces(tx: Tx, kept_id: int, image_hash: str, lost_id: int) -> list[tuple[str, str]]:
    """Give a photo the faces of another one that shows the same; return (old, new) names of their pictures.

    A face that both have stays once, with the label of either. Both thumbnails are taken to be of one size.
    """
    known = tx.all(_FACES, photo_id=kept_id)
    number = 1 + max((image_number(each.image) for each in known), default=-1)
    renamed: list[tuple[str, str]] = []
    for moved in tx.all(_FACES, photo_id=lost_id):
        same = find_same(moved.box, known)
        if same is not None:
            if same.person_id is None and moved.person_id is not None and not same.is_deleted:
                tx.execute(
                    _LABEL, face_id=same.face_id, new_person=moved.person_id, new_name=moved.region_name
                )
            tx.execute(_DROP, face_id=moved.face_id)
            continue
        name = f"{image_hash}_{number}.jpg"
        tx.execute(_MOVE, face_id=moved.face_id, to_photo=kept_id, new_image=f"faces/{name}")
        renamed.append((os.path.basename(moved.image), name))
        number += 1
    recount_persons_of(tx, [kept_id, lost_id])
    return [(old, new) for old, new in renamed if old]


def turn_faces(tx: Tx, photo_id: int, place: Callable[[Box], Box]) -> None:
    """Give the faces of a photo, deleted ones too, the places that they have on its new thumbnail."""
    rows = [
        {"face_id": known.face_id, **msgspec.structs.asdict(place(known.box))}
        for known in tx.all(_FACES, photo_id=photo_id)
    ]
    tx.execute_many(_SET_BOX, rows)


def rename_faces(tx: Tx, photo_id: int, old: str, new: str) -> list[tuple[str, str]]:
    """Call the pictures of a photo's faces as the photo is called now; return their (old, new) names."""
    renamed: list[tuple[str, str]] = []
    for known in tx.all(_FACES, photo_id=photo_id):
        name = os.path.basename(known.image)
        if name.startswith(f"{old}_"):
            to = new + name.removeprefix(old)
            tx.execute(_MOVE, face_id=known.face_id, to_photo=photo_id, new_image=f"faces/{to}")
            renamed.append((name, to))
    return renamed


def _follow(tx: Tx, owner_id: int, same: KnownFace, name: str) -> set[int]:
    """Let a known face follow its region; return the persons whose faces changed."""
    if not takes_name(same, name):
        if name and name != same.region_name:
            tx.execute(_NOTE_NAME, face_id=same.face_id, new_name=name)
        return set()
    person_id = get_or_create_person(tx, owner_id, name)
    tx.execute(_LABEL, face_id=same.face_id, new_person=person_id, new_name=name)
    return {person_id} | ({same.person_id} if same.person_id is not None else set())


def _insert(tx: Tx, photo_id: int, person_id: int | None, image: str, region: RegionFace) -> None:
    box = region.box
    tx.execute(
        _INSERT_FACE,
        photo_id=photo_id,
        person_id=person_id,
        image=f"faces/{image}",
        left=box.left,
        top=box.top,
        right=box.right,
        bottom=box.bottom,
        region_name=region.name,
    )
