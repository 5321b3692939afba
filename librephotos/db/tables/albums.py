"""User albums, shares between users and public links: the rows that decide who may see a photo."""

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from librephotos.db.tables.base import (
    NEVER_REUSE,
    flag,
    instant,
    metadata,
    one_to_one,
    owner,
    reference,
    row_id,
    string,
)
from librephotos.db.types import Instant

photo_share = Table(
    "photo_share",
    metadata,
    reference("photo_id", "photo.id"),
    reference("user_id", "user.id"),
    PrimaryKeyConstraint("photo_id", "user_id"),
    Index("ix_photo_share_user_id", "user_id"),
)

album = Table(
    "album",
    metadata,
    row_id(),
    owner(),
    string("title"),
    instant("saved_at"),
    flag("is_favorite"),
    flag("is_locked"),
    reference("cover_photo_id", "photo.id", nullable=True, on_delete="SET NULL"),
    Column("modified_at", Instant, nullable=False, server_default="0"),
    UniqueConstraint("owner_id", "title"),
    Index("ix_album_owner_id_modified_at", "owner_id", "modified_at", "id"),
    **NEVER_REUSE,
)

album_photo = Table(
    "album_photo",
    metadata,
    reference("album_id", "album.id"),
    reference("photo_id", "photo.id"),
    PrimaryKeyConstraint("album_id", "photo_id"),
    Index("ix_album_photo_photo_id", "photo_id"),
)

album_share = Table(
    "album_share",
    metadata,
    reference("album_id", "album.id"),
    reference("user_id", "user.id"),
    PrimaryKeyConstraint("album_id", "user_id"),
    Index("ix_album_share_user_id", "user_id"),
)

# The public link of an album. The five switches are null to inherit the owner's defaults.
album_link = Table(
    "album_link",
    metadata,
    one_to_one("album_id", "album.id"),
    flag("is_enabled"),
    Column("slug", Text, unique=True),
    instant("expires_at", nullable=True),
    Column("share_location", Boolean),
    Column("share_camera_info", Boolean),
    Column("share_timestamps", Boolean),
    Column("share_captions", Boolean),
    Column("share_faces", Boolean),
)

# The albums that an API key is limited to.
api_key_album = Table(
    "api_key_album",
    metadata,
    reference("key_id", "api_key.id"),
    reference("album_id", "album.id"),
    PrimaryKeyConstraint("key_id", "album_id"),
    Index("ix_api_key_album_album_id", "album_id"),
)
