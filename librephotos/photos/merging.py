"""Two photos that are one: files, and all that people did to either, go to the one that is kept.

Every caller ends its transaction with `photos_changed`, for the kept and the given up ones.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Table, bindparam, delete, exists, insert, literal, select, update

from librephotos.db.statements import Statement, statement
from librephotos.db.tables import (
    album,
    album_photo,
    duplicate_group,
    duplicate_photo,
    file,
    metadata_edit,
    photo,
    photo_link,
    photo_metadata,
    photo_share,
    photo_stack,
    photo_tag,
    stack_photo,
)
from librephotos.db.transactions import Tx
from librephotos.kit import json

KEPT: Final[Any] = bindparam("kept")
LOST: Final[Any] = bindparam("lost")

# Tables of (photo, something) that people fill: members of either become members of the kept one.
MEMBERSHIPS: Final = {
    album_photo: ("album_id",),
    photo_share: ("user_id",),
    photo_tag: ("tag_id", "source"),
    stack_photo: ("stack_id",),
    duplicate_photo: ("group_id",),
}


def _join_members(table: Table, others: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the statements that give a kept photo the memberships of the lost one."""
    key = others[0]
    mine = table.alias("mine")
    is_there = exists(literal(1)).where(mine.c.photo_id == KEPT, mine.c[key] == table.c[key]).correlate(table)
    rows = select(KEPT, *(table.c[name] for name in others)).where(table.c.photo_id == LOST, ~is_there)
    return (
        insert(table).from_select(["photo_id", *others], rows),
        delete(table).where(table.c.photo_id == LOST),
    )


_MOVE_MEMBERS = tuple(
    statement(each) for table, others in MEMBERSHIPS.items() for each in _join_members(table, others)
)
_MOVE_FILES = statement(update(file).where(file.c.photo_id == LOST).values(photo_id=KEPT))
_MOVE_LOG = statement(update(metadata_edit).where(metadata_edit.c.photo_id == LOST).values(photo_id=KEPT))
_MOVE_COVERS = statement(update(album).where(album.c.cover_photo_id == LOST).values(cover_photo_id=KEPT))
_MOVE_CHOICES = tuple(
    statement(update(table).where(column == LOST).values({column.name: KEPT}))
    for table, column in (
        (photo_stack, photo_stack.c.primary_photo_id),
        (duplicate_group, duplicate_group.c.kept_photo_id),
    )
)

# A link goes on showing what it showed, unless the kept photo has one of its own.
_own_link = photo_link.alias("own_link")
_MOVE_LINK = statement(
    update(photo_link)
    .where(
        photo_link.c.photo_id == LOST,
        ~exists(literal(1)).where(_own_link.c.photo_id == KEPT),
    )
    .values(photo_id=KEPT)
)
_DROP_LINK = statement(delete(photo_link).where(photo_link.c.photo_id == LOST))


class _Typed(msgspec.Struct, frozen=True):
    """What people may have said of a photo, as stored."""

    rating: int
    is_hidden: bool
    is_public: bool
    user_taken_local: str | None
    user_position: str | None
    gps_lat: float | None
    gps_lon: float | None
    category_source: str
    is_screenshot: bool
    is_document: bool
    added_at: int
    chosen_hash: str | None
    chosen_file_id: int | None
    captions: str | None
    keywords: str | None
    edits: str | None


_WORDS: Final = ("captions", "keywords", "edits")
_COLUMNS = tuple((photo_metadata if name in _WORDS else photo).c[name] for name in _Typed.__struct_fields__)
_TYPED = Statement(
    select(*_COLUMNS)
    .select_from(photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
    .where(photo.c.id == bindparam("photo_id")),
    _Typed,
)
_OF_PHOTO = tuple(name for name in _Typed.__struct_fields__ if name not in _WORDS)
_SET_PHOTO = statement(
    update(photo).where(photo.c.id == KEPT).values({name: bindparam(f"new_{name}") for name in _OF_PHOTO})
)
_SET_WORDS = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == KEPT)
    .values({name: bindparam(f"new_{name}") for name in _WORDS})
)
_GIVE_UP = statement(update(photo).where(photo.c.id == LOST).values(is_removed=True, main_file_id=None))


def merge_photos(tx: Tx, kept_id: int, lost_id: int) -> None:
    """Give the kept photo the files of the other and what people did to it; the other one is removed.

    Where both were given a value the kept one's counts; captions that differ stand below each other. What was hidden
    stays hidden. Faces are the business of `people/`.
    """
    kept = tx.one(_TYPED, photo_id=kept_id)
    lost = tx.one(_TYPED, photo_id=lost_id)
    values = _merged(kept, lost)
    words = {f"new_{name}": values.pop(name) for name in _WORDS}
    tx.execute(_SET_PHOTO, kept=kept_id, **{f"new_{name}": value for name, value in values.items()})
    tx.execute(_SET_WORDS, kept=kept_id, **words)
    for move in (*_MOVE_MEMBERS, _MOVE_FILES, _MOVE_LOG, _MOVE_COVERS, _MOVE_LINK, *_MOVE_CHOICES):
        tx.execute(move, kept=kept_id, lost=lost_id)
    tx.execute(_DROP_LINK, lost=lost_id)
    tx.execute(_GIVE_UP, lost=lost_id)


def _merged(kept: _Typed, lost: _Typed) -> dict[str, Any]:
    is_said = bool(lost.user_position and not kept.user_position)
    position = lost if is_said or kept.gps_lat is None else kept
    choice = kept if kept.chosen_hash is not None else lost
    category = lost if kept.category_source == "auto" and lost.category_source != "auto" else kept
    return {
        "rating": kept.rating or lost.rating,
        "is_hidden": kept.is_hidden or lost.is_hidden,
        "is_public": kept.is_public or lost.is_public,
        "user_taken_local": kept.user_taken_local or lost.user_taken_local,
        "user_position": kept.user_position or lost.user_position,
        "gps_lat": position.gps_lat,
        "gps_lon": position.gps_lon,
        "category_source": category.category_source,
        "is_screenshot": category.is_screenshot,
        "is_document": category.is_document,
        "added_at": min(kept.added_at, lost.added_at),
        "chosen_hash": choice.chosen_hash,
        "chosen_file_id": choice.chosen_file_id,
        "captions": _merged_captions(kept.captions, lost.captions),
        "keywords": _merged_keywords(kept.keywords, lost.keywords),
        "edits": _merged_edits(kept.edits, lost.edits),
    }


def _merged_captions(kept: str | None, lost: str | None) -> str | None:
    one: dict[str, Any] = json.loads(kept) if kept else {}
    other: dict[str, Any] = json.loads(lost) if lost else {}
    captions = {**other, **one}
    texts = [text for text in (one.get("user_caption"), other.get("user_caption")) if text]
    if len(texts) == 2 and texts[1] not in texts[0]:
        captions["user_caption"] = "\n".join(texts)
    elif texts:
        captions["user_caption"] = texts[0]
    return json.dumps(captions) if captions else None


def _merged_edits(kept: str | None, lost: str | None) -> str | None:
    fields = {**(json.loads(lost) if lost else {}), **(json.loads(kept) if kept else {})}
    return json.dumps(fields) if fields else None


def _merged_keywords(kept: str | None, lost: str | None) -> str | None:
    words = {word for text in (kept, lost) if text for word in json.loads(text)}
    return json.dumps(sorted(words)) if words else None
