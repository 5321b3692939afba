"""Making, filling, emptying and dissolving stacks. Photos are never touched but in what grids show of them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import photo_stack, stack_photo
from librephotos.db.transactions import Tx
from librephotos.kit import clock, ids
from librephotos.photos.changes import photos_changed
from librephotos.photos.queries.selections import list_selected, lock_photos
from librephotos.photos.selection import Named, keys_of
from librephotos.photos.visibility import VIEWER_ID
from librephotos.stacks.kinds import MANUAL
from librephotos.stacks.queries.settling import LEAST
from librephotos.stacks.queries.stacks import StackRow, require_stack
from librephotos.stacks.refusals import mistake
from librephotos.stacks.schemas import (
    Added,
    Dissolved,
    Merged,
    NothingToMerge,
    Removed,
    Stacked,
    Unlinked,
)

TOO_FEW = "At least 2 unique photos required to create a stack"
SOME_UNKNOWN = "Some photos not found"
NOT_IN_STACK = "Photo not found in this stack"
NO_STACKS = "No manual stacks found containing selected photos"

_INSERT = Statement(
    insert(photo_stack)
    .values({name: bindparam(name) for name in ("uuid", "owner_id", "kind", "created_at", "changed_at")})
    .returning(photo_stack.c.id),
    scalar,
)
_PUT = statement(upsert(stack_photo, key=["stack_id", "photo_id"], update=[]))
_TAKE = statement(
    delete(stack_photo).where(
        stack_photo.c.stack_id == bindparam("row_id"), is_in(stack_photo.c.photo_id, "photo_ids")
    )
)
_MEMBERS = Statement(
    select(stack_photo.c.photo_id)
    .where(is_in(stack_photo.c.stack_id, "stack_ids"))
    .distinct()
    .order_by(stack_photo.c.photo_id),
    scalar,
)
_CHOOSE = statement(
    update(photo_stack)
    .where(photo_stack.c.id == bindparam("row_id"))
    .values(primary_photo_id=bindparam("new_primary"), changed_at=bindparam("now"))
)
_DELETE = statement(delete(photo_stack).where(is_in(photo_stack.c.id, "stack_ids")))
_MANUAL_OF: Statement[Row] = Statement(
    select(photo_stack.c.id, photo_stack.c.uuid)
    .select_from(photo_stack.join(stack_photo, stack_photo.c.stack_id == photo_stack.c.id))
    .where(
        photo_stack.c.owner_id == VIEWER_ID,
        photo_stack.c.kind == MANUAL,
        is_in(stack_photo.c.photo_id, "photo_ids"),
    )
    .distinct()
    .order_by(photo_stack.c.id),
    as_row,
)
_UUID = Statement(select(photo_stack.c.uuid).where(photo_stack.c.id == bindparam("row_id")), scalar)
_COUNT = Statement(select(photo_stack.c.live_count).where(photo_stack.c.id == bindparam("row_id")), scalar)


def insert_stack(tx: Tx, owner_id: int, kind: str, photo_ids: Iterable[int]) -> int:
    """Make a stack, which `photos_changed` of its photos is to settle."""
    now = clock.now()
    stack_id: int = tx.one(
        _INSERT, uuid=ids.new_uuid(), owner_id=owner_id, kind=kind, created_at=now, changed_at=now
    )
    tx.execute_many(_PUT, [{"stack_id": stack_id, "photo_id": photo_id} for photo_id in photo_ids])
    return stack_id


def members_of(tx: Tx, stack_ids: Iterable[int]) -> list[int]:
    return tx.all(_MEMBERS, stack_ids=id_list(stack_ids))


def delete_stacks(tx: Tx, stack_ids: Iterable[int]) -> None:
    tx.execute(_DELETE, stack_ids=id_list(stack_ids))


def dissolve(tx: Tx, viewer: Viewer, uuid: str | None) -> Unlinked:
    lock_photos(tx, viewer.user_id)
    stack = require_stack(tx, viewer, uuid)
    photos = members_of(tx, [stack.stack_id])
    delete_stacks(tx, [stack.stack_id])
    photos_changed(tx, viewer.user_id, photos)
    return Unlinked(len(photos))


def choose_primary(tx: Tx, viewer: Viewer, uuid: str | None, text: str) -> None:
    """Raises Refusal for a photo that is not in the stack."""
    lock_photos(tx, viewer.user_id)
    stack = require_stack(tx, viewer, uuid)
    members = set(members_of(tx, [stack.stack_id]))
    chosen = [photo_id for photo_id in _selected(tx, viewer, [text]) if photo_id in members]
    if not chosen:
        raise mistake(NOT_IN_STACK)
    tx.execute(_CHOOSE, row_id=stack.stack_id, new_primary=chosen[0], now=clock.now())
    photos_changed(tx, viewer.user_id, sorted(members))


def add_photos(tx: Tx, viewer: Viewer, uuid: str | None, texts: Sequence[str]) -> Added:
    """Unknown photos, other people's and those that are there already are passed over."""
    lock_photos(tx, viewer.user_id)
    stack = require_stack(tx, viewer, uuid)
    members = set(members_of(tx, [stack.stack_id]))
    added = [photo_id for photo_id in _selected(tx, viewer, texts) if photo_id not in members]
    _put(tx, viewer, stack.stack_id, added)
    return Added(len(added), _count(tx, stack))


