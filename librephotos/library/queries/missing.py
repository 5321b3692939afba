"""Photos whose files are all gone, and removed ones whose time is over."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, exists, func, literal, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.library.queries.gone import Losses

AT_ONCE: Final = 100


class Removed(msgspec.Struct, frozen=True):
    """A photo that was removed a while ago."""

    photo_id: int
    owner_id: int
    image_hash: str
    uuid: str


_HAS_MEDIA = exists(literal(1)).where(
    file.c.photo_id == photo.c.id,
    file.c.is_missing.is_(False),
    file.c.kind != 3,  # a sidecar alone is no photo
)
_MISSING = (
    photo.c.owner_id == bindparam("owner"),
    photo.c.is_removed.is_(False),
    ~_HAS_MEDIA.correlate(photo),
)
_COUNT = Statement(select(func.count()).select_from(photo).where(*_MISSING), scalar)
_COUNT_ALL = Statement(
    select(func.count())
    .select_from(photo)
    .where(photo.c.owner_id == bindparam("owner"), photo.c.is_removed.is_(False)),
    scalar,
)
_LIST = Statement(
    select(photo.c.id).where(*_MISSING, photo.c.id > bindparam("after")).order_by(photo.c.id).limit(AT_ONCE),
    scalar,
)
_PATHS = Statement(
    select(file.c.photo_id, file.c.path_bytes).where(is_in(file.c.photo_id, "photo_ids")),
    lambda photo_id, path: (photo_id, bytes(path)),
)
_REMOVE = statement(update(photo).where(is_in(photo.c.id, "photo_ids")).values(is_removed=True))
_EXPIRED = Statement(
    select(photo.c.id, photo.c.owner_id, photo.c.image_hash, photo.c.uuid)
    .where(photo.c.is_removed.is_(True), photo.c.modified_at < bindparam("before"))
    .order_by(photo.c.id)
    .limit(AT_ONCE),
    Removed,
)
_PURGE_FILES = statement(delete(file).where(is_in(file.c.photo_id, "photo_ids")))
_PURGE = statement(delete(photo).where(is_in(photo.c.id, "photo_ids")))
_USED = Statement(select(photo.c.image_hash).where(is_in(photo.c.image_hash, "names")).distinct(), scalar)


def count_missing(tx: Tx, owner_id: int) -> Losses:
    """Return how many photos an owner has, and how many of them have no file left."""
    return Losses(known=tx.one(_COUNT_ALL, owner=owner_id), gone=tx.one(_COUNT, owner=owner_id))


def list_missing(tx: Tx, owner_id: int, after: int) -> list[int]:
    """Return the next photos without files, in the order of their ids."""
    return tx.all(_LIST, owner=owner_id, after=after)


def list_paths(tx: Tx, photo_ids: Sequence[int]) -> list[tuple[int, bytes]]:
    """Return (photo_id, path) of all files of these photos."""
    return tx.all(_PATHS, photo_ids=id_list(photo_ids))


def remove_photos(tx: Tx, photo_ids: Sequence[int]) -> None:
    tx.execute(_REMOVE, photo_ids=id_list(photo_ids))


def purge_expired(tx: Tx, before: int) -> list[Removed]:
    """Forget up to AT_ONCE photos that were removed before an instant; return them."""
    expired = tx.all(_EXPIRED, before=before)
    photo_ids = id_list([each.photo_id for each in expired])
    tx.execute(_PURGE_FILES, photo_ids=photo_ids)
    tx.execute(_PURGE, photo_ids=photo_ids)
    return expired


def list_unused(tx: Tx, names: Sequence[str]) -> list[str]:
    """Return those of these hashes by which no photo is called any more."""
    used = set(tx.all(_USED, names=id_list(names)))
    return [name for name in names if name not in used]
