"""Stacks and duplicates"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "detection",
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("seen_photo_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_detection_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_detection")),
    )
    op.create_table(
        "duplicate_group",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("review_status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("kept_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("suggested_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("live_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("savings_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kept_photo_id"],
            ["photo.id"],
            name=op.f("fk_duplicate_group_kept_photo_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_duplicate_group_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_group")),
        sa.UniqueConstraint("uuid", name=op.f("uq_duplicate_group_uuid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("duplicate_group", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_group_kept_photo_id", ["kept_photo_id"], unique=False)
        batch_op.create_index(
            "ix_duplicate_group_owner_id_created_at", ["owner_id", "created_at"], unique=False
        )

    op.create_table(
        "photo_stack",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("primary_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shown_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("live_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sequence_start", sa.Text(), nullable=True),
        sa.Column("sequence_end", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_photo_stack_owner_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["primary_photo_id"],
            ["photo.id"],
            name=op.f("fk_photo_stack_primary_photo_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_stack")),
        sa.UniqueConstraint("uuid", name=op.f("uq_photo_stack_uuid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("photo_stack", schema=None) as batch_op:
        batch_op.create_index("ix_photo_stack_owner_id_created_at", ["owner_id", "created_at"], unique=False)
        batch_op.create_index("ix_photo_stack_primary_photo_id", ["primary_photo_id"], unique=False)

    op.create_table(
        "duplicate_photo",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["duplicate_group.id"], name=op.f("fk_duplicate_photo_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_duplicate_photo_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "photo_id", name=op.f("pk_duplicate_photo")),
    )
    with op.batch_alter_table("duplicate_photo", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_photo_photo_id", ["photo_id"], unique=False)

    op.create_table(
        "stack_photo",
        sa.Column("stack_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_stack_photo_photo_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stack_id"], ["photo_stack.id"], name=op.f("fk_stack_photo_stack_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stack_id", "photo_id", name=op.f("pk_stack_photo")),
    )
    with op.batch_alter_table("stack_photo", schema=None) as batch_op:
        batch_op.create_index("ix_stack_photo_photo_id", ["photo_id"], unique=False)

    with op.batch_alter_table("day", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stacked_count", sa.Integer(), server_default="0", nullable=False))

    # Not in a batch, which would make the whole table anew for the default of a boolean.
    op.add_column(
        "photo", sa.Column("is_stacked", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stack_badges", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_photo_stacked",
            ["day_id"],
            unique=False,
            sqlite_where=sa.text("is_stacked"),
            postgresql_where=sa.text("is_stacked"),
        )
