"""Which photo a content or a picture belongs to: the photos that hold it, held it last, or lie nowhere any more."""

import os
from collections.abc import Callable

from sqlalchemy import bindparam, literal, literal_column, select, update

from librephotos.db.statements import Statement, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.photos.storing import STORED, StoredPhoto

_BY_FILE_HASH = Statement(
    select(*STORED)
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(file.c.owner_id == bindparam("owner"), file.c.hash == bindparam("content_hash"))
    .order_by(photo.c.id)
    .limit(1),
    StoredPhoto,
)
_BY_LAST_HASH = Statement(
    select(*STORED)
    .where(photo.c.content_hash == bindparam("content_hash"), photo.c.owner_id == bindparam("owner"))
    .order_by(photo.c.id)
    .limit(1),
    StoredPhoto,
)
_BY_IMAGE_HASH = Statement(
    select(*STORED)
    .where(photo.c.image_hash == bindparam("content_hash"), photo.c.owner_id == bindparam("owner"))
    .order_by(photo.c.id)
    .limit(1),
    StoredPhoto,
)
# Photos that lie nowhere any more, by how that shows: a path not found or showing something else in this scan, a path
# missing since an earlier one, no path left. The literals are those of the partial indexes, so that they are used.
_VANISHED = (
    select(literal(1))
    .select_from(file)
    .where(
        file.c.owner_id == bindparam("owner"), literal_column("file.pending > 0 AND file.pending IN (3, 6)")
    )
)
_MISSING = (
    select(literal(1))
    .select_from(file)
    .where(file.c.owner_id == bindparam("owner"), literal_column("file.is_missing"))
)
_PATHLESS = (
    select(literal(1))
    .select_from(photo)
    .where(photo.c.owner_id == bindparam("owner"), literal_column("photo.main_file_id IS NULL"))
)
_ANY_HOMELESS = Statement(select(_VANISHED.exists() | _MISSING.exists() | _PATHLESS.exists()), bool)
_HAS_PLACE = (
    select(literal(1))
    .select_from(file)
    .where(
        file.c.photo_id == photo.c.id,
        file.c.is_missing.is_(False),
        literal_column("file.pending NOT IN (3, 6)"),
        file.c.kind != 3,  # a sidecar alone is no photo
    )
    .correlate(photo)
    .exists()
)
_HOMELESS = Statement(
    select(*STORED, photo.c.taken_local, file.c.path_bytes)
    .select_from(photo.outerjoin(file, file.c.photo_id == photo.c.id))
    .where(
        photo.c.owner_id == bindparam("owner"),
        photo.c.perceptual_hash == bindparam("perceptual_hash"),
        photo.c.aspect_ratio == bindparam("aspect_ratio"),
        ~_HAS_PLACE,
    )
    .order_by(photo.c.id, file.c.path_bytes),
    lambda *row: (StoredPhoto(*row[:-2]), row[-2], bytes(row[-1] or b"")),
)


def find_by_content(tx: Tx, owner_id: int, content_hash: str) -> StoredPhoto | None:
    """Return the owner's photo that has a file with this content, or had it when it was made."""
    for by in (_BY_FILE_HASH, _BY_LAST_HASH, _BY_IMAGE_HASH):
        found = tx.first(by, owner=owner_id, content_hash=content_hash)
        if found is not None:
            return found
    return None


def find_by_picture(
    tx: Tx,
    owner_id: int,
    perceptual_hash: str,
    aspect_ratio: float,
    when: Callable[[], str | None],
    path: bytes,
) -> StoredPhoto | None:
    """Return a photo that lies nowhere any more and shows the same picture, under this name or of this moment.

    `when` tells the moment; it is asked only where there are such photos.
    """
    if not tx.one(_ANY_HOMELESS, owner=owner_id):
        return None
    homeless = tx.all(_HOMELESS, owner=owner_id, perceptual_hash=perceptual_hash, aspect_ratio=aspect_ratio)
    if not homeless:
        return None
    taken_local, name = when(), os.path.basename(path)
    likeness = [
        (os.path.basename(lay_at) == name, taken_local is not None and taken_local == taken, stored)
        for stored, taken, lay_at in homeless
    ]
    best = max(likeness, key=lambda each: each[:2], default=(False, False, None))
    return best[2] if best[0] or best[1] else None


_SET_CONTENT = statement(
    update(photo)
    .where(photo.c.id == bindparam("of_photo"))
    .values(content_hash=bindparam("new_hash"), size_bytes=bindparam("new_size"))
)


def set_content(tx: Tx, photo_id: int, content_hash: str, size_bytes: int) -> None:
    """The photo's main file has other bytes, and shows the same picture."""
    tx.execute(_SET_CONTENT, of_photo=photo_id, new_hash=content_hash, new_size=size_bytes)
