"""Brings duplicate groups in step with their photos: how many there are, which to keep, what that would save.

A group that one photo is left of is dissolved. A resolved group of which somebody took a photo out of the trash again
is open again, and what resolving had merged is taken back.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import duplicate_group, duplicate_photo
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.stacks.choosing import Member, counted, likeness, suggest_kept
from librephotos.stacks.kinds import PENDING, RESOLVED
from librephotos.stacks.queries.members import members_of_groups
from librephotos.stacks.queries.taking_back import Resolution, parse_resolution, take_back

LEAST: Final = 2


class Group(msgspec.Struct, frozen=True):
    """A group as it is stored; `resolution` is what resolving did."""

    group_id: int
    kind: str
    review_status: str
    kept_photo_id: int | None
    suggested_photo_id: int | None
    live_count: int
    savings_bytes: int
    similarity: float | None
    resolution: str | None

    @property
    def undo(self) -> Resolution:
        return parse_resolution(self.resolution)


COLUMNS = tuple(duplicate_group.c["id" if name == "group_id" else name] for name in Group.__struct_fields__)
_GROUPS_OF = Statement(
    select(duplicate_photo.c.group_id).where(is_in(duplicate_photo.c.photo_id, "photo_ids")).distinct(),
    scalar,
)
_GROUPS = Statement(select(*COLUMNS).where(is_in(duplicate_group.c.id, "group_ids")), Group)
_DROP_MEMBER = statement(
    delete(duplicate_photo).where(
        duplicate_photo.c.group_id == bindparam("of_group"),
        duplicate_photo.c.photo_id == bindparam("of_photo"),
    )
)
_DELETE = statement(delete(duplicate_group).where(is_in(duplicate_group.c.id, "group_ids")))
_STORED = tuple(name for name in Group.__struct_fields__ if name not in ("group_id", "kind"))
_STORE = statement(
    update(duplicate_group)
    .where(duplicate_group.c.id == bindparam("of_group"))
    .values({**{name: bindparam(f"new_{name}") for name in _STORED}, "changed_at": bindparam("now")})
)


def settle_groups_of(tx: Tx, photo_ids: Sequence[int]) -> list[int]:
    """Settle the groups that these photos are in; return photos that changed by that."""
    group_ids: list[int] = tx.all(_GROUPS_OF, photo_ids=id_list(photo_ids))
    return settle_groups(tx, group_ids) if group_ids else []


def settle_groups(tx: Tx, group_ids: Iterable[int]) -> list[int]:
    """Count and weigh these groups anew; return photos that changed by what was taken back."""
    # In this order: where another transaction ends in between, what is newer is stored.
    groups = tx.all(_GROUPS, group_ids=id_list(group_ids))
    members = members_of_groups(tx, group_ids)
    gone = [each for found in members.values() for each in found if each.is_gone]
    tx.execute_many(_DROP_MEMBER, [{"of_group": each.group_id, "of_photo": each.photo_id} for each in gone])
    touched: list[int] = []
    dissolved: list[int] = []
    for group in groups:
        left = [each for each in members.get(group.group_id, []) if not each.is_gone]
        if len(left) < LEAST:
            dissolved.append(group.group_id)
            continue
        reopened = _reopened(group, left)
        if reopened is not group:
            touched += take_back(tx, group.undo)
        store_group(tx, group, weighed(reopened, left))
    if dissolved:
        tx.execute(_DELETE, group_ids=id_list(dissolved))
    return touched


def store_group(tx: Tx, before: Group, after: Group) -> None:
    if after != before:
        values = {f"new_{name}": getattr(after, name) for name in _STORED}
        tx.execute(_STORE, of_group=before.group_id, now=clock.now(), **values)


def weighed(group: Group, members: Sequence[Member]) -> Group:
    """Return a group with what follows from its members."""
    live = [each for each in members if counted(group.review_status, each)]
    best = suggest_kept(group.kind, live)
    kept = next((each for each in live if each.photo_id == group.kept_photo_id), best)
    saved = sum(each.size_bytes for each in live) - (kept.size_bytes if kept else 0)
    changes: dict[str, Any] = {
        "suggested_photo_id": best.photo_id if best else None,
        "live_count": len(live),
        "savings_bytes": saved,
        "similarity": likeness(group.kind, best, live),
    }
    return msgspec.structs.replace(group, **changes)


def _reopened(group: Group, members: Sequence[Member]) -> Group:
    if group.review_status != RESOLVED:
        return group
    thrown_away = set(group.undo.trashed)
    back = any(each.photo_id in thrown_away and not each.is_trashed for each in members)
    lost_kept = group.kept_photo_id not in {each.photo_id for each in members}
    if not back and not (lost_kept and thrown_away):
        return group
    return msgspec.structs.replace(group, review_status=PENDING, kept_photo_id=None, resolution=None)
