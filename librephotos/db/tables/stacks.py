"""Stacks of shots that belong together, and groups of photos that may be one too many."""

from sqlalchemy import Column, Float, Index, PrimaryKeyConstraint, Table, Text

from librephotos.db.tables.base import (
    NEVER_REUSE,
    instant,
    metadata,
    number,
    one_to_one,
    owner,
    reference,
    row_id,
    string,
)
from librephotos.db.types import BigInteger, Json, RowId, WallClock

# `kind` is burst, bracket or manual. `primary_photo_id` is what was chosen; `shown_photo_id` what grids show, which is
# another while that one is hidden or in the trash. `live_count` counts the visible members; with fewer than two of
# them a stack rests. `sequence_start` and `sequence_end` are the first and the last of their times.
photo_stack = Table(
    "photo_stack",
    metadata,
    row_id(),
    Column("uuid", Text, nullable=False, unique=True),
    owner(),
    string("kind"),
    reference("primary_photo_id", "photo.id", nullable=True, on_delete="SET NULL"),
    Column("shown_photo_id", RowId),
    number("live_count"),
    Column("sequence_start", WallClock),
    Column("sequence_end", WallClock),
    instant("created_at"),
    instant("changed_at"),
    Index("ix_photo_stack_owner_id_created_at", "owner_id", "created_at"),
    Index("ix_photo_stack_primary_photo_id", "primary_photo_id"),
    **NEVER_REUSE,
)

stack_photo = Table(
    "stack_photo",
    metadata,
    reference("stack_id", "photo_stack.id"),
    reference("photo_id", "photo.id"),
    PrimaryKeyConstraint("stack_id", "photo_id"),
    Index("ix_stack_photo_photo_id", "photo_id"),
)

# `kind` is exact_copy or visual_duplicate, `review_status` pending, resolved or dismissed. `live_count` counts the
# members that the list is about: visible ones, and of a resolved group those in the trash too. `suggested_photo_id`,
# `savings_bytes` and `similarity` follow from the members. `resolution` is all that resolving did, to be taken back.
duplicate_group = Table(
    "duplicate_group",
    metadata,
    row_id(),
    Column("uuid", Text, nullable=False, unique=True),
    owner(),
    string("kind"),
    string("review_status", "pending"),
    reference("kept_photo_id", "photo.id", nullable=True, on_delete="SET NULL"),
    Column("suggested_photo_id", RowId),
    number("live_count"),
    Column("savings_bytes", BigInteger, nullable=False, server_default="0"),
    Column("similarity", Float),
    Column("resolution", Json),
    instant("created_at"),
    instant("changed_at"),
    Index("ix_duplicate_group_owner_id_created_at", "owner_id", "created_at"),
    Index("ix_duplicate_group_kept_photo_id", "kept_photo_id"),
    **NEVER_REUSE,
)

duplicate_photo = Table(
    "duplicate_photo",
    metadata,
    reference("group_id", "duplicate_group.id"),
    reference("photo_id", "photo.id"),
    PrimaryKeyConstraint("group_id", "photo_id"),
    Index("ix_duplicate_photo_photo_id", "photo_id"),
)

# Up to which photo a user's have been looked at, so that what follows a scan looks at newer ones only.
detection = Table(
    "detection",
    metadata,
    one_to_one("user_id", "user.id"),
    Column("seen_photo_id", BigInteger, nullable=False, server_default="0"),
)
