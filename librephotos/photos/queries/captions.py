"""The caption that somebody gives a photo."""

from sqlalchemy import bindparam, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, statement, upsert
from librephotos.db.tables import photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.kit import json
from librephotos.photos.changes import photos_changed
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.storing import refresh_search_text
from librephotos.photos.visibility import IS_KEPT, IS_OWN

NOT_FOUND = {"status": False, "message": "photo not found"}
USER_CAPTION = "user_caption"
# Marks of the models that captions once came from.
_MARKS = ("<start>", "<end>")

_OWN = {
    is_uuid: Statement(
        select(photo.c.id, photo.c.aspect_ratio.is_not(None), photo_metadata.c.captions)
        .select_from(photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
        .where((photo.c.uuid if is_uuid else photo.c.image_hash) == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id)
        .limit(1),
        as_row,
    )
    for is_uuid in (True, False)
}
_ADD = statement(upsert(photo_metadata, key=["photo_id"], update=[]))
_SET = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("of_photo"))
    .values(captions=bindparam("new_captions"))
)


def save_caption(tx: Tx, viewer: Viewer, key: PhotoKey | None, caption: str | None) -> bool:
    """Store the caption of an own photo, an empty one to clear it; False while the photo is not ready or without text.

    Raises a refusal of its own shape for a photo that is unknown or not the viewer's.
    """
    lock_photos(tx, viewer.user_id)
    row = tx.first(_OWN[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key is not None else None
    if row is None:
        raise Refusal(404, NOT_FOUND)
    photo_id, is_ready, stored = row
    if not is_ready or caption is None:
        return False
    text = clean_caption(caption)
    # An empty one stays: it tells a later scan that the file's own description is not wanted.
    captions = {**(json.loads(stored) if stored else {}), USER_CAPTION: text}
    tx.execute(_ADD, photo_id=photo_id)
    tx.execute(_SET, of_photo=photo_id, new_captions=json.dumps(captions))
    refresh_search_text(tx, [photo_id])
    photos_changed(tx, viewer.user_id, [photo_id])
    return True


def clean_caption(caption: str) -> str:
    for mark in _MARKS:
        caption = caption.replace(mark, "")
    return caption.strip()
