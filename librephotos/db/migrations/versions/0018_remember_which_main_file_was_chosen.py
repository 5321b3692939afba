"""Remember which main file was chosen"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen_hash", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("chosen_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
