"""The first start: the admin that settings name, or how a person makes the first account."""

import json
import secrets
import shlex
from urllib.parse import quote

from librephotos.accounts.password_policy import Owner
from librephotos.accounts.passwords import hash_password
from librephotos.accounts.setup import is_first_run, lock_first_run
from librephotos.cli import accounts
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, BadSetting
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import ids
from librephotos.settings import Settings

SCAN_TYPE = 1
SCAN_KIND = "scan"


def make_first_admin(db: Database, settings: Settings) -> str | None:
    """Make the admin that the settings name, if no account exists, and queue the first scan; return the name.

    Raises BadSetting for a name or password that cannot be used.
    """
    if not settings.admin_username or not db.commit(_is_empty):
        return None
    try:
        username = accounts.check_name(settings.admin_username)
    except BadInput as error:
        raise BadSetting(f"LIBREPHOTOS_ADMIN_USERNAME cannot be used: {error.message}") from None
    owner = Owner(username=username, email=settings.admin_email)
    try:
        with db.snapshot() as tx:
            accounts.refuse_bad_password(tx, settings, settings.admin_password, owner)
    except BadInput as error:
        raise BadSetting(f"LIBREPHOTOS_ADMIN_PASSWORD cannot be used: {error.message}") from None
    stored = hash_password(settings.admin_password)
    return username if db.commit(_make, settings, username, stored) else None


def _is_empty(tx: Tx) -> bool:
    return is_first_run(tx) and accounts.count_accounts(tx) == 0


def _make(tx: Tx, settings: Settings, username: str, stored: str) -> bool:
    lock_first_run(tx)
    if not _is_empty(tx):
        return False
    scan_directory = str(settings.roots[0]) if settings.roots else ""
    user_id = accounts.create_account(
        tx,
        username,
        stored,
        is_admin=True,
        email=settings.admin_email,
        scan_directory=scan_directory,
        favorite_min_rating=settings.default_favorite_min_rating,
    )
    if scan_directory:
        enqueue_job(tx, user_id, SCAN_TYPE, SCAN_KIND, {})
    return True


def open_setup(db: Database, settings: Settings) -> str | None:
    """Open or limit set-up for this start; return the text that tells how to make the first account."""
    token = ids.new_token() if settings.is_public else None
    if not db.commit(_gate, token):
        return None
    return describe(base_address(settings), token)


def _gate(tx: Tx, token: str | None) -> bool:
    if not is_first_run(tx):
        return False
    accounts.write_setup_gate(tx, token)
    return True


def describe(base: str, token: str | None) -> str:
    """Return how to make the first account; the command works as pasted, with a password made up for this text."""
    account = {
        "username": "admin",
        "password": secrets.token_urlsafe(16),
        "email": "",
        "first_name": "",
        "last_name": "",
    }
    if token is not None:
        account["setup_token"] = token
    command = f"curl -X POST {base}/api/user/ -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(account))}"
    link = base if token is None else f"{base}/#setup_token={quote(token)}"
    lines = [
        "No account exists yet. Make the first one, which becomes the admin:",
        f"  in a browser   {link}",
        f"  or as a call   {command}",
    ]
    if token is not None:
        lines.append(f"Set-up token: {token} (needed once the server has run for an hour)")
    return "\n".join(lines)


def base_address(settings: Settings) -> str:
    """Return the address to open: the public one where it is set, else one that works on this machine."""
    if settings.public_url:
        return settings.public_url
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"
