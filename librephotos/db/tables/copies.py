"""What copies of lists are kept by: the clock of changes, and who sees which photo of others."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from librephotos.db.tables.base import NEVER_REUSE, instant, metadata, reference, row_id

# One row: the time that was last given to a change (`db/stamps.py`).
change_clock = Table("change_clock", metadata, row_id(), instant("stamped_at"))

# Which account sees which photo of another's by a share, as of the last change of either. What is no longer seen is
# no longer here, and told as a deletion. `modified_at` is when the photo, or its being seen, changed last.
sight = Table(
    "sight",
    metadata,
    row_id(),
    reference("user_id", "user.id"),
    reference("photo_id", "photo.id"),
    reference("owner_id", "user.id"),
    Column("photo_uuid", Text, nullable=False),
    instant("modified_at"),
    UniqueConstraint("user_id", "photo_id"),
    Index("ix_sight_user_id_modified_at", "user_id", "modified_at", "photo_uuid"),
    Index("ix_sight_photo_id", "photo_id"),
    # Who shares with whom, asked from either side.
    Index("ix_sight_user_id_owner_id", "user_id", "owner_id"),
    Index("ix_sight_owner_id_user_id", "owner_id", "user_id"),
    **NEVER_REUSE,
)
