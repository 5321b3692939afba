"""First run: open while no superuser has ever existed, and the gate that closes it to strangers.

The start writes two facts where the server listens on a public address: `setup_closes_at` (an instant) and
`setup_token_hash` (SHA-256 in hex of the printed token). Without them set-up stays open.
"""

import hashlib
import hmac

from sqlalchemy import select

from librephotos.accounts.facts import FIRST_ADMIN_AT, find_fact, set_fact
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import user
from librephotos.db.transactions import Tx
from librephotos.errors import Forbidden
from librephotos.kit import clock

CLOSES_AT = "setup_closes_at"
TOKEN_HASH = "setup_token_hash"  # noqa: S105  # a fact's name
CLOSED = "Set-up is closed. Start the server again, or send the set-up token that it printed as setup_token."

_ANY_SUPERUSER = Statement(select(user.c.id).where(user.c.is_superuser.is_(True)).limit(1), scalar)


def is_first_run(tx: Tx) -> bool:
    """Whether no superuser has ever existed."""
    return find_fact(tx, FIRST_ADMIN_AT) is None and tx.first(_ANY_SUPERUSER) is None


def lock_first_run(tx: Tx) -> None:
    """Let one transaction at a time decide who becomes the first admin."""
    tx.lock("first admin")


def record_first_admin(tx: Tx) -> None:
    """Close set-up for good."""
    if find_fact(tx, FIRST_ADMIN_AT) is None:
        set_fact(tx, FIRST_ADMIN_AT, str(clock.now()))


def hash_setup_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def refuse_closed_setup(tx: Tx, token: str) -> None:
    """Raise Forbidden when the time for set-up has passed and `token` is not the printed one."""
    closes_at = find_fact(tx, CLOSES_AT)
    if closes_at is None or clock.now() < int(closes_at):
        return
    expected = find_fact(tx, TOKEN_HASH)
    if expected is None or not hmac.compare_digest(hash_setup_token(token), expected):
        raise Forbidden(CLOSED)
