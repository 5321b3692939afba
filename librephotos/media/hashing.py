"""Reads a file once and says what its content is called: MD5 and BLAKE2b from the same pass.

MD5 is what published clients know a photo by; BLAKE2b is what we trust. Files up to `SHARED_BYTES` stay in memory,
so that the decoder need not read them again.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from librephotos.media.errors import CHANGED, FileChanged, UnreadableMedia

T = TypeVar("T")

SHARED_BYTES: Final = 256 * 1024 * 1024
_CHUNK_BYTES: Final = 1024 * 1024


class Fingerprint(msgspec.Struct, frozen=True):
    """A file's content in two digests (hex), with the size and times that were true while it was read.

    `changed_ns` is the time of its inode (ctime).
    """

    md5: str
    blake2b: str
    size_bytes: int
    modified_ns: int
    inode: int
    device: int
    changed_ns: int


class Content(msgspec.Struct):
    """A fingerprint, the first bytes, and all bytes when the file was small enough to keep."""

    fingerprint: Fingerprint
    head: bytes
    data: bytes | None


def fingerprint_bytes(data: bytes) -> tuple[str, str]:
    """Return (MD5, BLAKE2b-256) of `data` in hex."""
    return _md5(data).hexdigest(), hashlib.blake2b(data, digest_size=32).hexdigest()


def read_head(path: bytes, length: int) -> bytes:
    """Return the first bytes of the regular file at `path`. Raises UnreadableMedia."""
    return _with_descriptor(path, lambda descriptor: _read_head(descriptor, length))


def read_file(path: bytes, *, keep_bytes: int = SHARED_BYTES, head_bytes: int = 4096) -> Content:
    """Read and hash the regular file at `path` in one pass.

    Raises FileChanged if its size or time changes meanwhile, UnreadableMedia if it cannot be read at all.
    """
    return _with_descriptor(path, lambda descriptor: _read_open_file(descriptor, keep_bytes, head_bytes))


def _with_descriptor(path: bytes, read: Callable[[int], T]) -> T:
    """Open without waiting, so that a named pipe is refused rather than waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise UnreadableMedia(_reason(error)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableMedia("This is not a regular file.")
        return read(descriptor)
    except OSError as error:
        raise UnreadableMedia(_reason(error)) from error
    finally:
        os.close(descriptor)


def _read_head(descriptor: int, length: int) -> bytes:
    head = b""
    while len(head) < length and (chunk := os.read(descriptor, length - len(head))):
        head += chunk
    return head


def _read_open_file(descriptor: int, keep_bytes: int, head_bytes: int) -> Content:
    before = os.fstat(descriptor)
    if before.st_size <= keep_bytes:
        data = _read_exactly(descriptor, before.st_size)
        md5, blake2b = fingerprint_bytes(data)
        head: bytes = data[:head_bytes]
    else:
        md5, blake2b, head = _hash_in_chunks(descriptor, before.st_size, head_bytes)
        data = b""
    _check_unchanged(before, os.fstat(descriptor))
    found = Fingerprint(
        md5=md5,
        blake2b=blake2b,
        size_bytes=before.st_size,
        modified_ns=before.st_mtime_ns,
        inode=before.st_ino,
        device=before.st_dev,
        changed_ns=before.st_ctime_ns,
    )
    return Content(found, head, data if before.st_size <= keep_bytes else None)


def _read_exactly(descriptor: int, size: int) -> bytes:
    """Read `size` bytes and one more, which must not exist: a file that grows is not at rest."""
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
        data = file.read(size) if size else b""
        while data is not None and len(data) < size:
            more = file.read(size - len(data))
            if not more:
                break
            data += more
        if data is None or len(data) != size or file.read(1):
            raise FileChanged(CHANGED)
    return data


def _hash_in_chunks(descriptor: int, size: int, head_bytes: int) -> tuple[str, str, bytes]:
    md5, blake2b = _md5(), hashlib.blake2b(digest_size=32)
    head, total = b"", 0
    while chunk := os.read(descriptor, _CHUNK_BYTES):
        md5.update(chunk)
        blake2b.update(chunk)
        head = head or chunk[:head_bytes]
        total += len(chunk)
        # A writer that is faster than we are would keep us here for ever.
        if total > size:
            break
    if total != size:
        raise FileChanged(CHANGED)
    return md5.hexdigest(), blake2b.hexdigest(), head


def _check_unchanged(before: os.stat_result, after: os.stat_result) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileChanged(CHANGED)


def _md5(data: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(data, usedforsecurity=False)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"The file cannot be read: {os.strerror(error.errno).lower()}."
    return "The file cannot be read: its name is not possible."
