"""What was found out about single files: their rows after reading, their copies, what lies beside them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, delete, func, literal, literal_column, or_, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.compare import Pending
from librephotos.library.file_kinds import IMAGE, RAW, SIDECAR, VIDEO
from librephotos.library.grouping import Member, have_one_stem, stem_key
from librephotos.media.errors import VIDEOS_OFF
from librephotos.photos.main_files import CHOICE_ORDER

INSIDE: Final = "This is the film that a motion photo has inside; it plays there."

# Spelled as in the partial index, so that what is pending is found without reading every file's row.
IS_PENDING: Final[Any] = literal_column("file.pending > 0")
IS_GONE: Final[Any] = and_(IS_PENDING, file.c.pending == int(Pending.GONE))
# What a scan reads now.
IS_TO_READ: Final[Any] = and_(
    IS_PENDING,
    file.c.pending != int(Pending.GONE),
    file.c.pending != int(Pending.UNSETTLED),
    file.c.pending != int(Pending.UPLOADED),
)
IS_UPLOADED: Final[Any] = and_(IS_PENDING, file.c.pending == int(Pending.UPLOADED))
IS_UNSETTLED: Final[Any] = and_(IS_PENDING, file.c.pending == int(Pending.UNSETTLED))


class Other(msgspec.Struct, frozen=True):
    """Another file of a photo."""

    file_id: int
    path: bytes
    content_hash: str


class Part(msgspec.Struct, frozen=True):
    """A file of a photo, and whether it can be shown by itself."""

    file_id: int
    kind: int
    content_hash: str
    has_looks: bool


_READ_COLUMNS: Final = (
    *("photo_id", "hash", "blake2b", "kind", "mime", "size_bytes", "mtime_ns", "inode", "device"),
    *("state", "reason", "content_id", "video_seconds"),
)
_LOOKS_COLUMNS: Final = ("aspect_ratio", "perceptual_hash")
_SET_READ = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        {
            **{name: bindparam(f"new_{name}") for name in _READ_COLUMNS},
            # A reading of metadata alone leaves what the picture looks like.
            **{name: func.coalesce(bindparam(f"new_{name}"), file.c[name]) for name in _LOOKS_COLUMNS},
            "pending": int(Pending.NOTHING),
            "is_missing": False,
            "checked_at": bindparam("now"),
        }
    )
)
_SET_UNREAD = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        mtime_ns=bindparam("new_mtime_ns"),
        pending=int(Pending.NOTHING),
        is_missing=False,
        checked_at=bindparam("now"),
    )
)
_SET_PENDING = statement(
    update(file).where(is_in(file.c.id, "file_ids"), file.c.pending == 0).values(pending=bindparam("wanted"))
)
_ASK_AGAIN = statement(
    update(file).where(file.c.id == bindparam("file_id")).values(pending=bindparam("wanted"))
)
_ASK_LAST = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(pending=int(Pending.REPLACED), blake2b=bindparam("new_blake2b"))
)
_IS_AWAITED = Statement(
    select(
        select(literal(1))
        .select_from(file)
        .where(
            file.c.owner_id == bindparam("owner"),
            IS_PENDING,
            file.c.pending == int(Pending.REPLACED),
            file.c.photo_id.is_not(None),
            file.c.blake2b == bindparam("blake2b"),
        )
        .exists()
    ),
    bool,
)
_ASK_FOR_PICTURES = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.state == "skipped",
        or_(file.c.kind == IMAGE, file.c.kind == RAW),
        file.c.pending == 0,
        file.c.is_missing.is_(False),
    )
    .values(pending=int(Pending.NEW))
)
_ASK_FOR_VIDEOS = statement(
    update(file)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.state == "skipped",
        file.c.reason == VIDEOS_OFF,
        file.c.pending == 0,
        file.c.is_missing.is_(False),
    )
    .values(pending=int(Pending.CHANGED))
)
# Where a photo still is, as far as is known: a path that was not found or shows something else is none of its places.
_IS_THERE = (
    file.c.is_missing.is_(False),
    file.c.pending != int(Pending.GONE),
    file.c.pending != int(Pending.REPLACED),
)
# Best is what a person chose; or else an image before a film before a RAW file, then by path.
_OTHERS = Statement(
    select(file.c.id, file.c.path_bytes, file.c.hash)
    .join(photo, photo.c.id == file.c.photo_id)
    .where(
        file.c.photo_id == bindparam("photo_id"),
        file.c.id != bindparam("file_id"),
        file.c.kind != SIDECAR,  # alone it is no photo
        *_IS_THERE,
    )
    .order_by(CHOICE_ORDER, file.c.kind, file.c.path_bytes),
    lambda file_id, path, content_hash: Other(file_id, bytes(path), content_hash),
)
_PATH = Statement(select(file.c.path_bytes).where(file.c.id == bindparam("file_id")), bytes)
_HASH = Statement(select(file.c.hash).where(file.c.id == bindparam("file_id")), scalar)
_THERE = Statement(
    select(file.c.id).where(
        file.c.id == bindparam("file_id"), file.c.photo_id == bindparam("photo_id"), *_IS_THERE
    ),
    scalar,
)
_DROP_MISSING = statement(
    delete(file).where(
        file.c.photo_id == bindparam("photo_id"), file.c.is_missing.is_(True), file.c.pending == 0
    )
)
_MEDIA_BESIDE = Statement(
    select(file.c.id, file.c.path_bytes, file.c.photo_id).where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes >= bindparam("low"),
        file.c.path_bytes < bindparam("high"),
        file.c.state == "photo",
        file.c.kind != SIDECAR,
    ),
    lambda file_id, path, photo_id: (file_id, bytes(path), photo_id),
)
_SIDECARS = Statement(
    select(file.c.id, file.c.path_bytes).where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes >= bindparam("low"),
        file.c.path_bytes < bindparam("high"),
        file.c.kind == SIDECAR,
    ),
    lambda file_id, path: (file_id, bytes(path)),
)
_ATTACH = statement(
    update(file)
    .where(is_in(file.c.id, "file_ids"))
    .values(photo_id=bindparam("to_photo"), state="photo", reason="")
)
_OF_STEM = Statement(
    select(
        file.c.id,
        file.c.path_bytes,
        file.c.kind,
        file.c.photo_id,
        file.c.content_id,
        file.c.video_seconds,
        file.c.aspect_ratio,
        file.c.perceptual_hash,
    )
    .select_from(file.outerjoin(photo, photo.c.id == file.c.photo_id))
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.stem_key == bindparam("stem_key"),
        file.c.hash != "",
        # A picture that cannot be read is none; RAW files and films belong to theirs whether or not they can be.
        or_(
            file.c.kind == VIDEO,
            file.c.kind == RAW,
            and_(file.c.kind == IMAGE, file.c.state == "photo"),
        ),
        # What was thrown away or removed is left alone, and so is a film that another photo has inside.
        file.c.reason != INSIDE,
        or_(file.c.photo_id.is_(None), and_(photo.c.is_trashed.is_(False), photo.c.is_removed.is_(False))),
        *_IS_THERE,
    ),
    lambda file_id, path, *rest: Member(file_id, bytes(path), *rest),
)
_SIDECARS_OF = Statement(
    select(file.c.photo_id, file.c.path_bytes)
    .where(is_in(file.c.photo_id, "photo_ids"), file.c.kind == SIDECAR, *_IS_THERE)
    .order_by(file.c.path_bytes),
    lambda photo_id, path: (photo_id, bytes(path)),
)
_PARTS = Statement(
    select(file.c.id, file.c.kind, file.c.hash, file.c.perceptual_hash.is_not(None)).where(
        file.c.photo_id == bindparam("photo_id"), file.c.kind != SIDECAR, *_IS_THERE
    ),
    lambda file_id, kind, content_hash, has_looks: Part(file_id, kind, content_hash, bool(has_looks)),
)
_IS_HIDDEN = Statement(select(photo.c.is_hidden).where(photo.c.id == bindparam("photo_id")), bool)
_DETACH = statement(
    update(file)
    .where(is_in(file.c.id, "file_ids"))
    .values(photo_id=None, state="found", pending=int(Pending.CHANGED))
)
_OF_CONTENT = Statement(
    select(file.c.id, file.c.photo_id).where(
        file.c.owner_id == bindparam("owner"), file.c.hash == bindparam("content_hash")
    ),
    lambda *row: row,
)
_SET_INSIDE = statement(
    update(file).where(is_in(file.c.id, "file_ids")).values(photo_id=None, state="skipped", reason=INSIDE)
)
_ATTACH_HALVES = statement(
    update(file).where(is_in(file.c.id, "file_ids")).values(photo_id=bindparam("to_photo"), state="photo")
)


def list_of_stem(tx: Tx, owner_id: int, path: bytes) -> list[Member]:
    """Return the media files read so far that lie in the same folder and differ in their extension alone."""
    found = tx.all(_OF_STEM, owner=owner_id, stem_key=stem_key(path))
    return [each for each in found if have_one_stem(each.path, path)]


def list_sidecars_of(tx: Tx, photo_ids: Sequence[int]) -> dict[int, list[bytes]]:
    """Return the known sidecars of photos, of all their files, in the order of their paths."""
    found: dict[int, list[bytes]] = {}
    for photo_id, path in tx.all(_SIDECARS_OF, photo_ids=id_list(photo_ids)):
        found.setdefault(photo_id, []).append(path)
    return found


def list_parts(tx: Tx, photo_id: int) -> list[Part]:
    """Return a photo's media files that are there, as far as parting them asks."""
    return tx.all(_PARTS, photo_id=photo_id)


