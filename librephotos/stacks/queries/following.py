"""Stacks and duplicate groups follow changed photos: which of them grids show, and which groups are left."""

from collections.abc import Sequence

from sqlalchemy import bindparam, or_, select

from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import duplicate_group, photo, photo_stack, stack_photo
from librephotos.db.transactions import Tx
from librephotos.stacks.queries.duplicate_settling import settle_groups, settle_groups_of
from librephotos.stacks.queries.settling import settle_stacks_of

_ALL_STACKED = Statement(
    select(stack_photo.c.photo_id)
    .select_from(stack_photo.join(photo_stack, photo_stack.c.id == stack_photo.c.stack_id))
    .where(photo_stack.c.owner_id == bindparam("owner"))
    .union(
        select(photo.c.id).where(
            photo.c.owner_id == bindparam("owner"),
            or_(photo.c.is_stacked.is_(True), photo.c.stack_badges.is_not(None)),
        )
    ),
    scalar,
)
_ALL_GROUPS = Statement(
    select(duplicate_group.c.id).where(duplicate_group.c.owner_id == bindparam("owner")), scalar
)


class Spreading:
    """Told before all others: what it changes is followed with the rest."""

    def spread(self, tx: Tx, photo_ids: Sequence[int]) -> list[int]:
        """Settle what these photos are in; return other photos that changed by it."""
        reopened = settle_groups_of(tx, photo_ids)
        return [*reopened, *settle_stacks_of(tx, [*photo_ids, *reopened])]

    def recount(self, tx: Tx, owner_id: int) -> None:
        settle_groups(tx, tx.all(_ALL_GROUPS, owner=owner_id))
        settle_stacks_of(tx, tx.all(_ALL_STACKED, owner=owner_id))


STACKS = Spreading()
