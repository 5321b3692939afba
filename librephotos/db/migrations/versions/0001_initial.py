"""The first schema."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("latest_at", sa.BigInteger(), nullable=False),
        sa.Column("occurrence_count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), server_default="", nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.Text(), server_default="ok", nullable=False),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.Column("merge_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("merge_key", name=op.f("uq_audit_event_merge_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_event_actor_id", "audit_event", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_event_happened_at", "audit_event", ["happened_at"], unique=False)
    op.create_index("ix_audit_event_kind", "audit_event", ["kind", "id"], unique=False)
    op.create_index("ix_audit_event_subject_id", "audit_event", ["subject_id", "id"], unique=False)
    op.create_table(
        "fact",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "library_root",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=True),
        sa.Column("marker", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("offline_since", sa.BigInteger(), nullable=True),
        sa.Column("offline_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_root")),
        sa.UniqueConstraint("path", name=op.f("uq_library_root_path")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("failure_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("window_ends_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_window_ends_at", "login_attempt", ["window_ends_at"], unique=False)
    op.create_table(
        "site_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_site_setting")),
    )
    op.create_table(
        "user",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_staff", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("last_login_at", sa.BigInteger(), nullable=True),
        sa.Column("tokens_valid_from", sa.BigInteger(), nullable=False),
        sa.Column("list_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("public_photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("scan_directory", sa.Text(), server_default="", nullable=False),
        sa.Column("upload_directory", sa.Text(), server_default="", nullable=False),
        sa.Column("avatar", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), server_default="0.1", nullable=False),
        sa.Column("confidence_person", sa.Float(), server_default="0.9", nullable=False),
        sa.Column("confidence_unknown_face", sa.Float(), server_default="0.5", nullable=False),
        sa.Column("min_cluster_size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("min_samples", sa.Integer(), server_default="1", nullable=False),
        sa.Column("cluster_selection_epsilon", sa.Float(), server_default="0.05", nullable=False),
        sa.Column("semantic_search_topk", sa.Integer(), server_default="0", nullable=False),
        sa.Column("transcode_videos", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("favorite_min_rating", sa.Integer(), server_default="4", nullable=False),
        sa.Column("image_scale", sa.Float(), server_default="1.0", nullable=False),
        sa.Column("text_alignment", sa.Text(), server_default="right", nullable=False),
        sa.Column("header_size", sa.Text(), server_default="large", nullable=False),
        sa.Column("slideshow_interval_seconds", sa.Integer(), server_default="5", nullable=False),
        sa.Column("save_metadata_to_disk", sa.Text(), server_default="OFF", nullable=False),
        sa.Column("save_face_tags_to_disk", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("datetime_rules", sa.Text(), nullable=True),
        sa.Column("burst_detection_rules", sa.Text(), nullable=True),
        sa.Column("default_timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("llm_settings", sa.Text(), nullable=True),
        sa.Column("public_sharing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("public_sharing_defaults", sa.Text(), nullable=True),
        sa.Column("default_timeline_filter", sa.Text(), nullable=True),
        sa.Column("skip_raw_files", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stack_raw_jpeg", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("duplicate_sensitivity", sa.Text(), server_default="normal", nullable=False),
        sa.Column("duplicate_clear_existing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("nextcloud_server_address", sa.Text(), nullable=True),
        sa.Column("nextcloud_username", sa.Text(), nullable=True),
        sa.Column("nextcloud_app_password", sa.Text(), nullable=True),
        sa.Column("nextcloud_scan_directory", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "worker",
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("pid", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("executor", name=op.f("pk_worker")),
    )
    op.create_table(
        "api_key",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("is_limited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("last_address", sa.Text(), server_default="", nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("overlap_ends_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["api_key.id"], name=op.f("fk_api_key_replaced_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_api_key_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_key_public_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_key_replaced_by", "api_key", ["replaced_by"], unique=False)
    op.create_index("ix_api_key_user_id", "api_key", ["user_id"], unique=False)
    op.create_table(
        "day",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("date", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_day_owner_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day")),
        sa.UniqueConstraint("owner_id", "date", name=op.f("uq_day_owner_id_date")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_day_undated",
        "day",
        ["owner_id"],
        unique=True,
        sqlite_where=sa.text("date IS NULL"),
        postgresql_where=sa.text("date IS NULL"),
    )
    op.create_table(
        "job",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("job_type", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("arguments", sa.Text(), server_default="{}", nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("progressed_at", sa.BigInteger(), nullable=True),
        sa.Column("progress_current", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress_target", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress_step", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_job_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("job_id", name=op.f("uq_job_job_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_job_held",
        "job",
        ["worker"],
        unique=False,
        sqlite_where=sa.text("worker IS NOT NULL"),
        postgresql_where=sa.text("worker IS NOT NULL"),
    )
    op.create_index("ix_job_state", "job", ["state"], unique=False)
    op.create_index(
        "ix_job_unfinished",
        "job",
        ["id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("ix_job_user_id_started_at", "job", ["user_id", "started_at"], unique=False)
    op.create_table(
        "known_device",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_known_device_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("user_id", "digest", name=op.f("uq_known_device_user_id_digest")),
    )
    op.create_index("ix_known_device_digest", "known_device", ["digest"], unique=False)
    op.create_index("ix_known_device_last_used_at", "known_device", ["last_used_at"], unique=False)
    op.create_table(
        "person",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="USER", nullable=False),
        sa.Column("face_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_person_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_person_owner_id_name", "person", ["owner_id", "name"], unique=False)
    op.create_table(
        "session",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method", sa.Text(), server_default="password", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("sid", name=op.f("uq_session_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False)
    op.create_table(
        "photo",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("image_hash", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("main_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_local", sa.Text(), nullable=True),
        sa.Column("taken_offset_minutes", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("user_taken_local", sa.Text(), nullable=True),
        sa.Column("gps_lat", sa.Float(), nullable=True),
        sa.Column("gps_lon", sa.Float(), nullable=True),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("rating", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_trashed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_video", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("video_length", sa.Text(), server_default="", nullable=False),
        sa.Column("has_motion_clip", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_raw_variant", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_hdr", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_screenshot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_document", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("category_source", sa.Text(), server_default="auto", nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("aspect_ratio", sa.Float(), nullable=True),
        sa.Column("dominant_color", sa.Text(), server_default="", nullable=False),
        sa.Column("thumbhash", sa.Text(), nullable=True),
        sa.Column("perceptual_hash", sa.Text(), nullable=True),
        sa.Column("local_orientation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("thumbnail_version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["day.id"], name=op.f("fk_photo_day_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_photo_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("uuid", name=op.f("uq_photo_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_photo_day_id_taken_local", "photo", ["day_id", "taken_local"], unique=False)
    op.create_index("ix_photo_image_hash", "photo", ["image_hash"], unique=False)
    op.create_index("ix_photo_main_file_id", "photo", ["main_file_id"], unique=False)
    op.create_index(
        "ix_photo_own_visible",
        "photo",
        ["owner_id", "taken_local", "id", "aspect_ratio", "is_hidden", "is_trashed", "is_removed"],
        unique=False,
        sqlite_where=sa.text(
            "aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"
        ),
        postgresql_where=sa.text(
            "aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"
        ),
        postgresql_ops={"taken_local": "DESC NULLS LAST", "id": "DESC"},
    )
    op.create_index("ix_photo_owner_id_added_at", "photo", ["owner_id", "added_at"], unique=False)
    op.create_index("ix_photo_owner_id_modified_at", "photo", ["owner_id", "modified_at"], unique=False)
    op.create_index("ix_photo_owner_id_taken_local", "photo", ["owner_id", "taken_local"], unique=False)
    op.create_index(
        "ix_photo_public",
        "photo",
        ["owner_id"],
        unique=False,
        sqlite_where=sa.text(
            "is_public AND aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"
        ),
        postgresql_where=sa.text(
            "is_public AND aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"
        ),
    )
    op.create_index(
        "ix_photo_visible",
        "photo",
        ["day_id"],
        unique=False,
        sqlite_where=sa.text(
            "aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"
        ),
        postgresql_where=sa.text(
            "aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"
        ),
    )
    op.create_table(
        "refresh_token",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("rotated_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_refresh_token_session_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_refresh_token_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("jti", name=op.f("uq_refresh_token_jti")),
    )
    op.create_index("ix_refresh_token_expires_at", "refresh_token", ["expires_at"], unique=False)
    op.create_index("ix_refresh_token_session_id", "refresh_token", ["session_id"], unique=False)
    op.create_index("ix_refresh_token_user_id", "refresh_token", ["user_id"], unique=False)
    op.create_table(
        "album",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("is_favorite", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cover_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["cover_photo_id"], ["photo.id"], name=op.f("fk_album_cover_photo_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_album_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_album")),
        sa.UniqueConstraint("owner_id", "title", name=op.f("uq_album_owner_id_title")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "embedded_media",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.Text(), server_default="", nullable=False),
        sa.Column("path", sa.Text(), server_default="", nullable=False),
        sa.Column("is_video", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_embedded_media_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedded_media")),
    )
    op.create_index("ix_embedded_media_photo_id", "embedded_media", ["photo_id"], unique=False)
    op.create_table(
        "face",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("image", sa.Text(), server_default="", nullable=False),
        sa.Column("location_top", sa.Integer(), server_default="0", nullable=False),
        sa.Column("location_right", sa.Integer(), server_default="0", nullable=False),
        sa.Column("location_bottom", sa.Integer(), server_default="0", nullable=False),
        sa.Column("location_left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cluster_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cluster_probability", sa.Float(), server_default="0", nullable=False),
        sa.Column(
            "classification_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("classification_probability", sa.Float(), server_default="0", nullable=False),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["classification_person_id"],
            ["person.id"],
            name=op.f("fk_face_classification_person_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["cluster_person_id"], ["person.id"], name=op.f("fk_face_cluster_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_face_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_face_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_face")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_face_classification_person_id", "face", ["classification_person_id"], unique=False)
    op.create_index("ix_face_person_id", "face", ["person_id"], unique=False)
    op.create_index("ix_face_photo_id", "face", ["photo_id"], unique=False)
    op.create_table(
        "file",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("path_bytes", sa.LargeBinary(), nullable=False),
        sa.Column("path", sa.Text(), server_default="", nullable=False),
        sa.Column("hash", sa.Text(), server_default="", nullable=False),
        sa.Column("blake2b", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Integer(), server_default="5", nullable=False),
        sa.Column("mime", sa.Text(), server_default="", nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("inode", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("device", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="photo", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("is_missing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pending", sa.Integer(), server_default="0", nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_file_owner_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_file_photo_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("owner_id", "path_bytes", name=op.f("uq_file_owner_id_path_bytes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_file_owner_id_hash", "file", ["owner_id", "hash"], unique=False)
    op.create_index("ix_file_owner_id_path", "file", ["owner_id", "path"], unique=False)
    op.create_index("ix_file_owner_id_state", "file", ["owner_id", "state"], unique=False)
    op.create_index(
        "ix_file_pending",
        "file",
        ["owner_id", "pending", "id"],
        unique=False,
        sqlite_where=sa.text("pending > 0"),
        postgresql_where=sa.text("pending > 0"),
    )
    op.create_index("ix_file_photo_id", "file", ["photo_id"], unique=False)
    op.create_table(
        "photo_metadata",
        sa.Column(
            "photo_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("fstop", sa.Float(), nullable=True),
        sa.Column("focal_length", sa.Float(), nullable=True),
        sa.Column("focal_length_35", sa.Integer(), nullable=True),
        sa.Column("iso", sa.Integer(), nullable=True),
        sa.Column("shutter_speed", sa.Text(), nullable=True),
        sa.Column("camera_make", sa.Text(), nullable=True),
        sa.Column("camera_model", sa.Text(), nullable=True),
        sa.Column("lens", sa.Text(), nullable=True),
        sa.Column("subject_distance", sa.Float(), nullable=True),
        sa.Column("digital_zoom", sa.Float(), nullable=True),
        sa.Column("keywords", sa.Text(), nullable=True),
        sa.Column("captions", sa.Text(), nullable=True),
        sa.Column("search_captions", sa.Text(), server_default="", nullable=False),
        sa.Column("geolocation", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("reader", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="embedded", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("video_playback_type", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_photo_metadata_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_metadata")),
    )
    op.create_table(
        "photo_share",
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_photo_share_photo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_photo_share_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", "user_id", name=op.f("pk_photo_share")),
    )
    op.create_index("ix_photo_share_user_id", "photo_share", ["user_id"], unique=False)
    op.create_table(
        "photo_step",
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_photo_step_photo_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("photo_id", "step", name=op.f("uq_photo_step_photo_id_step")),
    )
    op.create_table(
        "album_link",
        sa.Column(
            "album_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("share_location", sa.Boolean(), nullable=True),
        sa.Column("share_camera_info", sa.Boolean(), nullable=True),
        sa.Column("share_timestamps", sa.Boolean(), nullable=True),
        sa.Column("share_captions", sa.Boolean(), nullable=True),
        sa.Column("share_faces", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["album_id"], ["album.id"], name=op.f("fk_album_link_album_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("album_id", name=op.f("pk_album_link")),
        sa.UniqueConstraint("slug", name=op.f("uq_album_link_slug")),
    )
    op.create_table(
        "album_photo",
        sa.Column("album_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["album.id"], name=op.f("fk_album_photo_album_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_album_photo_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("album_id", "photo_id", name=op.f("pk_album_photo")),
    )
    op.create_index("ix_album_photo_photo_id", "album_photo", ["photo_id"], unique=False)
    op.create_table(
        "album_share",
        sa.Column("album_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["album.id"], name=op.f("fk_album_share_album_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_album_share_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("album_id", "user_id", name=op.f("pk_album_share")),
    )
    op.create_index("ix_album_share_user_id", "album_share", ["user_id"], unique=False)
    op.create_table(
        "api_key_album",
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("album_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["album.id"], name=op.f("fk_api_key_album_album_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name=op.f("fk_api_key_album_key_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key_id", "album_id", name=op.f("pk_api_key_album")),
    )
    op.create_index("ix_api_key_album_album_id", "api_key_album", ["album_id"], unique=False)
    for text in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(text)
    _seed()


def _seed() -> None:
    """The epoch of this database: another one after it was restored or made anew."""
    text = sa.column("value", sa.Text()), sa.column("name", sa.Text())
    op.bulk_insert(sa.table("fact", *text), [{"name": "epoch", "value": secrets.token_urlsafe(16)}])


# What keeps the audit log append-only.
GUARDS = {
    "sqlite": [
        """CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON audit_event
