"""API keys put straight into the database, as the server would make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import bindparam, update

from librephotos.accounts.events import Origin
from librephotos.accounts.keys import queries
from librephotos.accounts.keys.queries import NewKey
from librephotos.accounts.keys.text import mint_key, parse_key
from librephotos.db.statements import statement
from librephotos.db.tables import api_key
from tests.instance import Account, Instance


@dataclass(frozen=True)
class Key:
    """A key as its owner holds it."""

    key_id: int
    text: str
    username: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}

    @property
    def basic(self) -> httpx.BasicAuth:
        return httpx.BasicAuth(self.username, self.text)


def add_key(
    instance: Instance, owner: Account, *scopes: str, albums: Sequence[int] | None = None, **columns: Any
) -> Key:
    """Insert a key; `columns` replace what it was made with."""
    text = mint_key()
    with instance.db.transaction() as tx:
        made = queries.create_key(
            tx, owner.user_id, NewKey("test", scopes, albums, None), parse_key(text), Origin()
        )
        if columns:
            values = {name: bindparam(f"v_{name}") for name in columns}
            change = statement(update(api_key).where(api_key.c.id == bindparam("row_id")).values(values))
            tx.execute(change, row_id=made.id, **{f"v_{name}": value for name, value in columns.items()})
    return Key(made.id, text, owner.username)
