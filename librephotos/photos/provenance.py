"""Keeps apart what files say and what people changed, of what both may tell: rating, caption, keywords, turn.

What the files said last is stored beside the values. A value that is still that follows a new reading; one that
differs was changed by a person, and stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from librephotos.db.statements import Statement, statement
from librephotos.db.tables import photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.media.orientation import UPRIGHT

Position = tuple[float, float]


class Told(msgspec.Struct):
    """What files tell, or what is stored; None and empty where there is nothing."""

    rating: int | None = None
    caption: str | None = None
    keywords: list[str] = []
    position: Position | None = None
    turn: int | None = None


class Described(msgspec.Struct):
    """A photo's values, what its files said of them when they were last read (None: never), and its captions."""

    now: Told
    before: Told | None
    captions: dict[str, Any]


def _described(
    rating: int,
    turn: int,
    latitude: float | None,
    longitude: float | None,
    captions: str | None,
    keywords: str | None,
    from_file: str | None,
) -> Described:
    told: Mapping[str, Any] = json.loads(captions) if captions else {}
    words: Sequence[str] = json.loads(keywords) if keywords else []
    position = (latitude, longitude) if latitude is not None and longitude is not None else None
    return Described(
        now=Told(rating, told.get("user_caption"), list(words), position, turn),
        before=msgspec.convert(json.loads(from_file), Told) if from_file else None,
        captions=dict(told),
    )


_ROW = Statement(
    select(
        photo.c.rating,
        photo.c.local_orientation,
        photo.c.gps_lat,
        photo.c.gps_lon,
        photo_metadata.c.captions,
        photo_metadata.c.keywords,
        photo_metadata.c.from_file,
    )
    .select_from(photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
    .where(photo.c.id == bindparam("photo_id")),
    _described,
)
_SET_RATING = statement(
    update(photo).where(photo.c.id == bindparam("photo_id")).values(rating=bindparam("new_rating"))
)
_SET_TURN = statement(
    update(photo)
    .where(photo.c.id == bindparam("photo_id"))
    .values(local_orientation=bindparam("new_turn"), thumbnail_version=photo.c.thumbnail_version + 1)
)
_SET_DESCRIPTION = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("photo_id"))
    .values(
        captions=bindparam("new_captions"),
        keywords=bindparam("new_keywords"),
        from_file=bindparam("new_from_file"),
    )
)


def get_described(tx: Tx, photo_id: int) -> Described:
    return tx.one(_ROW, photo_id=photo_id)


def described_first(said: Told) -> Described:
    """Return what is stored of a photo that was just made of a file which says this."""
    return Described(now=Told(rating=said.rating or 0), before=None, captions={})


def set_described(tx: Tx, photo_id: int, known: Described, said: Told) -> list[str]:
    """Store what follows from a new reading, and what it said; return the keywords.

    The photo's row of metadata must be there. The position is left to the caller, who finds the time by it.
    """
    rating = followed_rating(known, said)
    if rating != (known.now.rating or 0):
        tx.execute(_SET_RATING, photo_id=photo_id, new_rating=rating)
    turn = followed_turn(known, said)
    if turn != (known.now.turn or UPRIGHT):
        set_turn(tx, photo_id, turn)
    captions = dict(known.captions)
    caption = followed_caption(known, said)
    if caption is not None:
        captions["user_caption"] = caption
    keywords = followed_keywords(known, said)
    tx.execute(
        _SET_DESCRIPTION,
        photo_id=photo_id,
        new_captions=json.dumps(captions) if captions else None,
        new_keywords=json.dumps(keywords) if keywords else None,
        new_from_file=json.dumps(msgspec.to_builtins(_said_last(known.before, said))),
    )
    return keywords


def set_turn(tx: Tx, photo_id: int, turn: int) -> None:
    """Let a photo be shown turned so, beyond what its file says."""
    tx.execute(_SET_TURN, photo_id=photo_id, new_turn=turn)


def followed_turn(known: Described, said: Told) -> int:
    """A sidecar that says nothing leaves the turn; what a person turned since stays so."""
    stored = known.now.turn or UPRIGHT
    before = known.before.turn if known.before else None
    return stored if said.turn is None or stored != (before or UPRIGHT) else said.turn


def followed_rating(known: Described, said: Told) -> int:
    """A file that says nothing leaves the rating; 0 is something."""
    stored = known.now.rating or 0
    before = known.before.rating if known.before else None
    is_changed = stored != (before or 0) if known.before else stored != 0
    return stored if said.rating is None or is_changed else said.rating


def followed_caption(known: Described, said: Told) -> str | None:
    """A file that says nothing leaves the caption; an empty one was cleared by a person, and stays so."""
    before = known.before.caption if known.before else None
    is_changed = known.now.caption != before
    return known.now.caption if not said.caption or is_changed else said.caption


def followed_keywords(known: Described, said: Told) -> list[str]:
    """Words that the file lost go, words that it gained come; what a person added or took away stays so."""
    stored = set(known.now.keywords)
    before = set(known.before.keywords) if known.before else set()
    new = set(said.keywords)
    return sorted((stored - (before - new)) | (new - before))


def _said_last(before: Told | None, said: Told) -> Told:
    """Return what to compare with next time: what was left as it was counts as said still."""
    return Told(
        rating=said.rating if said.rating is not None or before is None else before.rating,
        caption=said.caption or (before.caption if before else None),
        keywords=said.keywords,
        position=said.position,
        turn=said.turn,
    )
