"""What a scan must know of accounts and of the site: whose library, where, by which rules."""

import msgspec
from sqlalchemy import bindparam, select

from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import site_setting, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.kit import json


class Owner(msgspec.Struct, frozen=True):
    """What a scan needs of the account whose library it is."""

    user_id: int
    scan_directory: str
    datetime_rules: str | None
    default_timezone: str
    skip_raw_files: bool
    stack_raw_jpeg: bool


_OWNER = Statement(
    select(
        user.c.id,
        user.c.scan_directory,
        user.c.datetime_rules,
        user.c.default_timezone,
        user.c.skip_raw_files,
        user.c.stack_raw_jpeg,
    ).where(user.c.id == bindparam("user_id")),
    Owner,
)
_OTHERS = Statement(
    select(user.c.scan_directory).where(user.c.id != bindparam("user_id"), user.c.scan_directory != ""),
    scalar,
)
_SCAN_DIRECTORY = Statement(select(user.c.scan_directory).where(user.c.id == bindparam("user_id")), scalar)
_SKIP_PATTERNS = Statement(select(site_setting.c.value).where(site_setting.c.name == "skip_patterns"), scalar)


def get_owner(tx: Tx, user_id: int) -> Owner:
    owner = tx.first(_OWNER, user_id=user_id)
    if owner is None:
        raise NotFound.of("User")
    return owner


def get_scan_directory(tx: Tx, user_id: int) -> str:
    return tx.first(_SCAN_DIRECTORY, user_id=user_id) or ""


def list_other_scan_directories(tx: Tx, user_id: int) -> list[str]:
    return tx.all(_OTHERS, user_id=user_id)


def get_skip_patterns(tx: Tx, default: str) -> tuple[bytes, ...]:
    """Return the comma-separated substrings of the site settings, or of the environment, trimmed."""
    stored = tx.first(_SKIP_PATTERNS)
    text = json.loads(stored) if stored else default
    parts = str(text or "").split(",")
    return tuple(part.strip().encode("utf-8", "surrogateescape") for part in parts if part.strip())
