"""Options that several commands share, and the settings that they replace."""

import os
from pathlib import Path
from typing import Annotated

import typer

from librephotos.errors import BadSetting

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
