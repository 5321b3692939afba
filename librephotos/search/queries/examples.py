"""The photos that suggestions are made of: those of some days, by chance."""

import random
from functools import lru_cache
from typing import Final

import msgspec
from sqlalchemy import and_, bindparam, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import day, face, person, photo, photo_tag, tag
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID, narrowed
from librephotos.search.examples import Shown, suggest

LOOKED_AT: Final = 100
_DAYS_LOOKED_AT: Final = 25

_DAYS = Statement(
    select(day.c.id)
    .where(day.c.owner_id == VIEWER_ID, day.c.photo_count > 0)
    .order_by(func.random())
    .limit(bindparam("size")),
    scalar,
)
_PEOPLE: Statement[Row] = Statement(
    select(face.c.photo_id, person.c.name)
    .select_from(face.join(person, person.c.id == face.c.person_id))
    .where(is_in(face.c.photo_id, "photo_ids"), face.c.is_deleted.is_(False), person.c.kind == "USER"),
    as_row,
)
_TAGS: Statement[Row] = Statement(
    select(photo_tag.c.photo_id, tag.c.name)
    .select_from(photo_tag.join(tag, tag.c.id == photo_tag.c.tag_id))
    .where(is_in(photo_tag.c.photo_id, "photo_ids")),
    as_row,
)


@lru_cache(maxsize=2)
def _photos(is_limited: bool) -> Statement[Row]:
    shown = narrowed(and_(IS_OWN, IS_VISIBLE), is_limited)
    of_days = select(photo.c.id, photo.c.location, photo.c.taken_local).where(
        is_in(photo.c.day_id, "day_ids"), shown
    )
    return Statement(of_days.limit(bindparam("size")), as_row)


class _Names(msgspec.Struct):
    people: list[str]
    tags: list[str]


def list_examples(tx: Tx, viewer: Viewer, seed: int) -> list[str]:
    """Return suggestions; `seed` decides which of the possible ones."""
    who = {"viewer_id": viewer.user_id, "key_id": viewer.key_id}
    days = id_list(tx.all(_DAYS, size=_DAYS_LOOKED_AT, **who))
    rows = tx.all(_photos(viewer.is_limited), day_ids=days, size=LOOKED_AT, **who)
    asked = id_list(row[0] for row in rows)
    names = {row[0]: _Names([], []) for row in rows}
    for photo_id, name in tx.all(_PEOPLE, photo_ids=asked):
        names[photo_id].people.append(name)
    for photo_id, name in tx.all(_TAGS, photo_ids=asked):
        names[photo_id].tags.append(name)
    photos = [
        Shown(location, taken_local, names[photo_id].people, names[photo_id].tags)
        for photo_id, location, taken_local in rows
    ]
    return suggest(photos, random.Random(seed))  # noqa: S311  # chance, not a secret
