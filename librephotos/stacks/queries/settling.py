"""Brings stacks in step with their photos: what grids show of them, and that none is a stack of one.

Called for every changed photo, by `following.py`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, bindparam, delete, or_, select, update

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement
from librephotos.db.tables import photo, photo_stack, stack_photo
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.stacks.choosing import Member, choose_primary
from librephotos.stacks.queries.members import members_of_stacks

LEAST = 2


class _Stack(msgspec.Struct, frozen=True):
    stack_id: int
    kind: str
    primary_photo_id: int | None
    shown_photo_id: int | None
    live_count: int
    sequence_start: str | None
    sequence_end: str | None


_STACKS_OF = Statement(
    select(stack_photo.c.stack_id).where(is_in(stack_photo.c.photo_id, "photo_ids")).distinct(), scalar
)
_BADGED = Statement(
    select(photo.c.id).where(
        is_in(photo.c.id, "photo_ids"), or_(photo.c.stack_badges.is_not(None), photo.c.is_stacked.is_(True))
    ),
    scalar,
)
_STACKS = Statement(
    select(
        photo_stack.c.id,
        photo_stack.c.kind,
        photo_stack.c.primary_photo_id,
        photo_stack.c.shown_photo_id,
        photo_stack.c.live_count,
        photo_stack.c.sequence_start,
        photo_stack.c.sequence_end,
    ).where(is_in(photo_stack.c.id, "stack_ids")),
    _Stack,
)
_DROP_MEMBER = statement(
    delete(stack_photo).where(
        stack_photo.c.stack_id == bindparam("of_stack"), stack_photo.c.photo_id == bindparam("of_photo")
    )
)
_DELETE = statement(delete(photo_stack).where(is_in(photo_stack.c.id, "stack_ids")))
_STORED = ("primary_photo_id", "shown_photo_id", "live_count", "sequence_start", "sequence_end")
_STORE = statement(
    update(photo_stack)
    .where(photo_stack.c.id == bindparam("of_stack"))
    .values({**{name: bindparam(f"new_{name}") for name in _STORED}, "changed_at": bindparam("now")})
)
# Every live stack of these photos, the newest first.
_BADGES: Statement[Row] = Statement(
    select(
        stack_photo.c.photo_id,
        photo_stack.c.uuid,
        photo_stack.c.kind,
        photo_stack.c.live_count,
        photo_stack.c.shown_photo_id,
    )
    .select_from(stack_photo.join(photo_stack, photo_stack.c.id == stack_photo.c.stack_id))
    .where(is_in(stack_photo.c.photo_id, "photo_ids"), photo_stack.c.live_count >= LEAST)
    .order_by(stack_photo.c.photo_id, photo_stack.c.created_at.desc(), photo_stack.c.id.desc()),
    as_row,
)
_SHOWN: Statement[Row] = Statement(
    select(
        photo.c.id,
        photo.c.is_stacked,
        photo.c.stack_badges,
        photo.c.aspect_ratio,
        photo.c.is_hidden,
        photo.c.is_trashed,
        photo.c.is_removed,
    ).where(is_in(photo.c.id, "photo_ids")),
    as_row,
)
_SET_SHOWN = statement(
    update(photo)
    .where(photo.c.id == bindparam("of_photo"))
    .values(is_stacked=bindparam("new_stacked", type_=Boolean()), stack_badges=bindparam("new_badges"))
)


def settle_stacks_of(tx: Tx, photo_ids: Sequence[int]) -> list[int]:
    """Settle the stacks that these photos are in; return the photos that show differently by that."""
    asked = id_list(photo_ids)
    stack_ids: list[int] = tx.all(_STACKS_OF, photo_ids=asked)
    # Those that left their stack.
    affected = set(tx.all(_BADGED, photo_ids=asked))
    if stack_ids:
        affected |= _settle(tx, stack_ids)
    return _show(tx, affected) if affected else []


def _settle(tx: Tx, stack_ids: Iterable[int]) -> set[int]:
    """Count, choose and date these stacks anew; return all their photos, those that left included."""
    # In this order: where another transaction ends in between, what is newer is stored.
    stacks = tx.all(_STACKS, stack_ids=id_list(stack_ids))
    members = members_of_stacks(tx, stack_ids)
    gone = [each for found in members.values() for each in found if each.is_gone]
    tx.execute_many(_DROP_MEMBER, [{"of_stack": each.group_id, "of_photo": each.photo_id} for each in gone])
    dissolved: list[int] = []
    changes: list[dict[str, Any]] = []
    now = clock.now()
    for stack in stacks:
        left = [each for each in members.get(stack.stack_id, []) if not each.is_gone]
        if len(left) < LEAST:
            dissolved.append(stack.stack_id)
            continue
        settled = _settled(stack, left)
        if settled != stack:
            values = {f"new_{name}": getattr(settled, name) for name in _STORED}
            changes.append({"of_stack": stack.stack_id, "now": now, **values})
    if dissolved:
        tx.execute(_DELETE, stack_ids=id_list(dissolved))
    tx.execute_many(_STORE, changes)
    return {each.photo_id for found in members.values() for each in found}


def _settled(stack: _Stack, members: Sequence[Member]) -> _Stack:
    """What was chosen stays the choice while its photo is hidden or in the trash; another one is shown meanwhile."""
    live = [each for each in members if each.is_live]
    primary = stack.primary_photo_id
    if primary not in {each.photo_id for each in members}:
        chosen = choose_primary(stack.kind, live or members)
        primary = chosen.photo_id if chosen else None
    shown = next((each for each in live if each.photo_id == primary), None) or choose_primary(
        stack.kind, live
    )
    times = sorted(each.taken_local for each in live if each.taken_local)
    return msgspec.structs.replace(
        stack,
        primary_photo_id=primary,
        shown_photo_id=shown.photo_id if shown else None,
        live_count=len(live),
        sequence_start=times[0] if times else None,
        sequence_end=times[-1] if times else None,
    )


def _show(tx: Tx, photo_ids: Iterable[int]) -> list[int]:
    """Store what grids show of these photos; return those of which they show something else than before."""
    asked = id_list(sorted(photo_ids))
    badges: dict[int, list[dict[str, Any]]] = {}
    for photo_id, uuid, kind, count, shown in tx.all(_BADGES, photo_ids=asked):
        badge = {"id": uuid, "type": kind, "photo_count": count, "is_primary": photo_id == shown}
        badges.setdefault(photo_id, []).append(badge)
    changes = []
    for photo_id, was_stacked, was_badges, aspect_ratio, *out_of_sight in tx.all(_SHOWN, photo_ids=asked):
        is_visible = aspect_ratio is not None and not any(out_of_sight)
        own = badges.get(photo_id, []) if is_visible else []
        is_stacked = bool(own) and not any(each["is_primary"] for each in own)
        text = json.dumps(own) if own else None
        if (is_stacked, text) != (bool(was_stacked), was_badges):
            changes.append({"of_photo": photo_id, "new_stacked": is_stacked, "new_badges": text})
    tx.execute_many(_SET_SHOWN, changes)
    return [each["of_photo"] for each in changes]
