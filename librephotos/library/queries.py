"""Files as a scan sees them: known paths, what is pending, what is gone. Photos are stored by `storing.py`."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, case, delete, exists, func, insert, literal, null, select, update

from librephotos.db.database import Database
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file, library_root, photo, site_setting, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.kit import clock, json
from librephotos.library.compare import Difference, Known, Pending
from librephotos.library.walk import shown

KNOWN_AT_ONCE: Final = 5000
MEDIA_KINDS: Final = "1, 2, 4"


class Owner(msgspec.Struct, frozen=True):
    """What a scan needs of the account whose library it is."""

    user_id: int
    scan_directory: str
    datetime_rules: str | None
    default_timezone: str
    skip_raw_files: bool


_OWNER = Statement(
    select(
        user.c.id,
        user.c.scan_directory,
        user.c.datetime_rules,
        user.c.default_timezone,
        user.c.skip_raw_files,
    ).where(user.c.id == bindparam("user_id")),
    Owner,
)
_OTHERS = Statement(
    select(user.c.scan_directory).where(user.c.id != bindparam("user_id"), user.c.scan_directory != ""),
    scalar,
)
_SCAN_DIRECTORY = Statement(select(user.c.scan_directory).where(user.c.id == bindparam("user_id")), scalar)
_SKIP_PATTERNS = Statement(select(site_setting.c.value).where(site_setting.c.name == "skip_patterns"), scalar)


def get_owner(tx: Tx, user_id: int) -> Owner:
    owner = tx.first(_OWNER, user_id=user_id)
    if owner is None:
        raise NotFound.of("User")
    return owner


def get_scan_directory(tx: Tx, user_id: int) -> str:
    return tx.first(_SCAN_DIRECTORY, user_id=user_id) or ""


def list_other_scan_directories(tx: Tx, user_id: int) -> list[str]:
    return tx.all(_OTHERS, user_id=user_id)


def get_skip_patterns(tx: Tx, default: str) -> tuple[bytes, ...]:
    """Return the comma-separated substrings of the site settings, or of the environment, trimmed."""
    stored = tx.first(_SKIP_PATTERNS)
    text = json.loads(stored) if stored else default
    parts = str(text or "").split(",")
    return tuple(part.strip().encode("utf-8", "surrogateescape") for part in parts if part.strip())


# --- the walk

_KNOWN = Statement(
    select(
        file.c.id,
        file.c.path_bytes,
        file.c.size_bytes,
        file.c.mtime_ns,
        file.c.inode,
        file.c.device,
        file.c.pending,
        file.c.state,
        file.c.is_missing,
    )
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes > bindparam("after"),
        file.c.path_bytes < bindparam("before"),
    )
    .order_by(file.c.path_bytes)
    .limit(KNOWN_AT_ONCE),
    lambda *row: Known(row[0], bytes(row[1]), *row[2:]),
    raw=True,
)
_ELSEWHERE = Statement(
    select(file.c.id, file.c.path_bytes).where(
        file.c.owner_id == bindparam("owner"),
        file.c.is_missing.is_(False),
        (file.c.path_bytes < bindparam("low")) | (file.c.path_bytes >= bindparam("high")),
    ),
    lambda file_id, path: (file_id, bytes(path)),
)
_INSERT = statement(
    insert(file).values(
        owner_id=bindparam("owner"),
        path_bytes=bindparam("path_bytes"),
        path=bindparam("path"),
        size_bytes=bindparam("size_bytes"),
        mtime_ns=bindparam("mtime_ns"),
        inode=bindparam("inode"),
        device=bindparam("device"),
        state="found",
        pending=int(Pending.NEW),
        added_at=bindparam("now"),
        checked_at=bindparam("now"),
    )
)
_MARK = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        pending=bindparam("wanted"),
        size_bytes=bindparam("size_bytes"),
        mtime_ns=bindparam("mtime_ns"),
        inode=bindparam("inode"),
        device=bindparam("device"),
        is_missing=False,
        checked_at=bindparam("now"),
    )
)
_MARK_GONE = statement(
    update(file)
    .where(is_in(file.c.id, "file_ids"), file.c.is_missing.is_(False))
    .values(pending=int(Pending.GONE))
)


def below(folder: bytes) -> tuple[bytes, bytes]:
    """Return the bounds of all paths below a folder: `low` <= path < `high`."""
    bare = folder.rstrip(b"/")
    return bare + b"/", bare + b"0"


def known_files(db: Database, owner_id: int, top: bytes) -> Iterator[Known]:
    """Yield the known files below `top` in path order, a page at a time: no transaction stays open between pages."""
    after, before = below(top)
    while True:
        with db.snapshot() as tx:
            page = tx.all(_KNOWN, owner=owner_id, after=after, before=before)
        yield from page
        if len(page) < KNOWN_AT_ONCE:
            return
        after = page[-1].path


def list_elsewhere(tx: Tx, owner_id: int, top: bytes) -> list[tuple[int, bytes]]:
    """Return (id, path) of known files that do not lie below `top`."""
    low, high = below(top)
    return tx.all(_ELSEWHERE, owner=owner_id, low=low, high=high)


def record_differences(tx: Tx, owner_id: int, found: Sequence[Difference]) -> None:
    """Store what a walk found; the work itself is done later, from these rows."""
    now = clock.now()
    fresh: list[dict[str, Any]] = []
    marked: list[dict[str, Any]] = []
    gone: list[int] = []
    for difference in found:
        at, known = difference.found, difference.known
        if at is None:
            if known is not None and not known.is_missing:
                gone.append(known.file_id)
            continue
        facts = {
            "size_bytes": at.size_bytes,
            "mtime_ns": at.mtime_ns,
            "inode": at.inode,
            "device": at.device,
            "now": now,
        }
        if known is None:
            fresh.append({"owner": owner_id, "path_bytes": at.path, "path": shown(at.path), **facts})
        else:
            marked.append({"file_id": known.file_id, "wanted": int(difference.pending), **facts})
    tx.execute_many(_INSERT, fresh)
    tx.execute_many(_MARK, marked)
    mark_gone(tx, gone)


def mark_gone(tx: Tx, file_ids: Sequence[int]) -> None:
    if file_ids:
        tx.execute(_MARK_GONE, file_ids=id_list(file_ids))


# --- moves: the same inode, time and size under a new path

_new = file.alias("fresh")
_MOVES = Statement(
    select(file.c.id, _new.c.id, file.c.photo_id)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.pending == int(Pending.GONE),
        file.c.state == "photo",
        _new.c.owner_id == bindparam("owner"),
        _new.c.pending == int(Pending.NEW),
        _new.c.inode == file.c.inode,
        _new.c.device == file.c.device,
        _new.c.mtime_ns == file.c.mtime_ns,
        _new.c.size_bytes == file.c.size_bytes,
        file.c.inode != 0,
    )
    .limit(200),
    lambda old, new, photo_id: (old, new, photo_id),
)
_PATH_OF = Statement(
    select(file.c.path_bytes, file.c.path, file.c.checked_at).where(file.c.id == bindparam("file_id")),
    lambda *row: row,
)
_DELETE_FILES = statement(delete(file).where(is_in(file.c.id, "file_ids")))
_SET_PATH = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        path_bytes=bindparam("new_bytes"), path=bindparam("new_path"), pending=0, checked_at=bindparam("now")
    )
)


def move_files(tx: Tx, owner_id: int) -> list[int]:
    """Give up to 200 vanished files the new path under which they reappeared; return the photos they belong to."""
    used: set[int] = set()
    photos: list[int] = []
    for old, new, photo_id in tx.all(_MOVES, owner=owner_id):
        if old in used or new in used:
            continue  # Hard links: several new paths of one inode; the others are read and found equal.
        used |= {old, new}
        path_bytes, path, now = tx.one(_PATH_OF, file_id=new)
        tx.execute(_DELETE_FILES, file_ids=id_list([new]))
        tx.execute(_SET_PATH, file_id=old, new_bytes=bytes(path_bytes), new_path=path, now=now)
        if photo_id is not None:
            photos.append(photo_id)
    return photos


# --- what is pending


class PendingFile(msgspec.Struct, frozen=True):
    """A row whose file is to be read."""

    file_id: int
    path: bytes
    size_bytes: int
    mtime_ns: int
    pending: int
    hash: str
    photo_id: int | None


_PENDING = Statement(
    select(
        file.c.id,
        file.c.path_bytes,
        file.c.size_bytes,
        file.c.mtime_ns,
        file.c.pending,
        file.c.hash,
        file.c.photo_id,
    )
    .where(file.c.owner_id == bindparam("owner"), file.c.pending > 0, file.c.pending != int(Pending.GONE))
    .order_by(file.c.id)
    .limit(bindparam("size")),
    lambda *row: PendingFile(row[0], bytes(row[1]), *row[2:]),
)
_COUNT_PENDING = Statement(
    select(func.count())
    .select_from(file)
    .where(file.c.owner_id == bindparam("owner"), file.c.pending > 0, file.c.pending != int(Pending.GONE)),
    scalar,
)


def list_pending(tx: Tx, owner_id: int, size: int) -> list[PendingFile]:
    return tx.all(_PENDING, owner=owner_id, size=size)


def count_pending(tx: Tx, owner_id: int) -> int:
    count: int = tx.one(_COUNT_PENDING, owner=owner_id)
    return count


# --- what is gone


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
        _same.c.state == "photo",
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
    select(file.c.device)
    .where(file.c.owner_id == bindparam("owner"), file.c.pending == int(Pending.GONE))
    .distinct(),
    scalar,
)
_FORGIVE = statement(
    update(file)
    .where(file.c.owner_id == bindparam("owner"), file.c.pending == int(Pending.GONE))
    .values(pending=0)
)
_FORGIVE_DEVICE = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.pending == int(Pending.GONE),
        is_in(file.c.device, "devices"),
    )
    .values(pending=0)
)
_GONE = Statement(
    select(file.c.id, file.c.photo_id)
    .where(file.c.owner_id == bindparam("owner"), file.c.pending == int(Pending.GONE))
    .order_by(file.c.id)
    .limit(bindparam("size")),
    lambda file_id, photo_id: (file_id, photo_id),
)
_HAS_OTHER = Statement(
    select(file.c.id)
    .where(
        file.c.photo_id == bindparam("photo_id"),
        file.c.pending != int(Pending.GONE),
        file.c.is_missing.is_(False),
        file.c.kind != 3,  # a sidecar alone is no photo
    )
    .order_by(file.c.kind, file.c.path_bytes)
    .limit(1),
    scalar,
)
_MARK_MISSING = statement(update(file).where(is_in(file.c.id, "file_ids")).values(is_missing=True, pending=0))
_SET_MAIN = statement(
    update(photo).where(photo.c.id == bindparam("photo_id")).values(main_file_id=bindparam("main_file_id"))
)


def count_losses(tx: Tx, owner_id: int) -> Losses:
    return tx.one(_LOSSES, owner=owner_id)


def list_gone_devices(tx: Tx, owner_id: int) -> list[int]:
    return tx.all(_GONE_DEVICES, owner=owner_id)


def forgive_gone(tx: Tx, owner_id: int, devices: Sequence[int] | None = None) -> int:
    """Let vanished files count as there: all, or those of disks that are away."""
    if devices is None:
        return tx.execute(_FORGIVE, owner=owner_id)
    return tx.execute(_FORGIVE_DEVICE, owner=owner_id, devices=id_list(devices)) if devices else 0


def settle_gone(tx: Tx, owner_id: int, size: int) -> list[int] | None:
    """Settle up to `size` vanished paths; return the photos concerned, None when nothing was left to do.

    A path of a photo that has another file is dropped; the last path of a photo stays, marked as missing. Paths that
    never became a photo are forgotten.
    """
    rows = tx.all(_GONE, owner=owner_id, size=size)
    if not rows:
        return None
    dropped: list[int] = []
    missing: list[int] = []
    photos: set[int] = set()
    for file_id, photo_id in rows:
        if photo_id is None:
            dropped.append(file_id)
            continue
        photos.add(photo_id)
        other = tx.first(_HAS_OTHER, photo_id=photo_id)
        if other is None:
            missing.append(file_id)
        else:
            dropped.append(file_id)
            tx.execute(_SET_MAIN, photo_id=photo_id, main_file_id=other)
    tx.execute(_DELETE_FILES, file_ids=id_list(dropped))
    tx.execute(_MARK_MISSING, file_ids=id_list(missing))
    return sorted(photos)


# --- roots


class Root(msgspec.Struct, frozen=True):
    """The identity of a scan directory when it was last seen whole."""

    root_id: int
    device: int | None
    marker: str | None
    offline_since: int | None


_ROOT = Statement(
    select(
        library_root.c.id, library_root.c.device, library_root.c.marker, library_root.c.offline_since
    ).where(library_root.c.path == bindparam("root_path")),
    Root,
)
_INSERT_ROOT = statement(
    insert(library_root).values(
        path=bindparam("root_path"),
        device=bindparam("device"),
        marker=bindparam("marker"),
        seen_at=bindparam("now"),
        offline_since=null(),
    )
)
_ROOT_SEEN = statement(
    update(library_root)
    .where(library_root.c.path == bindparam("root_path"))
    .values(
        device=bindparam("device"),
        marker=bindparam("marker"),
        seen_at=bindparam("now"),
        offline_since=null(),
        offline_reason="",
    )
)
_ROOT_OFFLINE = statement(
    update(library_root)
    .where(library_root.c.path == bindparam("root_path"))
    .values(
        offline_since=func.coalesce(library_root.c.offline_since, bindparam("now")),
        offline_reason=bindparam("reason"),
    )
)


def find_root(tx: Tx, path: bytes) -> Root | None:
    return tx.first(_ROOT, root_path=shown(path))


def record_root_seen(tx: Tx, path: bytes, device: int, marker: str) -> None:
    values = {"root_path": shown(path), "device": device, "marker": marker, "now": clock.now()}
    if tx.execute(_ROOT_SEEN, **values) == 0:
        tx.execute(_INSERT_ROOT, **values)


def record_root_offline(tx: Tx, path: bytes, reason: str) -> None:
    """Remember since when a root is away; one that was never seen whole has no row and gets one."""
    values = {"root_path": shown(path), "now": clock.now()}
    if tx.execute(_ROOT_OFFLINE, reason=reason, **values) == 0:
        tx.execute(_INSERT_ROOT, device=None, marker=None, **values)
        tx.execute(_ROOT_OFFLINE, reason=reason, **values)
