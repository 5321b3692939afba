"""What lists and details of groups show of their photos; a fixed number of statements whatever their number."""

import os
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Table, bindparam, func, or_, select

from librephotos.db.statements import Row, Statement, as_row, id_list, is_in
from librephotos.db.tables import (
    duplicate_group,
    duplicate_photo,
    file,
    photo,
    photo_metadata,
    stack_photo,
)
from librephotos.db.transactions import Tx
from librephotos.photos.grid import wall_time
from librephotos.photos.visibility import IS_VISIBLE
from librephotos.stacks.kinds import RESOLVED
from librephotos.stacks.queries.members import IS_GONE
from librephotos.stacks.schemas import DuplicateMember, Preview, StackMember, Variant

PREVIEWED: Final = 4
FILE_KINDS: Final = {1: "Image", 2: "Video", 3: "Metadata File e.g. XMP", 4: "Raw File", 5: "Unknown"}
STACK_FILE_KINDS: Final = {kind: name.lower() for kind, name in FILE_KINDS.items()}


class Shown(msgspec.Struct, frozen=True):
    """A photo of a group."""

    photo_id: int
    uuid: str
    image_hash: str
    width: int | None
    height: int | None
    size_bytes: int
    camera: str | None
    taken_local: str | None
    path: str | None
    kind: int | None
    is_ready: bool

    @property
    def small(self) -> str | None:
        return f"/media/square_thumbnails_small/{self.image_hash}" if self.is_ready else None

    @property
    def big(self) -> str | None:
        return f"/media/thumbnails_big/{self.image_hash}" if self.is_ready else None


_COLUMNS = (
    photo.c.id,
    photo.c.uuid,
    photo.c.image_hash,
    photo_metadata.c.width,
    photo_metadata.c.height,
    photo.c.size_bytes,
    photo_metadata.c.camera_model,
    photo.c.taken_local,
    file.c.path,
    file.c.kind,
    photo.c.aspect_ratio.is_not(None),
)


def _joined(table: Table) -> Any:  # a FROM clause
    return (
        table.join(photo, photo.c.id == table.c.photo_id)
        .outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
        .outerjoin(file, file.c.id == photo.c.main_file_id)
    )


# By time, the undated last: one order for both engines.
_ORDER = (photo.c.taken_local.is_(None), photo.c.taken_local, photo.c.added_at, photo.c.id)
_OF_STACK = Statement(
    select(*_COLUMNS)
    .select_from(_joined(stack_photo))
    .where(stack_photo.c.stack_id == bindparam("group_id"), IS_VISIBLE)
    .order_by(*_ORDER),
    Shown,
)
_IS_COUNTED = or_(IS_VISIBLE, (duplicate_group.c.review_status == RESOLVED) & ~IS_GONE)
_OF_GROUP = Statement(
    select(*_COLUMNS)
    .select_from(
        _joined(duplicate_photo).join(duplicate_group, duplicate_group.c.id == duplicate_photo.c.group_id)
    )
    .where(duplicate_photo.c.group_id == bindparam("group_id"), _IS_COUNTED)
    .order_by(*_ORDER),
    Shown,
)
_FILES: Statement[Row] = Statement(
    select(file.c.photo_id, file.c.hash, file.c.path, file.c.kind, file.c.id == photo.c.main_file_id)
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(is_in(file.c.photo_id, "photo_ids"))
    .order_by(file.c.photo_id, file.c.id),
    as_row,
)


def _previews(source: Any, key: Any, condition: Any) -> Statement[Row]:  # a FROM, a column, a condition
    numbered = (
        select(
            key.label("group_id"),
            photo.c.image_hash.label("image_hash"),
            func.row_number().over(partition_by=key, order_by=_ORDER).label("place"),
        )
        .select_from(source)
        .where(is_in(key, "group_ids"), condition)
        .subquery()
    )
    return Statement(
        select(numbered.c.group_id, numbered.c.image_hash)
        .where(numbered.c.place <= PREVIEWED)
        .order_by(numbered.c.group_id, numbered.c.place),
        as_row,
    )


_STACK_PREVIEWS = _previews(
    stack_photo.join(photo, photo.c.id == stack_photo.c.photo_id), stack_photo.c.stack_id, IS_VISIBLE
)
_GROUP_PREVIEWS = _previews(
    duplicate_photo.join(photo, photo.c.id == duplicate_photo.c.photo_id).join(
        duplicate_group, duplicate_group.c.id == duplicate_photo.c.group_id
    ),
    duplicate_photo.c.group_id,
    _IS_COUNTED,
)


def shown_of_stack(tx: Tx, stack_id: int) -> list[Shown]:
    return tx.all(_OF_STACK, group_id=stack_id)


def shown_of_group(tx: Tx, group_id: int) -> list[Shown]:
    return tx.all(_OF_GROUP, group_id=group_id)


def previews_of_stacks(tx: Tx, stack_ids: Iterable[int]) -> dict[int, list[Preview]]:
    return _by_group(tx.all(_STACK_PREVIEWS, group_ids=id_list(stack_ids)))


def previews_of_groups(tx: Tx, group_ids: Iterable[int]) -> dict[int, list[Preview]]:
    return _by_group(tx.all(_GROUP_PREVIEWS, group_ids=id_list(group_ids)))


def preview(image_hash: str | None) -> Preview | None:
    return Preview(image_hash, f"/media/square_thumbnails_small/{image_hash}") if image_hash else None


def _by_group(rows: list[Row]) -> dict[int, list[Preview]]:
    found: dict[int, list[Preview]] = {}
    for group_id, image_hash in rows:
        url = f"/media/square_thumbnails_small/{image_hash}"
        found.setdefault(group_id, []).append(Preview(image_hash, url))
    return found


def stack_members(tx: Tx, photos: Sequence[Shown], primary_id: int | None) -> list[StackMember]:
    variants: dict[int, list[Variant]] = {}
    for photo_id, content_hash, path, kind, is_main in tx.all(
        _FILES, photo_ids=id_list(each.photo_id for each in photos)
    ):
        name = os.path.basename(path) or None
        variant = Variant(
            content_hash, path, STACK_FILE_KINDS.get(kind, STACK_FILE_KINDS[5]), bool(is_main), name
        )
        variants.setdefault(photo_id, []).append(variant)
    return [
        StackMember(
            id=each.uuid,
            image_hash=each.image_hash,
            width=each.width,
            height=each.height,
            size=each.size_bytes,
            camera=each.camera or None,
            exif_timestamp=wall_time(each.taken_local),
            is_primary=each.photo_id == primary_id,
            file_path=each.path,
            file_type=STACK_FILE_KINDS.get(each.kind) if each.kind else None,
            file_variants=variants.get(each.photo_id),
            thumbnail_url=each.small,
            thumbnail_big_url=each.big,
        )
        for each in photos
    ]


def group_members(photos: Sequence[Shown], kept_id: int | None) -> list[DuplicateMember]:
    return [
        DuplicateMember(
            id=each.uuid,
            image_hash=each.image_hash,
            width=each.width,
            height=each.height,
            size=each.size_bytes,
            camera=each.camera or None,
            exif_timestamp=wall_time(each.taken_local),
            is_kept=each.photo_id == kept_id,
            file_path=each.path,
            file_type=FILE_KINDS.get(each.kind) if each.kind else None,
            thumbnail_url=each.small,
            thumbnail_big_url=each.big,
        )
        for each in photos
    ]
