"""The commands and their help. Each imports what it needs when it runs, so that none waits for what others need."""

import sys
from typing import Annotated

import typer

from librephotos.cli.options import Data, Library, overrides_of
from librephotos.errors import LibrePhotosError

app = typer.Typer(
    help="A self-hosted photo library. Originals are never altered.\n\n"
    "Begin with:  librephotos serve --library ~/Pictures",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def every_command(context: typer.Context) -> None:
    # The server's first act is to start a child; its log can wait.
    if context.invoked_subcommand != "serve":
        from librephotos.kit.logs import configure_logs

        configure_logs()


users = typer.Typer(help="Make accounts, change passwords, list them.", no_args_is_help=True)
app.add_typer(users, name="user")
keys = typer.Typer(help="Make API keys for scripts, list and revoke them.", no_args_is_help=True)
app.add_typer(keys, name="key")
secret = typer.Typer(help="The key that signs tokens.", no_args_is_help=True)
app.add_typer(secret, name="secret")
Name = Annotated[str, typer.Argument(help="User name.", show_default=False)]


@app.command()
def serve(
    data: Data = None,
    library: Library = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 means all.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    api_processes: Annotated[int | None, typer.Option(min=1, max=64, help="API processes.")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Serve only; another process runs `librephotos work`.")
    ] = False,
) -> None:
    """Serve the library: the API, the page and the worker, until Ctrl-C.

    Examples:

      librephotos serve --library ~/Pictures

      librephotos serve --data /srv/librephotos --library /mnt/photos --library /mnt/scans --host 0.0.0.0 --port 80

      LIBREPHOTOS_DATABASE_URL=postgresql://me:secret@db/photos librephotos serve --no-worker
    """
    from librephotos.cli.serve import serve as run_serve

    overrides = overrides_of(data, library, host=host, port=port, api_processes=api_processes)
    run_serve(overrides, with_worker=not no_worker)


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to this version, after a snapshot. `serve` does it too.

    Example:  librephotos migrate --data /srv/librephotos
    """
    from librephotos.cli.output import say
    from librephotos.cli.preparing import prepared

    settings = prepared(overrides_of(data, None))
    say(f"The database in {settings.data} is up to date.")


@app.command()
def work(
    data: Data = None,
    library: Library = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run a worker alone: scans, thumbnails and all that follows. `serve` runs one unless told not to.

    Example:  LIBREPHOTOS_DATABASE_URL=postgresql://me:secret@db/photos librephotos work
    """
    from librephotos.cli.work import work as run_work

    run_work(overrides_of(data, library), parent)


@app.command()
def scan(
    data: Data = None,
    library: Library = None,
    user: Annotated[list[str] | None, typer.Option(help="Whose library; all when left out.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Look at every file again, also unchanged ones.")
    ] = False,
    accept_losses: Annotated[
        bool,
        typer.Option(
            "--accept-losses",
            help="Believe that files are gone, even if most are; else a disk seems to be away.",
        ),
    ] = False,
) -> None:
    """Scan libraries now and show what became of the files.

    Status 0: all is in. 1: some files could not be read (they are listed), or a disk seems to be away. 2: the scan
    could not run.

    Examples:

      librephotos scan

      librephotos scan --user ann --full
    """
    from librephotos.cli.preparing import prepared
    from librephotos.cli.scan import scan as run_scan

    overrides = overrides_of(data, library)
    arguments = {**({"mode": "full"} if full else {}), **({"accept_losses": True} if accept_losses else {})}
    raise typer.Exit(run_scan(prepared(overrides), overrides, user or [], arguments))


@users.command("create")
def create_user(
    name: Name,
    data: Data = None,
    admin: Annotated[
        bool, typer.Option("--admin", help="An admin; the first account is one anyway.")
    ] = False,
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    scan: Annotated[str, typer.Option(help="Folder with this user's photos, inside a library root.")] = "",
) -> None:
    """Make an account. The password is asked for, or taken from LIBREPHOTOS_PASSWORD, or made up and shown.

    Example:  librephotos user create ann --scan /mnt/photos/ann
    """
    from librephotos.cli import users as user_commands
    from librephotos.cli.preparing import prepared

    settings = prepared(overrides_of(data, None))
    user_commands.create_user(settings, name, is_admin=admin, email=email, scan_directory=scan)


@users.command("password")
def change_password(name: Name, data: Data = None) -> None:
    """Give an account a new password and end its sessions.

    Example:  librephotos user password ann
    """
    from librephotos.cli import users as user_commands
    from librephotos.cli.preparing import prepared

    user_commands.set_password(prepared(overrides_of(data, None)), name)


@users.command("list")
def list_users(data: Data = None) -> None:
    """Show all accounts."""
    from librephotos.cli import users as user_commands
    from librephotos.cli.preparing import prepared

    user_commands.list_users(prepared(overrides_of(data, None)))


@keys.command("create")
def create_key(
    user: Name,
    name: Annotated[str, typer.Option(help="What it is for.", show_default=False)],
    scope: Annotated[
        list[str], typer.Option(help="What it may do; may be given several times.", show_default=False)
    ],
    album: Annotated[
        list[int] | None,
        typer.Option(help="Id of an album to which it is limited; may be given several times."),
    ] = None,
    expires: Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it ends.")] = None,
    data: Data = None,
) -> None:
    """Make an API key for USER and show it, for the only time, on standard output.

    Example:  librephotos key create ann --name backup --scope photos:read --scope albums:read --expires 365
    """
    from librephotos.cli import keys as key_commands
    from librephotos.cli.preparing import prepared

    settings = prepared(overrides_of(data, None))
    key_commands.create_key(settings, user, name=name, scopes=scope, album_ids=album, days=expires)


@keys.command("list")
def list_keys(
    user: Annotated[str, typer.Argument(help="Whose; everybody's when left out.", show_default=False)] = "",
    data: Data = None,
) -> None:
    """Show API keys with what they may do and when they were last used; never the keys themselves."""
    from librephotos.cli import keys as key_commands
    from librephotos.cli.preparing import prepared

    key_commands.list_keys(prepared(overrides_of(data, None)), user)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[int, typer.Argument(metavar="ID", help="Its number, see `librephotos key list`.")],
    data: Data = None,
) -> None:
    """End an API key at once; a running server needs no restart.

    Example:  librephotos key revoke 7
    """
    from librephotos.cli import keys as key_commands
    from librephotos.cli.preparing import prepared

    key_commands.revoke_key(prepared(overrides_of(data, None)), key_id)


