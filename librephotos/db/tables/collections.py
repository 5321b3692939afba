"""Albums that the server fills (places, things, events), tags, and what was deleted, for those who keep copies.

Photos of such an album stand in a table of members beside it. `is_shown` says that the photo was visible when it was
counted last; `taken_local` is the photo's, empty for an undated one, which sorts it last. So counts move by differences
and the newest are read off an index.
"""

from sqlalchemy import Column, Float, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from librephotos.db.tables.base import (
    NEVER_REUSE,
    flag,
    instant,
    metadata,
    number,
    owner,
    reference,
    row_id,
    string,
)
from librephotos.db.types import Json, WallClock


def _stored() -> tuple[Column[int], Column[str], Column[int]]:
    """What followers keep: how many photos are visible, the ids of at most four covers, the time of the last change."""
    covers: Column[str] = Column("cover_ids", Json, nullable=False, server_default="[]")
    return number("photo_count"), covers, instant("modified_at")


def _members(name: str, album: str) -> Table:
    return Table(
        name,
        metadata,
        reference("album_id", f"{album}.id"),
        reference("photo_id", "photo.id"),
        flag("is_shown"),
        string("taken_local"),
        PrimaryKeyConstraint("album_id", "photo_id"),
        Index(f"ix_{name}_photo_id", "photo_id"),
        Index(f"ix_{name}_newest", "album_id", "is_shown", "taken_local", "photo_id"),
    )


# `geolocation_level` counts from the most general, 1. The point is that of the first photo's town.
place_album = Table(
    "place_album",
    metadata,
    row_id(),
    owner(),
    string("title"),
    number("geolocation_level"),
    Column("latitude", Float),
    Column("longitude", Float),
    *_stored(),
    UniqueConstraint("owner_id", "title"),
    Index("ix_place_album_owner_id_modified_at", "owner_id", "modified_at", "id"),
    **NEVER_REUSE,
)
place_photo = _members("place_photo", "place_album")

thing_album = Table(
    "thing_album",
    metadata,
    row_id(),
    owner(),
    string("title"),
    string("thing_type"),
    *_stored(),
    UniqueConstraint("owner_id", "thing_type", "title"),
    Index("ix_thing_album_owner_id_modified_at", "owner_id", "modified_at", "id"),
    **NEVER_REUSE,
)
thing_photo = _members("thing_photo", "thing_album")

# `happened_local` is the beginning of the event's window, some hours before its first photo.
event_album = Table(
    "event_album",
    metadata,
    row_id(),
    owner(),
    string("title"),
    flag("has_own_title"),
    Column("happened_local", WallClock, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    flag("is_favorite"),
    instant("created_at"),
    *_stored(),
    UniqueConstraint("owner_id", "happened_local"),
    Index("ix_event_album_owner_id_modified_at", "owner_id", "modified_at", "id"),
    **NEVER_REUSE,
)
event_photo = _members("event_photo", "event_album")

tag = Table(
    "tag",
    metadata,
    row_id(),
    owner(),
    string("name"),
    instant("modified_at"),
    UniqueConstraint("owner_id", "name"),
    Index("ix_tag_owner_id_modified_at", "owner_id", "modified_at", "id"),
    **NEVER_REUSE,
)

# `source` says who put it there: `file` (a keyword of the file) or `user`.
photo_tag = Table(
    "photo_tag",
    metadata,
    reference("tag_id", "tag.id"),
    reference("photo_id", "photo.id"),
    string("source", "file"),
    PrimaryKeyConstraint("tag_id", "photo_id"),
    Index("ix_photo_tag_photo_id", "photo_id"),
)

# What somebody's copies must drop: `owner_id` is whose, `entity` one of photo, person, album_user, album_auto,
# album_thing, album_place, tag.
deletion_log = Table(
    "deletion_log",
    metadata,
    row_id(),
    reference("owner_id", "user.id"),
    Column("entity", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    instant("deleted_at"),
    UniqueConstraint("owner_id", "entity", "entity_id"),
    Index("ix_deletion_log_owner_id_entity", "owner_id", "entity", "deleted_at"),
    Index("ix_deletion_log_deleted_at", "deleted_at"),
)
