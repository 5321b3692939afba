"""Gives the photo that is kept of duplicates what the others had: albums, tags, shares, labelled faces, words, flags.

The others keep theirs, for the day on which they come back from the trash.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Integer, Table, bindparam, cast, func, insert, select, update

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import (
    album,
    album_photo,
    face,
    photo,
    photo_metadata,
    photo_share,
    photo_tag,
)
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.photos.storing import refresh_search_text
from librephotos.stacks.queries.taking_back import (
    SAID,
    SET_FLAGS,
    Cover,
    GivenFace,
    Resolution,
    Said,
    said_of,
    write_words,
)

# Thumbnails that faces are drawn in are no higher than this.
THUMBNAIL_HEIGHT_PX = 1080


def _theirs(table: Table, key: str, owner: Any = None) -> Statement[int]:
    """Return the statement of what the others are in and the kept one is not."""
    mine = select(table.c[key]).where(table.c.photo_id == bindparam("kept"))
    found = select(table.c[key]).where(is_in(table.c.photo_id, "others"), table.c[key].not_in(mine))
    if owner is not None:
        found = found.where(table.c[key].in_(owner))
    return Statement(found.distinct().order_by(table.c[key]), scalar)


# Albums of other people, who put a photo there that they could see, are theirs to change.
_ALBUMS = _theirs(album_photo, "album_id", select(album.c.id).where(album.c.owner_id == bindparam("owner")))
_TAGS = _theirs(photo_tag, "tag_id")
_SHARES = _theirs(photo_share, "user_id")
_INTO_ALBUM = statement(upsert(album_photo, key=["album_id", "photo_id"], update=[]))
_TAG = statement(upsert(photo_tag, key=["tag_id", "photo_id"], update=["source"]))
_SHARE = statement(upsert(photo_share, key=["photo_id", "user_id"], update=[]))
_COVERS: Statement[Row] = Statement(
    select(album.c.id, album.c.cover_photo_id).where(
        is_in(album.c.cover_photo_id, "others"), album.c.owner_id == bindparam("owner")
    ),
    as_row,
)
_SET_COVER = statement(
    update(album).where(album.c.id == bindparam("of_album")).values(cover_photo_id=bindparam("kept"))
)
_ADD_METADATA = statement(upsert(photo_metadata, key=["photo_id"], update=[]))


class _Face(msgspec.Struct, frozen=True):
    """A labelled face, with the size of its photo."""

    person_id: int
    image: str
    top: int
    right: int
    bottom: int
    left: int
    width: int
    height: int


_KNOWN_PERSONS = Statement(
    select(face.c.person_id).where(
        face.c.photo_id == bindparam("kept"), face.c.is_deleted.is_(False), face.c.person_id.is_not(None)
    ),
    scalar,
)
_IMAGES = Statement(select(face.c.image).where(face.c.photo_id == bindparam("kept")), scalar)
_SIZE: Statement[Row] = Statement(
    select(
        photo.c.image_hash,
        func.coalesce(photo_metadata.c.width, 0),
        func.coalesce(photo_metadata.c.height, 0),
    )
    .select_from(photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
    .where(photo.c.id == bindparam("kept")),
    as_row,
)
_FACES = Statement(
    select(
        face.c.person_id,
        face.c.image,
        face.c.location_top,
        face.c.location_right,
        face.c.location_bottom,
        face.c.location_left,
        cast(func.coalesce(photo_metadata.c.width, 0), Integer()),
        cast(func.coalesce(photo_metadata.c.height, 0), Integer()),
    )
    .select_from(face.outerjoin(photo_metadata, photo_metadata.c.photo_id == face.c.photo_id))
    .where(is_in(face.c.photo_id, "others"), face.c.is_deleted.is_(False), face.c.person_id.is_not(None))
    .order_by(face.c.photo_id, face.c.id),
    _Face,
)
_BOX = ("location_top", "location_right", "location_bottom", "location_left")
_ADD_FACE = Statement(
    insert(face)
    .values({name: bindparam(f"new_{name}") for name in ("photo_id", "person_id", "image", *_BOX)})
    .returning(face.c.id),
    scalar,
)


def merge_into(tx: Tx, owner_id: int, kept_id: int, other_ids: Sequence[int]) -> Resolution:
    """Give the kept photo what the others have and it lacks; return what that was."""
    asked: dict[str, Any] = {"kept": kept_id, "others": id_list(other_ids)}
    albums = tx.all(_ALBUMS, owner=owner_id, **asked)
    tags, shares = tx.all(_TAGS, **asked), tx.all(_SHARES, **asked)
    tx.execute_many(_INTO_ALBUM, [{"album_id": each, "photo_id": kept_id} for each in albums])
    tx.execute_many(_TAG, [{"tag_id": each, "photo_id": kept_id, "source": "user"} for each in tags])
    tx.execute_many(_SHARE, [{"user_id": each, "photo_id": kept_id} for each in shares])
    covers = [Cover(*row) for row in tx.all(_COVERS, others=asked["others"], owner=owner_id)]
    tx.execute_many(_SET_COVER, [{"of_album": each.album_id, "kept": kept_id} for each in covers])
    faces = _give_faces(tx, kept_id, asked["others"])
    before, after = _give_words(tx, kept_id, other_ids)
    refresh_search_text(tx, [kept_id])
    return Resolution(
        kept=kept_id,
        before=before,
        after=after,
        albums=albums,
        tags=tags,
        shares=shares,
        covers=covers,
        faces=faces,
    )


def _give_words(tx: Tx, kept_id: int, other_ids: Sequence[int]) -> tuple[Said, Said]:
    row = tx.one(SAID, of_photo=kept_id)
    before = said_of(row)
    after = merged(before, [said_of(tx.one(SAID, of_photo=each)) for each in other_ids])
    if (after.caption, after.keywords) != (before.caption, before.keywords):
        tx.execute(_ADD_METADATA, photo_id=kept_id)
    tx.execute(SET_FLAGS, of_photo=kept_id, new_rating=after.rating, new_public=after.is_public)
    write_words(tx, kept_id, row, after.caption, after.keywords)
    return before, after


def merged(kept: Said, others: Sequence[Said]) -> Said:
    """The best rating, public if one is, all keywords, and captions that differ below each other, its own first."""
    caption = kept.caption
    for other in others:
        if other.caption and other.caption not in (caption or ""):
            caption = f"{caption}\n{other.caption}" if caption else other.caption
    words = list(dict.fromkeys(word for each in (kept, *others) for word in each.keywords))
    return Said(
        rating=max(each.rating for each in (kept, *others)),
        is_public=any(each.is_public for each in (kept, *others)),
        caption=caption,
        keywords=words,
    )


def _give_faces(tx: Tx, kept_id: int, others: str) -> list[GivenFace]:
    """Give the kept photo a face of every person that people labelled in the others and not in it."""
    known = set(tx.all(_KNOWN_PERSONS, kept=kept_id))
    found = tx.all(_FACES, others=others)
    if not found:
        return []
    image_hash, width, height = tx.one(_SIZE, kept=kept_id)
    number = 1 + max((_image_number(each) for each in tx.all(_IMAGES, kept=kept_id)), default=-1)
    given = []
    for each in found:
        if each.person_id in known:
            continue
        known.add(each.person_id)
        face_id: int = tx.one(
            _ADD_FACE,
            new_photo_id=kept_id,
            new_person_id=each.person_id,
            new_image=f"faces/{image_hash}_{number}.jpg",
            **{f"new_{name}": value for name, value in zip(_BOX, scaled(each, width, height), strict=True)},
        )
        given.append(GivenFace(face_id, each.person_id))
        number += 1
    return given


def scaled(found: _Face, width: int, height: int) -> tuple[int, int, int, int]:
    """Return (top, right, bottom, left) in the thumbnail of a photo of this size, which shows the same picture."""
    box = (found.top, found.right, found.bottom, found.left)
    if not all((found.width, found.height, width, height)):
        return box
    old_height, new_height = (min(THUMBNAIL_HEIGHT_PX, each) for each in (found.height, height))
    across = (new_height * width / height) / (old_height * found.width / found.height)
    down = new_height / old_height
    top, right, bottom, left = box
    return round(top * down), round(right * across), round(bottom * down), round(left * across)


def _image_number(image: str) -> int:
    digits = image.rsplit("_", 1)[-1].split(".", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1


def resolution_text(done: Resolution) -> str:
    return json.dumps(msgspec.to_builtins(done))
