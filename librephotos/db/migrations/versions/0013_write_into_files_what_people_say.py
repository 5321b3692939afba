"""Write into files what people say"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "write_back",
        sa.Column(
            "photo_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("own", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_write_back_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_write_back")),
    )
    with op.batch_alter_table("write_back", schema=None) as batch_op:
        batch_op.create_index(
            "ix_write_back_begun_at",
            ["begun_at"],
            unique=False,
            sqlite_where=sa.text("begun_at IS NOT NULL"),
            postgresql_where=sa.text("begun_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_write_back_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
