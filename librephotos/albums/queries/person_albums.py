"""The photos of persons by days: those with a face that is labelled so."""

from typing import Any

from sqlalchemy import and_, bindparam, exists, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.grouped import own_photos
from librephotos.albums.schemas import GroupedPerson, GroupedPersonDetail
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import face, person, photo, user
from librephotos.db.transactions import Tx
from librephotos.http.paging import Page, PageRequest
from librephotos.people.queries.persons import get_person
from librephotos.photos.grid import pig_photo
from librephotos.photos.groups import group_by_day
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.schemas import PigPhoto, SimpleUser
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID

_ORDER = (photo.c.taken_local.desc().nulls_last(), photo.c.id.desc())
_PHOTOS = Statement(
    select(*GRID_COLUMNS)
    .where(
        IS_OWN,
        IS_VISIBLE,
        exists()
        .where(
            face.c.photo_id == photo.c.id,
            face.c.person_id == bindparam("person_id"),
            face.c.is_deleted.is_(False),
        )
        .correlate(photo),
    )
    .order_by(*_ORDER),
    as_row,
    raw=True,
)
_IS_OWN_NAMED = and_(person.c.owner_id == VIEWER_ID, person.c.kind == "USER")
_COUNT = Statement(select(func.count()).select_from(person).where(_IS_OWN_NAMED), scalar)
_PAGE = Statement(
    select(person.c.id, person.c.name)
    .where(_IS_OWN_NAMED)
    .order_by(func.lower(person.c.name), person.c.name, person.c.id)
    .limit(bindparam("size"))
    .offset(bindparam("skipped")),
    as_row,
)
_members = (
    select(face.c.person_id, face.c.photo_id)
    .where(is_in(face.c.person_id, "person_ids"), face.c.is_deleted.is_(False))
    .distinct()
    .subquery()
)
_PHOTOS_OF_ALL = Statement(
    select(_members.c.person_id, *GRID_COLUMNS)
    .select_from(_members.join(photo, photo.c.id == _members.c.photo_id))
    .where(IS_OWN, IS_VISIBLE)
    .order_by(*_ORDER),
    as_row,
    raw=True,
)
_OWNER = Statement(select(*USER_COLUMNS).where(user.c.id == VIEWER_ID), SimpleUser)


def get_person_album(tx: Tx, viewer: Viewer, person_id: int) -> GroupedPersonDetail:
    """Return a person's photos, newest first. Raises NotFound for persons that are not the viewer's."""
    found = get_person(tx, viewer, person_id)
    photos = own_photos(tx, viewer, _PHOTOS, person_id=person_id)
    return GroupedPersonDetail(GroupedPerson(str(found.id), found.name, group_by_day(photos)))


def list_person_albums(tx: Tx, viewer: Viewer, asked: PageRequest) -> Page[GroupedPerson]:
    """Return a page of the viewer's persons by name with all their photos: four statements."""
    count = tx.one(_COUNT, viewer_id=viewer.user_id)
    page = asked.settle(count)
    rows = tx.all(_PAGE, size=page.size, skipped=page.offset, viewer_id=viewer.user_id)
    owner = tx.one(_OWNER, viewer_id=viewer.user_id)
    photos: dict[int, list[PigPhoto]] = {row[0]: [] for row in rows}
    scope: dict[str, Any] = {"person_ids": id_list(photos), "viewer_id": viewer.user_id}
    for row in tx.all(_PHOTOS_OF_ALL, **scope):
        photos[row[0]].append(pig_photo(row[1:], owner, viewer))
    items = [GroupedPerson(str(row_id), name, group_by_day(photos[row_id])) for row_id, name in rows]
    return page.answer(count, items)
