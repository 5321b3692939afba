"""The stacks that photos are in, as their details show them; always the owner's own."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in
from librephotos.db.tables import photo, photo_metadata, photo_stack, stack_photo
from librephotos.db.transactions import Tx
from librephotos.photos.kinds import STACK_NAMES
from librephotos.photos.schemas import PhotoStack, StackPhoto
from librephotos.photos.visibility import IS_VISIBLE

LEAST = 2

_own = stack_photo.alias("own")
_STACKED: Statement[Row] = Statement(
    select(
        _own.c.photo_id,
        photo_stack.c.id,
        photo_stack.c.uuid,
        photo_stack.c.kind,
        photo_stack.c.live_count,
        photo_stack.c.shown_photo_id,
        photo.c.id,
        photo.c.uuid,
        photo.c.image_hash,
        photo.c.size_bytes,
        photo_metadata.c.width,
        photo_metadata.c.height,
    )
    .select_from(
        _own.join(photo_stack, photo_stack.c.id == _own.c.stack_id)
        .join(stack_photo, stack_photo.c.stack_id == photo_stack.c.id)
        .join(photo, photo.c.id == stack_photo.c.photo_id)
        .outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
    )
    .where(is_in(_own.c.photo_id, "photo_ids"), photo_stack.c.live_count >= bindparam("least"), IS_VISIBLE)
    .order_by(
        _own.c.photo_id,
        photo_stack.c.created_at.desc(),
        photo_stack.c.id.desc(),
        photo.c.taken_local,
        photo.c.id,
    ),
    as_row,
)


def list_stacks_of(tx: Tx, photo_ids: Sequence[int]) -> dict[int, list[PhotoStack]]:
    """Return the live stacks of each of these photos, the newest first."""
    found: dict[int, dict[int, PhotoStack]] = {}
    for row in tx.all(_STACKED, photo_ids=id_list(photo_ids), least=LEAST):
        photo_id, stack_id, uuid, kind, count, shown, member_id, *member = row
        stacks = found.setdefault(photo_id, {})
        if stack_id not in stacks:
            stacks[stack_id] = PhotoStack(uuid, kind, STACK_NAMES[kind], count, photo_id == shown, [])
        stacks[stack_id].photos.append(_member(member_id == shown, *member))
    return {photo_id: list(stacks.values()) for photo_id, stacks in found.items()}


def _member(
    is_primary: bool, uuid: str, image_hash: str, size_bytes: int, width: int | None, height: int | None
) -> StackPhoto:
    url = f"/media/square_thumbnails_small/{image_hash}"
    return StackPhoto(uuid, image_hash, is_primary, url, size_bytes, width or 0, height or 0)
