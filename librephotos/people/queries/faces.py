"""The faces on the viewer's visible photos: by person, as suggested, and of nobody."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Float, and_, bindparam, func, literal_column, or_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import face, person, photo
from librephotos.db.transactions import Tx
from librephotos.http.paging import Page, PageRequest
from librephotos.people.face_filters import FaceFilter, Method, Suggesting
from librephotos.people.names import NOBODY, USER, face_url
from librephotos.people.schemas import FaceGroup, PersonFace
from librephotos.photos.grid import wall_time
from librephotos.photos.visibility import IS_KEPT, IS_OWN, IS_VISIBLE, VIEWER_ID

_FACES = face.join(photo, photo.c.id == face.c.photo_id)
_IS_SEEN = and_(IS_OWN, IS_VISIBLE, face.c.is_deleted.is_(False))
_IS_UNLABELLED = face.c.person_id.is_(None)
_LEAST = bindparam("least", type_=Float())
_SUGGESTIONS: dict[Method, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
    "clustering": (face.c.cluster_person_id, face.c.cluster_probability),
    "classification": (face.c.classification_person_id, face.c.classification_probability),
}


class OwnFace(msgspec.Struct, frozen=True):
    """One face of the viewer's; `taken_local` is the wall-clock time of its photo."""

    face_id: int
    image: str
    photo_id: int
    photo_uuid: str
    taken_local: str | None
    person_id: int | None


def _condition(kind: str, method: Method) -> ColumnElement[bool]:
    suggested, probability = _SUGGESTIONS[method]
    chosen: ColumnElement[bool] = face.c.person_id == bindparam("person_id")
    if kind == "suggested":
        chosen = and_(_IS_UNLABELLED, suggested == bindparam("person_id"), probability >= _LEAST)
    elif kind == "unknown":
        chosen = and_(_IS_UNLABELLED, or_(suggested.is_(None), probability <= _LEAST))
    return and_(_IS_SEEN, chosen)


@lru_cache(maxsize=16)
def _listing(kind: str, method: Method, order: str) -> tuple[Statement[int], Statement[Row]]:
    condition = _condition(kind, method)
    _, probability = _SUGGESTIONS[method]
    by: tuple[Any, ...] = (probability.desc(), face.c.id)
    if kind == "labelled":
        by = (face.c.id.desc(),)
    elif order == "date":
        by = (photo.c.taken_local.asc().nulls_last(), face.c.id)
    columns = (
        face.c.id,
        face.c.image,
        photo.c.uuid,
        photo.c.image_hash,
        photo.c.taken_local,
        literal_column("1.0") if kind == "labelled" else probability,
    )
    page = (
        select(*columns)
        .select_from(_FACES)
        .where(condition)
        .order_by(*by)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    counting = select(func.count()).select_from(_FACES).where(condition)
    return Statement(counting, scalar), Statement(page, as_row)


def list_faces(tx: Tx, viewer: Viewer, wanted: FaceFilter, asked: PageRequest, base: str) -> Page[PersonFace]:
    """Return a page of faces; `base` is scheme and host. A person who is not the viewer's has none."""
    kind = "unknown" if wanted.person_id == 0 else "labelled" if wanted.is_labelled else "suggested"
    counting, listing = _listing(kind, wanted.suggesting.method, wanted.order)
    scope: dict[str, Any] = {"viewer_id": viewer.user_id}
    if kind != "unknown":
        scope["person_id"] = wanted.person_id
    if kind != "labelled":
        scope["least"] = wanted.suggesting.min_confidence
    count = tx.one(counting, **scope)
    page = asked.settle(count)
    rows = tx.all(listing, size=page.size, skipped=page.offset, **scope)
    return page.answer(count, [_face(base, *row) for row in rows])


def _face(
    base: str,
    face_id: int,
    image: str,
    uuid: str,
    image_hash: str,
    taken_local: str | None,
    probability: Any,  # a number; decimal on PostgreSQL where it is a constant
) -> PersonFace:
    url = face_url(image)
    return PersonFace(
        id=face_id,
        image=f"{base}{url}" if url else None,
        face_url=url,
        photo=uuid,
        photo_image_hash=image_hash,
        timestamp=wall_time(taken_local),
        person_label_probability=float(probability),
    )


def _groups(condition: ColumnElement[bool], column: ColumnElement[Any]) -> Statement[FaceGroup]:
    return Statement(
        select(person.c.id, person.c.name, person.c.kind, func.count())
        .select_from(_FACES.join(person, person.c.id == column))
        .where(_IS_SEEN, person.c.owner_id == VIEWER_ID, condition)
        .group_by(person.c.id, person.c.name, person.c.kind)
        .order_by(func.lower(person.c.name), person.c.name, person.c.id),
        FaceGroup,
    )


_LABELLED = _groups(person.c.kind == USER, face.c.person_id)
_SUGGESTED = {
    method: _groups(and_(_IS_UNLABELLED, probability >= _LEAST), suggested)
    for method, (suggested, probability) in _SUGGESTIONS.items()
}
_UNKNOWN = {
    method: Statement(
        select(func.count())
        .select_from(_FACES)
        .where(_IS_SEEN, _IS_UNLABELLED, or_(suggested.is_(None), probability < _LEAST)),
        scalar,
    )
    for method, (suggested, probability) in _SUGGESTIONS.items()
}


def list_groups(tx: Tx, viewer: Viewer, suggesting: Suggesting, *, is_inferred: bool) -> list[FaceGroup]:
    """Return whom faces are labelled with, or whom they are suggested to be; the faces of nobody come last."""
    scope: dict[str, Any] = {"viewer_id": viewer.user_id}
    least = suggesting.min_confidence
    suggested = _SUGGESTED[suggesting.method]
    groups = tx.all(suggested, least=least, **scope) if is_inferred else tx.all(_LABELLED, **scope)
    unknown: int = tx.one(_UNKNOWN[suggesting.method], least=least, **scope)
    return [*groups, FaceGroup(0, NOBODY, NOBODY, unknown)] if unknown else groups


_OWN = Statement(
    select(face.c.id, face.c.image, photo.c.id, photo.c.uuid, photo.c.taken_local, face.c.person_id)
    .select_from(_FACES)
    .where(is_in(face.c.id, "face_ids"), IS_OWN, IS_KEPT, face.c.is_deleted.is_(False))
    .order_by(face.c.id),
    OwnFace,
)


def list_own_faces(tx: Tx, viewer: Viewer, face_ids: Sequence[int]) -> list[OwnFace]:
    """Return those of these faces that are on the viewer's photos, hidden ones too, and not deleted."""
    return tx.all(_OWN, face_ids=id_list(face_ids), viewer_id=viewer.user_id)
