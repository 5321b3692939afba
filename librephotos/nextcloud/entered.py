"""From what an account entered to its server, and the sentences on what is missing."""

from typing import Final

from librephotos.accounts.vault import Sealed, Vault
from librephotos.nextcloud.paths import BAD_PATH, Parts, typed_parts
from librephotos.nextcloud.queries import Account
from librephotos.nextcloud.reaching import LISTING_SECONDS, Remote, parse_target
from librephotos.nextcloud.schemas import Trouble
from librephotos.settings import Settings
from librephotos.users.app_password import open_app_password

INCOMPLETE: Final = "Enter the address, the user name and an app password of your Nextcloud first."
NO_FOLDER: Final = "Choose the folder of your Nextcloud to import from first."
SEALED: Final = "The app password cannot be read any more; enter it again."


def remote_of(
    settings: Settings, vault: Vault, user_id: int, account: Account, seconds: float = LISTING_SECONDS
) -> Remote:
    """Return the account's server, not connected yet. Raises Trouble, Unavailable."""
    if not (account.address and account.username and account.sealed_password):
        raise Trouble(INCOMPLETE)
    target = parse_target(settings, account.address, account.username)
    try:
        password = open_app_password(vault, user_id, account.sealed_password)
    except Sealed:
        raise Trouble(SEALED) from None
    return Remote(target, account.username, password, seconds)


def folder_of(account: Account) -> Parts:
    """Return the folder to import from. Raises Trouble; all of it is imported only when `/` says so."""
    if not account.directory.strip():
        raise Trouble(NO_FOLDER)
    parts = typed_parts(account.directory)
    if parts is None:
        raise Trouble(BAD_PATH)
    return parts
