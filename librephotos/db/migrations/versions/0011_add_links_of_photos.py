"""Add links of photos"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_link",
        sa.Column(
            "photo_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_photo_link_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_photo_link_digest")),
    )
    with op.batch_alter_table("album_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_chosen", sa.Boolean(), server_default=sa.false(), nullable=False))
