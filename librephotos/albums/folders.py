"""Which folder of the library a caller may look into, and pages of what lies in it. Asks the disk, knows no account."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from librephotos.albums.schemas import FolderPages, Subfolder, Subfolders
from librephotos.errors import Refusal

PAGE_SIZE: Final = 100


# Above several roots: what is asked for without a path.
TOP: Final = ""


class Folder(msgspec.Struct, frozen=True):
    """A folder inside one of the caller's roots; `parent` is None where there is nothing above.

    With several roots the top is no folder of the disk: `roots` are what stands below it.
    """

    path: str
    parent: str | None
    roots: tuple[str, ...] = ()


def roots_of(scan_directory: str, library: Sequence[Path], *, is_staff: bool) -> list[str]:
    """Return the absolute paths that a caller may look into: the scan directory, or for staff the library roots.

    A root that is a link goes by the name that the caller's paths begin with; one inside another is found in that.
    """
    own = os.path.abspath(scan_directory) if scan_directory.strip() else ""
    if not (is_staff and library):
        return [own] if own else []
    named = dict.fromkeys(_name_of(os.path.abspath(root), own) for root in library)
    return [each for each in named if not any(_is_within(each, other) for other in named if other != each)]


def _name_of(root: str, own: str) -> str:
    true_path = os.path.realpath(root)
    return true_path if _is_within(own, true_path) and not _is_within(own, root) else root


def choose_folder(path: str | None, roots: Sequence[str]) -> Folder:
    """Return the wanted folder, by default the root or, of several, what stands above them.

    Raises Refusal. A path outside is refused by its text alone: what is there outside the roots is told to nobody.
    """
    if not roots:
        raise _refused(403, "User scan directory not configured")
    top = None if len(roots) == 1 else TOP
    if not path:
        if top is not None:
            return Folder(top, None, tuple(roots))
        if not os.path.isdir(roots[0]):
            raise _refused(403, "Scan directory does not exist")
        return Folder(roots[0], None)
    wanted = os.path.normpath(path)
    if not os.path.isabs(path) or not any(_is_within(wanted, root) for root in roots):
        raise _refused(403, "Access denied: the path is outside your library")
    if "\x00" in wanted or not os.path.exists(wanted):
        raise _refused(400, "Path does not exist")
    true_path = os.path.realpath(wanted)
    if not any(_is_within(true_path, os.path.realpath(root)) for root in roots):
        raise _refused(403, "Access denied: the path leads outside your library")
    if not os.path.isdir(wanted):
        raise _refused(400, "Path is not a directory")
    return Folder(wanted, top if wanted in roots else os.path.dirname(wanted))


def page_of_subfolders(folder: Folder, counts: Mapping[str, int], page: int) -> Subfolders:
    """Return one page of the folders that hold photos; `counts` are photos by the path of the folder right below."""
    named = _names(counts) if folder.roots else {path: os.path.basename(path) for path in counts}
    paths = sorted(
        (path for path, name in named.items() if not name.startswith(".")),
        key=lambda path: (named[path].lower(), named[path]),
    )
    shown = paths[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    pages = max(1, -(-len(paths) // PAGE_SIZE))
    return Subfolders(
        current_path=folder.path,
        parent_path=folder.parent,
        subfolders=[_subfolder(path, named[path], counts[path]) for path in shown],
        pagination=FolderPages(
            page=page,
            page_size=PAGE_SIZE,
            total_folders=len(paths),
            total_pages=pages,
            has_next=page < pages,
            has_previous=page > 1,
        ),
    )


def _names(roots: Iterable[str]) -> dict[str, str]:
    """Return what roots are called by their path: the last part of it, or all of it where two end alike."""
    last = {root: os.path.basename(root) or root for root in roots}
    ends = Counter(last.values())
    return {root: name if ends[name] == 1 else root for root, name in last.items()}


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
