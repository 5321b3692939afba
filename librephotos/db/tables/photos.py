"""Photos, their files, their metadata, days, and what was done to each file."""

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from librephotos.db.tables.base import (
    NEVER_REUSE,
    flag,
    instant,
    metadata,
    number,
    one_to_one,
    owner,
    reference,
    row_id,
    string,
)
from librephotos.db.types import BigInteger, Day, Json, RowId, WallClock

# The identity of a library root: what makes it the same disk tomorrow. An offline root changes nothing.
library_root = Table(
    "library_root",
    metadata,
    row_id(),
    Column("path", Text, nullable=False, unique=True),
    Column("device", BigInteger),
    Column("marker", Text),
    instant("seen_at", nullable=True),
    instant("offline_since", nullable=True),
    string("offline_reason"),
)

# One path of a user. `path_bytes` is the truth (os.fsencode); `path` is for people and may show escapes.
# `state`: `photo` (belongs to one), `skipped` (not ours to read, `reason` says why), `failed` (unreadable, `reason`).
# `pending` is what a scan has yet to do with it: 0 nothing, 1 read it, 2 read it again, 3 its path was not found,
# 4 read its metadata again, 5 wait until nobody writes to it, 6 read it when all others are: it shows another picture,
# 7 read it with the other uploads.
# `hash` is the MD5 followed by the owner's id. `kind` is the published number: 1 image, 2 video, 3 XMP, 4 RAW, 5 other.
# `stem_key` is a number of the folder and the name without its extension: files of one shot have the same, others
# hardly ever (library/grouping.py). `content_id` is what Apple writes into both halves of a live photo.
file = Table(
    "file",
    metadata,
    row_id(),
    owner(),
    reference("photo_id", "photo.id", nullable=True, on_delete="SET NULL"),
    Column("path_bytes", LargeBinary, nullable=False),
    string("path"),
    string("hash"),
    string("blake2b"),
    number("kind", 5),
    string("mime"),
    Column("size_bytes", BigInteger, nullable=False, server_default="0"),
    Column("mtime_ns", BigInteger, nullable=False, server_default="0"),
    Column("inode", BigInteger, nullable=False, server_default="0"),
    Column("device", BigInteger, nullable=False, server_default="0"),
    string("state", "photo"),
    string("reason"),
    flag("is_missing"),
    number("pending"),
    instant("added_at"),
    instant("checked_at"),
    Column("stem_key", BigInteger),
    string("content_id"),
    Column("video_seconds", Float),
    Column("aspect_ratio", Float),
    Column("perceptual_hash", Text),
    UniqueConstraint("owner_id", "path_bytes"),
    Index("ix_file_photo_id", "photo_id"),
    Index("ix_file_owner_id_hash", "owner_id", "hash"),
    Index("ix_file_owner_id_state", "owner_id", "state"),
    Index("ix_file_owner_id_path", "owner_id", "path"),
    Index("ix_file_owner_id_stem_key", "owner_id", "stem_key"),
    # What is to be read, the newest last.
    Index(
        "ix_file_pending",
        "owner_id",
        "pending",
        "mtime_ns",
        sqlite_where=literal_column("pending > 0"),
        postgresql_where=literal_column("pending > 0"),
    ),
    Index(
        "ix_file_missing",
        "owner_id",
        sqlite_where=literal_column("is_missing"),
        postgresql_where=literal_column("is_missing"),
    ),
    **NEVER_REUSE,
)

# A calendar day of an owner's photos; `date` null collects the undated ones. `photo_count` counts the visible.
day = Table(
    "day",
    metadata,
    row_id(),
    owner(),
    Column("date", Day),
    string("location"),
    number("photo_count"),
    # Those of them that a stack keeps out of the timeline.
    number("stacked_count"),
    UniqueConstraint("owner_id", "date"),
    Index(
        "uq_day_undated",
        "owner_id",
        unique=True,
        sqlite_where=Column("date").is_(None),
        postgresql_where=Column("date").is_(None),
    ),
    **NEVER_REUSE,
)

VISIBLE = "aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed"


def to_locate(dialect: str) -> str:
    """The condition that the position is not the one whose places were looked up, as the partial index spells it."""
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return f"(gps_lat {differs} located_lat OR gps_lon {differs} located_lon)"


