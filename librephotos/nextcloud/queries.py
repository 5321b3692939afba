"""What an account entered of its Nextcloud, and what was imported from there; always one owner's."""

import hashlib
from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from librephotos.db.statements import Statement, statement, upsert
from librephotos.db.tables import remote_file, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.queries.uploaded import add_uploaded
from librephotos.library.walk import Found
from librephotos.nextcloud.listing import Entry
from librephotos.nextcloud.paths import Parts, shown
from librephotos.nextcloud.reaching import Target


class Account(msgspec.Struct, frozen=True):
    """`sealed_password` opens with `users/app_password.py`; what was not entered is empty."""

    address: str
    username: str
    sealed_password: str
    directory: str


class Known(msgspec.Struct, frozen=True):
    etag: str
    size_bytes: int


_ACCOUNT = Statement(
    select(
        user.c.nextcloud_server_address,
        user.c.nextcloud_username,
        user.c.nextcloud_app_password,
        user.c.nextcloud_scan_directory,
    ).where(user.c.id == bindparam("user_id")),
    lambda *entered: Account(*(text or "" for text in entered)),
)
_KNOWN = Statement(
    select(remote_file.c.etag, remote_file.c.size_bytes).where(
        remote_file.c.owner_id == bindparam("owner"), remote_file.c.key == bindparam("sought")
    ),
    Known,
)
_REMEMBER = statement(
    upsert(remote_file, key=["owner_id", "key"], update=["etag", "size_bytes", "hash", "seen_at"])
)
_LONGEST_ETAG: Final = 200


def get_account(tx: Tx, user_id: int) -> Account:
    return tx.one(_ACCOUNT, user_id=user_id)


def is_imported(tx: Tx, owner_id: int, target: Target, path: Parts, entry: Entry) -> bool:
    """Tell whether the file was dealt with as it is now, by what its server says of it."""
    known = tx.first(_KNOWN, owner=owner_id, sought=_key(target, path))
    return known == Known(_state(entry), entry.size_bytes or 0)


def remember(tx: Tx, owner_id: int, target: Target, path: Parts, entry: Entry, found: str | None) -> None:
    """Store that an import is done with a file; `found` is the hash of its content, None when it was no media."""
    tx.execute(
        _REMEMBER,
        owner_id=owner_id,
        key=_key(target, path),
        etag=_state(entry),
        size_bytes=entry.size_bytes or 0,
        hash=found,
        seen_at=clock.now(),
    )


def finish(
    tx: Tx,
    owner_id: int,
    target: Target,
    path: Parts,
    entry: Entry,
    found: Found,
    content_hash: str,
    kind: str,
) -> None:
    """Make a file known that was put into the library, and remember where it came from: both or neither."""
    remember(tx, owner_id, target, path, entry, content_hash)
    add_uploaded(tx, owner_id, found, content_hash, kind)


def _key(target: Target, path: Parts) -> str:
    return hashlib.sha256(f"{target.name}\0{shown(path)}".encode()).hexdigest()


def _state(entry: Entry) -> str:
    """Return what changes with the content: the ETag, or where the server has none the time of the last change."""
    text = entry.etag or f"modified {entry.modified_at}"
    return text if len(text) <= _LONGEST_ETAG else hashlib.sha256(text.encode()).hexdigest()
