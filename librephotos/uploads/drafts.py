"""Uploads under way on the disk: one file each in the data folder, and the chunk that is just arriving beside it."""

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from librephotos.errors import Refusal
from librephotos.kit.file_locks import FileLock, take_lock
from librephotos.settings import Settings
from librephotos.uploads.schemas import busy, refused

BLOCK_BYTES: Final = 1024 * 1024
CHUNK_SUFFIX: Final = ".chunk"
LOCK_SUFFIX: Final = ".lock"
LOCK_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.02
NO_SPACE: Final = "There is not enough free space on the server."
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def drafts_folder(data: Path) -> Path:
    """Return `<data>/uploads`, which is made when it is first needed."""
    folder = data / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def draft_path(data: Path, upload_id: str) -> Path:
    return drafts_folder(data) / upload_id


def lock_path(data: Path, name: str) -> Path:
    """Return the file whose lock keeps requests about one upload, or about one owner's library, after one another."""
    return drafts_folder(data) / f"{name}{LOCK_SUFFIX}"


def discard(data: Path, upload_id: str) -> None:
    """Remove an upload's files; whoever waits for its lock then finds out that it is gone."""
    draft_path(data, upload_id).unlink(missing_ok=True)
    lock_path(data, upload_id).unlink(missing_ok=True)


def new_chunk_path(data: Path) -> Path:
    """Return a fresh name for a chunk on its way in."""
    return drafts_folder(data) / f"{secrets.token_hex(16)}{CHUNK_SUFFIX}"


def left_bytes(settings: Settings, folders: Iterable[str]) -> int:
    """Return how much may still be written, here and into those of `folders` that are there."""
    places: list[str | Path] = [drafts_folder(settings.data)]
    places += [folder for folder in folders if folder.strip() and os.path.isdir(folder)]
    return min(shutil.disk_usage(place).free for place in places) - settings.upload_free_bytes


def no_space() -> Refusal:
    return refused(507, NO_SPACE)


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn an error of a disk or quota that is used up into the refusal 507."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise no_space() from None
        raise


@asynccontextmanager
async def held(path: Path) -> AsyncIterator[None]:
    """Hold the lock on a file, which is made if need be, against all processes. Raises Refusal while it is taken.

    Waits without a thread: whoever holds it may need one.
    """
    lock = await _take(path)
    try:
        yield
    finally:
        lock.close()


async def _take(path: Path) -> FileLock:
    deadline = time.monotonic() + LOCK_SECONDS
    while (lock := take_lock(bytes(path))) is None:
        if time.monotonic() >= deadline:
            raise busy()
        await asyncio.sleep(LOOK_SECONDS)
    return lock


def begin(chunk: Path, draft: Path) -> None:
    """Make the first chunk the draft. Raises Refusal on a full disk."""
    with full_disk_told():
        descriptor = os.open(chunk, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(chunk, draft)
        sync_folder(draft.parent)


def append(chunk: Path, draft: Path, at_bytes: int) -> None:
    """Put a chunk behind the first `at_bytes` bytes of the draft; what lies beyond them was never acknowledged.

    Raises Refusal on a full disk; the first bytes stay.
    """
    with full_disk_told():
        _part_from_library(draft)
    with full_disk_told(), open(chunk, "rb") as source, open(draft, "r+b", buffering=0) as target:
        target.truncate(at_bytes)
        target.seek(at_bytes)
        try:
            while block := source.read(BLOCK_BYTES):
                write_all(target.fileno(), block)
            os.fsync(target.fileno())
        except OSError:
            target.truncate(at_bytes)
            raise


def md5_of(path: Path, length_bytes: int) -> str:
    """Return the MD5 (hex) of the first `length_bytes` bytes, which are all: what lies beyond is cut off."""
    with full_disk_told():
        _part_from_library(path)
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "r+b", buffering=0) as file:
        file.truncate(length_bytes)
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def head_of(path: Path, length_bytes: int) -> bytes:
    with open(path, "rb") as file:
        return file.read(length_bytes)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def list_stale(data: Path, before_seconds: float) -> list[Path]:
    """Return the files here that nobody has written to since an instant (seconds since 1970)."""
    return [
        Path(entry.path)
        for entry in os.scandir(drafts_folder(data))
        if entry.is_file(follow_symlinks=False)
        and entry.stat(follow_symlinks=False).st_mtime < before_seconds
    ]


def _part_from_library(draft: Path) -> None:
    """Give a draft bytes of its own: a server that was killed in the middle left it with those of a library's file."""
    if os.stat(draft).st_nlink == 1:
        return
    copy = new_chunk_path(draft.parent.parent)
    try:
        with open(draft, "rb") as source, open(copy, "xb", buffering=0) as target:
            while block := source.read(BLOCK_BYTES):
                write_all(target.fileno(), block)
            os.fsync(target.fileno())
        os.rename(copy, draft)
    finally:
        copy.unlink(missing_ok=True)


def write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