# `place` is the last but one of the photo's places, by which its day is called.
# A timeline entry: what grids show. `aspect_ratio` is null until thumbnails exist (then the photo is ready).
# `image_hash` names it for good; `content_hash` is the hash of its main file as last read, by which a photo is known
# again when no file of it is left. `chosen_hash` is what somebody chose as its main file, and `chosen_file_id` where
# that lay last (photos/main_files.py); null where the rule decides.
photo = Table(
    "photo",
    metadata,
    row_id(),
    Column("uuid", Text, nullable=False, unique=True),
    Column("image_hash", Text, nullable=False),
    owner(),
    Column("main_file_id", RowId),
    reference("day_id", "day.id", nullable=True, on_delete="SET NULL"),
    instant("added_at"),
    instant("modified_at"),
    Column("taken_local", WallClock),
    Column("taken_offset_minutes", Integer),
    Column("taken_by", Json),
    Column("user_taken_local", WallClock),
    Column("gps_lat", Float),
    Column("gps_lon", Float),
    string("location"),
    number("rating"),
    flag("is_hidden"),
    flag("is_trashed"),
    flag("is_removed"),
    flag("is_public"),
    flag("is_video"),
    string("video_length"),
    flag("has_motion_clip"),
    flag("has_raw_variant"),
    flag("is_hdr"),
    flag("is_screenshot"),
    flag("is_document"),
    string("category_source", "auto"),
    Column("size_bytes", BigInteger, nullable=False, server_default="0"),
    Column("aspect_ratio", Float),
    string("dominant_color"),
    Column("thumbhash", Text),
    Column("perceptual_hash", Text),
    number("local_orientation", 1),
    number("thumbnail_version"),
    # The position that `location` and `place` were looked up for; where it differs, they are to be looked up again.
    Column("located_lat", Float),
    Column("located_lon", Float),
    string("place"),
    # What somebody said instead of the file: [latitude, longitude], both null for "nowhere".
    Column("user_position", Json),
    string("content_hash"),
    # A stack keeps it out of grids, which only a visible photo is kept out of; and the stacks that it is in, as grids
    # send them. Both are kept by `stacks/`.
    flag("is_stacked"),
    Column("stack_badges", Json),
    Column("chosen_hash", Text),
    Column("chosen_file_id", RowId),
    Index(
        "ix_photo_stacked",
        "day_id",
        sqlite_where=literal_column("is_stacked"),
        postgresql_where=literal_column("is_stacked"),
    ),
    Index("ix_photo_image_hash", "image_hash"),
    Index("ix_photo_day_id_taken_local", "day_id", "taken_local"),
    Index("ix_photo_owner_id_taken_local", "owner_id", "taken_local"),
    # The owner's visible photos in order of time: counting them, or leaving out thousands, reads no rows. SQLite takes
    # it for that only when the columns of the condition stand in it too, and has undated ones last when it reads
    # backwards; PostgreSQL must be told.
    Index(
        "ix_photo_own_visible",
        "owner_id",
        "taken_local",
        "id",
        "aspect_ratio",
        "is_hidden",
        "is_trashed",
        "is_removed",
        sqlite_where=literal_column(VISIBLE),
        postgresql_where=literal_column(VISIBLE),
        postgresql_ops={"taken_local": "DESC NULLS LAST", "id": "DESC"},
    ),
    Index("ix_photo_owner_id_added_at", "owner_id", "added_at"),
    Index("ix_photo_owner_id_modified_at_uuid", "owner_id", "modified_at", "uuid"),
    Index("ix_photo_main_file_id", "main_file_id"),
    Index(
        "ix_photo_to_locate",
        "owner_id",
        "id",
        sqlite_where=literal_column(to_locate("sqlite")),
        postgresql_where=literal_column(to_locate("postgresql")),
    ),
    Index("ix_photo_content_hash", "content_hash"),
    Index(
        "ix_photo_pathless",
        "owner_id",
        sqlite_where=literal_column("main_file_id IS NULL"),
        postgresql_where=literal_column("main_file_id IS NULL"),
    ),
    Index("ix_photo_owner_id_perceptual_hash", "owner_id", "perceptual_hash"),
    # Counting a day's visible photos, or an owner's public ones, must not read their rows.
    Index(
        "ix_photo_visible",
        "day_id",
        sqlite_where=literal_column(VISIBLE),
        postgresql_where=literal_column(VISIBLE),
    ),
    Index(
        "ix_photo_public",
        "owner_id",
        sqlite_where=literal_column(f"is_public AND {VISIBLE}"),
        postgresql_where=literal_column(f"is_public AND {VISIBLE}"),
    ),
    **NEVER_REUSE,
)

