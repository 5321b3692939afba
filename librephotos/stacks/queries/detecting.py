"""What detection reads of an owner's photos, and what it stores: one transaction a kind of group."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, insert, literal, select

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import (
    detection,
    duplicate_group,
    duplicate_photo,
    file,
    photo,
    photo_metadata,
    photo_stack,
    stack_photo,
    user,
)
from librephotos.db.transactions import Tx
from librephotos.kit import clock, ids
from librephotos.photos.changes import photos_changed
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.visibility import IS_VISIBLE
from librephotos.stacks.bursts import Shot
from librephotos.stacks.components import Reviewed
from librephotos.stacks.kinds import BURST, PENDING
from librephotos.stacks.queries.duplicate_settling import settle_groups
from librephotos.stacks.queries.stack_edits import delete_stacks, insert_stack, members_of

SIDECAR_KIND = 3
_IS_OWN = photo.c.owner_id == bindparam("owner")


class Settings(msgspec.Struct, frozen=True):
    """`rules` is the stored JSON, None for the default ones."""

    rules: str | None
    sensitivity: str
    seen_photo_id: int


class Looks(msgspec.Struct, frozen=True):
    photo_id: int
    perceptual_hash: str


_SETTINGS = Statement(
    select(
        user.c.burst_detection_rules,
        user.c.duplicate_sensitivity,
        func.coalesce(
            select(detection.c.seen_photo_id).where(detection.c.user_id == user.c.id).scalar_subquery(), 0
        ),
    ).where(user.c.id == bindparam("owner")),
    Settings,
)
_SEEN = statement(upsert(detection, key=["user_id"], update=["seen_photo_id"]))
_LAST = Statement(select(func.coalesce(func.max(photo.c.id), 0)).where(_IS_OWN), scalar)
_SHOTS = Statement(
    select(
        photo.c.id,
        func.coalesce(file.c.path, ""),
        photo.c.taken_local,
        photo.c.added_at,
        func.coalesce(photo_metadata.c.camera_make, ""),
        func.coalesce(photo_metadata.c.camera_model, ""),
        photo_metadata.c.tags,
        photo.c.perceptual_hash,
    )
    .select_from(
        photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id).outerjoin(
            file, file.c.id == photo.c.main_file_id
        )
    )
    .where(_IS_OWN, IS_VISIBLE, photo.c.is_video.is_(False)),
    Shot,
)
_LOOKS = Statement(
    select(photo.c.id, photo.c.perceptual_hash)
    .where(_IS_OWN, IS_VISIBLE, photo.c.is_video.is_(False), photo.c.perceptual_hash.is_not(None))
    .order_by(photo.c.id),
    Looks,
)
_DIGESTS: Statement[Row] = Statement(
    select(func.substr(file.c.hash, 1, 32), photo.c.id)
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(
        _IS_OWN,
        IS_VISIBLE,
        file.c.hash != "",
        file.c.is_missing.is_(False),
        # Sidecars of several photos may be alike.
        file.c.kind != SIDECAR_KIND,
    )
    .union_all(select(literal("photo ").concat(photo.c.image_hash), photo.c.id).where(_IS_OWN, IS_VISIBLE)),
    as_row,
)
_GROUPED: Statement[Row] = Statement(
    select(duplicate_group.c.id, duplicate_photo.c.photo_id, duplicate_group.c.review_status)
    .select_from(duplicate_photo.join(duplicate_group, duplicate_group.c.id == duplicate_photo.c.group_id))
    .where(duplicate_group.c.owner_id == bindparam("owner"))
    .order_by(duplicate_group.c.id, duplicate_photo.c.photo_id),
    as_row,
)
_PENDING_OF_KIND: Statement[Row] = Statement(
    select(duplicate_photo.c.photo_id, duplicate_group.c.id)
    .select_from(duplicate_photo.join(duplicate_group, duplicate_group.c.id == duplicate_photo.c.group_id))
    .where(
        duplicate_group.c.owner_id == bindparam("owner"),
        duplicate_group.c.kind == bindparam("kind"),
        duplicate_group.c.review_status == PENDING,
    )
    .order_by(duplicate_group.c.id),
    as_row,
)
_CLEAR = statement(
    delete(duplicate_group).where(
        duplicate_group.c.owner_id == bindparam("owner"), duplicate_group.c.review_status == PENDING
    )
)
_INSERT_GROUP = Statement(
    insert(duplicate_group)
    .values({name: bindparam(name) for name in ("uuid", "owner_id", "kind", "created_at", "changed_at")})
    .returning(duplicate_group.c.id),
    scalar,
)
_PUT = statement(upsert(duplicate_photo, key=["group_id", "photo_id"], update=[]))
_MEMBERS = Statement(
    select(duplicate_photo.c.photo_id).where(is_in(duplicate_photo.c.group_id, "group_ids")).distinct(),
    scalar,
)
_DELETE_GROUPS = statement(delete(duplicate_group).where(is_in(duplicate_group.c.id, "group_ids")))
_BURSTS: Statement[Row] = Statement(
    select(stack_photo.c.stack_id, stack_photo.c.photo_id)
    .select_from(stack_photo.join(photo_stack, photo_stack.c.id == stack_photo.c.stack_id))
    .where(photo_stack.c.owner_id == bindparam("owner"), photo_stack.c.kind == BURST)
    .order_by(stack_photo.c.stack_id, stack_photo.c.photo_id),
    as_row,
)
_PUT_STACKED = statement(upsert(stack_photo, key=["stack_id", "photo_id"], update=[]))


def get_settings(tx: Tx, owner_id: int) -> Settings:
    return tx.one(_SETTINGS, owner=owner_id)


def get_last_photo(tx: Tx, owner_id: int) -> int:
    last: int = tx.one(_LAST, owner=owner_id)
    return last


def record_seen(tx: Tx, owner_id: int, photo_id: int) -> None:
    tx.execute(_SEEN, user_id=owner_id, seen_photo_id=photo_id)


def list_shots(tx: Tx, owner_id: int) -> list[Shot]:
    """Return the owner's visible stills."""
    return tx.all(_SHOTS, owner=owner_id)