def is_hidden(tx: Tx, photo_id: int) -> bool:
    return tx.one(_IS_HIDDEN, photo_id=photo_id)


def detach(tx: Tx, file_ids: Sequence[int]) -> None:
    """Take files from their photo and have them read as if they were new."""
    tx.execute(_DETACH, file_ids=id_list(file_ids))


def list_of_content(tx: Tx, owner_id: int, content_hash: str) -> list[tuple[int, int | None]]:
    """Return (file id, photo id) of all files with this content."""
    return tx.all(_OF_CONTENT, owner=owner_id, content_hash=content_hash)


def set_inside(tx: Tx, file_ids: Sequence[int]) -> None:
    """Set files aside whose content is the film inside a motion photo."""
    if file_ids:
        tx.execute(_SET_INSIDE, file_ids=id_list(file_ids))


def attach_halves(tx: Tx, file_ids: Sequence[int], photo_id: int) -> None:
    """Give a photo files that were read but became no photo by themselves; why they did not stays told."""
    if file_ids:
        tx.execute(_ATTACH_HALVES, file_ids=id_list(file_ids), to_photo=photo_id)


def set_read(tx: Tx, file_id: int, **values: Any) -> None:
    """Store what a file turned out to be; `values` are all of _READ_COLUMNS and _LOOKS_COLUMNS."""
    tx.execute(
        _SET_READ,
        file_id=file_id,
        now=clock.now(),
        **{f"new_{name}": value for name, value in values.items()},
    )