# What the detail shows beyond the grid; one row a photo. `from_file` is what the files last said of what people may
# change as well (rating, caption, keywords, position): as long as a value is still that, a new reading may replace it.
photo_metadata = Table(
    "photo_metadata",
    metadata,
    one_to_one("photo_id", "photo.id"),
    Column("width", Integer),
    Column("height", Integer),
    Column("fstop", Float),
    Column("focal_length", Float),
    Column("focal_length_35", Integer),
    Column("iso", Integer),
    Column("shutter_speed", Text),
    Column("camera_make", Text),
    Column("camera_model", Text),
    Column("lens", Text),
    Column("subject_distance", Float),
    Column("digital_zoom", Float),
    Column("keywords", Json),
    Column("captions", Json),
    string("search_captions"),
    Column("geolocation", Json),
    Column("tags", Json),
    string("reader"),
    string("source", "embedded"),
    number("version", 1),
    Column("video_playback_type", Text),
    # What people typed over the file's own metadata, by the published names of the fields.
    Column("edits", Json),
    # What the files said last of rating, caption and keywords, which people may change as well.
    Column("from_file", Json),
)

# Who changed which field of a photo's metadata, and from what to what (JSON); rows are only ever added.
metadata_edit = Table(
    "metadata_edit",
    metadata,
    row_id(),
    Column("uuid", Text, nullable=False, unique=True),
    reference("photo_id", "photo.id"),
    reference("user_id", "user.id", nullable=True, on_delete="SET NULL"),
    string("field_name"),
    Column("old_value", Json),
    Column("new_value", Json),
    flag("is_synced"),
    instant("synced_at", nullable=True),
    instant("created_at"),
    Index("ix_metadata_edit_photo_id", "photo_id", "id"),
    **NEVER_REUSE,
)

# What is to be written into a photo's files, where its owner wants that. `due_at` is null while nothing waits,
# `begun_at` set while a draft may lie beside a file. `written` is what was written last of what stands over the file's
# own (time, position, texts), by field; `own` what the file said of time and position before, to say it again.
write_back = Table(
    "write_back",
    metadata,
    one_to_one("photo_id", "photo.id"),
    instant("due_at", nullable=True),
    instant("begun_at", nullable=True),
    Column("written", Json),
    Column("own", Json),
    Index(
        "ix_write_back_due_at",
        "due_at",
        sqlite_where=literal_column("due_at IS NOT NULL"),
        postgresql_where=literal_column("due_at IS NOT NULL"),
    ),
    Index(
        "ix_write_back_begun_at",
        "begun_at",
        sqlite_where=literal_column("begun_at IS NOT NULL"),
        postgresql_where=literal_column("begun_at IS NOT NULL"),
    ),
)

# All that a photo is found by, as `search/texts.py` composes it. Whose it is and whether it is seen stand with it, so
# that counting what a common word finds reads nothing else. What indexes it is in `db/text_search.py`.
photo_search = Table(
    "photo_search",
    metadata,
    one_to_one("photo_id", "photo.id"),
    Column("owner_id", RowId, nullable=False),
    flag("is_shown"),
    string("text"),
    # Counting by the index alone leaves these out again.
    Index(
        "ix_photo_search_unshown",
        "photo_id",
        sqlite_where=literal_column("is_shown IS 0"),
        postgresql_where=literal_column("is_shown IS FALSE"),
    ),
)

# What happened to a photo, a row per step: `state` is done, failed or not_applicable; `reason` says why.
photo_step = Table(
    "photo_step",
    metadata,
    reference("photo_id", "photo.id"),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    string("reason"),
    instant("finished_at"),
    UniqueConstraint("photo_id", "step"),
    Index(
        "ix_photo_step_failed",
        "photo_id",
        sqlite_where=literal_column("state = 'failed'"),
        postgresql_where=literal_column("state = 'failed'"),
    ),
)

# Clips found inside a still; `hash` is what `embedded_media` sends as id.
embedded_media = Table(
    "embedded_media",
    metadata,
    row_id(),
    reference("photo_id", "photo.id"),
    string("hash"),
    string("path"),
    flag("is_video", default=True),
    Index("ix_embedded_media_photo_id", "photo_id"),
    Index("ix_embedded_media_hash", "hash"),
)
