"""Index what photos are found by"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_search",
        sa.Column(
            "photo_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_photo_search_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_search")),
    )
    # The rows themselves are written by the worker: a million of them are nothing to wait for at a start.
    if op.get_bind().dialect.name == "sqlite":
        for text in SQLITE_INDEX:
            op.get_bind().exec_driver_sql(text)
    else:
        _index_on_postgresql()


def _index_on_postgresql() -> None:
    """Managed servers may refuse the extension; searches then read every text, and `doctor` says so."""
    connection = op.get_bind()
    point = connection.begin_nested()
    try:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.exec_driver_sql(
            "CREATE INDEX ix_photo_search_text ON photo_search USING gin (text gin_trgm_ops)"
        )
    except DBAPIError:
        point.rollback()
    else:
        point.commit()


# Rows that vanish with their photo leave the index too.
SQLITE_INDEX = [
    """CREATE VIRTUAL TABLE search_index USING fts5(
  text, content='photo_search', content_rowid='photo_id', tokenize='trigram', detail=none
)""",
    """CREATE TRIGGER photo_search_added AFTER INSERT ON photo_search
BEGIN INSERT INTO search_index (rowid, text) VALUES (NEW.photo_id, NEW.text); END""",
    """CREATE TRIGGER photo_search_removed AFTER DELETE ON photo_search
BEGIN INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', OLD.photo_id, OLD.text); END""",
    """CREATE TRIGGER photo_search_changed AFTER UPDATE OF text ON photo_search
BEGIN
  INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', OLD.photo_id, OLD.text);
  INSERT INTO search_index (rowid, text) VALUES (NEW.photo_id, NEW.text);
END""",
]