def set_unread(tx: Tx, file_id: int, state: str, reason: str, mtime_ns: int) -> None:
    """Store why a file was not read. With a time of 0 the next scan tries again."""
    tx.execute(
        _SET_UNREAD,
        file_id=file_id,
        new_state=state,
        new_reason=reason,
        new_mtime_ns=mtime_ns,
        now=clock.now(),
    )


def want_metadata(tx: Tx, file_ids: Sequence[int]) -> None:
    """Have the metadata of these files read again, unless more than that is pending for them."""
    if file_ids:
        tx.execute(_SET_PENDING, file_ids=id_list(file_ids), wanted=int(Pending.METADATA))


def want_again(tx: Tx, file_id: int) -> None:
    """Have a file read again as if it had changed."""
    tx.execute(_ASK_AGAIN, file_id=file_id, wanted=int(Pending.CHANGED))


def want_last(tx: Tx, file_id: int, blake2b: str) -> None:
    """Have a file that shows another picture, or a copy of that, read again when all others are read."""
    tx.execute(_ASK_LAST, file_id=file_id, new_blake2b=blake2b)


def is_awaited(tx: Tx, owner_id: int, blake2b: str) -> bool:
    """Tell whether a photo's file with this content waits until all others are read."""
    return tx.one(_IS_AWAITED, owner=owner_id, blake2b=blake2b)


def want_skipped_pictures(tx: Tx, owner_id: int) -> None:
    """Have the pictures read that an earlier version passed over: it did not read all the kinds that this one does."""
    tx.execute(_ASK_FOR_PICTURES, owner=owner_id)


def want_skipped_videos(tx: Tx, owner_id: int) -> None:
    """Have the videos read that were passed over while videos were switched off."""
    tx.execute(_ASK_FOR_VIDEOS, owner=owner_id)


def list_others(tx: Tx, photo_id: int, file_id: int) -> list[Other]:
    """Return the photo's files besides one that are there, the best first."""
    return tx.all(_OTHERS, photo_id=photo_id, file_id=file_id)


def find_best(tx: Tx, photo_id: int) -> Other | None:
    """Return the best of the photo's files that are there."""
    return next(iter(list_others(tx, photo_id, 0)), None)


def get_path(tx: Tx, file_id: int) -> bytes | None:
    return tx.first(_PATH, file_id=file_id)


def get_hash(tx: Tx, file_id: int) -> str:
    """Return the hash of a file's content, empty for one that is not known any more."""
    return tx.first(_HASH, file_id=file_id) or ""


def is_there(tx: Tx, photo_id: int, file_id: int) -> bool:
    """Tell whether a file is there and is one of the photo's."""
    return tx.first(_THERE, file_id=file_id, photo_id=photo_id) is not None


def drop_missing(tx: Tx, photo_id: int) -> None:
    """Forget the paths at which a photo was missing, now that it is there."""
    tx.execute(_DROP_MISSING, photo_id=photo_id)


def list_media_beside(tx: Tx, owner_id: int, sidecar: bytes) -> list[tuple[int, bytes, int]]:
    """Return (file id, path, photo id) of photos' files whose paths begin as the sidecar's does."""
    stem = sidecar[: -len(b".xmp")]
    return tx.all(_MEDIA_BESIDE, owner=owner_id, low=stem, high=stem + b"\xff")


def list_sidecars_beside(tx: Tx, owner_id: int, stem: bytes) -> list[tuple[int, bytes]]:
    """Return (file id, path) of known sidecars whose paths begin so."""
    return tx.all(_SIDECARS, owner=owner_id, low=stem, high=stem + b"\xff")


def attach_files(tx: Tx, file_ids: Sequence[int], photo_id: int) -> None:
    if file_ids:
        tx.execute(_ATTACH, file_ids=id_list(file_ids), to_photo=photo_id)
