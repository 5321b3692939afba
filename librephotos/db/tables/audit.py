"""The audit log. Its rows name accounts by plain numbers and names, so that they outlive them."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from librephotos.db.tables.base import NEVER_REUSE, instant, metadata, number, row_id, string
from librephotos.db.types import Json

# `actor` did it (null: nobody signed in), `subject` is the account it concerns. Alike refusals of one hour share a row:
# `merge_key` names it, `occurrence_count` and `latest_at` grow. Nothing else of a row ever changes; the triggers in
# db/guards.py refuse it.
audit_event = Table(
    "audit_event",
    metadata,
    row_id(),
    instant("happened_at"),
    instant("latest_at"),
    number("occurrence_count", 1),
    string("kind"),
    Column("actor_id", BigInteger),
    string("actor_name"),
    Column("subject_id", BigInteger),
    string("method"),
    string("address"),
    string("user_agent"),
    string("target"),
    string("result", "ok"),
    Column("detail", Json, nullable=False, server_default="{}"),
    Column("merge_key", Text, unique=True),
    Index("ix_audit_event_happened_at", "happened_at"),
    Index("ix_audit_event_subject_id", "subject_id", "id"),
    Index("ix_audit_event_actor_id", "actor_id", "id"),
    Index("ix_audit_event_kind", "kind", "id"),
    **NEVER_REUSE,
)
