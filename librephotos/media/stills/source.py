"""Where a decoder finds its bytes, and how much memory it may take for them."""

from __future__ import annotations

import os
from typing import Any, Final

import msgspec

from librephotos.media.errors import NeedsTurn, UnreadableMedia
from librephotos.media.formats import HEAD_BYTES
from librephotos.media.thumbnails import DECODE_BYTES

CUT_SHORT: Final = "The picture is cut short: the file ends before its last pixel."
DAMAGED: Final = "The picture is damaged and cannot be decoded."
NOT_READ: Final = "The picture is of a variety that is not read here."
TOO_MUCH_MEMORY: Final = "The picture needs more memory than one decode may take."


class Limits(msgspec.Struct, frozen=True):
    """What one decode may take, and what it may take while others run beside it."""

    decode_bytes: int = DECODE_BYTES
    beside_bytes: int = DECODE_BYTES

    def check(self, width: int, height: int, bytes_per_pixel: float) -> None:
        """Refuse or postpone by the claimed size, before any pixel is decoded.

        Raises UnreadableMedia over `decode_bytes`, NeedsTurn over `beside_bytes`.
        """
        if width <= 0 or height <= 0:
            raise UnreadableMedia(DAMAGED)
        needed = width * height * bytes_per_pixel
        if needed > self.decode_bytes:
            raise UnreadableMedia(
                f"The picture is too large: {width} by {height} pixels would need"
                f" {needed / 1024**3:.1f} GiB of memory, {self.decode_bytes / 1024**3:.1f} GiB are allowed."
            )
        if needed > self.beside_bytes:
            raise NeedsTurn


class Source:
    """A file's bytes: in memory, or behind an open descriptor when there are too many. Never a path.

    libvips would read `[page=3]` in a path as an option.
    """

    def __init__(self, content: bytes | int) -> None:
        self.data = content if isinstance(content, bytes) else None
        self._descriptor = content if isinstance(content, int) else -1

    def descriptor(self) -> int:
        """Return the descriptor at its beginning; only where there is no `data`."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return self._descriptor

    def head(self) -> bytes:
        """Return the first bytes, enough to tell the format."""
        return self.data[:HEAD_BYTES] if self.data is not None else os.pread(self._descriptor, HEAD_BYTES, 0)

    def read(self) -> bytes:
        """Return all bytes, for decoders that know no descriptors; the process's memory limit holds for them too."""
        if self.data is not None:
            return self.data
        with os.fdopen(self.descriptor(), "rb", closefd=False) as file:
            return file.read()


def reason_for(error: BaseException) -> str:
    """Return a sentence for the owner from what a library says."""
    if isinstance(error, MemoryError):
        return TOO_MUCH_MEMORY
    text = str(error).lower()
    if any(
        words in text for words in ("premature end", "truncat", "unexpected end", "read error", "end of f")
    ):
        return CUT_SHORT
    if any(
        words in text for words in ("out of memory", "unable to allocate", "security limit", "memory limit")
    ):
        return TOO_MUCH_MEMORY
    if any(
        words in text
        for words in (
            "unsupported",
            "not supported",
            "not a known",
            "not in a known format",
            "blocked",
            "no decod",
            "labq",
        )
    ):
        return NOT_READ
    return DAMAGED


def unreadable(error: BaseException) -> Any:
    """Return the UnreadableMedia for a library's own error."""
    return UnreadableMedia(reason_for(error))
