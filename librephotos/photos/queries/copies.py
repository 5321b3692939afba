"""One of several identical files of a photo: claimed for deletion, and then forgotten or given back.

A claimed copy counts as missing, so that two requests can't each delete the copy that the other relies on; whoever dies
before the end leaves what the next scan puts right, whether the file is there or not.
"""

from typing import Final

import msgspec
from sqlalchemy import and_, bindparam, delete, select, update

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.photos.changes import photos_changed
from librephotos.photos.keys import PhotoKey
from librephotos.photos.originals import Known
from librephotos.photos.queries.deletion import ELSEWHERE
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.storing import refresh_search_text, refresh_variants
from librephotos.photos.visibility import IS_KEPT, IS_OWN


class Copy(msgspec.Struct, frozen=True):
    """A file of a photo. `is_shared`: another account has a photo of the same path, so that it stays."""

    photo_id: int
    file_id: int
    path: str
    hash: str
    is_main: bool
    is_shared: bool
    known: Known


class Claim(msgspec.Struct, frozen=True):
    """The copy to delete, and one of the same content that stays."""

    copy: Copy
    twin: Copy


def _copy(*row: object) -> Copy:
    *named, path, size_bytes, mtime_ns, device, is_missing = row
    photo_id, file_id, text, content, is_main, is_shared = named
    known = Known(bytes(path), size_bytes, mtime_ns, device, bool(is_missing))  # type: ignore[call-overload, arg-type]
    return Copy(photo_id, file_id, text, content, bool(is_main), bool(is_shared), known)  # type: ignore[arg-type]


def _files(is_uuid: bool) -> Statement[Copy]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    return Statement(
        select(
            photo.c.id,
            file.c.id,
            file.c.path,
            file.c.hash,
            and_(photo.c.main_file_id.is_not(None), photo.c.main_file_id == file.c.id),
            ELSEWHERE,
            file.c.path_bytes,
            file.c.size_bytes,
            file.c.mtime_ns,
            file.c.device,
            file.c.is_missing,
        )
        .select_from(photo.join(file, file.c.photo_id == photo.c.id))
        .where(key == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id, file.c.id),
        _copy,
    )


_FILES: Final = {is_uuid: _files(is_uuid) for is_uuid in (True, False)}
_SET_MISSING = statement(
    update(file).where(file.c.id == bindparam("file_id")).values(is_missing=bindparam("missing"))
)
_SET_MAIN = statement(
    update(photo).where(photo.c.id == bindparam("of_photo")).values(main_file_id=bindparam("file_id"))
)
_FORGET = statement(delete(file).where(file.c.id == bindparam("file_id")))


def claim_copy(tx: Tx, viewer: Viewer, key: PhotoKey | None, path: str) -> Claim:
    """Raises empty refusals: 404 for a photo that is not the viewer's, 400 for a path that is no copy to spare."""
    lock_photos(tx, viewer.user_id)
    files = tx.all(_FILES[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key is not None else []
    if not files:
        raise Refusal(404)
    copy = next((each for each in files if each.path == path), None)
    if copy is None or copy.is_shared or copy.known.is_missing:
        raise Refusal(400)
    for each in files:
        is_twin = each.file_id != copy.file_id and each.photo_id == copy.photo_id and each.hash == copy.hash
        if is_twin and not each.known.is_missing:
            tx.execute(_SET_MISSING, file_id=copy.file_id, missing=True)
            return Claim(copy, each)
    raise Refusal(400)


def release_copy(tx: Tx, claim: Claim) -> None:
    """Give a claimed file back that could not be deleted."""
    tx.execute(_SET_MISSING, file_id=claim.copy.file_id, missing=False)


def forget_copy(tx: Tx, owner_id: int, claim: Claim, origin: Origin) -> None:
    """Forget a claimed file that is deleted; its twin takes its place."""
    lock_photos(tx, owner_id)
    copy = claim.copy
    if copy.is_main:
        tx.execute(_SET_MAIN, of_photo=copy.photo_id, file_id=claim.twin.file_id)
    tx.execute(_FORGET, file_id=copy.file_id)
    refresh_variants(tx, [copy.photo_id])
    refresh_search_text(tx, [copy.photo_id])
    photos_changed(tx, owner_id, [copy.photo_id])
    detail = {"files": 1}
    event = Event(
        kind="photos_deleted", origin=origin, subject_id=owner_id, target="a copy of a file", detail=detail
    )
    record(tx, event)