def remove_photos(tx: Tx, viewer: Viewer, uuid: str | None, texts: Sequence[str]) -> Removed | Dissolved:
    lock_photos(tx, viewer.user_id)
    stack = require_stack(tx, viewer, uuid)
    members = members_of(tx, [stack.stack_id])
    removed = [photo_id for photo_id in _selected(tx, viewer, texts) if photo_id in set(members)]
    if removed:
        tx.execute(_TAKE, row_id=stack.stack_id, photo_ids=id_list(removed))
        photos_changed(tx, viewer.user_id, members)
    count = _count(tx, stack)
    if count >= LEAST:
        return Removed(len(removed), count)
    delete_stacks(tx, [stack.stack_id])
    photos_changed(tx, viewer.user_id, members)
    return Dissolved(len(removed))


def stack_photos(tx: Tx, viewer: Viewer, texts: Sequence[str]) -> Stacked:
    """Make a manual stack; photos join the one that some of them are in. Raises Refusal when one is unknown."""
    lock_photos(tx, viewer.user_id)
    if len(set(texts)) < LEAST:
        raise mistake(TOO_FEW)
    photo_ids = _all_selected(tx, viewer, texts)
    if len(photo_ids) < LEAST:
        raise mistake(TOO_FEW)
    known = tx.all(_MANUAL_OF, viewer_id=viewer.user_id, photo_ids=id_list(photo_ids))
    if known:
        stack_id, uuid = known[0]
        members = set(members_of(tx, [stack_id]))
        _put(tx, viewer, stack_id, [photo_id for photo_id in photo_ids if photo_id not in members])
    else:
        stack_id = insert_stack(tx, viewer.user_id, MANUAL, photo_ids)
        photos_changed(tx, viewer.user_id, photo_ids)
        uuid = tx.one(_UUID, row_id=stack_id)
    return Stacked(uuid, len(photo_ids))


def merge_stacks(tx: Tx, viewer: Viewer, texts: Sequence[str]) -> Merged | NothingToMerge:
    """Unite the manual stacks of these photos in the oldest. Raises Refusal when a photo is unknown, or in none."""
    lock_photos(tx, viewer.user_id)
    photo_ids = _all_selected(tx, viewer, texts)
    found = tx.all(_MANUAL_OF, viewer_id=viewer.user_id, photo_ids=id_list(photo_ids))
    if not found:
        raise mistake(NO_STACKS)
    (stack_id, uuid), *others = found
    if not others:
        return NothingToMerge(uuid, tx.one(_COUNT, row_id=stack_id))
    gone = [other for other, _ in others]
    members = members_of(tx, [stack_id, *gone])
    delete_stacks(tx, gone)
    _put(tx, viewer, stack_id, members)
    return Merged(uuid, tx.one(_COUNT, row_id=stack_id), len(gone))


def _put(tx: Tx, viewer: Viewer, stack_id: int, photo_ids: Sequence[int]) -> None:
    tx.execute_many(_PUT, [{"stack_id": stack_id, "photo_id": photo_id} for photo_id in photo_ids])
    if photo_ids:
        photos_changed(tx, viewer.user_id, members_of(tx, [stack_id]))


def _count(tx: Tx, stack: StackRow) -> int:
    return tx.first(_COUNT, row_id=stack.stack_id) or 0


def _selected(tx: Tx, viewer: Viewer, texts: Sequence[str]) -> list[int]:
    found = list_selected(tx, viewer, Named(tuple(dict.fromkeys(texts))))
    return [each.photo.photo_id for each in found]


def _all_selected(tx: Tx, viewer: Viewer, texts: Sequence[str]) -> list[int]:
    choices = list_selected(tx, viewer, Named(tuple(dict.fromkeys(texts))))
    names = {name for each in choices for name in (each.photo.uuid, each.photo.image_hash)}
    keys = [keys_of([text]) for text in texts]
    if any(not {*key.uuids, *key.hashes} & names for key in keys):
        raise mistake(SOME_UNKNOWN)
    return [each.photo.photo_id for each in choices]
