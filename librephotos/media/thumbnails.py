"""The three WebP thumbnails of a photo: their sizes, what is known beside them, where they lie, how they are written.

Written by the process that decodes: large bytes never cross a pipe. Making them is left to `stills/`.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from typing import Final

import msgspec

from librephotos.media.errors import CannotStore

DECODE_BYTES: Final = 2 * 1024**3
WEBP_EDGE_PX: Final = 16383
"""The longest edge a WebP can have (RFC 9649: 14 bits), so panoramas end here."""

DRAFT_SECONDS: Final = 3600.0
"""A draft is written in one go, so one that is older has no process any more."""

_DRAFT: Final = b".part"


class Size(msgspec.Struct, frozen=True):
    """One kind of thumbnail: its folder, its greatest height and its WebP quality."""

    folder: str
    height_px: int
    quality: int


BIG: Final = Size("thumbnails_big", 1080, 82)
SQUARE: Final = Size("square_thumbnails", 500, 78)
SMALL: Final = Size("square_thumbnails_small", 250, 78)
SIZES: Final = (BIG, SQUARE, SMALL)
_OTHER_FOLDERS: Final = ("embedded_media", "faces")


class Rendering(msgspec.Struct):
    """What one decode yields: `images` are the WebPs in the order of SIZES."""

    images: tuple[bytes, bytes, bytes]
    looks: Looks


class Looks(msgspec.Struct):
    """Facts of the pixels. Width and height are those of the upright original.

    `is_hdr` says that its transfer curve is PQ or HLG.
    """

    width: int
    height: int
    aspect_ratio: float
    dominant_colour: tuple[int, int, int]
    perceptual_hash: str
    thumbhash: bytes
    is_hdr: bool = False


def thumbnail_path(folder: bytes, size: Size, name: str) -> bytes:
    """Return where a thumbnail lies: fanned out by two characters, so that no folder holds a million files."""
    return os.path.join(folder, size.folder.encode(), name[:2].encode(), name.encode() + b".webp")


def clip_path(folder: bytes, size: Size, name: str) -> bytes:
    """Return where the clip of a video lies, in the place of a picture's thumbnail."""
    return thumbnail_path(folder, size, name).removesuffix(b".webp") + b".mp4"


def write_thumbnails(rendering: Rendering, folder: bytes, name: str) -> None:
    """Write the three files below `folder`; each appears whole or not at all, also after a power cut.

    Raises CannotStore when the disk does not take them.
    """
    if not name.isascii() or not name.isalnum():
        raise ValueError(f"{name!r} cannot name a thumbnail")
    try:
        for size, data in zip(SIZES, rendering.images, strict=True):
            write_whole(thumbnail_path(folder, size, name), data)
    except OSError as error:
        cause = os.strerror(error.errno or 0).lower()
        raise CannotStore(f"The thumbnails cannot be stored in the data folder: {cause}.") from error


def sweep_drafts(folder: bytes, *, older_than_seconds: float = DRAFT_SECONDS) -> int:
    """Remove what killed processes left half-written of the derived files below `folder`; return how many files.

    By their age, because processes of other machines may write there too.
    """
    before = time.time() - older_than_seconds
    count = 0
    for kind in (*(size.folder for size in SIZES), *_OTHER_FOLDERS):
        for entry in _entries(os.path.join(folder, kind.encode())):
            for draft in _entries(entry.path) if entry.is_dir(follow_symlinks=False) else ():
                if draft.name.startswith(b".") and draft.name.endswith(_DRAFT):
                    with contextlib.suppress(FileNotFoundError):
                        if draft.stat(follow_symlinks=False).st_mtime < before:
                            os.unlink(draft.path)
                            count += 1
    return count


def _entries(folder: bytes) -> Iterator[os.DirEntry[bytes]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def write_whole(path: bytes, data: bytes) -> None:
    """Write a file that appears whole or not at all, also after a power cut."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=b".", suffix=_DRAFT, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o640)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
