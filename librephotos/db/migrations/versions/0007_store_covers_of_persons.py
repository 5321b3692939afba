"""Store covers of persons"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("face", schema=None) as batch_op:
        batch_op.create_index("ix_face_cluster_person_id", ["cluster_person_id"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("cover_face_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("cover_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )

    op.execute(
        """
        UPDATE person SET cover_face_id = (
            SELECT min(face.id) FROM face JOIN photo ON photo.id = face.photo_id
            WHERE face.person_id = person.id AND NOT face.is_deleted AND photo.aspect_ratio IS NOT NULL
            AND NOT photo.is_hidden AND NOT photo.is_trashed AND NOT photo.is_removed
        )
        """
    )
