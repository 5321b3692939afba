"""Sidecars that are kept apart from the library, because nothing may be written beside their files.

Each is called by its file's content and owner, so that it is found again wherever the file lies.
"""

from __future__ import annotations

import os


def kept_path(folder: bytes, name: str) -> bytes:
    """Return where the sidecar of a file is kept that can have none beside it; `name` is its MD5 and its owner's id."""
    return os.path.join(folder, name[:2].encode(), name.encode() + b".xmp")


def with_kept(beside: list[bytes], kept: bytes) -> list[bytes]:
    """Return a file's sidecars, the ones that count most first: a kept one, unless one beside the file is newer."""
    try:
        kept_at = os.stat(kept).st_mtime_ns
    except OSError:
        return beside
    is_newest = all(os.path.exists(path) and os.stat(path).st_mtime_ns <= kept_at for path in beside)
    return [kept, *beside] if is_newest else [*beside, kept]
