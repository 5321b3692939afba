"""Files of one shot and what files said"""

import hashlib
import os

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("embedded_media", schema=None) as batch_op:
        batch_op.create_index("ix_embedded_media_hash", ["hash"], unique=False)

    with op.batch_alter_table("face", schema=None) as batch_op:
        batch_op.add_column(sa.Column("region_name", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stem_key", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("content_id", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("video_seconds", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("aspect_ratio", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("perceptual_hash", sa.Text(), nullable=True))
        batch_op.create_index("ix_file_owner_id_stem_key", ["owner_id", "stem_key"], unique=False)

    with op.batch_alter_table("photo_metadata", schema=None) as batch_op:
        batch_op.add_column(sa.Column("from_file", sa.Text(), nullable=True))

    _take_over_looks()
    _number_stems()


def _take_over_looks() -> None:
    """What was known of a photo's picture is that of its main file."""
    looks = {"aspect_ratio": _photo.c.aspect_ratio, "perceptual_hash": _photo.c.perceptual_hash}
    of_photo = {
        name: sa.select(column).where(_photo.c.main_file_id == _file.c.id).limit(1).scalar_subquery()
        for name, column in looks.items()
    }
    op.execute(sa.update(_file).where(_file.c.photo_id.is_not(None)).values(of_photo))


def _number_stems() -> None:
    """Give every file the number of its folder and stem, a few thousand at a time."""
    connection, after = op.get_bind(), 0
    change = sa.update(_file).where(_file.c.id == sa.bindparam("row")).values(stem_key=sa.bindparam("key"))
    page = sa.select(_file.c.id, _file.c.path_bytes).order_by(_file.c.id).limit(5000)
    while rows := connection.execute(page.where(_file.c.id > after)).all():
        connection.execute(change, [{"row": row, "key": _stem_key(bytes(path))} for row, path in rows])
        after = rows[-1][0]


def _stem_key(path: bytes) -> int:
    folder, name = os.path.split(os.path.splitext(path)[0])
    folded = os.fsdecode(name).lower().encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(folder + b"/" + folded, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_file = sa.table(
    "file",
    sa.column("id", sa.BigInteger()),
    sa.column("photo_id", sa.BigInteger()),
    sa.column("path_bytes", sa.LargeBinary()),
    sa.column("stem_key", sa.BigInteger()),
    sa.column("aspect_ratio", sa.Float()),
    sa.column("perceptual_hash", sa.Text()),
)
_photo = sa.table(
    "photo",
    sa.column("main_file_id", sa.BigInteger()),
    sa.column("aspect_ratio", sa.Float()),
    sa.column("perceptual_hash", sa.Text()),
)
