"""The members of stacks and of duplicate groups, with what choosing among them asks about."""

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Table, and_, case, func, select

from librephotos.db.statements import Statement, id_list, is_in
from librephotos.db.tables import duplicate_photo, file, photo, photo_metadata, stack_photo
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_VISIBLE
from librephotos.stacks.choosing import Member

PIXELS = func.coalesce(photo_metadata.c.width, 0) * func.coalesce(photo_metadata.c.height, 0)
# A photo whose files are being deleted still has its main file, and may come back to the trash.
IS_GONE = and_(photo.c.is_removed.is_(True), photo.c.main_file_id.is_(None))


def _members(table: Table, key: str) -> Statement[Member]:
    return Statement(
        select(
            table.c[key],
            photo.c.id,
            case((IS_VISIBLE, 1), else_=0),
            photo.c.is_trashed,
            case((IS_GONE, 1), else_=0),
            photo.c.taken_local,
            photo.c.added_at,
            PIXELS,
            photo.c.size_bytes,
            func.coalesce(file.c.path, ""),
            photo.c.perceptual_hash,
        )
        .select_from(
            table.join(photo, photo.c.id == table.c.photo_id)
            .outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
            .outerjoin(file, file.c.id == photo.c.main_file_id)
        )
        .where(is_in(table.c[key], "group_ids"))
        .order_by(table.c[key], photo.c.id),
        lambda group, photo_id, live, trashed, gone, *rest: Member(
            group, photo_id, bool(live), bool(trashed), bool(gone), *rest
        ),
    )


_OF_STACKS = _members(stack_photo, "stack_id")
_OF_GROUPS = _members(duplicate_photo, "group_id")


def members_of_stacks(tx: Tx, stack_ids: Iterable[int]) -> dict[int, list[Member]]:
    return _by_group(tx.all(_OF_STACKS, group_ids=id_list(stack_ids)))


def members_of_groups(tx: Tx, group_ids: Iterable[int]) -> dict[int, list[Member]]:
    return _by_group(tx.all(_OF_GROUPS, group_ids=id_list(group_ids)))


def _by_group(rows: list[Member]) -> dict[int, list[Member]]:
    return {group_id: list(found) for group_id, found in groupby(rows, key=lambda each: each.group_id)}
