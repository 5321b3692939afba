"""The command line: serve, work, scan, migrate, user, doctor, openapi."""

import sys
from typing import Annotated

import typer

from librephotos.cli.options import Data, Library, overrides_of, prepared
from librephotos.cli.output import CANNOT, complain, say
from librephotos.cli.serve import serve as run_serve
from librephotos.errors import LibrePhotosError
from librephotos.kit.logs import configure_logs

app = typer.Typer(
    help="A self-hosted photo library. Originals are never altered.\n\n"
    "Begin with:  librephotos serve --library ~/Pictures",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


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
    overrides = overrides_of(data, library, host=host, port=port, api_processes=api_processes)
    run_serve(overrides, with_worker=not no_worker)


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to this version, after a snapshot. `serve` does it too.

    Example:  librephotos migrate --data /srv/librephotos
    """
    settings = prepared(overrides_of(data, None))
    say(f"The database in {settings.data} is up to date.")


def main() -> None:
    """Run the command line; a refusal is one sentence on standard error and status 2."""
    configure_logs()
    try:
        app()
    except LibrePhotosError as error:
        complain(error.message)
        sys.exit(CANNOT)
