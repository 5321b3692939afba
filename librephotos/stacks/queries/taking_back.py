"""What resolving a group of duplicates gave the kept photo, and taking it back.

Whatever somebody changed meanwhile is left as they made it: a value goes back only while it still is what resolving
made it, a membership only while it is there.
"""

from typing import Any

import msgspec
from sqlalchemy import Boolean, bindparam, delete, select, update

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, statement
from librephotos.db.tables import album, album_photo, face, photo, photo_metadata, photo_share, photo_tag
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.photos.queries.captions import USER_CAPTION
from librephotos.photos.storing import refresh_search_text


class Said(msgspec.Struct, frozen=True):
    """What people say of one photo, as far as duplicates share it. `caption` is None where nobody wrote one."""

    rating: int = 0
    is_public: bool = False
    caption: str | None = None
    keywords: list[str] = []


class GivenFace(msgspec.Struct, frozen=True):
    face_id: int
    person_id: int


class Cover(msgspec.Struct, frozen=True):
    album_id: int
    photo_id: int


class Resolution(msgspec.Struct, frozen=True):
    """All that resolving did: photos that it put into the trash, and what it gave the kept one."""

    kept: int = 0
    trashed: list[int] = []
    before: Said = Said()
    after: Said = Said()
    albums: list[int] = []
    tags: list[int] = []
    shares: list[int] = []
    covers: list[Cover] = []
    faces: list[GivenFace] = []


def parse_resolution(stored: str | None) -> Resolution:
    return msgspec.json.decode(stored, type=Resolution) if stored else Resolution()


SAID: Statement[Row] = Statement(
    select(photo.c.rating, photo.c.is_public, photo_metadata.c.captions, photo_metadata.c.keywords)
    .select_from(photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
    .where(photo.c.id == bindparam("of_photo")),
    as_row,
)
SET_FLAGS = statement(
    update(photo)
    .where(photo.c.id == bindparam("of_photo"))
    .values(rating=bindparam("new_rating"), is_public=bindparam("new_public", type_=Boolean()))
)
SET_WORDS = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("of_photo"))
    .values(captions=bindparam("new_captions"), keywords=bindparam("new_keywords"))
)


def _leave(table: Any, key: str) -> Statement[Row]:  # a table of photos in something
    return statement(
        delete(table).where(table.c.photo_id == bindparam("of_photo"), is_in(table.c[key], "left"))
    )


_LEAVE_ALBUMS = _leave(album_photo, "album_id")
_LEAVE_TAGS = _leave(photo_tag, "tag_id")
_UNSHARE = _leave(photo_share, "user_id")
_RESTORE_COVER = statement(
    update(album)
    .where(album.c.id == bindparam("of_album"), album.c.cover_photo_id == bindparam("of_photo"))
    .values(cover_photo_id=select(photo.c.id).where(photo.c.id == bindparam("was")).scalar_subquery())
)
# A face that somebody gave another name since, or none, is theirs.
_DROP_FACE = statement(
    delete(face).where(
        face.c.id == bindparam("of_face"),
        face.c.photo_id == bindparam("of_photo"),
        face.c.person_id == bindparam("of_person"),
    )
)


def said_of(row: Row) -> Said:
    rating, is_public, captions, keywords = row
    caption = json.loads(captions).get(USER_CAPTION) if captions else None
    return Said(rating, bool(is_public), caption, json.loads(keywords) if keywords else [])


def take_back(tx: Tx, done: Resolution) -> list[int]:
    """Take back what a kept photo was given; return the photos that changed. What is in the trash stays there."""
    row = tx.first(SAID, of_photo=done.kept)
    if row is None:
        return []
    kept = done.kept
    is_now, before, after = said_of(row), done.before, done.after
    tx.execute(
        SET_FLAGS,
        of_photo=kept,
        new_rating=before.rating if is_now.rating == after.rating else is_now.rating,
        new_public=before.is_public if is_now.is_public == after.is_public else is_now.is_public,
    )
    given = set(after.keywords) - set(before.keywords)
    write_words(
        tx,
        kept,
        row,
        before.caption if is_now.caption == after.caption else is_now.caption,
        [word for word in is_now.keywords if word not in given],
    )
    tx.execute(_LEAVE_ALBUMS, of_photo=kept, left=id_list(done.albums))
    tx.execute(_LEAVE_TAGS, of_photo=kept, left=id_list(done.tags))
    tx.execute(_UNSHARE, of_photo=kept, left=id_list(done.shares))
    tx.execute_many(
        _RESTORE_COVER,
        [{"of_album": each.album_id, "of_photo": kept, "was": each.photo_id} for each in done.covers],
    )
    tx.execute_many(
        _DROP_FACE,
        [{"of_face": each.face_id, "of_photo": kept, "of_person": each.person_id} for each in done.faces],
    )
    refresh_search_text(tx, [kept])
    return [kept]


def write_words(tx: Tx, photo_id: int, row: Row, caption: str | None, keywords: list[str]) -> None:
    """Store caption and keywords of a photo where they differ from `row`, which is its row of `SAID`."""
    captions = json.loads(row[2]) if row[2] else {}
    if caption is None:
        captions.pop(USER_CAPTION, None)
    else:
        captions[USER_CAPTION] = caption
    was = said_of(row)
    if (caption, keywords) != (was.caption, was.keywords):
        tx.execute(
            SET_WORDS,
            of_photo=photo_id,
            new_captions=json.dumps(captions) if captions else None,
            new_keywords=json.dumps(keywords) if keywords else None,
        )
