"""Find photos again by what they last held"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_pending"), sqlite_where=sa.text("pending > 0"))
        batch_op.create_index(
            "ix_file_pending",
            ["owner_id", "pending", "mtime_ns"],
            unique=False,
            sqlite_where=sa.text("pending > 0"),
            postgresql_where=sa.text("pending > 0"),
        )

    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content_hash", sa.Text(), server_default="", nullable=False))
        batch_op.create_index("ix_photo_content_hash", ["content_hash"], unique=False)
        batch_op.create_index(
            "ix_photo_pathless",
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("main_file_id IS NULL"),
            postgresql_where=sa.text("main_file_id IS NULL"),
        )
        batch_op.create_index(
            "ix_photo_owner_id_perceptual_hash", ["owner_id", "perceptual_hash"], unique=False
        )
    op.execute(
        "UPDATE photo SET content_hash = "
        "coalesce((SELECT file.hash FROM file WHERE file.id = photo.main_file_id), image_hash)"
    )
