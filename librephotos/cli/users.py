"""`user`: accounts by hand. Passwords are asked for, come from LIBREPHOTOS_PASSWORD or are made up; never arguments."""

import getpass
import secrets
import sys
from datetime import UTC

import typer
from rich.table import Table

from librephotos.accounts.keys.queries import count_live
from librephotos.accounts.password_policy import Owner
from librephotos.accounts.passwords import hash_password
from librephotos.accounts.setup import is_first_run
from librephotos.cli import accounts
from librephotos.cli.output import answers, give_up, say
from librephotos.db.database import Database
from librephotos.errors import ApiError, BadInput, Conflict
from librephotos.kit import clock
from librephotos.settings import Settings, password_of_environment


def create_user(
    settings: Settings, username: str, *, is_admin: bool, email: str, scan_directory: str
) -> None:
    """Make an account. The first one becomes the admin whether asked or not."""
    name = _checked(username)
    db = Database(settings.database)
    with db.snapshot() as tx:
        is_first = is_first_run(tx)
        if accounts.find_account(tx, name) is not None:
            raise give_up(
                f"The name {name} is taken. `librephotos user password {name}` gives it a new password."
            )
    password, is_made_up = _password(settings, db, Owner(username=name, email=email))
    try:
        db.commit(
            accounts.create_account,
            name,
            hash_password(password),
            is_admin=is_admin or is_first,
            email=email,
            scan_directory=scan_directory or (str(settings.roots[0]) if is_first and settings.roots else ""),
            favorite_min_rating=settings.default_favorite_min_rating,
        )
    except Conflict:
        raise give_up(f"The name {name} is taken.") from None
    finally:
        db.close()
    say(f"Made the {'admin' if is_admin or is_first else 'user'} {name}.")
    _show(password, is_made_up=is_made_up)


def set_password(settings: Settings, username: str) -> None:
    """Give an account another password; everybody signed in as it is signed out."""
    name = _checked(username)
    db = Database(settings.database)
    with db.snapshot() as tx:
        user_id = accounts.find_account(tx, name)
        if user_id is None:
            raise give_up(f"There is no user {name}. `librephotos user list` shows all.")
        owner = accounts.get_owner(tx, user_id)
    password, is_made_up = _password(settings, db, owner)
    db.commit(accounts.change_password, user_id, name, hash_password(password))
    with db.snapshot() as tx:
        key_count = count_live(tx, user_id)
    db.close()
    say(f"Changed the password of {name}; all its sessions have ended.")
    if key_count:
        say(f"Its API keys ({key_count}) go on working: `librephotos key list {name}` shows them.")
    _show(password, is_made_up=is_made_up)


def list_users(settings: Settings) -> None:
    db = Database(settings.database)
    with db.snapshot() as tx:
        found = accounts.list_accounts(tx)
    db.close()
    table = Table("id", "name", "e-mail", "rights", "photos", "scan directory", "since", box=None)
    for one in found:
        rights = "admin" if one.is_superuser else "user"
        since = clock.to_datetime(one.joined_at).astimezone(UTC).strftime("%Y-%m-%d")
        row = (one.username, one.email, rights if one.is_active else f"{rights}, disabled")
        table.add_row(str(one.user_id), *row, str(one.photo_count), one.scan_directory, since)
    if found:
        answers.print(table)
    else:
        say("No account exists yet. Make the first one with `librephotos user create NAME`.")


def _checked(username: str) -> str:
    try:
        return accounts.check_name(username)
    except ApiError as error:
        raise give_up(error.message) from None


def _password(settings: Settings, db: Database, owner: Owner) -> tuple[str, bool]:
    """Return a password, and whether it was made up because nobody could be asked."""
    password = password_of_environment()
    if not password and sys.stdin.isatty():
        password = getpass.getpass("Password (empty: one is made up): ")
        if password and getpass.getpass("Again: ") != password:
            raise give_up("The two passwords differ; nothing was changed.")
    if not password:
        return secrets.token_urlsafe(16), True
    try:
        with db.snapshot() as tx:
            accounts.refuse_bad_password(tx, settings, password, owner)
    except BadInput as error:
        raise give_up(error.message) from None
    return password, False


def _show(password: str, *, is_made_up: bool) -> None:
    if is_made_up:
        typer.echo(f"Password: {password}")
