"""Which commit this is, as far as can be told: from the checkout that it runs in, else from what the build wrote down.

The build imports this file by its path, so it needs nothing of ours.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent.parent
# Below the package; made by the build.
FILE_NAME: Final = "revision.txt"
# SHA-1 or SHA-256.
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_BYTES = 16 * 1024 * 1024


@cache
def revision() -> str:
    """Return the commit's hash in hexadecimal, empty where it is not known. Read once, without Git."""
    return find_commit(PACKAGE.parent) or _commit(_text(PACKAGE / FILE_NAME))


def find_commit(checkout: Path) -> str:
    """Return the commit that is checked out in a folder, empty for a folder that is no checkout.

    Source: gitrepository-layout(5): HEAD is a commit or `ref: <name>`, a branch is a file of its own or a line of
    `packed-refs`; a worktree's `.git` is a file that names its folder, whose `commondir` leads to the branches.
    """
    folder = checkout / ".git"
    if folder.is_file():
        folder = checkout / _text(folder).removeprefix("gitdir:").strip()
    head = _text(folder / "HEAD")
    if not head.startswith("ref:"):
        return _commit(head)
    name = head.removeprefix("ref:").strip()
    if not name.startswith("refs/") or ".." in name:
        return ""
    common = folder / (_text(folder / "commondir") or ".")
    return _commit(_text(common / name)) or _packed(common, name)


def _packed(folder: Path, name: str) -> str:
    for line in _text(folder / "packed-refs").splitlines():
        commit, _, packed = line.partition(" ")
        if packed == name:
            return _commit(commit)
    return ""


def _commit(text: str) -> str:
    return text if _COMMIT.fullmatch(text) else ""


def _text(path: Path) -> str:
    """Return a small file's text, empty for one that is missing or cannot be read."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return ""
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
