"""Paths that were not met again: how many they are, and what becomes of them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, case, delete, exists, func, literal, select, update

from librephotos.db.statements import Statement, id_list, is_in, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.library.compare import Pending
from librephotos.library.file_kinds import SIDECAR
from librephotos.library.queries.files import (
    IS_GONE,
    list_media_beside,
    list_others,
    want_again,
    want_metadata,
)
from librephotos.library.sidecars import sidecar_names
from librephotos.photos.main_files import MAIN_FILE

_DELETE_FILES = statement(delete(file).where(is_in(file.c.id, "file_ids")))


class Losses(msgspec.Struct, frozen=True):
    """How many of an owner's media files were there, and how many of them are gone for good if we believe the walk."""

    known: int
    gone: int


_same = file.alias("same")
# A vanished path whose content lies under another path as well is no loss.
_ELSEWHERE_TOO = (
    exists(literal(1))
    .where(
        _same.c.owner_id == file.c.owner_id,
        _same.c.hash == file.c.hash,
        _same.c.hash != "",
        _same.c.pending != int(Pending.GONE),
        _same.c.is_missing.is_(False),
        _same.c.state + "" == "photo",  # not by the index of states: nearly all have this one
    )
    .correlate(file)
)
_LOSSES = Statement(
    select(
        func.count(),
        func.coalesce(
            func.sum(case((and_(file.c.pending == int(Pending.GONE), ~_ELSEWHERE_TOO), 1), else_=0)), 0
        ),
    ).where(file.c.owner_id == bindparam("owner"), file.c.is_missing.is_(False), file.c.state == "photo"),
    lambda known, gone: Losses(int(known), int(gone)),
)
_GONE_DEVICES = Statement(
    select(file.c.device, func.count())
    .where(file.c.owner_id == bindparam("owner"), IS_GONE, file.c.is_missing.is_(False))
    .group_by(file.c.device),
    lambda device, count: (int(device), int(count)),
)
_GONE_PATHS = Statement(
    select(file.c.id, file.c.path_bytes, file.c.device).where(
        file.c.owner_id == bindparam("owner"), IS_GONE, file.c.state == "photo"
    ),
    lambda file_id, path, device: (file_id, bytes(path), int(device)),
)
_FORGIVE_FILES = statement(update(file).where(is_in(file.c.id, "file_ids"), IS_GONE).values(pending=0))
_FORGIVE = statement(update(file).where(file.c.owner_id == bindparam("owner"), IS_GONE).values(pending=0))
_FORGIVE_DEVICE = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        IS_GONE,
        is_in(file.c.device, "devices"),
    )
    .values(pending=0)
)
_GONE = Statement(
    select(file.c.id, file.c.path_bytes, file.c.kind, file.c.photo_id, file.c.hash)
    .where(file.c.owner_id == bindparam("owner"), IS_GONE)
    .order_by(file.c.id)
    .limit(bindparam("size")),
    lambda file_id, path, *rest: (file_id, bytes(path), *rest),
)
_MARK_MISSING = statement(update(file).where(is_in(file.c.id, "file_ids")).values(is_missing=True, pending=0))
_REPLACE_MAIN = statement(
    update(photo)
    .where(photo.c.id == bindparam("photo_id"), photo.c.main_file_id == bindparam("old"))
    .values(MAIN_FILE)
)


def count_losses(tx: Tx, owner_id: int) -> Losses:
    return tx.one(_LOSSES, owner=owner_id)


def count_gone_by_device(tx: Tx, owner_id: int) -> list[tuple[int, int]]:
    """Return (device, how many vanished files were on it)."""
    return tx.all(_GONE_DEVICES, owner=owner_id)


def list_gone_paths(tx: Tx, owner_id: int) -> list[tuple[int, bytes, int]]:
    """Return (file id, path, device) of vanished files that belong to photos."""
    return tx.all(_GONE_PATHS, owner=owner_id)


def forgive_gone(tx: Tx, owner_id: int) -> int:
    """Let all vanished files count as there."""
    return tx.execute(_FORGIVE, owner=owner_id)


def forgive_devices(tx: Tx, owner_id: int, devices: Sequence[int]) -> int:
    """Let the vanished files of disks that are away count as there."""
    return tx.execute(_FORGIVE_DEVICE, owner=owner_id, devices=id_list(devices)) if devices else 0


def forgive_files(tx: Tx, file_ids: Sequence[int]) -> int:
    return tx.execute(_FORGIVE_FILES, file_ids=id_list(file_ids)) if file_ids else 0


def settle_gone(tx: Tx, owner_id: int, size: int) -> list[int] | None:
    """Settle up to `size` vanished paths; return the photos concerned, None when nothing was left to do.

    A path of a photo that has another file is dropped; the last path of a photo stays, marked as missing. Paths that
    never became a photo are forgotten. A file that its photo shows from now on is read again, and so is what a
    vanished sidecar spoke of.
    """
    rows = tx.all(_GONE, owner=owner_id, size=size)
    if not rows:
        return None
    dropped: list[int] = []
    missing: list[int] = []
    photos: set[int] = set()
    for file_id, path, kind, photo_id, content_hash in rows:
        if kind == SIDECAR:
            dropped.append(file_id)
            _read_beside_again(tx, owner_id, path)
            continue
        if photo_id is None:
            dropped.append(file_id)
            continue
        photos.add(photo_id)
        others = list_others(tx, photo_id, file_id)
        if not others:
            missing.append(file_id)
            continue
        dropped.append(file_id)
        heir = others[0]
        values = {"new_file_id": heir.file_id, "new_hash": heir.content_hash}
        if (
            tx.execute(_REPLACE_MAIN, photo_id=photo_id, old=file_id, **values)
            and heir.content_hash != content_hash
        ):
            want_again(tx, heir.file_id)
    tx.execute(_DELETE_FILES, file_ids=id_list(dropped))
    tx.execute(_MARK_MISSING, file_ids=id_list(missing))
    return sorted(photos)


def _read_beside_again(tx: Tx, owner_id: int, sidecar: bytes) -> None:
    beside = list_media_beside(tx, owner_id, sidecar)
    want_metadata(tx, [file_id for file_id, path, _ in beside if sidecar in sidecar_names(path)])
