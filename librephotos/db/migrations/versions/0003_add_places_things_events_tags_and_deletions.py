"""Add places, things, events, tags and deletions"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deletion_log",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_deletion_log_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_log")),
        sa.UniqueConstraint(
            "owner_id", "entity", "entity_id", name=op.f("uq_deletion_log_owner_id_entity_entity_id")
        ),
    )
    with op.batch_alter_table("deletion_log", schema=None) as batch_op:
        batch_op.create_index("ix_deletion_log_deleted_at", ["deleted_at"], unique=False)
        batch_op.create_index("ix_deletion_log_owner_id_deleted_at", ["owner_id", "deleted_at"], unique=False)

    op.create_table(
        "event_album",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("has_own_title", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("happened_local", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("is_favorite", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cover_ids", sa.Text(), server_default="[]", nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_event_album_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_album")),
        sa.UniqueConstraint(
            "owner_id", "happened_local", name=op.f("uq_event_album_owner_id_happened_local")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "place_album",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("geolocation_level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cover_ids", sa.Text(), server_default="[]", nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_place_album_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_album")),
        sa.UniqueConstraint("owner_id", "title", name=op.f("uq_place_album_owner_id_title")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tag",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_tag_owner_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_tag_owner_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "thing_album",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("thing_type", sa.Text(), server_default="", nullable=False),
        sa.Column("photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cover_ids", sa.Text(), server_default="[]", nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_thing_album_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thing_album")),
        sa.UniqueConstraint(
            "owner_id", "thing_type", "title", name=op.f("uq_thing_album_owner_id_thing_type_title")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event_photo",
        sa.Column("album_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("taken_local", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["event_album.id"], name=op.f("fk_event_photo_album_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_event_photo_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("album_id", "photo_id", name=op.f("pk_event_photo")),
    )
    with op.batch_alter_table("event_photo", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_photo_newest", ["album_id", "is_shown", "taken_local", "photo_id"], unique=False
        )
        batch_op.create_index("ix_event_photo_photo_id", ["photo_id"], unique=False)

    op.create_table(
        "photo_tag",
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), server_default="file", nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_photo_tag_photo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_photo_tag_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tag_id", "photo_id", name=op.f("pk_photo_tag")),
    )
    with op.batch_alter_table("photo_tag", schema=None) as batch_op:
        batch_op.create_index("ix_photo_tag_photo_id", ["photo_id"], unique=False)

    op.create_table(
        "place_photo",
        sa.Column("album_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("taken_local", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["place_album.id"], name=op.f("fk_place_photo_album_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_place_photo_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("album_id", "photo_id", name=op.f("pk_place_photo")),
    )
    with op.batch_alter_table("place_photo", schema=None) as batch_op:
        batch_op.create_index(
            "ix_place_photo_newest", ["album_id", "is_shown", "taken_local", "photo_id"], unique=False
        )
        batch_op.create_index("ix_place_photo_photo_id", ["photo_id"], unique=False)

    op.create_table(
        "thing_photo",
        sa.Column("album_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("taken_local", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["thing_album.id"], name=op.f("fk_thing_photo_album_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_thing_photo_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("album_id", "photo_id", name=op.f("pk_thing_photo")),
    )
    with op.batch_alter_table("thing_photo", schema=None) as batch_op:
        batch_op.create_index(
            "ix_thing_photo_newest", ["album_id", "is_shown", "taken_local", "photo_id"], unique=False
        )
        batch_op.create_index("ix_thing_photo_photo_id", ["photo_id"], unique=False)

    with op.batch_alter_table("album", schema=None) as batch_op:
        batch_op.add_column(sa.Column("modified_at", sa.BigInteger(), server_default="0", nullable=False))

    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("located_lat", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("located_lon", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("place", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(
            "ix_photo_to_locate",
            ["owner_id", "id"],
            unique=False,
            sqlite_where=sa.text("(gps_lat IS NOT located_lat OR gps_lon IS NOT located_lon)"),
            postgresql_where=sa.text(
                "(gps_lat IS DISTINCT FROM located_lat OR gps_lon IS DISTINCT FROM located_lon)"
            ),
        )

    op.execute("UPDATE album SET modified_at = saved_at")
