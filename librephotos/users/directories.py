"""Where accounts' photos may lie: paths are resolved and held against the library roots. Touches the disk, no rows.

What overlaps another account's library is compared on the stored paths, which are resolved already.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Final

from librephotos.errors import BadInput
from librephotos.settings import Settings

FIELD: Final = "non_field_errors"
NOT_THERE: Final = "Scan directory does not exist"
OUTSIDE: Final = "Scan directory must be inside the data root."
UPLOAD_NOT_THERE: Final = "Upload directory does not exist"
UPLOAD_OUTSIDE: Final = "Upload directory must be inside the data root."
NONE_YET: Final = "initial"


def resolve_scan_directory(settings: Settings, text: str) -> str:
    """Return the directory as an absolute path without links. Raises BadInput with the published texts."""
    return _resolve(settings, text, NOT_THERE, OUTSIDE)


def resolve_upload_directory(settings: Settings, text: str) -> str:
    return _resolve(settings, text, UPLOAD_NOT_THERE, UPLOAD_OUTSIDE)


def first_root(settings: Settings) -> str:
    """Return the first library root that is there, resolved; empty when there is none."""
    for root in settings.roots:
        if root.is_dir():
            return os.path.realpath(root)
    return ""


def create_user_directory(
    settings: Settings, username: str, others: Iterable[Sequence[str]], *, may_exist: bool
) -> str:
    """Make a folder of the user's name in the first root and return it; empty when that can't be."""
    root = first_root(settings)
    path = os.path.join(root, username)
    if (
        not root
        or os.path.basename(path) != username
        or username.startswith(".")
        or overlapping(path, others)
    ):
        return ""
    try:
        os.mkdir(path)
    except FileExistsError:
        if not may_exist or not os.path.isdir(path):
            return ""
    except OSError:
        return ""
    try:
        return resolve_scan_directory(settings, path)
    except BadInput:
        return ""


def overlapping(path: str, others: Iterable[Sequence[str]], what: str = "Scan directory") -> str | None:
    """Return the refusal when `path` equals, contains or lies in one of `others`, pairs of user name and directory."""
    for username, theirs in others:
        if theirs and (is_within(path, theirs) or is_within(theirs, path)):
            return (
                f"{what} overlaps the library of user '{username}' ({theirs}). "
                "Each user needs a directory of their own."
            )
    return None


def is_within(path: str, folder: str) -> bool:
    """Whether the absolute `path` is `folder` or lies in it, by spelling alone."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _resolve(settings: Settings, text: str, not_there: str, outside: str) -> str:
    if "\x00" in text or not os.path.isabs(text):
        raise BadInput.of(FIELD, not_there)
    try:
        resolved = os.path.realpath(text)
        if not os.path.isdir(resolved):
            raise BadInput.of(FIELD, not_there)
    except (OSError, ValueError):
        raise BadInput.of(FIELD, not_there) from None
    roots = [os.path.realpath(root) for root in settings.roots]
    data = os.path.realpath(settings.data)
    if not any(is_within(resolved, root) for root in roots) or is_within(resolved, data):
        raise BadInput.of(FIELD, outside)
    try:
        resolved.encode()
    except UnicodeEncodeError:
        raise BadInput.of(FIELD, not_there) from None
    return resolved
