"""Accounts as the command line and the start need them: made, listed and given passwords without a viewer."""

import os
import pwd
import re
from typing import Final

import msgspec
from sqlalchemy import bindparam, func, insert, select

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.facts import set_fact
from librephotos.accounts.password_policy import Owner, host_names, list_problems
from librephotos.accounts.passwords import is_weak
from librephotos.accounts.queries import end_sessions, set_password_hash
from librephotos.accounts.setup import (
    CLOSES_AT,
    TOKEN_HASH,
    hash_setup_token,
    lock_first_run,
    record_first_admin,
)
from librephotos.accounts.site_settings import get_site_settings
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import fact, user
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.kit import clock
from librephotos.kit.text import normalize_username
from librephotos.settings import Settings

SETUP_OPEN_FOR: Final = clock.HOUR
RESERVED = "deleted"
_NAME = re.compile(r"[\w.@+-]+")
MAX_NAME_CHARS = 150


class Listed(msgspec.Struct, frozen=True):
    """An account as the command line lists it."""

    user_id: int
    username: str
    email: str
    is_active: bool
    is_superuser: bool
    scan_directory: str
    photo_count: int
    joined_at: int


_LIST = Statement(
    select(
        user.c.id,
        user.c.username,
        user.c.email,
        user.c.is_active,
        user.c.is_superuser,
        user.c.scan_directory,
        user.c.photo_count,
        user.c.joined_at,
    )
    .where(user.c.username != RESERVED)
    .order_by(user.c.id),
    Listed,
)
_COUNT = Statement(select(func.count()).select_from(user).where(user.c.username != RESERVED), scalar)
_INSERT = Statement(
    insert(user)
    .values(
        username=bindparam("username"),
        password_hash=bindparam("stored"),
        email=bindparam("email"),
        is_staff=bindparam("is_admin"),
        is_superuser=bindparam("is_admin"),
        scan_directory=bindparam("scan_directory"),
        favorite_min_rating=bindparam("favorite_min_rating"),
        joined_at=bindparam("now"),
        tokens_valid_from=bindparam("now"),
    )
    .returning(user.c.id),
    scalar,
)
_OWNER = Statement(
    select(user.c.username, user.c.email, user.c.first_name, user.c.last_name).where(
        user.c.id == bindparam("user_id")
    ),
    Owner,
)
_STORED = statement(
    select(user.c.username, user.c.password_hash).where(user.c.is_active.is_(True)).order_by(user.c.username)
)
_BY_NAME = Statement(select(user.c.id).where(user.c.username == bindparam("username")), scalar)
_FORGET = statement(fact.delete().where(fact.c.name.in_([CLOSES_AT, TOKEN_HASH])))


def list_accounts(tx: Tx) -> list[Listed]:
    return tx.all(_LIST)


def count_accounts(tx: Tx) -> int:
    count: int = tx.one(_COUNT)
    return count


def find_account(tx: Tx, username: str) -> int | None:
    found: int | None = tx.first(_BY_NAME, username=normalize_username(username))
    return found


def check_name(username: str) -> str:
    """Return the stored form of a user name. Raises BadInput when it cannot be one."""
    name = normalize_username(username)
    if not name or len(name) > MAX_NAME_CHARS or not _NAME.fullmatch(name):
        raise BadInput.of("username", "A user name has 1 to 150 letters, digits and @ . + - _ characters.")
    if name == RESERVED:
        raise BadInput.of("username", f"The name {RESERVED} is reserved.")
    return name


def create_account(  # the columns of an account
    tx: Tx,
    username: str,
    stored: str,
    *,
    is_admin: bool,
    email: str = "",
    scan_directory: str = "",
    favorite_min_rating: int = 4,
) -> int:
    """Insert an account and return its id; the first admin closes set-up. Raises Conflict when the name is taken."""
    lock_first_run(tx)
    user_id: int = tx.one(
        _INSERT,
        username=username,
        stored=stored,
        email=email,
        is_admin=is_admin,
        scan_directory=scan_directory,
        favorite_min_rating=favorite_min_rating,
        now=clock.now(),
    )
    if is_admin:
        record_first_admin(tx)
        tx.execute(_FORGET)
    event = Event(
        kind="user_created",
        origin=cli_origin(),
        subject_id=user_id,
        target=username,
        detail={"is_superuser": is_admin},
    )
    record(tx, event)
    return user_id


def change_password(tx: Tx, user_id: int, username: str, stored: str) -> None:
    """Give an account a password and end its sessions."""
    set_password_hash(tx, user_id, stored)
    ended = end_sessions(tx, user_id)
    event = Event(
        kind="password_changed",
        origin=cli_origin(),
        subject_id=user_id,
        target=username,
        detail={"sessions_ended": ended},
    )
    record(tx, event)


def cli_origin() -> Origin:
    """The command line knows no viewer; it names the account of the operating system."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return Origin(method="cli", actor_name=name)


def write_setup_gate(tx: Tx, token: str | None) -> None:
    """Close set-up an hour from now but for bearers of `token`; None leaves it open without limit."""
    tx.execute(_FORGET)
    if token is not None:
        set_fact(tx, TOKEN_HASH, hash_setup_token(token))
        set_fact(tx, CLOSES_AT, str(clock.now() + SETUP_OPEN_FOR))


def refuse_bad_password(tx: Tx, settings: Settings, password: str, owner: Owner) -> None:
    """Raise BadInput with what is wrong under the policy in force, which an admin may have made stricter here."""
    policy = get_site_settings(tx, settings).policy(settings)
    owner = msgspec.structs.replace(owner, hosts=host_names(settings))
    if problems := list_problems(password, policy, owner):
        because = f"The password policy is `{policy}`."
        raise BadInput.of("password", " ".join((*problems, because)))


def get_owner(tx: Tx, user_id: int) -> Owner:
    """Return what is known of an account's person."""
    owner: Owner = tx.one(_OWNER, user_id=user_id)
    return owner


def list_weak(tx: Tx) -> list[str]:
    """Return the names of the active accounts whose stored password would be guessed faster than today's."""
    return [username for username, stored in tx.all(_STORED) if is_weak(stored)]
