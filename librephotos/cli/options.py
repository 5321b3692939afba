"""Options that several commands share, and the settings they make."""

import os
from pathlib import Path
from typing import Annotated

import structlog
import typer

from librephotos.accounts.secret_key import load_secret_key
from librephotos.db.migrate import migrate
from librephotos.errors import BadSetting
from librephotos.settings import Settings, list_ignored, list_unknown, load_settings

log = structlog.get_logger()

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Data folder: database, keys, derived files.",
        show_default="LIBREPHOTOS_DATA or ./data",
    ),
]
Library = Annotated[
    list[Path] | None, typer.Option("--library", help="Folder with photos; may be given several times.")
]


def overrides_of(data: Path | None, library: list[Path] | None, **others: object) -> dict[str, object]:
    """Return the settings that options replace, by field; relative folders count from the current one."""
    given: dict[str, object] = {name: value for name, value in others.items() if value is not None}
    if data is not None:
        given["data"] = str(data.expanduser().absolute())
    if library:
        roots = [str(root.expanduser().absolute()) for root in library]
        if broken := next((root for root in roots if os.pathsep in root), None):
            raise BadSetting(
                f"--library {broken} cannot be used: {os.pathsep} separates folders and cannot be in a name."
            )
        given["library_roots"] = os.pathsep.join(roots)
    return given


def prepared(overrides: dict[str, object]) -> Settings:
    """Return the settings with a data folder that only its owner reads, a key and a database of this version."""
    settings = load_settings(**overrides)
    prepare_data(settings.data)
    load_secret_key(settings)
    migrate(settings.database, settings.data)
    return settings


def prepare_data(data: Path) -> None:
    """Make the data folder. Raises BadSetting when it cannot be written."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"The data folder {data} cannot be made: {error.strerror}.") from error
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise BadSetting(
            f"The data folder {data} cannot be written by this user; change its owner or choose another."
        )


def mention_odd_names() -> None:
    """Log once each name of the environment that does nothing."""
    for name in list_ignored():
        log.warning("setting ignored: it has no meaning here", name=name)
    for name in list_unknown():
        log.warning("setting unknown: is it misspelled?", name=name)
