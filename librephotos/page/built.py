"""The built web page: its files in memory, each with its type, its compressed form and how long it may be kept.

The build (`web/`, by `build_hook.py`) puts them into `dist/`, which git ignores; unbuilt, there are none.
"""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

DIST: Final = Path(__file__).parent / "dist"
INDEX: Final = "index.html"
MANIFEST: Final = "manifest.webmanifest"
FOREVER: Final = "public, max-age=31536000, immutable"
FRESH: Final = "no-cache"
_COMPRESSED: Final = ("text/", "application/", "image/svg")
# Files whose names do not change with their content.
_STABLE_NAMES: Final = frozenset({"icon.svg", MANIFEST})


class PageFile(msgspec.Struct, frozen=True):
    """One file of the page; `zipped` is None where gzip gains nothing."""

    content: bytes
    zipped: bytes | None
    media_type: str
    etag: str
    cache_control: str


@lru_cache(maxsize=1)
def page_files() -> dict[str, PageFile]:
    """Return all files by their path below `dist/`; empty when the page was not built."""
    if not (DIST / INDEX).is_file():
        return {}
    paths = sorted(path for path in DIST.rglob("*") if path.is_file())
    return {path.relative_to(DIST).as_posix(): _load(path) for path in paths}


def is_built() -> bool:
    return (DIST / INDEX).is_file()


def _load(path: Path) -> PageFile:
    content = path.read_bytes()
    media_type = "application/manifest+json" if path.name == MANIFEST else mimetypes.guess_type(path.name)[0]
    media_type = media_type or "application/octet-stream"
    zipped = gzip.compress(content, 9, mtime=0) if media_type.startswith(_COMPRESSED) else None
    is_named_by_content = path.parent != DIST and path.name not in _STABLE_NAMES
    return PageFile(
        content,
        zipped if zipped and len(zipped) < len(content) else None,
        media_type,
        f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"',
        FOREVER if is_named_by_content else FRESH,
    )
