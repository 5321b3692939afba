"""Reading duplicate groups: the list, one of them, counts. A group of fewer than two photos is not there."""

from functools import lru_cache

import msgspec
from sqlalchemy import and_, bindparam, distinct, func, select, true

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, scalar
from librephotos.db.tables import duplicate_group, duplicate_photo, photo
from librephotos.db.transactions import Tx
from librephotos.kit.clock import iso
from librephotos.photos.visibility import IS_VISIBLE, VIEWER_ID
from librephotos.stacks.kinds import (
    DISMISSED,
    DUPLICATE_KINDS,
    DUPLICATE_NAMES,
    PENDING,
    RESOLVED,
    STATUS_NAMES,
)
from librephotos.stacks.numbering import NumberedRequest
from librephotos.stacks.queries.duplicate_settling import LEAST
from librephotos.stacks.queries.shown import (
    group_members,
    preview,
    previews_of_groups,
    shown_of_group,
)
from librephotos.stacks.queries.stacks import count_own_photos
from librephotos.stacks.refusals import no_group
from librephotos.stacks.schemas import (
    DuplicateGroup,
    DuplicateItem,
    DuplicateKindCounts,
    DuplicateStats,
    Numbered,
)

MEGABYTE = 1024 * 1024


class GroupRow(msgspec.Struct, frozen=True):
    group_id: int
    uuid: str
    kind: str
    review_status: str
    live_count: int
    savings_bytes: int
    similarity: float | None
    kept_photo_id: int | None
    suggested_photo_id: int | None
    created_at: int
    changed_at: int
    kept_hash: str | None


class GroupQuery(msgspec.Struct, frozen=True):
    """Empty texts narrow nothing."""

    kind: str = ""
    status: str = ""


_COLUMNS = (
    duplicate_group.c.id,
    duplicate_group.c.uuid,
    duplicate_group.c.kind,
    duplicate_group.c.review_status,
    duplicate_group.c.live_count,
    duplicate_group.c.savings_bytes,
    duplicate_group.c.similarity,
    duplicate_group.c.kept_photo_id,
    duplicate_group.c.suggested_photo_id,
    duplicate_group.c.created_at,
    duplicate_group.c.changed_at,
    photo.c.image_hash,
)
_IS_LIVE = and_(duplicate_group.c.owner_id == VIEWER_ID, duplicate_group.c.live_count >= LEAST)
_FROM = duplicate_group.outerjoin(photo, photo.c.id == duplicate_group.c.kept_photo_id)
_ONE = Statement(
    select(*_COLUMNS)
    .select_from(_FROM)
    .where(duplicate_group.c.uuid == bindparam("sought"), duplicate_group.c.owner_id == VIEWER_ID),
    GroupRow,
)


@lru_cache
def _listed(has_kind: bool, has_status: bool) -> tuple[Statement[int], Statement[GroupRow]]:
    wanted = and_(
        _IS_LIVE,
        duplicate_group.c.kind == bindparam("kind") if has_kind else true(),
        duplicate_group.c.review_status == bindparam("status") if has_status else true(),
    )
    return (
        Statement(select(func.count()).select_from(duplicate_group).where(wanted), scalar),
        Statement(
            select(*_COLUMNS)
            .select_from(_FROM)
            .where(wanted)
            .order_by(duplicate_group.c.created_at.desc(), duplicate_group.c.id.desc())
            .limit(bindparam("size"))
            .offset(bindparam("skipped")),
            GroupRow,
        ),
    )


_COUNTS: Statement[Row] = Statement(
    select(
        duplicate_group.c.kind,
        duplicate_group.c.review_status,
        func.count(),
        func.sum(duplicate_group.c.savings_bytes),
    )
    .where(_IS_LIVE)
    .group_by(duplicate_group.c.kind, duplicate_group.c.review_status),
    as_row,
)
# Of dismissed groups somebody said that they are none, and what is in the trash is on its way out.
_PHOTOS = Statement(
    select(func.count(distinct(duplicate_photo.c.photo_id)))
    .select_from(
        duplicate_photo.join(duplicate_group, duplicate_group.c.id == duplicate_photo.c.group_id).join(
            photo, photo.c.id == duplicate_photo.c.photo_id
        )
    )
    .where(_IS_LIVE, duplicate_group.c.review_status != DISMISSED, IS_VISIBLE),
    scalar,
)


def list_groups(
    tx: Tx, viewer: Viewer, wanted: GroupQuery, asked: NumberedRequest
) -> Numbered[DuplicateItem]:
    """Return a page of the viewer's groups, the newest first."""
    count_rows, page = _listed(bool(wanted.kind), bool(wanted.status))
    values = {"viewer_id": viewer.user_id, "kind": wanted.kind, "status": wanted.status}
    count: int = tx.one(count_rows, **values)
    rows = tx.all(page, size=asked.size, skipped=asked.offset(count), **values)
    previews = previews_of_groups(tx, [row.group_id for row in rows])
    items = [
        DuplicateItem(
            id=row.uuid,
            duplicate_type=row.kind,
            duplicate_type_display=DUPLICATE_NAMES[row.kind],
            review_status=row.review_status,
            review_status_display=STATUS_NAMES[row.review_status],
            photo_count=row.live_count,
            potential_savings=row.savings_bytes,
            similarity_score=row.similarity,
            created_at=iso(row.created_at),
            kept_photo=preview(row.kept_hash),
            preview_photos=previews.get(row.group_id, []),
        )
        for row in rows
    ]
    return asked.answer(count, items)


def get_group(tx: Tx, viewer: Viewer, uuid: str | None) -> DuplicateGroup:
    row = tx.first(_ONE, sought=uuid, viewer_id=viewer.user_id) if uuid else None
    if row is None:
        raise no_group()
    photos = shown_of_group(tx, row.group_id)
    suggested = next((each for each in photos if each.photo_id == row.suggested_photo_id), None)
    return DuplicateGroup(
        id=row.uuid,
        duplicate_type=row.kind,
        duplicate_type_display=DUPLICATE_NAMES[row.kind],
        review_status=row.review_status,
        review_status_display=STATUS_NAMES[row.review_status],
        photo_count=row.live_count,
        potential_savings=row.savings_bytes,
        similarity_score=row.similarity,
        created_at=iso(row.created_at),
        updated_at=iso(row.changed_at),
        kept_photo_hash=row.kept_hash,
        suggested_photo_hash=suggested.image_hash if suggested else None,
        photos=group_members(photos, row.kept_photo_id),
    )


def get_stats(tx: Tx, viewer: Viewer) -> DuplicateStats:
    rows = tx.all(_COUNTS, viewer_id=viewer.user_id)
    by_status = dict.fromkeys((PENDING, RESOLVED, DISMISSED), 0)
    by_kind = dict.fromkeys(DUPLICATE_KINDS, 0)
    savings = 0
    for kind, status, count, saved in rows:
        by_status[status] += int(count)
        by_kind[kind] += int(count)
        savings += int(saved) if status == PENDING else 0
    return DuplicateStats(
        total_duplicates=sum(by_status.values()),
        pending_duplicates=by_status[PENDING],
        resolved_duplicates=by_status[RESOLVED],
        dismissed_duplicates=by_status[DISMISSED],
        by_type=DuplicateKindCounts(**by_kind),
        photos_in_duplicates=tx.one(_PHOTOS, viewer_id=viewer.user_id),
        total_photos=count_own_photos(tx, viewer),
        potential_savings_bytes=savings,
        potential_savings_mb=round(savings / MEGABYTE, 2),
    )
