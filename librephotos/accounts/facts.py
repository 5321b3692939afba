"""Facts of this installation: small values by name that outlive every setting."""

from sqlalchemy import bindparam, select

from librephotos.db.statements import Statement, scalar, statement, upsert
from librephotos.db.tables import fact
from librephotos.db.transactions import Tx

FIRST_ADMIN_AT = "first_admin_at"
SETTINGS_VERSION = "settings_version"

_FIND = Statement(select(fact.c.value).where(fact.c.name == bindparam("name")), scalar)
_SET = statement(upsert(fact, key=["name"], update=["value"]))


def find_fact(tx: Tx, name: str) -> str | None:
    found: str | None = tx.first(_FIND, name=name)
    return found


def set_fact(tx: Tx, name: str, value: str) -> None:
    tx.execute(_SET, name=name, value=value)


def count_fact(tx: Tx, name: str) -> int:
    """Raise a counting fact by one and return it; callers that may meet hold a lock."""
    number = int(find_fact(tx, name) or "0") + 1
    set_fact(tx, name, str(number))
    return number
