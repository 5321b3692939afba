"""Making, naming, merging and deleting persons. What their photos are found by follows."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, or_, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import face, person, photo
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.people.names import NOBODY, RESERVED, TAKEN_BY_GROUP, USER
from librephotos.people.queries.counting import recount_persons
from librephotos.people.queries.persons import get_any, get_person, list_named
from librephotos.people.schemas import ChangedPerson, Person
from librephotos.photos.changes import lists_changed, photos_changed
from librephotos.photos.keys import find_key
from librephotos.photos.storing import refresh_search_text
from librephotos.photos.tombstones import record_deletions
from librephotos.photos.visibility import IS_KEPT, IS_OWN

_INSERT = Statement(
    insert(person)
    .values(owner_id=bindparam("owner"), name=bindparam("name"), kind=USER, modified_at=UNSTAMPED)
    .returning(person.c.id),
    scalar,
)
_RENAME = statement(
    update(person).where(person.c.id == bindparam("row_id")).values(name=bindparam("new_name"))
)
_SET_COVER = statement(
    update(person).where(person.c.id == bindparam("row_id")).values(cover_photo_id=bindparam("photo_id"))
)
_COVERS = Statement(
    select(person.c.id, person.c.cover_photo_id).where(
        is_in(person.c.id, "person_ids"), person.c.cover_photo_id.is_not(None)
    ),
    lambda person_id, photo_id: (person_id, photo_id),
)
_DELETE = statement(delete(person).where(is_in(person.c.id, "person_ids")))
_REFERENCES = ("person_id", "cluster_person_id", "classification_person_id")
_MOVE = [
    statement(
        update(face).where(is_in(face.c[name], "person_ids")).values({face.c[name]: bindparam("kept_id")})
    )
    for name in _REFERENCES
]
_UNLABEL = [
    statement(update(face).where(face.c[name] == bindparam("row_id")).values(values))
    for name, values in (
        ("person_id", {"person_id": None}),
        ("cluster_person_id", {"cluster_person_id": None, "cluster_probability": 0}),
        ("classification_person_id", {"classification_person_id": None, "classification_probability": 0}),
    )
]
_PHOTOS = Statement(
    select(face.c.photo_id)
    .where(or_(*(is_in(face.c[name], "person_ids") for name in _REFERENCES)))
    .distinct()
    .order_by(face.c.photo_id),
    scalar,
)
_OWN_PHOTO = {
    is_uuid: Statement(
        select(photo.c.id)
        .where((photo.c.uuid if is_uuid else photo.c.image_hash) == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id)
        .limit(1),
        scalar,
    )
    for is_uuid in (True, False)
}


def lock_persons(tx: Tx, owner_id: int) -> None:
    """Let nobody else make or name persons of this owner until the transaction ends, so that names stay unique."""
    tx.lock(f"persons of {owner_id}")


def find_or_make(tx: Tx, viewer: Viewer, name: str) -> int:
    """Return the viewer's person of a name, made when there is none; of any kind, a named one first."""
    lock_persons(tx, viewer.user_id)
    for person_id, _ in list_named(tx, viewer, name):
        return int(person_id)
    made: int = tx.one(_INSERT, owner=viewer.user_id, name=name)
    tx.touch(person, [made])
    return made


def create_person(tx: Tx, viewer: Viewer, name: str) -> Person:
    """Return the viewer's person of this name, made when there is none. Raises BadInput for the reserved name."""
    if name == NOBODY:
        raise BadInput.of("name", RESERVED)
    person_id = find_or_make(tx, viewer, name)
    lists_changed(tx, viewer.user_id)
    return get_any(tx, viewer, person_id)


def rename_person(tx: Tx, viewer: Viewer, person_id: int, name: str) -> ChangedPerson:
    """Rename a person. With another of the same name it becomes one: the older row stays, all faces are its.

    Raises NotFound, and BadInput for names that no person may have.
    """
    lock_persons(tx, viewer.user_id)
    if get_person(tx, viewer, person_id).name == name:
        return changed_person(tx, viewer, person_id)
    if name == NOBODY:
        raise BadInput.of("newPersonName", RESERVED)
    same = list_named(tx, viewer, name)
    if any(kind != USER for _, kind in same):
        raise BadInput.of("newPersonName", TAKEN_BY_GROUP)
    kept, *merged = sorted({person_id, *(int(each) for each, _ in same)})
    tx.execute(_RENAME, row_id=kept, new_name=name)
    tx.touch(person, [kept])
    photo_ids = tx.all(_PHOTOS, person_ids=id_list([kept, *merged]))
    if merged:
        _merge(tx, viewer, kept, merged, chosen_by=person_id)
    _follow(tx, viewer, photo_ids, [kept])
    return changed_person(tx, viewer, kept, merged)


def set_cover(tx: Tx, viewer: Viewer, person_id: int, name: str) -> ChangedPerson:
    """Choose an own photo, by UUID or hash, as cover. Raises NotFound, and BadInput for a photo that is not theirs."""
    get_person(tx, viewer, person_id)
    key = find_key(name)
    photo_id = tx.first(_OWN_PHOTO[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key else None
    if photo_id is None:
        raise BadInput.of("cover_photo", f"Photo not found: {name}")
    tx.execute(_SET_COVER, row_id=person_id, photo_id=photo_id)
    tx.touch(person, [person_id])
    recount_persons(tx, [person_id])
    lists_changed(tx, viewer.user_id)
    return changed_person(tx, viewer, person_id)


def delete_person(tx: Tx, viewer: Viewer, person_id: int) -> None:
    """Delete a person; the faces are nobody's then. Raises NotFound."""
    get_person(tx, viewer, person_id)
    photo_ids = tx.all(_PHOTOS, person_ids=id_list([person_id]))
    for unlabel in _UNLABEL:
        tx.execute(unlabel, row_id=person_id)
    tx.execute(_DELETE, person_ids=id_list([person_id]))
    record_deletions(tx, viewer.user_id, "person", [person_id])
    _follow(tx, viewer, photo_ids, [])


def changed_person(tx: Tx, viewer: Viewer, person_id: int, merged: Iterable[int] = ()) -> ChangedPerson:
    """Raises NotFound."""
    found = get_person(tx, viewer, person_id)
    return ChangedPerson(
        found.name,
        found.face_url,
        found.face_count,
        found.face_photo_url,
        found.video,
        found.id,
        list(merged),
    )


def _merge(tx: Tx, viewer: Viewer, kept: int, merged: list[int], *, chosen_by: int) -> None:
    """Give one person the faces of others, which are deleted, and the cover that its owner looked at last."""
    covers = dict(tx.all(_COVERS, person_ids=id_list([kept, *merged])))
    cover = next((covers[each] for each in (chosen_by, kept, *merged) if each in covers), None)
    tx.execute(_SET_COVER, row_id=kept, photo_id=cover)
    tx.touch(person, [kept])
    for move in _MOVE:
        tx.execute(move, person_ids=id_list(merged), kept_id=kept)
    tx.execute(_DELETE, person_ids=id_list(merged))
    record_deletions(tx, viewer.user_id, "person", merged)


def _follow(tx: Tx, viewer: Viewer, photo_ids: list[int], person_ids: list[int]) -> None:
    refresh_search_text(tx, photo_ids)
    recount_persons(tx, person_ids)
    photos_changed(tx, viewer.user_id, photo_ids)