# It is the only one, and yet a word of its own: `librephotos secret` alone shall change nothing.
@secret.callback()
def secret_commands() -> None:
    pass


@secret.command("rotate")
def rotate_secret(
    data: Data = None,
    now: Annotated[
        bool,
        typer.Option("--now", help="After a leak: the old key counts no more, everybody signs in again."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also while the key before the present one still counts.")
    ] = False,
) -> None:
    """Make a new key that signs tokens. A running server takes it over within seconds.

    Nobody is signed out: what the old key signed counts until its last token has expired.

    Examples:

      librephotos secret rotate

      librephotos secret rotate --now
    """
    from librephotos.cli.secret import rotate

    rotate(overrides_of(data, None), at_once=now, force=force)


@app.command()
def doctor(data: Data = None, library: Library = None) -> None:
    """Look whether everything is there that the server needs. Status 1 when something must be done."""
    from librephotos.cli.doctor import examine
    from librephotos.settings import load_settings

    raise typer.Exit(examine(load_settings(**overrides_of(data, library))))


@app.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document as JSON.

    Example:  librephotos openapi > openapi.json
    """
    from librephotos.cli.openapi import document

    typer.echo(document())


def main() -> None:
    """Run the command line; a refusal is one sentence on standard error and status 2."""
    try:
        app()
    except LibrePhotosError as error:
        from librephotos.cli.output import CANNOT, complain

        complain(error.message)
        sys.exit(CANNOT)
