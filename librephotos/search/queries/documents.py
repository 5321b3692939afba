"""Keeps the text that each photo is found by: in step with every change of photos, and made for those that lack it."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, literal_column, select

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import face, person, photo, photo_metadata, photo_search, photo_tag, tag
from librephotos.db.tables.photos import VISIBLE
from librephotos.db.transactions import Tx
from librephotos.db.types import Boolean
from librephotos.search.texts import Findable, compose_text

AT_ONCE: Final = 500
_IS_SHOWN: Any = literal_column(f"({VISIBLE})", Boolean())

_PHOTOS: Statement[Row] = Statement(
    select(
        photo.c.id,
        photo.c.owner_id,
        _IS_SHOWN,
        photo_metadata.c.search_captions,
        photo.c.location,
        photo.c.taken_local,
        photo_search.c.owner_id,
        photo_search.c.is_shown,
        photo_search.c.text,
    )
    .select_from(
        photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id).outerjoin(
            photo_search, photo_search.c.photo_id == photo.c.id
        )
    )
    .where(is_in(photo.c.id, "photo_ids")),
    as_row,
)
_TAGS: Statement[Row] = Statement(
    select(photo_tag.c.photo_id, tag.c.name)
    .select_from(photo_tag.join(tag, tag.c.id == photo_tag.c.tag_id))
    .where(is_in(photo_tag.c.photo_id, "photo_ids"))
    .order_by(photo_tag.c.photo_id, tag.c.id),
    as_row,
)
_PEOPLE: Statement[Row] = Statement(
    select(face.c.photo_id, person.c.name)
    .select_from(face.join(person, person.c.id == face.c.person_id))
    .where(is_in(face.c.photo_id, "photo_ids"), face.c.is_deleted.is_(False))
    .order_by(face.c.photo_id, person.c.id),
    as_row,
)
_STORE = statement(upsert(photo_search, key=["photo_id"], update=["owner_id", "is_shown", "text"]))
_ALL = Statement(
    select(photo.c.id)
    .where(photo.c.owner_id == bindparam("owner"), photo.c.id > bindparam("after"))
    .order_by(photo.c.id)
    .limit(bindparam("size")),
    scalar,
)
_LACKING = Statement(
    select(photo.c.id, photo.c.owner_id)
    .select_from(photo.outerjoin(photo_search, photo_search.c.photo_id == photo.c.id))
    .where(photo.c.id > bindparam("after"), photo_search.c.photo_id.is_(None))
    .order_by(photo.c.id)
    .limit(bindparam("size")),
    as_row,
)
_FORGET = statement(delete(photo_search))


class Documents:
    """Follows whatever a photo is found by."""

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        # Two writers of one photo would each leave out what the other has not yet committed.
        tx.lock(f"search texts of {owner_id}")
        _store(tx, photo_ids)

    def recount(self, tx: Tx, owner_id: int) -> None:
        after = 0
        while photo_ids := tx.all(_ALL, owner=owner_id, after=after, size=AT_ONCE):
            self.changed(tx, owner_id, photo_ids)
            after = photo_ids[-1]


DOCUMENTS = Documents()


def list_lacking(tx: Tx, after: int) -> list[tuple[int, int]]:
    """Return the ids and owners of the next photos without a text, in the order of ids."""
    return [(photo_id, owner_id) for photo_id, owner_id in tx.all(_LACKING, after=after, size=AT_ONCE)]


def forget_all(tx: Tx) -> None:
    """Drop all texts, because they are composed otherwise from now on."""
    tx.execute(_FORGET)


def _store(tx: Tx, photo_ids: Sequence[int]) -> None:
    asked = id_list(photo_ids)
    tags, people = (_by_photo(tx.all(names, photo_ids=asked)) for names in (_TAGS, _PEOPLE))
    rows = []
    for photo_id, owner_id, is_shown, captions, location, taken_local, *before in tx.all(
        _PHOTOS, photo_ids=asked
    ):
        found = Findable(
            captions or "", location, taken_local, tags.get(photo_id, ()), people.get(photo_id, ())
        )
        after = [owner_id, is_shown, compose_text(found)]
        if after != before:
            rows.append(
                dict(zip(("photo_id", "owner_id", "is_shown", "text"), (photo_id, *after), strict=True))
            )
    tx.execute_many(_STORE, rows)


def _by_photo(rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for photo_id, name in rows:
        found[photo_id] = (*found.get(photo_id, ()), name)
    return found
