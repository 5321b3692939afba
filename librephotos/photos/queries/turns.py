"""The turn that somebody gives a photo, in its row."""

import msgspec
from sqlalchemy import bindparam, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.stamps import settle
from librephotos.db.statements import Statement, as_row, scalar
from librephotos.db.tables import photo
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.kit import clock
from librephotos.media.orientation import turned
from librephotos.photos.changes import photos_changed
from librephotos.photos.keys import PhotoKey
from librephotos.photos.provenance import set_turn
from librephotos.photos.queries.captions import NOT_FOUND
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.schemas import Turned
from librephotos.photos.visibility import IS_KEPT, IS_OWN

NO_VIDEOS = {"status": False, "message": "rotation is not supported for videos"}


class Turn(msgspec.Struct, frozen=True):
    """Quarter turns clockwise, after mirroring left to right if so."""

    quarters: int
    is_mirrored: bool


_OWN = {
    is_uuid: Statement(
        select(photo.c.id, photo.c.image_hash, photo.c.is_video, photo.c.local_orientation)
        .where((photo.c.uuid if is_uuid else photo.c.image_hash) == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id)
        .limit(1),
        as_row,
    )
    for is_uuid in (True, False)
}
_MODIFIED_AT = Statement(select(photo.c.modified_at).where(photo.c.id == bindparam("photo_id")), scalar)


def turn_photo(tx: Tx, viewer: Viewer, key: PhotoKey | None, turn: Turn) -> Turned:
    """Turn an own photo. Raises refusals of its own shape for unknown photos and for videos."""
    lock_photos(tx, viewer.user_id)
    row = tx.first(_OWN[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key is not None else None
    if row is None:
        raise Refusal(404, NOT_FOUND)
    photo_id, image_hash, is_video, code = row
    if is_video:
        raise Refusal(400, NO_VIDEOS)
    new = turned(code, turn.quarters, is_mirrored=turn.is_mirrored)
    if new != code:
        set_turn(tx, photo_id, new)
        photos_changed(tx, viewer.user_id, [photo_id])
    settle(tx)
    modified_at = tx.one(_MODIFIED_AT, photo_id=photo_id)
    return Turned(True, image_hash, new, clock.to_datetime(modified_at).isoformat())