def list_looks(tx: Tx, owner_id: int) -> list[Looks]:
    """Return the visible stills whose picture is known."""
    return tx.all(_LOOKS, owner=owner_id)


def list_digests(tx: Tx, owner_id: int) -> list[Row]:
    """Return (what was hashed, photo) of the visible photos: the content of each file, and what a photo is named by."""
    return tx.all(_DIGESTS, owner=owner_id)


def get_reviewed(tx: Tx, owner_id: int) -> Reviewed:
    """Return which photos somebody decided about together: kept one of, or called no duplicates."""
    groups: dict[int, list[int]] = {}
    for group_id, photo_id, status in tx.all(_GROUPED, owner=owner_id):
        if status != PENDING:
            groups.setdefault(group_id, []).append(photo_id)
    return Reviewed(groups.values())


def clear_pending(tx: Tx, owner_id: int) -> None:
    tx.execute(_CLEAR, owner=owner_id)


def store_groups(tx: Tx, owner_id: int, kind: str, found: Iterable[Sequence[int]]) -> int:
    """Store groups of photos, return how many; one that overlaps with a pending one of its kind is united with it."""
    lock_photos(tx, owner_id)
    # Somebody may have decided while they were sought.
    reviewed = get_reviewed(tx, owner_id)
    groups_of: dict[int, set[int]] = {}
    for photo_id, group_id in tx.all(_PENDING_OF_KIND, owner=owner_id, kind=kind):
        groups_of.setdefault(photo_id, set()).add(group_id)
    settled: set[int] = set()
    for photo_ids in found:
        if reviewed.hold_all(photo_ids):
            continue
        same = sorted(set().union(*(groups_of.get(each, set()) for each in photo_ids)))
        members = set(photo_ids)
        if len(same) > 1:
            members |= set(tx.all(_MEMBERS, group_ids=id_list(same[1:])))
            tx.execute(_DELETE_GROUPS, group_ids=id_list(same[1:]))
            settled.difference_update(same[1:])
        group_id = same[0] if same else _insert_group(tx, owner_id, kind)
        tx.execute_many(_PUT, [{"group_id": group_id, "photo_id": each} for each in sorted(members)])
        for each in members:
            groups_of[each] = {group_id}
        settled.add(group_id)
    settle_groups(tx, sorted(settled))
    return len(settled)


def _insert_group(tx: Tx, owner_id: int, kind: str) -> int:
    now = clock.now()
    group_id: int = tx.one(
        _INSERT_GROUP, uuid=ids.new_uuid(), owner_id=owner_id, kind=kind, created_at=now, changed_at=now
    )
    return group_id


def replace_bursts(tx: Tx, owner_id: int, found: Iterable[Sequence[int]]) -> int:
    """Let found bursts take the place of the stacks of earlier ones; one of the same photos stays what it is."""
    lock_photos(tx, owner_id)
    wanted = {frozenset(each) for each in found}
    known = {frozenset(members): stack_id for stack_id, members in _bursts(tx, owner_id).items()}
    old = [stack_id for members, stack_id in known.items() if members not in wanted]
    touched = {*members_of(tx, old)}
    delete_stacks(tx, old)
    for members in sorted(wanted - known.keys(), key=min):
        insert_stack(tx, owner_id, BURST, sorted(members))
        touched |= members
    if touched:
        photos_changed(tx, owner_id, sorted(touched))
    return len(wanted)


def extend_bursts(tx: Tx, owner_id: int, found: Iterable[Sequence[int]]) -> int:
    """Let new photos join the bursts that they belong to, or make new ones; return how many groups that was."""
    lock_photos(tx, owner_id)
    stack_of = {
        photo_id: stack_id for stack_id, all_of in _bursts(tx, owner_id).items() for photo_id in all_of
    }
    touched: set[int] = set()
    count = 0
    for members in found:
        known = sorted({stack_of[each] for each in members if each in stack_of})
        new = [each for each in members if each not in stack_of]
        if not new:
            continue
        if known:
            rows: list[dict[str, Any]] = [{"stack_id": known[0], "photo_id": each} for each in new]
            tx.execute_many(_PUT_STACKED, rows)
        else:
            insert_stack(tx, owner_id, BURST, new)
        touched.update(members)
        count += 1
    if touched:
        photos_changed(tx, owner_id, sorted(touched))
    return count


def _bursts(tx: Tx, owner_id: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for stack_id, photo_id in tx.all(_BURSTS, owner=owner_id):
        found.setdefault(stack_id, []).append(photo_id)
    return found
