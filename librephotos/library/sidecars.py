"""Which XMP file describes which media file: `a.xmp` or `a.jpg.xmp` beside `a.jpg`."""

import os
from collections.abc import Iterable


def stem_of(path: bytes) -> bytes:
    return os.path.splitext(path)[0]


def sidecar_names(path: bytes) -> list[bytes]:
    """Return where a media file's sidecar may lie, the ones that count most first."""
    stem = stem_of(path)
    return [stem + b".xmp", stem + b".XMP", path + b".xmp", path + b".XMP"]


def sidecars_of(path: bytes, of_others: Iterable[bytes] = ()) -> list[bytes]:
    """Return the sidecars of a media file that are there; those of the photo's other files count last."""
    names = dict.fromkeys([*sidecar_names(path), *of_others])
    return [name for name in names if os.path.isfile(name)]
