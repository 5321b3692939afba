"""The three WebP thumbnails of a photo: their sizes, what is known beside them, where they lie, how they are written.

Written by the process that decodes: large bytes never cross a pipe. Making them is left to `stills/`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final

import msgspec

from librephotos.media.errors import CannotStore

DECODE_BYTES: Final = 2 * 1024**3
WEBP_EDGE_PX: Final = 16383
"""The longest edge a WebP can have (RFC 9649: 14 bits), so panoramas end here."""

DRAFT_SECONDS: Final = 3600.0
"""A draft is written in one go, so one that is older has no process any more."""

SYNCING_THREADS: Final = 8
"""How many files are made durable at once: the disk does it for all that wait, so 192 take 30 ms instead of 900."""

_DRAFT: Final = b".part"
_DERIVED_MODE: Final = 0o640


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


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """A file that is written whole, the place that it is meant for, and nothing sure yet of a power cut."""

    path: bytes
    place: bytes


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


def big_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the big thumbnail of an upright picture of this size."""
    scale = min(1.0, BIG.height_px / height, WEBP_EDGE_PX / width)
    return max(1, round(width * scale)), max(1, round(height * scale))


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
    publish_drafts(draft_thumbnails(rendering, folder, name))


def draft_thumbnails(rendering: Rendering, folder: bytes, name: str) -> list[Draft]:
    """Write the three files beside their places below `folder`, for `publish_drafts`. Raises CannotStore."""
    if not name.isascii() or not name.isalnum():
        raise ValueError(f"{name!r} cannot name a thumbnail")
    drafts: list[Draft] = []
    token = secrets.token_hex(8).encode()
    try:
        for size, data in zip(SIZES, rendering.images, strict=True):
            drafts.append(_draft(thumbnail_path(folder, size, name), data, token))
    except OSError as error:
        drop_drafts(drafts)
        raise _cannot_store(error) from error
    return drafts


def publish_drafts(drafts: Sequence[Draft]) -> set[bytes]:
    """Put drafts in their places once they are sure to outlast a power cut; return the places of those that are gone.

    All of them at once, for a disk takes about as long for one. Raises CannotStore, with nothing put in place.
    """
    try:
        shares = [
            [draft.path for draft in drafts[start::SYNCING_THREADS]] for start in range(SYNCING_THREADS)
        ]
        gone = {path for some in _syncing().map(_sync_all, shares) for path in some}
        for draft in drafts:
            if draft.path not in gone:
                os.replace(draft.path, draft.place)
        if drafts:
            # Journals are written in order: with the last of the new names, those before it are durable.
            _sync(os.path.dirname(drafts[-1].place))
    except OSError as error:
        drop_drafts(drafts)
        raise _cannot_store(error) from error
    return {draft.place for draft in drafts if draft.path in gone}


def drop_drafts(drafts: Iterable[Draft]) -> None:
    for draft in drafts:
        with contextlib.suppress(OSError):
            os.unlink(draft.path)


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
        os.chmod(temporary, _DERIVED_MODE)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _draft(place: bytes, data: bytes, token: bytes) -> Draft:
    folder, name = os.path.split(place)
    path = os.path.join(folder, b".%s-%s%s" % (name, token, _DRAFT))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, _DERIVED_MODE)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(path, flags, _DERIVED_MODE)
    try:
        try:
            os.fchmod(descriptor, _DERIVED_MODE)
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)
        raise
    return Draft(path, place)


def _sync(path: bytes) -> bool:
    """Make a file or a folder's names durable; return whether it is there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def _sync_all(paths: Sequence[bytes]) -> list[bytes]:
    """Make files durable; return those that are gone."""
    return [path for path in paths if not _sync(path)]


@lru_cache(maxsize=1)
def _syncing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SYNCING_THREADS, thread_name_prefix="sync")


def _cannot_store(error: OSError) -> CannotStore:
    cause = os.strerror(error.errno or 0).lower()
    return CannotStore(f"The thumbnails cannot be stored in the data folder: {cause}.")


def colour_text(colour: tuple[int, int, int]) -> str:
    """Return `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
