"""Which folder of the library a caller may look into, and pages of what lies in it. Asks the disk, knows no account."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from librephotos.albums.schemas import FolderPages, Subfolder, Subfolders
from librephotos.errors import Refusal

PAGE_SIZE: Final = 100


class Folder(msgspec.Struct, frozen=True):
    """A folder inside one of the caller's roots; `parent` is None at the root itself."""

    path: str
    parent: str | None


def choose_folder(path: str | None, roots: Sequence[str]) -> Folder:
    """Return the wanted folder, by default the first root.

    `roots` are absolute paths: the caller's scan directory, or for admins the library roots. Raises Refusal. A path
    outside is refused by its text alone: what is there outside the roots is told to nobody.
    """
    if not roots:
        raise _refused(403, "User scan directory not configured")
    if not path:
        if not os.path.isdir(roots[0]):
            raise _refused(403, "Scan directory does not exist")
        return Folder(roots[0], None)
    wanted = os.path.normpath(path)
    root = next((each for each in roots if _is_within(wanted, each)), None)
    if root is None or not os.path.isabs(path):
        raise _refused(403, "Access denied: the path is outside your library")
    if "\x00" in wanted or not os.path.exists(wanted):
        raise _refused(400, "Path does not exist")
    if not _is_within(os.path.realpath(wanted), os.path.realpath(root)):
        raise _refused(403, "Access denied: the path leads outside your library")
    if not os.path.isdir(wanted):
        raise _refused(400, "Path is not a directory")
    return Folder(wanted, None if wanted == root else os.path.dirname(wanted))


def page_of_subfolders(folder: Folder, counts: Mapping[str, int], page: int) -> Subfolders:
    """Return one page of the folders that hold photos; `counts` are photos by the name of the folder right below."""
    names = sorted(
        (name for name in counts if not name.startswith(".")), key=lambda name: (name.lower(), name)
    )
    shown = names[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    pages = max(1, -(-len(names) // PAGE_SIZE))
    return Subfolders(
        current_path=folder.path,
        parent_path=folder.parent,
        subfolders=[_subfolder(os.path.join(folder.path, name), name, counts[name]) for name in shown],
        pagination=FolderPages(
            page=page,
            page_size=PAGE_SIZE,
            total_folders=len(names),
            total_pages=pages,
            has_next=page < pages,
            has_previous=page > 1,
        ),
    )


def _subfolder(path: str, name: str, count: int) -> Subfolder:
    try:
        modified = os.stat(path).st_mtime
    except OSError:  # gone, or on a disk that is away
        modified = 0.0
    return Subfolder(name, path, count, modified)


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _refused(status: int, text: str) -> Refusal:
    return Refusal(status, {"error": text})