WHEN NOT (OLD.merge_key IS NOT NULL
  AND NEW.occurrence_count > OLD.occurrence_count
  AND NEW.latest_at >= OLD.latest_at
  AND NEW.id IS OLD.id
  AND NEW.happened_at IS OLD.happened_at
  AND NEW.kind IS OLD.kind
  AND NEW.actor_id IS OLD.actor_id
  AND NEW.actor_name IS OLD.actor_name
  AND NEW.subject_id IS OLD.subject_id
  AND NEW.method IS OLD.method
  AND NEW.address IS OLD.address
  AND NEW.user_agent IS OLD.user_agent
  AND NEW.target IS OLD.target
  AND NEW.result IS OLD.result
  AND NEW.detail IS OLD.detail
  AND NEW.merge_key IS OLD.merge_key)
BEGIN SELECT RAISE(ABORT, 'an audit event is never changed'); END""",
        """CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
WHEN OLD.happened_at >= CAST(strftime('%s', 'now') AS INTEGER) * 1000000 - COALESCE(
  (SELECT CAST(value AS INTEGER) FROM fact WHERE name = 'audit_kept_days'), 100000
) * 86400000000
BEGIN SELECT RAISE(ABORT, 'an audit event is kept until its time is over'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN RAISE EXCEPTION 'an audit event is kept until its time is over'; END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.happened_at >= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - COALESCE(
  (SELECT CAST(value AS INTEGER) FROM fact WHERE name = 'audit_kept_days'), 100000
) * 86400000000
    THEN RAISE EXCEPTION 'an audit event is kept until its time is over'; END IF;
    RETURN OLD;
  END IF;
  IF NOT (OLD.merge_key IS NOT NULL
  AND NEW.occurrence_count > OLD.occurrence_count
  AND NEW.latest_at >= OLD.latest_at
  AND NEW.id IS NOT DISTINCT FROM OLD.id
  AND NEW.happened_at IS NOT DISTINCT FROM OLD.happened_at
  AND NEW.kind IS NOT DISTINCT FROM OLD.kind
  AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id
  AND NEW.actor_name IS NOT DISTINCT FROM OLD.actor_name
  AND NEW.subject_id IS NOT DISTINCT FROM OLD.subject_id
  AND NEW.method IS NOT DISTINCT FROM OLD.method
  AND NEW.address IS NOT DISTINCT FROM OLD.address
  AND NEW.user_agent IS NOT DISTINCT FROM OLD.user_agent
  AND NEW.target IS NOT DISTINCT FROM OLD.target
  AND NEW.result IS NOT DISTINCT FROM OLD.result
  AND NEW.detail IS NOT DISTINCT FROM OLD.detail
  AND NEW.merge_key IS NOT DISTINCT FROM OLD.merge_key) THEN RAISE EXCEPTION 'an audit event is never changed'; END IF;
  RETURN NEW;
END $$""",
        """CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()""",
        """CREATE TRIGGER audit_event_never_emptied BEFORE TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()""",
    ],
}
