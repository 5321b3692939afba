"""Count texts by their index"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # PostgreSQL's index stays as it is: it tells of no places within a text.
    if op.get_bind().dialect.name == "sqlite":
        for text in SQLITE_INDEX:
            op.get_bind().exec_driver_sql(text)


def _whose(row: str) -> str:
    """Three letters for the owner of a visible photo, none for one that is not seen (`db/text_search.py`)."""
    digits = (
        f"{row}owner_id / 100000000 % 10000",
        f"{row}owner_id / 10000 % 10000",
        f"{row}owner_id % 10000",
    )
    letters = ", ".join(f"19968 + {digit}" for digit in digits)
    return f"CASE WHEN {row}is_shown THEN char({letters}) ELSE '' END"


_ADD = f"INSERT INTO search_index (rowid, text, whose) VALUES (NEW.photo_id, NEW.text, {_whose('NEW.')});"
_REMOVE = f"""INSERT INTO search_index (search_index, rowid, text, whose)
  VALUES ('delete', OLD.photo_id, OLD.text, {_whose("OLD.")});"""

# With the places of trigrams, so that a text is found by the index alone, and whose it is beside it.
SQLITE_INDEX = [
    "DROP TRIGGER photo_search_added",
    "DROP TRIGGER photo_search_removed",
    "DROP TRIGGER photo_search_changed",
    "DROP TABLE search_index",
    """CREATE VIRTUAL TABLE search_index USING fts5(
  text, whose, content='', tokenize='trigram case_sensitive 1', detail=full
)""",
    f"""INSERT INTO search_index (rowid, text, whose)
  SELECT photo_id, text, {_whose("")} FROM photo_search""",
    f"CREATE TRIGGER photo_search_added AFTER INSERT ON photo_search\nBEGIN {_ADD} END",
    f"CREATE TRIGGER photo_search_removed AFTER DELETE ON photo_search\nBEGIN {_REMOVE} END",
    f"""CREATE TRIGGER photo_search_changed AFTER UPDATE OF owner_id, is_shown, text ON photo_search
BEGIN
  {_REMOVE}
  {_ADD}
END""",
]
