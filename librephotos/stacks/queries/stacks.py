"""Reading stacks: the list, one of them, counts. A stack with fewer than two visible photos rests and is not there."""

from functools import lru_cache

import msgspec
from sqlalchemy import and_, bindparam, distinct, func, select, true

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, scalar
from librephotos.db.tables import photo, photo_stack, stack_photo
from librephotos.db.transactions import Tx
from librephotos.kit.clock import iso
from librephotos.photos.grid import wall_time
from librephotos.photos.kinds import STACK_NAMES
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID, has_not
from librephotos.stacks.numbering import NumberedRequest
from librephotos.stacks.queries.settling import LEAST
from librephotos.stacks.queries.shown import preview, previews_of_stacks, shown_of_stack, stack_members
from librephotos.stacks.refusals import no_stack
from librephotos.stacks.schemas import Numbered, Stack, StackItem, StackKindCounts, StackStats


class StackRow(msgspec.Struct, frozen=True):
    stack_id: int
    uuid: str
    kind: str
    live_count: int
    shown_photo_id: int | None
    sequence_start: str | None
    sequence_end: str | None
    created_at: int
    changed_at: int
    shown_hash: str | None


_COLUMNS = (
    photo_stack.c.id,
    photo_stack.c.uuid,
    photo_stack.c.kind,
    photo_stack.c.live_count,
    photo_stack.c.shown_photo_id,
    photo_stack.c.sequence_start,
    photo_stack.c.sequence_end,
    photo_stack.c.created_at,
    photo_stack.c.changed_at,
    photo.c.image_hash,
)
IS_LIVE = and_(photo_stack.c.owner_id == VIEWER_ID, photo_stack.c.live_count >= LEAST)
_FROM = photo_stack.outerjoin(photo, photo.c.id == photo_stack.c.shown_photo_id)
_ONE = Statement(
    select(*_COLUMNS).select_from(_FROM).where(photo_stack.c.uuid == bindparam("sought"), IS_LIVE), StackRow
)


@lru_cache
def _listed(has_kind: bool) -> tuple[Statement[int], Statement[StackRow]]:
    wanted = and_(IS_LIVE, photo_stack.c.kind == bindparam("kind") if has_kind else true())
    return (
        Statement(select(func.count()).select_from(photo_stack).where(wanted), scalar),
        Statement(
            select(*_COLUMNS)
            .select_from(_FROM)
            .where(wanted)
            .order_by(photo_stack.c.created_at.desc(), photo_stack.c.id.desc())
            .limit(bindparam("size"))
            .offset(bindparam("skipped")),
            StackRow,
        ),
    )


_BY_KIND: Statement[Row] = Statement(
    select(photo_stack.c.kind, func.count()).where(IS_LIVE).group_by(photo_stack.c.kind), as_row
)
_STACKED_PHOTOS = Statement(
    select(func.count(distinct(stack_photo.c.photo_id)))
    .select_from(
        stack_photo.join(photo_stack, photo_stack.c.id == stack_photo.c.stack_id).join(
            photo, photo.c.id == stack_photo.c.photo_id
        )
    )
    .where(IS_LIVE, IS_VISIBLE),
    scalar,
)
_OWN_PHOTOS = Statement(
    select(func.count())
    .select_from(photo)
    .where(IS_OWN, has_not("is_hidden"), has_not("is_trashed"), has_not("is_removed")),
    scalar,
)


def list_stacks(tx: Tx, viewer: Viewer, kind: str, asked: NumberedRequest) -> Numbered[StackItem]:
    """Return a page of the viewer's stacks, the newest first; `kind` empty for all."""
    count_rows, page = _listed(bool(kind))
    values = {"viewer_id": viewer.user_id, "kind": kind}
    count: int = tx.one(count_rows, **values)
    rows = tx.all(page, size=asked.size, skipped=asked.offset(count), **values)
    previews = previews_of_stacks(tx, [row.stack_id for row in rows])
    items = [
        StackItem(
            id=row.uuid,
            stack_type=row.kind,
            stack_type_display=STACK_NAMES[row.kind],
            photo_count=row.live_count,
            sequence_start=wall_time(row.sequence_start),
            sequence_end=wall_time(row.sequence_end),
            created_at=iso(row.created_at),
            primary_photo=preview(row.shown_hash),
            preview_photos=previews.get(row.stack_id, []),
        )
        for row in rows
    ]
    return asked.answer(count, items)


def require_stack(tx: Tx, viewer: Viewer, uuid: str | None) -> StackRow:
    """Return an own stack. Raises the published refusal for any other."""
    found = tx.first(_ONE, sought=uuid, viewer_id=viewer.user_id) if uuid else None
    if found is None:
        raise no_stack()
    return found


def get_stack(tx: Tx, viewer: Viewer, uuid: str | None) -> Stack:
    row = require_stack(tx, viewer, uuid)
    photos = shown_of_stack(tx, row.stack_id)
    return Stack(
        id=row.uuid,
        stack_type=row.kind,
        stack_type_display=STACK_NAMES[row.kind],
        photo_count=row.live_count,
        sequence_start=wall_time(row.sequence_start),
        sequence_end=wall_time(row.sequence_end),
        created_at=iso(row.created_at),
        updated_at=iso(row.changed_at),
        primary_photo_hash=row.shown_hash,
        photos=stack_members(tx, photos, row.shown_photo_id),
    )


def count_own_photos(tx: Tx, viewer: Viewer) -> int:
    """Count the viewer's photos that are neither hidden nor in the trash."""
    count: int = tx.one(_OWN_PHOTOS, viewer_id=viewer.user_id)
    return count


def get_stats(tx: Tx, viewer: Viewer) -> StackStats:
    by_kind = {kind: int(count) for kind, count in tx.all(_BY_KIND, viewer_id=viewer.user_id)}
    return StackStats(
        total_stacks=sum(by_kind.values()),
        by_type=StackKindCounts(**by_kind),
        photos_in_stacks=tx.one(_STACKED_PHOTOS, viewer_id=viewer.user_id),
        total_photos=count_own_photos(tx, viewer),
    )
