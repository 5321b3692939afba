"""The schema's metadata and the columns that many tables share. Tables are singular."""

from typing import Any

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, Text, false, text

from librephotos.db.types import Instant, RowId

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[int]:
    return Column("id", RowId, primary_key=True, autoincrement=True)


def reference(name: str, target: str, *, nullable: bool = False, on_delete: str = "CASCADE") -> Column[int]:
    return Column(name, RowId, ForeignKey(target, ondelete=on_delete), nullable=nullable)


def one_to_one(name: str, target: str) -> Column[int]:
    return Column(name, RowId, ForeignKey(target, ondelete="CASCADE"), primary_key=True, autoincrement=False)


def owner() -> Column[int]:
    """The account that a row belongs to. It can't be deleted while it owns anything: content is handed over first."""
    return reference("owner_id", "user.id", on_delete="RESTRICT")


def flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true") if default else false())


def string(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default))


def real(name: str, default: float) -> Column[float]:
    return Column(name, Float, nullable=False, server_default=str(default))


def instant(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Instant, nullable=nullable)


# Ids that leave the server are never used twice; SQLite needs to be told.
NEVER_REUSE: dict[str, Any] = {"sqlite_autoincrement": True}
