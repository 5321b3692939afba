"""What is stored of persons: how many faces visible photos show, and which face is the cover. Follows changed photos.

Likely suggestions count like labels: those that the classifier gives at least the owner's `confidence_person`.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update

from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement
from librephotos.db.tables import face, person, photo, user
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_VISIBLE

_OF_PERSON = or_(
    face.c.person_id == person.c.id,
    and_(
        face.c.person_id.is_(None),
        face.c.classification_person_id == person.c.id,
        face.c.classification_probability
        >= select(user.c.confidence_person)
        .where(user.c.id == person.c.owner_id)
        .correlate(person)
        .scalar_subquery(),
    ),
)
_FACES = face.join(photo, photo.c.id == face.c.photo_id)
_COUNTED = and_(_OF_PERSON, face.c.is_deleted.is_(False), photo.c.owner_id == person.c.owner_id, IS_VISIBLE)


def _first(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.min(face.c.id))
        .select_from(_FACES)
        .where(_COUNTED, *conditions)
        .correlate(person)
        .scalar_subquery()
    )


_COMPARE = Statement(
    select(
        person.c.id,
        person.c.face_count,
        person.c.cover_face_id,
        select(func.count()).select_from(_FACES).where(_COUNTED).correlate(person).scalar_subquery(),
        func.coalesce(_first(photo.c.id == person.c.cover_photo_id), _first()),
    )
    .where(is_in(person.c.id, "person_ids"))
    .order_by(person.c.id),
    as_row,
)
_STORE = statement(
    update(person)
    .where(person.c.id == bindparam("row_id"))
    .values(face_count=bindparam("new_count"), cover_face_id=bindparam("new_cover"))
)
_SHOWN = Statement(
    select(person.c.id)
    .where(
        or_(
            person.c.id.in_(select(face.c.person_id).where(is_in(face.c.photo_id, "photo_ids"))),
            person.c.id.in_(
                select(face.c.classification_person_id).where(is_in(face.c.photo_id, "photo_ids"))
            ),
        )
    )
    .order_by(person.c.id),
    scalar,
)
_COVERED = Statement(
    select(person.c.id).where(
        person.c.owner_id == bindparam("owner"), is_in(person.c.cover_photo_id, "photo_ids")
    ),
    scalar,
)
_OWNED = Statement(select(person.c.id).where(person.c.owner_id == bindparam("owner")), scalar)


def recount_persons(tx: Tx, person_ids: Iterable[int]) -> None:
    """Count persons anew; the time of change moves with those of which something else was stored."""
    ids = sorted(set(person_ids))
    if not ids:
        return
    rows = [
        {"row_id": person_id, "new_count": count, "new_cover": cover}
        for person_id, stored_count, stored_cover, count, cover in tx.all(_COMPARE, person_ids=id_list(ids))
        if (stored_count, stored_cover) != (count, cover)
    ]
    tx.execute_many(_STORE, rows)
    tx.touch(person, [row["row_id"] for row in rows])


def recount_persons_of(tx: Tx, photo_ids: Sequence[int]) -> None:
    """Count the persons anew whom these photos show, or may show."""
    recount_persons(tx, tx.all(_SHOWN, photo_ids=id_list(photo_ids)))


class Persons:
    """The follower."""

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        recount_persons_of(tx, photo_ids)
        # A photo may be a cover without showing a face of the person.
        tx.touch(person, tx.all(_COVERED, owner=owner_id, photo_ids=id_list(photo_ids)))

    def recount(self, tx: Tx, owner_id: int) -> None:
        recount_persons(tx, tx.all(_OWNED, owner=owner_id))


PERSONS = Persons()
