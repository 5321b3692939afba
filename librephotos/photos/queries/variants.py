"""The files of a photo of the viewer's: one of them, and which is the main one."""

import msgspec
from sqlalchemy import bindparam, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.photos.changes import photos_changed
from librephotos.photos.keys import PhotoKey
from librephotos.photos.main_files import choose_main_file
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.storing import refresh_search_text
from librephotos.photos.visibility import IS_KEPT, IS_OWN

SIDECAR = 3  # the published number of XMP files


class Variant(msgspec.Struct, frozen=True):
    file_id: int
    hash: str
    path: bytes
    kind: int
    mime: str
    size_bytes: int
    is_missing: bool


_PHOTO = {
    is_uuid: Statement(
        select(photo.c.id)
        .where((photo.c.uuid if is_uuid else photo.c.image_hash) == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id)
        .limit(1),
        scalar,
    )
    for is_uuid in (True, False)
}
# Several paths may hold the same content; one that is there comes first.
_VARIANT = Statement(
    select(
        file.c.id,
        file.c.hash,
        file.c.path_bytes,
        file.c.kind,
        file.c.mime,
        file.c.size_bytes,
        file.c.is_missing,
    )
    .where(file.c.photo_id == bindparam("photo_id"), file.c.hash == bindparam("file_hash"))
    .order_by(file.c.is_missing, file.c.id)
    .limit(1),
    Variant,
)


def _problem(status: int, text: str) -> Refusal:
    return Refusal(status, {"error": text})


def get_own_id(tx: Tx, viewer: Viewer, key: PhotoKey | None) -> int:
    """Raises a 404 of its own shape for a photo that is unknown, removed or not the viewer's."""
    found = (
        tx.first(_PHOTO[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key is not None else None
    )
    if found is None:
        raise _problem(404, "Photo not found")
    photo_id: int = found
    return photo_id


def get_variant(tx: Tx, viewer: Viewer, key: PhotoKey | None, file_hash: str) -> Variant:
    """Raises 404s of their own shape for the photo and for the file."""
    photo_id = get_own_id(tx, viewer, key)
    found = tx.first(_VARIANT, photo_id=photo_id, file_hash=file_hash)
    if found is None:
        raise _problem(404, "File variant not found")
    return found


def set_main_file(tx: Tx, viewer: Viewer, key: PhotoKey | None, file_hash: str) -> str:
    """Make a file of an own photo the main one, for good, and return its hash. Thumbnails stay as they are."""
    lock_photos(tx, viewer.user_id)
    photo_id = get_own_id(tx, viewer, key)
    found = get_variant(tx, viewer, key, file_hash)
    if found.kind == SIDECAR:
        raise _problem(400, "A sidecar cannot be the main file")
    choose_main_file(tx, photo_id, found.file_id, found.hash, found.size_bytes)
    refresh_search_text(tx, [photo_id])
    photos_changed(tx, viewer.user_id, [photo_id])
    return found.hash
