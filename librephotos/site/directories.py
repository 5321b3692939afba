"""The directory picker: two levels of folders inside the library roots. Asks the disk, knows no account."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from librephotos.errors import Refusal
from librephotos.settings import Settings
from librephotos.site.schemas import Directory

LEVELS: Final = 2
# A folder of a million subfolders must not become one answer.
MAX_CHILDREN: Final = 5_000
OUTSIDE: Final = "This path is not inside the data root."


def list_directories(settings: Settings, path: str | None) -> list[Directory]:
    """Return `path` with two levels below it, or every root. Raises Refusal with 403 for a path outside the roots."""
    if not path:
        return [_node(root, settings, LEVELS) for root in map(str, settings.roots)]
    wanted = os.path.normpath(path)
    # By spelling first: whether something is there outside the roots is told to nobody.
    if not os.path.isabs(path) or not any(_is_within(wanted, str(root)) for root in _spellings(settings)):
        raise Refusal(403, {"message": OUTSIDE})
    if not _is_ours(wanted, settings):
        raise Refusal(403, {"message": OUTSIDE})
    return [_node(wanted, settings, LEVELS)]


def _spellings(settings: Settings) -> Iterator[Path]:
    """A root as configured and as resolved: stored scan directories are resolved."""
    for root in settings.roots:
        yield root
        yield Path(os.path.realpath(root))


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_ours(path: str, settings: Settings) -> bool:
    """Whether a path, links followed, stays in the roots and out of the data folder."""
    try:
        resolved = os.path.realpath(path)
    except (OSError, ValueError):
        return False
    if _is_within(resolved, os.path.realpath(settings.data)):
        return False
    return any(_is_within(resolved, os.path.realpath(root)) for root in settings.roots)


def _node(path: str, settings: Settings, levels: int) -> Directory:
    children = _children(path, settings) if levels else []
    return Directory(
        title=os.path.basename(path) or path,
        absolute_path=path,
        children=[_node(child, settings, levels - 1) for child in children],
    )


def _children(path: str, settings: Settings) -> list[str]:
    """Return the folders in `path` that may be shown; none when it can't be read."""
    found: list[str] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if len(found) == MAX_CHILDREN:
                    break
                if _is_shown(entry, settings):
                    found.append(entry.name)
    except OSError:
        return []
    found.sort(key=lambda name: (name.lower(), name))
    return [os.path.join(path, name) for name in found]


def _is_shown(entry: os.DirEntry[str], settings: Settings) -> bool:
    if entry.name.startswith(".") or not _is_utf8(entry.name):
        return False
    try:
        return entry.is_dir() and _is_ours(entry.path, settings)
    except OSError:
        return False


def _is_utf8(name: str) -> bool:
    # A name that JSON can't spell could not be sent back either.
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
