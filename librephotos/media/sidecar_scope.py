"""Whether a sidecar speaks of one file alone: then it may say how that file's picture lies.

`a.xmp` beside `a.cr2` and `a.jpg` speaks of a shot. Rating and caption hold for both files; which side of the stored
picture is up, programs write there for the RAW file, while the JPEG made from it may be upright already.
"""

from __future__ import annotations

import contextlib
import os
from typing import Final

from librephotos.media.facts import TOLD_ORIENTATION, Tags
from librephotos.media.formats import RAW_EXTENSIONS, STILL_EXTENSIONS, extension_of

_SUFFIXES: Final = (b".xmp", b".XMP")
_PICTURES: Final = RAW_EXTENSIONS | STILL_EXTENSIONS


def scoped(media: bytes, sidecar: bytes, tags: Tags, *, kept: bytes | None) -> Tags:
    """Return the tags of a sidecar without an orientation that may be another file's; `kept` is the one by content."""
    if TOLD_ORIENTATION not in tags or sidecar == kept or speaks_of_one(media, sidecar):
        return tags
    return {name: value for name, value in tags.items() if name != TOLD_ORIENTATION}


def speaks_of_one(media: bytes, sidecar: bytes) -> bool:
    """Tell whether a sidecar that may lie beside a file speaks of no other picture."""
    if sidecar in [media + suffix for suffix in _SUFFIXES]:
        return True
    folder, name = os.path.split(media)
    stem = os.path.splitext(name)[0]
    if sidecar not in [os.path.join(folder, stem + suffix) for suffix in _SUFFIXES]:
        return False
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return not any(_is_other(entry.name, name, stem) for entry in entries)
    return False


def _is_other(found: bytes, name: bytes, stem: bytes) -> bool:
    is_namesake = found != name and os.path.splitext(found)[0] == stem
    return is_namesake and extension_of(found) in _PICTURES
