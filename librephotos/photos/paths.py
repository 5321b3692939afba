"""Where derived files lie in the data folder, and opening files so that no link leads out of their root."""

import os
from collections.abc import Iterable
from pathlib import Path

BIG = "thumbnails_big"
SQUARE = "square_thumbnails"
SQUARE_SMALL = "square_thumbnails_small"
FACES = "faces"
EMBEDDED = "embedded_media"
AVATARS = "avatars"
ARCHIVES = "zip"
# How long an archive can be fetched.
ARCHIVE_SECONDS = 86_400

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_FOLDER = _READ | os.O_DIRECTORY


def derived_root(data: Path) -> Path:
    return data / "derived"


def kept_root(data: Path) -> Path:
    """Return the folder of sidecars that could not be written beside their files; nothing else holds what they say."""
    return data / "sidecars"


def derived_path(data: Path, kind: str, image_hash: str, extension: str = "webp") -> Path:
    """Return `<data>/derived/<kind>/<first two characters>/<image_hash>.<extension>`."""
    return Path(derived_name(str(derived_root(data)), kind, image_hash, extension))


def derived_name(root: str, kind: str, image_hash: str, extension: str) -> str:
    """As `derived_path`, below the `root` of derived files and as text: pictures are asked for by the thousand."""
    return f"{root}/{kind}/{image_hash[:2]}/{image_hash}.{extension}"


def face_path(root: Path, name: str) -> Path:
    """Return where the picture of a face lies below the `root` of derived files."""
    return root / FACES / name[:2] / name


def avatar_path(data: Path, name: str) -> Path:
    """Not below `derived`: a picture that somebody uploaded cannot be made again."""
    return data / AVATARS / name


def archives_folder(data: Path) -> Path:
    return data / "zip"


def archive_path(data: Path, name: str, user_id: int) -> Path:
    """Return where an archive lies; whose it is stands in its name. `name` is a UUID."""
    return archives_folder(data) / f"{name}{user_id}.zip"


def open_plain(path: str) -> int:
    """Open a file of ours. Raises OSError; the file itself may not be a link."""
    return os.open(path, _READ)


def open_confined(path: bytes, roots: Iterable[str], *, outside: str) -> tuple[int, bytes]:
    """Open a file that lies below one of `roots` and not below `outside` (if any), once all links are followed.

    Returns the descriptor and the true path. Raises FileNotFoundError for a path that leads elsewhere. The true path
    is walked folder by folder without following links, so that none can be slipped in after the check.
    """
    true_path = os.path.realpath(path)
    if outside and _is_below(true_path, os.path.realpath(os.fsencode(outside))):
        raise FileNotFoundError(true_path)
    for root in roots:
        true_root = os.path.realpath(os.fsencode(root))
        if _is_below(true_path, true_root):
            return _open_below(true_root, true_path), true_path
    raise FileNotFoundError(true_path)


def _is_below(path: bytes, root: bytes) -> bool:
    return path.startswith(root.rstrip(b"/") + b"/")


def _open_below(root: bytes, path: bytes) -> int:
    folder = os.open(root, _FOLDER)
    try:
        *folders, name = os.path.relpath(path, root).split(b"/")
        for part in folders:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, _READ, dir_fd=folder)
    finally:
        os.close(folder)
