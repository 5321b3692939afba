"""Finding a place by its name, offline, in a small file of GeoNames' towns that is made once in the data folder.

All towns in memory would be more than an answering process may take. So a child process writes them to a file of their
own (`names_file.py`) when somebody first asks, and each question reads some pages of it.
"""

import os
import re
import sqlite3
import subprocess
import sys
import threading
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
import structlog

from librephotos.kit.processes import scrubbed_environment

log = structlog.get_logger()

# A new number has the file made anew.
FILE_NAME: Final = "place-names-1.sqlite"
BUILD_SECONDS: Final = 120
_PACKAGE_FOLDER: Final = Path(__file__).parents[2]
_LONGEST_WORDS: Final = 8
_LONGEST_CHARACTERS: Final = 200
_WORDS = re.compile(r"[^\s,;]+")
_building = threading.Lock()

_FIND = """
SELECT display, latitude, longitude FROM town
WHERE name >= :name AND name < :name || char(1114111) AND {rest}
ORDER BY name != :name, population DESC, display LIMIT :most
"""


class PlaceFound(msgspec.Struct, frozen=True):
    """`lat` and `lon` are degrees."""

    display_name: str
    lat: float
    lon: float


def fold_name(text: str) -> str:
    """Return the form in which names are compared: no case, no marks over letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def find_places(data: Path, text: str, most: int) -> list[PlaceFound]:
    """Return at most `most` towns that begin with the text, whole names and large towns first.

    Words behind the name tell its region or country: `Paris, Texas`. Nothing is found where the file cannot be made.
    """
    words = _WORDS.findall(fold_name(text[:_LONGEST_CHARACTERS]).replace("\x00", ""))[:_LONGEST_WORDS]
    path = data / FILE_NAME
    if not words or most < 1 or not _is_made(path):
        return []
    try:
        with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)) as file:
            for length in range(len(words), 0, -1):
                found = _find(file, " ".join(words[:length]), words[length:], most)
                if found:
                    return found
    except sqlite3.Error:
        log.exception("place names could not be read")
    return []


def _find(file: sqlite3.Connection, name: str, rest: list[str], most: int) -> list[PlaceFound]:
    values: dict[str, str | int] = {f"rest_{number}": word for number, word in enumerate(rest)}
    conditions = " AND ".join(f"instr(around, :{key}) > 0" for key in values) or "1"
    rows = file.execute(_FIND.format(rest=conditions), {**values, "name": name, "most": most})
    return [PlaceFound(*row) for row in rows]


def _quoted(path: Path) -> str:
    return path.absolute().as_uri().removeprefix("file:")


def _is_made(path: Path) -> bool:
    """Have the file made if it is not there yet; processes that meet both make it, and the later one stays."""
    with _building:
        if path.exists():
            return True
        command = [sys.executable, "-m", "librephotos.places.names_file", os.fspath(path.absolute())]
        environment = scrubbed_environment(PYTHONPATH=os.pathsep.join([str(_PACKAGE_FOLDER)]))
        try:
            subprocess.run(
                command, env=environment, check=True, capture_output=True, timeout=BUILD_SECONDS, cwd="/"
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("place names could not be made", reason=str(error))
            return False
        return True
