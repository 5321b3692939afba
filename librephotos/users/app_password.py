"""The password of somebody's Nextcloud: sealed on its way in, never sent, and only for the address it was given for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from librephotos.accounts.vault import Vault

if TYPE_CHECKING:  # The worker opens passwords, and reads no bodies of requests.
    from librephotos.users.inputs import ProfileInput
    from librephotos.users.rows import UserRow

COLUMN: Final = "nextcloud_app_password"
ADDRESS: Final = "nextcloud_server_address"


def app_password_columns(vault: Vault, row: UserRow, data: ProfileInput) -> dict[str, str | None]:
    """Return the column that a body changes, if it does: an empty password takes the stored one away.

    So does another address without a password beside it: whoever changes where it leads must know it, or a stolen
    session or an admin could have it sent to a server of theirs.
    """
    if COLUMN in data.model_fields_set:
        password = data.nextcloud_app_password
        return {COLUMN: seal_app_password(vault, row.id, password) if password else None}
    is_sent = ADDRESS in data.model_fields_set
    if is_sent and (data.nextcloud_server_address or None) != (row.nextcloud_server_address or None):
        return {COLUMN: None}
    return {}


def seal_app_password(vault: Vault, user_id: int, password: str) -> str:
    return vault.seal(password, _place(user_id))


def open_app_password(vault: Vault, user_id: int, stored: str) -> str:
    """Return the password that a row holds. Raises Sealed, Unavailable."""
    return vault.open(stored, _place(user_id))


def _place(user_id: int) -> str:
    return f"user {user_id} {COLUMN}"
