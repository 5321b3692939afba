"""The faces of an owner's photos that have a picture, for jobs."""

import msgspec
from sqlalchemy import and_, bindparam, func, select

from librephotos.db.statements import Statement, as_row
from librephotos.db.tables import face, photo
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_KEPT, IS_READY

_FACES = face.join(photo, photo.c.id == face.c.photo_id)
_THEIRS = and_(photo.c.owner_id == bindparam("owner"), IS_KEPT, IS_READY, face.c.is_deleted.is_(False))


class Pictured(msgspec.Struct, frozen=True):
    """A face: the stored name of its picture, and its box in pixels of the big thumbnail."""

    face_id: int
    image: str
    image_hash: str
    left: int
    top: int
    right: int
    bottom: int


_COLUMNS = (
    face.c.id,
    face.c.image,
    photo.c.image_hash,
    face.c.location_left,
    face.c.location_top,
    face.c.location_right,
    face.c.location_bottom,
)
_LIST = Statement(
    select(*_COLUMNS)
    .select_from(_FACES)
    .where(_THEIRS, face.c.image != "", face.c.id > bindparam("after"))
    .order_by(face.c.id)
    .limit(bindparam("size")),
    Pictured,
)
_OF_PHOTO = Statement(
    select(*_COLUMNS)
    .select_from(_FACES)
    .where(face.c.photo_id == bindparam("photo_id"), face.c.image != "", face.c.is_deleted.is_(False))
    .order_by(face.c.id),
    Pictured,
)
_COUNTS = Statement(
    select(func.count(face.c.person_id), func.count()).select_from(_FACES).where(_THEIRS), as_row
)


def list_pictured(tx: Tx, owner_id: int, after: int, size: int) -> list[Pictured]:
    """Return the next faces in the order of their ids."""
    return tx.all(_LIST, owner=owner_id, after=after, size=size)


def list_pictured_of(tx: Tx, photo_id: int) -> list[Pictured]:
    """Return the faces of one photo."""
    return tx.all(_OF_PHOTO, photo_id=photo_id)


def count_faces(tx: Tx, owner_id: int) -> tuple[int, int]:
    """Return how many faces are labelled, and how many are not."""
    labelled, every = tx.one(_COUNTS, owner=owner_id)
    return labelled, every - labelled
