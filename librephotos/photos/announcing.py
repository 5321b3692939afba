"""Photos whose files are there and are yet to be read: an upload announces them, so that their owner may ask for them.

They have no looks and are in no list. Every caller ends its transaction with `photos_changed` of `changes.py`.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete

from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar
from librephotos.db.tables import photo
from librephotos.db.transactions import Tx
from librephotos.kit import ids
from librephotos.photos.storing import NO_LOOKS, create_photo
from librephotos.photos.tombstones import record_deletions, withdraw_deletions

_TAKE_BACK = Statement(
    delete(photo)
    .where(photo.c.id == bindparam("photo_id"), photo.c.aspect_ratio.is_(None))
    .returning(photo.c.owner_id, photo.c.uuid),
    as_row,
)
_FORGET = Statement(
    delete(photo)
    .where(
        photo.c.owner_id == bindparam("owner"),
        is_in(photo.c.image_hash, "image_hashes"),
        photo.c.aspect_ratio.is_(None),
    )
    .returning(photo.c.uuid),
    scalar,
)


def announce_photo(
    tx: Tx, owner_id: int, image_hash: str, main_file_id: int, *, is_video: bool, size_bytes: int
) -> int:
    """Insert a photo of which nothing is known but its content."""
    known = {"is_video": is_video, "size_bytes": size_bytes, "video_length": "", "dominant_color": ""}
    return create_photo(
        tx,
        owner_id,
        image_hash,
        main_file_id,
        uuid=ids.new_uuid(),
        **{**NO_LOOKS, **known, "is_hdr": False, "is_screenshot": False, "rating": 0},
    )


def take_back_announced(tx: Tx, photo_id: int) -> str:
    """Delete a photo that was announced and return its UUID, which what it becomes is to have."""
    owner_id, uuid = tx.one(_TAKE_BACK, photo_id=photo_id)
    record_deletions(tx, owner_id, "photo", [uuid])
    return str(uuid)


def keep_announced(tx: Tx, owner_id: int, uuid: str) -> None:
    """The photo that was made of an announced one has its UUID."""
    withdraw_deletions(tx, owner_id, "photo", [uuid])


def forget_announced(tx: Tx, owner_id: int, image_hashes: Sequence[str]) -> None:
    """Take back photos that were announced and cannot be read; nobody but their owner could know of them."""
    forgotten = tx.all(_FORGET, owner=owner_id, image_hashes=id_list(image_hashes))
    record_deletions(tx, owner_id, "photo", forgotten)
