"""Order changes by their commits"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_clock",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("stamped_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_clock")),
    )
    op.create_table(
        "sight",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_uuid", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_sight_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_sight_photo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sight_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sight")),
        sa.UniqueConstraint("user_id", "photo_id", name=op.f("uq_sight_user_id_photo_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sight", schema=None) as batch_op:
        batch_op.create_index("ix_sight_owner_id_user_id", ["owner_id", "user_id"], unique=False)
        batch_op.create_index("ix_sight_photo_id", ["photo_id"], unique=False)
        batch_op.create_index(
            "ix_sight_user_id_modified_at", ["user_id", "modified_at", "photo_uuid"], unique=False
        )
        batch_op.create_index("ix_sight_user_id_owner_id", ["user_id", "owner_id"], unique=False)

    with op.batch_alter_table("album", schema=None) as batch_op:
        batch_op.create_index(
            "ix_album_owner_id_modified_at", ["owner_id", "modified_at", "id"], unique=False
        )

    with op.batch_alter_table("deletion_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deletion_log_owner_id_deleted_at"))
        batch_op.create_index(
            "ix_deletion_log_owner_id_entity", ["owner_id", "entity", "deleted_at"], unique=False
        )

    with op.batch_alter_table("event_album", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_album_owner_id_modified_at", ["owner_id", "modified_at", "id"], unique=False
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            "ix_person_owner_id_modified_at", ["owner_id", "modified_at", "id"], unique=False
        )

    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_photo_owner_id_modified_at"))
        batch_op.create_index(
            "ix_photo_owner_id_modified_at_uuid", ["owner_id", "modified_at", "uuid"], unique=False
        )

    with op.batch_alter_table("place_album", schema=None) as batch_op:
        batch_op.create_index(
            "ix_place_album_owner_id_modified_at", ["owner_id", "modified_at", "id"], unique=False
        )

    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index("ix_tag_owner_id_modified_at", ["owner_id", "modified_at", "id"], unique=False)

    with op.batch_alter_table("thing_album", schema=None) as batch_op:
        batch_op.create_index(
            "ix_thing_album_owner_id_modified_at", ["owner_id", "modified_at", "id"], unique=False
        )

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("modified_at", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("""UPDATE "user" SET modified_at = joined_at""")
    op.execute("INSERT INTO change_clock (id, stamped_at) SELECT 1, COALESCE(MAX(modified_at), 0) FROM photo")
    op.execute(SEEN)


# Who sees which photo of others now, directly or in an album of the photo's owner.
SEEN = """
INSERT INTO sight (user_id, photo_id, owner_id, photo_uuid, modified_at)
SELECT shared.user_id, photo.id, photo.owner_id, photo.uuid, photo.modified_at
FROM (
    SELECT photo_id, user_id FROM photo_share
    UNION
    SELECT album_photo.photo_id, album_share.user_id
    FROM album_share
    JOIN album ON album.id = album_share.album_id
    JOIN album_photo ON album_photo.album_id = album.id
    JOIN photo AS member ON member.id = album_photo.photo_id AND member.owner_id = album.owner_id
) AS shared
JOIN photo ON photo.id = shared.photo_id
WHERE shared.user_id <> photo.owner_id AND photo.aspect_ratio IS NOT NULL
  AND NOT photo.is_hidden AND NOT photo.is_trashed AND NOT photo.is_removed
"""
