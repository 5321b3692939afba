"""Column types that mean the same on SQLite and PostgreSQL.

Instants are BIGINT microseconds since 1970 (UTC); capture times and days are ISO 8601 texts, which sort by time and
are sent as they stand; JSON is text, encoded by `kit/json.py`. Only booleans differ: SQLite gives 0 and 1.
"""

from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, String, Text

# On SQLite only INTEGER PRIMARY KEY is the row id itself.
RowId = BigInteger().with_variant(Integer(), "sqlite")
Instant = BigInteger
WallClock = Text
Day = Text
Json = Text

__all__ = [
    "BigInteger",
    "Boolean",
    "Day",
    "Float",
    "Instant",
    "Integer",
    "Json",
    "LargeBinary",
    "RowId",
    "String",
    "Text",
    "WallClock",
]
