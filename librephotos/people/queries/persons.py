"""Persons as people see them: named ones, read off what is stored of them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, contains, id_list, is_in, like_pattern, scalar
from librephotos.db.tables import face, person, photo
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.people.names import USER, face_url
from librephotos.people.schemas import Person
from librephotos.photos.visibility import IS_VISIBLE, VIEWER_ID

MODEL = "Person"

_SHOWN_ON = photo.alias("shown_on")
_CHOSEN = (
    select(photo.c.id, photo.c.image_hash, photo.c.is_video, photo.c.owner_id).where(IS_VISIBLE).subquery()
)
_SOURCE = (
    person.outerjoin(face, face.c.id == person.c.cover_face_id)
    .outerjoin(_SHOWN_ON, _SHOWN_ON.c.id == face.c.photo_id)
    .outerjoin(
        _CHOSEN, and_(_CHOSEN.c.id == person.c.cover_photo_id, _CHOSEN.c.owner_id == person.c.owner_id)
    )
)
_COLUMNS = (
    person.c.id,
    person.c.name,
    person.c.face_count,
    face.c.image,
    func.coalesce(_CHOSEN.c.image_hash, _SHOWN_ON.c.image_hash, ""),
    func.coalesce(_CHOSEN.c.is_video, _SHOWN_ON.c.is_video, False),
)
_BY_NAME = (func.lower(person.c.name), person.c.name, person.c.id)
_IS_OWN_NAMED = and_(person.c.owner_id == VIEWER_ID, person.c.kind == USER)


def _person(
    person_id: int, name: str, count: int, image: str | None, image_hash: str, is_video: Any
) -> Person:
    return Person(name, face_url(image) or "", count, image_hash, bool(is_video), person_id)


@lru_cache(maxsize=32)
def _list(term_count: int) -> tuple[Statement[int], Statement[Person]]:
    found = [contains(person.c.name, f"term_{number}") for number in range(term_count)]
    condition = and_(_IS_OWN_NAMED, *found)
    page = (
        select(*_COLUMNS)
        .select_from(_SOURCE)
        .where(condition)
        .order_by(*_BY_NAME)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    return (
        Statement(select(func.count()).select_from(person).where(condition), scalar),
        Statement(page, _person),
    )


_ONE = Statement(
    select(*_COLUMNS).select_from(_SOURCE).where(person.c.id == bindparam("person_id"), _IS_OWN_NAMED),
    _person,
)
_ANY = Statement(
    select(*_COLUMNS)
    .select_from(_SOURCE)
    .where(person.c.id == bindparam("person_id"), person.c.owner_id == VIEWER_ID),
    _person,
)
_FEW = Statement(
    select(*_COLUMNS)
    .select_from(_SOURCE)
    .where(is_in(person.c.id, "person_ids"), person.c.owner_id == VIEWER_ID)
    .order_by(*_BY_NAME),
    _person,
)
_NAMED = Statement(
    select(person.c.id, person.c.kind)
    .where(person.c.owner_id == VIEWER_ID, person.c.name == bindparam("wanted_name"))
    # A named person before a group that happens to have the name; the oldest first.
    .order_by(person.c.kind != USER, person.c.id),
    as_row,
)


def list_persons(tx: Tx, viewer: Viewer, terms: tuple[str, ...], asked: PageRequest) -> Page[Person]:
    """Return a page of the viewer's named persons by name, those without faces too."""
    counting, listing = _list(len(terms))
    scope: dict[str, Any] = {
        "viewer_id": viewer.user_id,
        **{f"term_{number}": like_pattern(term) for number, term in enumerate(terms)},
    }
    count = tx.one(counting, **scope)
    page = asked.settle(count)
    return page.answer(count, tx.all(listing, size=page.size, skipped=page.offset, **scope))


def get_person(tx: Tx, viewer: Viewer, person_id: int) -> Person:
    """Raises NotFound for groups, and for persons that are not the viewer's."""
    found = tx.first(_ONE, person_id=person_id, viewer_id=viewer.user_id)
    if found is None:
        raise NotFound.of(MODEL)
    return found


def get_any(tx: Tx, viewer: Viewer, person_id: int) -> Person:
    """As `get_person`, groups too."""
    return tx.one(_ANY, person_id=person_id, viewer_id=viewer.user_id)


def list_people(tx: Tx, viewer: Viewer, person_ids: Iterable[int]) -> list[Person]:
    """Return those of these persons that are the viewer's, by name, as the list of persons shows them."""
    return tx.all(_FEW, person_ids=id_list(person_ids), viewer_id=viewer.user_id)


def list_named(tx: Tx, viewer: Viewer, name: str) -> list[Row]:
    """Return ids and kinds of the viewer's persons of this name: named ones first, then the oldest."""
    return tx.all(_NAMED, wanted_name=name, viewer_id=viewer.user_id)
