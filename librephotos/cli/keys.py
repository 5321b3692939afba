"""`key`: API keys by hand, for scripts and services that nobody signs in for."""

from collections.abc import Sequence
from datetime import UTC

import typer

from librephotos.accounts.keys import queries
from librephotos.accounts.keys.queries import KeyRow, NewKey
from librephotos.accounts.keys.schemas import KeyInput
from librephotos.accounts.keys.text import PREFIX, mint_key, parse_key
from librephotos.accounts.scopes import SERVER_READ
from librephotos.cli import accounts
from librephotos.cli.output import give_up, say
from librephotos.db.database import Database
from librephotos.errors import BadInput
from librephotos.http.binding import bind
from librephotos.kit import clock
from librephotos.kit.text import normalize_username, one_line
from librephotos.settings import Settings


def create_key(
    settings: Settings,
    username: str,
    *,
    name: str,
    scopes: Sequence[str],
    album_ids: Sequence[int] | None,
    days: int | None,
) -> None:
    """Make a key as the API would; the key alone goes to standard output's last line."""
    db = Database(settings.database)
    try:
        data = bind(KeyInput, {"name": name, "scopes": list(scopes), "albums": list(album_ids or ()) or None})
        with db.snapshot() as tx:
            found = next(
                (
                    one
                    for one in accounts.list_accounts(tx)
                    if one.username == normalize_username(username) and one.is_active
                ),
                None,
            )
        if found is None:
            raise give_up(f"There is no active user {username}. `librephotos user list` shows all.")
        if SERVER_READ in data.scopes and not found.is_superuser:
            raise give_up(f"{SERVER_READ} is for keys of admins.")
        expires_at = None if days is None else clock.now() + days * clock.DAY
        text = mint_key()
        new = NewKey(data.name, data.scopes, data.albums, expires_at)
        made = db.commit(queries.create_key, found.user_id, new, parse_key(text), accounts.cli_origin())
    except BadInput as error:
        raise give_up(" ".join(f"{field}: {message}" for field, message in error.entries)) from None
    finally:
        db.close()
    say(f"Made the key {made.id} ({made.name}) of {found.username}. It is shown this once:")
    typer.echo(text)


def list_keys(settings: Settings, username: str) -> None:
    db = Database(settings.database)
    with db.snapshot() as tx:
        rows = queries.list_rows(tx)
    db.close()
    wanted = normalize_username(username)
    shown = [row for row in rows if not wanted or row.username == wanted]
    for row in shown:
        say(f"{row.key_id}  {row.username}  {PREFIX}{row.public_id}  {row.state()}  {one_line(row.name)}")
        say(f"    {_told(row)}")
    if not shown:
        say("No API key exists. Make one with `librephotos key create USER --name NAME --scope SCOPE`.")


def revoke_key(settings: Settings, key_id: int) -> None:
    db = Database(settings.database)
    was_live = db.commit(queries.revoke_anybodys, key_id, accounts.cli_origin())
    db.close()
    if not was_live:
        raise give_up(f"There is no key {key_id} to revoke. `librephotos key list` shows all.")
    say(f"Revoked the key {key_id}.")


def _day(instant: int) -> str:
    return clock.to_datetime(instant).astimezone(UTC).strftime("%Y-%m-%d")


def _told(row: KeyRow) -> str:
    """What a key may do and has done, for the second line: names may be long, and tables cut them."""
    limit = " (some albums)" if row.is_limited else ""
    end = f"ends {_day(row.expires_at)}" if row.expires_at is not None else "without end"
    used = f"last used {_day(row.last_used_at)} from {row.last_address}" if row.last_used_at else "never used"
    return f"{row.scopes}{limit}; made {_day(row.created_at)}, {end}, {used}"
