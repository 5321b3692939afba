"""What is stored of a photo's turn, and which turns may have gone into its file since the file was read."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, exists, literal, select, update

from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import photo, photo_metadata, write_back
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.library.wishes import TURNS


class Turning(msgspec.Struct, frozen=True):
    """A photo's turn beyond its file, the tags and the stored size that the file had, and the turns that were noted."""

    turn: int
    tags: Mapping[str, str]
    width: int | None
    height: int | None
    noted: Sequence[int]


def _turning(turn: int, tags: str | None, width: int | None, height: int | None, own: str | None) -> Turning:
    noted = json.loads(own).get(TURNS, []) if own else []
    return Turning(turn, json.loads(tags) if tags else {}, width, height, noted)


_GET = Statement(
    select(
        photo.c.local_orientation,
        photo_metadata.c.tags,
        photo_metadata.c.width,
        photo_metadata.c.height,
        write_back.c.own,
    )
    .select_from(
        photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id).outerjoin(
            write_back, write_back.c.photo_id == photo.c.id
        )
    )
    .where(photo.c.id == bindparam("photo_id")),
    _turning,
)
_OWN = Statement(select(write_back.c.own).where(write_back.c.photo_id == bindparam("photo_id")), scalar)
_SET_OWN = statement(
    update(write_back).where(write_back.c.photo_id == bindparam("of_photo")).values(own=bindparam("new_own"))
)
_IS_SHOWN = Statement(
    select(
        exists(literal(1)).where(
            photo.c.image_hash == bindparam("image_hash"), photo.c.content_hash == bindparam("content")
        )
    ),
    bool,
)


def get_turning(tx: Tx, photo_id: int) -> Turning:
    return tx.one(_GET, photo_id=photo_id)


def forget_noted(tx: Tx, photo_id: int) -> None:
    """The photo's row says now which turns went into its file."""
    stored = tx.first(_OWN, photo_id=photo_id)
    own: dict[str, Any] = json.loads(stored) if stored else {}
    if own.pop(TURNS, None) is not None:
        tx.execute(_SET_OWN, of_photo=photo_id, new_own=json.dumps(own) if own else None)


def is_shown(tx: Tx, image_hash: str, content: str) -> bool:
    """Tell whether there is a photo of this name whose file is of this content."""
    return tx.one(_IS_SHOWN, image_hash=image_hash, content=content)
