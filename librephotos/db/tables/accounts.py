"""Accounts, their settings, sessions, refresh tokens and API keys."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from librephotos.db.tables.base import (
    NEVER_REUSE,
    flag,
    instant,
    metadata,
    number,
    real,
    reference,
    row_id,
    string,
)
from librephotos.db.types import Instant, Json

# `tokens_valid_from` is an instant: tokens issued before it are refused. `list_version` counts the changes of
# everything this user's lists show. `public_photo_count` and `photo_count` are kept by photos/changes.py.
user = Table(
    "user",
    metadata,
    row_id(),
    Column("username", Text, nullable=False, unique=True),
    string("password_hash"),
    string("email"),
    string("first_name"),
    string("last_name"),
    flag("is_active", default=True),
    flag("is_staff"),
    flag("is_superuser"),
    instant("joined_at"),
    instant("last_login_at", nullable=True),
    instant("tokens_valid_from"),
    number("list_version"),
    number("photo_count"),
    number("public_photo_count"),
    string("scan_directory"),
    string("upload_directory"),
    Column("avatar", Text),
    real("confidence", 0.1),
    real("confidence_person", 0.9),
    real("confidence_unknown_face", 0.5),
    number("min_cluster_size"),
    number("min_samples", 1),
    real("cluster_selection_epsilon", 0.05),
    number("semantic_search_topk"),
    flag("transcode_videos"),
    number("favorite_min_rating", 4),
    real("image_scale", 1.0),
    string("text_alignment", "right"),
    string("header_size", "large"),
    number("slideshow_interval_seconds", 5),
    string("save_metadata_to_disk", "OFF"),
    flag("save_face_tags_to_disk"),
    Column("datetime_rules", Json),
    Column("burst_detection_rules", Json),
    string("default_timezone", "UTC"),
    Column("llm_settings", Json),
    flag("public_sharing"),
    Column("public_sharing_defaults", Json),
    Column("default_timeline_filter", Json),
    flag("skip_raw_files"),
    flag("stack_raw_jpeg", default=True),
    string("duplicate_sensitivity", "normal"),
    flag("duplicate_clear_existing"),
    Column("nextcloud_server_address", Text),
    Column("nextcloud_username", Text),
    Column("nextcloud_app_password", Text),
    Column("nextcloud_scan_directory", Text),
    # When those with whom the account shares last had to learn something of it.
    Column("modified_at", Instant, nullable=False, server_default="0"),
    **NEVER_REUSE,
)

# One row a login. `sid` (128 random bits) is the claim in its tokens; `method` is how it began, such as `password`.
session = Table(
    "session",
    metadata,
    row_id(),
    Column("sid", Text, nullable=False, unique=True),
    reference("user_id", "user.id"),
    string("method", "password"),
    string("user_agent"),
    string("address"),
    instant("created_at"),
    instant("last_used_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    Index("ix_session_user_id", "user_id"),
    **NEVER_REUSE,
)

# Refresh tokens by `jti`; no token text is stored. `session_id` is null for tokens minted elsewhere with our key,
# `user_id` for one whose user is gone (they can still be blacklisted). `rotated_at`: it was exchanged for another one.
refresh_token = Table(
    "refresh_token",
    metadata,
    row_id(),
    Column("jti", Text, nullable=False),
    reference("session_id", "session.id", nullable=True, on_delete="SET NULL"),
    reference("user_id", "user.id", nullable=True, on_delete="SET NULL"),
    instant("issued_at"),
    instant("expires_at"),
    instant("revoked_at", nullable=True),
    instant("rotated_at", nullable=True),
    UniqueConstraint("jti"),
    Index("ix_refresh_token_session_id", "session_id"),
    Index("ix_refresh_token_user_id", "user_id"),
    Index("ix_refresh_token_expires_at", "expires_at"),
)

# `public_id` stands in the key's text and finds the row; `digest` is the SHA-256 of the whole text, which is stored
# nowhere. `scopes` are names with blanks between. `is_limited` stays true when the last of its albums is deleted.
# A key that was rotated works until `overlap_ends_at`.
api_key = Table(
    "api_key",
    metadata,
    row_id(),
    Column("public_id", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False),
    reference("user_id", "user.id"),
    string("name"),
    string("scopes"),
    flag("is_limited"),
    instant("created_at"),
    instant("expires_at", nullable=True),
    instant("last_used_at", nullable=True),
    string("last_address"),
    instant("revoked_at", nullable=True),
    reference("replaced_by", "api_key.id", nullable=True, on_delete="SET NULL"),
    instant("overlap_ends_at", nullable=True),
    Index("ix_api_key_user_id", "user_id"),
    Index("ix_api_key_replaced_by", "replaced_by"),
    **NEVER_REUSE,
)

# A link that was mailed to somebody who forgot the password. `digest` is the SHA-256 of its token, which is stored
# nowhere; `standing` is one of password and address at that time: a link outlives neither.
password_reset = Table(
    "password_reset",
    metadata,
    row_id(),
    reference("user_id", "user.id"),
    string("digest"),
    string("standing"),
    instant("created_at"),
    instant("expires_at"),
    Index("ix_password_reset_user_id", "user_id"),
    Index("ix_password_reset_expires_at", "expires_at"),
)
