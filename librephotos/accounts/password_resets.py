"""Links for people who forgot their password: made, found again and used up. The token itself is stored nowhere.

A link works once, for an hour, and only while the account is as it was when the link was mailed: active, with the same
password and the same address. So nothing that changes a password or an address has to know of links.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, insert, or_, select

from librephotos.accounts import queries
from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.keys.queries import count_live
from librephotos.accounts.password_policy import Owner
from librephotos.accounts.passwords import UNUSABLE
from librephotos.db.statements import Statement, statement
from librephotos.db.tables import password_reset, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock, ids

LIFE: Final = clock.HOUR
TOKEN_BYTES: Final = 32
MAX_SENT_CHARS: Final = 200
# A family may share an address; nobody gets more mails at once than this.
MAX_ACCOUNTS: Final = 10


class Person(msgspec.Struct, frozen=True):
    """Somebody who may get a link."""

    user_id: int
    username: str
    email: str
    password_hash: str
    first_name: str
    last_name: str

    @property
    def standing(self) -> str:
        """A digest of what must not have changed when the link is used."""
        return _digest(f"{self.password_hash}\0{self.email}")

    def owner(self, hosts: tuple[str, ...]) -> Owner:
        return Owner(self.username, self.email, self.first_name, self.last_name, hosts)


class _Link(msgspec.Struct, frozen=True):
    digest: str
    standing: str
    expires_at: int


_PERSON = (
    user.c.id,
    user.c.username,
    user.c.email,
    user.c.password_hash,
    user.c.first_name,
    user.c.last_name,
)
_CAN_RESET = (user.c.is_active.is_(True), user.c.email != "", user.c.password_hash.not_like(f"{UNUSABLE}%"))
_BY_EMAIL = Statement(
    select(*_PERSON)
    .where(
        *_CAN_RESET,
        or_(user.c.email == bindparam("email"), func.lower(user.c.email) == bindparam("folded")),
    )
    .order_by(user.c.id)
    .limit(MAX_ACCOUNTS),
    Person,
)
_BY_ID = Statement(select(*_PERSON).where(*_CAN_RESET, user.c.id == bindparam("user_id")), Person)
_INSERT = statement(
    insert(password_reset).values(
        {name: bindparam(name) for name in ("user_id", "digest", "standing", "created_at", "expires_at")}
    )
)
_LINKS = Statement(
    select(password_reset.c.digest, password_reset.c.standing, password_reset.c.expires_at).where(
        password_reset.c.user_id == bindparam("user_id")
    ),
    _Link,
)
_USE_UP = statement(
    delete(password_reset).where(
        password_reset.c.user_id == bindparam("of_user"), password_reset.c.digest == bindparam("the_digest")
    )
)
_FORGET = statement(delete(password_reset).where(password_reset.c.user_id == bindparam("of_user")))


def list_people(tx: Tx, email: str) -> list[Person]:
    """Return the active accounts of an address. Only ASCII letters have no case: look-alikes are somebody else's."""
    return tx.all(_BY_EMAIL, email=email, folded=fold_email(email))


def fold_email(email: str) -> str:
    """Return an address without the case of its ASCII letters, as every database folds it."""
    return "".join(char.lower() if char.isascii() else char for char in email.strip())


def create_link(tx: Tx, person: Person) -> tuple[str, str]:
    """Store a link and return the two parts of it that are mailed: whose it is, and its token of 256 random bits."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    tx.execute(
        _INSERT,
        user_id=person.user_id,
        digest=_digest(token),
        standing=person.standing,
        created_at=now,
        expires_at=now + LIFE,
    )
    return base64.urlsafe_b64encode(str(person.user_id).encode()).decode().rstrip("="), token


def find_person(tx: Tx, uid: str, token: str) -> Person | None:
    """Return whose link it is, None for one that does not work, whatever the reason: all cost the same statements."""
    user_id = _user_id(uid)
    person, links = tx.first(_BY_ID, user_id=user_id), tx.all(_LINKS, user_id=user_id)
    digest, now, found = _digest(token[:MAX_SENT_CHARS]), clock.now(), None
    for link in links:
        if hmac.compare_digest(link.digest, digest) and link.expires_at > now:
            found = link
    if person is None or found is None or not hmac.compare_digest(found.standing, person.standing):
        return None
    return person


def reset_password(tx: Tx, uid: str, token: str, stored: str, origin: Origin) -> Person | None:
    """Use a link up: store the hash, end all sessions and all other links. None when it works no more."""
    person = find_person(tx, uid, token)
    # Of two who come at once with the same link, one deletes its row.
    if person is None or not tx.execute(_USE_UP, of_user=person.user_id, the_digest=_digest(token)):
        return None
    queries.set_password_hash(tx, person.user_id, stored)
    ended = queries.end_sessions(tx, person.user_id)
    tx.execute(_FORGET, of_user=person.user_id)
    detail = {"sessions_ended": ended, "keys_left": count_live(tx, person.user_id)}
    record(
        tx,
        Event(
            kind="password_reset",
            origin=origin,
            subject_id=person.user_id,
            target=person.username,
            detail=detail,
        ),
    )
    return person


def _user_id(uid: str) -> int:
    """Return the row id that `uid` spells, 0 (nobody's) for anything else."""
    if len(uid) > MAX_SENT_CHARS or not uid.isascii():
        return 0
    try:
        text = base64.urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode("ascii")
    except ValueError:
        return 0
    return ids.parse_int(text) or 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
