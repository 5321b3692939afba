"""Triggers that keep the audit log append-only, whatever statement reaches the database.

A row younger than the fact `audit_kept_days` says can't be deleted (without that fact none can), and of a row only the
count of a merged one may grow. The first step of the schema carries these texts as they were when it was written.
"""

from typing import Final

from librephotos.db.statements import POSTGRESQL, SQLITE
from librephotos.db.tables.audit import audit_event

KEPT_DAYS_FACT: Final = "audit_kept_days"
DAY_MICROSECONDS: Final = 86_400_000_000
GROWING: Final = ("occurrence_count", "latest_at")
CHANGED: Final = "an audit event is never changed"
DELETED: Final = "an audit event is kept until its time is over"
# Counts as the age of everything while the fact is missing.
FOREVER_DAYS: Final = 100_000

_FIXED = [column.name for column in audit_event.columns if column.name not in GROWING]
_KEPT_DAYS = f"""COALESCE(
  (SELECT CAST(value AS INTEGER) FROM fact WHERE name = '{KEPT_DAYS_FACT}'), {FOREVER_DAYS}
)"""


def _may_grow(same: str) -> str:
    return "\n  AND ".join(
        (
            "OLD.merge_key IS NOT NULL",
            "NEW.occurrence_count > OLD.occurrence_count",
            "NEW.latest_at >= OLD.latest_at",
            *(f"NEW.{name} {same} OLD.{name}" for name in _FIXED),
        )
    )


def _is_kept(now: str) -> str:
    return f"OLD.happened_at >= {now} - {_KEPT_DAYS} * {DAY_MICROSECONDS}"


_SQLITE_NOW = "CAST(strftime('%s', 'now') AS INTEGER) * 1000000"
_POSTGRESQL_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

GUARDS: Final[dict[str, list[str]]] = {
    SQLITE: [
        f"""CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON audit_event
WHEN NOT ({_may_grow("IS")})
BEGIN SELECT RAISE(ABORT, '{CHANGED}'); END""",
        f"""CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
WHEN {_is_kept(_SQLITE_NOW)}
BEGIN SELECT RAISE(ABORT, '{DELETED}'); END""",
    ],
    POSTGRESQL: [
        f"""CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN RAISE EXCEPTION '{DELETED}'; END IF;
  IF TG_OP = 'DELETE' THEN
    IF {_is_kept(_POSTGRESQL_NOW)}
    THEN RAISE EXCEPTION '{DELETED}'; END IF;
    RETURN OLD;
  END IF;
  IF NOT ({_may_grow("IS NOT DISTINCT FROM")}) THEN RAISE EXCEPTION '{CHANGED}'; END IF;
  RETURN NEW;
END $$""",
        """CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()""",
        """CREATE TRIGGER audit_event_never_emptied BEFORE TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()""",
    ],
}
