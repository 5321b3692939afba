"""Find problems by index"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(
            "ix_file_missing",
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("is_missing"),
            postgresql_where=sa.text("is_missing"),
        )

    with op.batch_alter_table("photo_step", schema=None) as batch_op:
        batch_op.create_index(
            "ix_photo_step_failed",
            ["photo_id"],
            unique=False,
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        )
