"""Find photos that are not seen"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_photo_search_unshown",
        "photo_search",
        ["photo_id"],
        sqlite_where=sa.literal_column("is_shown IS 0"),
        postgresql_where=sa.literal_column("is_shown IS FALSE"),
    )
