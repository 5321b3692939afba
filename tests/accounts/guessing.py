"""What tests of guessing share: a caller at some address, cheap hashes, and waits that outlast a slow machine."""

import base64
import secrets
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import bindparam, update

from librephotos.db.statements import statement
from librephotos.db.tables import login_attempt, user
from librephotos.kit import clock
from tests.instance import Account, Instance

OBTAIN = "/api/auth/token/obtain/"
AVAILABLE = "/api/rqavailable/"
PASSWORD = "correct horse"
_cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_PROLONG = statement(
    update(login_attempt)
    .where(login_attempt.c.blocked_until > 0)
    .values(blocked_until=bindparam("until"), window_ends_at=bindparam("until"))
)
_RESTORE = statement(
    update(user)
    .where(user.c.username == bindparam("name"), user.c.password_hash.like("argon2$%"))
    .values(password_hash=bindparam("cheap"))
)


def add_user(instance: Instance, **columns: Any) -> Account:
    """An account whose password costs next to nothing to verify, until the first success."""
    stored = "argon2" + _cheap.hash(PASSWORD)
    account = instance.add_user(password_hash=stored, **columns)
    return Account(account.user_id, account.username, PASSWORD, account.access, account.refresh, account.sid)


def cheapen(instance: Instance, username: str) -> None:
    """Let failures cost next to nothing again after a success, which stored a hash of full strength."""
    with instance.db.transaction() as tx:
        tx.execute(_RESTORE, cheap="argon2" + _cheap.hash(PASSWORD), name=username)


def new_address() -> str:
    return f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


class Somebody:
    """A caller with an address, a user agent and a jar for cookies."""

    def __init__(self, instance: Instance, address: str = "", user_agent: str = "") -> None:
        self.address = address or new_address()
        self.user_agent = user_agent or f"agent {secrets.token_hex(4)}"
        headers = {"X-Forwarded-For": self.address, "User-Agent": self.user_agent}
        self.client = instance.client(headers)

    def move(self, address: str = "", user_agent: str = "") -> None:
        self.client.headers["X-Forwarded-For"] = address or new_address()
        self.client.headers["User-Agent"] = user_agent or f"agent {secrets.token_hex(4)}"

    def obtain(self, username: str, password: str = "wrong") -> httpx.Response:
        return self.client.post(OBTAIN, json={"username": username, "password": password})

    def basic(self, username: str, password: str = "wrong") -> httpx.Response:
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return self.client.get(AVAILABLE, headers={"Authorization": f"Basic {pair}"})


def exhaust(instance: Instance, username: str, *, cheaply: bool = True) -> None:
    """Fail from eleven addresses, so that the account is blocked to strangers and no network is, for long."""
    if cheaply:
        cheapen(instance, username)
    for _ in range(11):
        somebody = Somebody(instance)
        assert somebody.obtain(username).status_code == 401
        somebody.client.close()
    prolong(instance)


def prolong(instance: Instance) -> None:
    """Let every wait last ten minutes: the first ones of a second are over before a busy machine asks again."""
    with instance.db.transaction() as tx:
        tx.execute(_PROLONG, until=clock.now() + 10 * clock.MINUTE)
