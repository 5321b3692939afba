"""Whether two files show the same, whatever their tags say: by their pixels, and the film that may be inside."""

from __future__ import annotations

import hashlib
from typing import Final

from librephotos.media.errors import MediaError
from librephotos.media.hashing import Content
from librephotos.media.motion import find_clip

_COMPARED_BYTES: Final = 256 * 1024**2


def is_same_picture(before: Content, now: Content, hashes: tuple[str | None, str | None]) -> bool:
    """Tell whether both are known to show the same. `hashes` are those of their compressed pictures, where known.

    A picture whose pixels are too large to compare is judged by these alone, one without any hash by its pixels.
    """
    pixels = _pixel_hash(before.data), _pixel_hash(now.data)
    if hashes[0] is None and pixels[0] is None:
        return False
    if hashes[0] != hashes[1] or pixels[0] != pixels[1]:
        return False
    return before.data is None or _clip_hash(before.data) == _clip_hash(now.data or b"")


def _pixel_hash(data: bytes | None) -> str | None:
    """Return a hash of the decoded picture; None where it is too large to compare, or cannot be decoded."""
    if data is None:
        return None
    from librephotos.media.stills.vips import prepare

    prepare()
    import pyvips

    try:
        image = pyvips.Image.new_from_buffer(data, "", access="sequential")
        if image.width * image.height * image.bands * 2 > _COMPARED_BYTES:
            return None
        decoded = hashlib.blake2b(image.write_to_memory(), digest_size=32).hexdigest()
        return f"{image.width}x{image.height}x{image.bands} {image.format} {decoded}"
    except pyvips.Error:
        return None


def _clip_hash(data: bytes) -> str:
    try:
        clip = find_clip(data)
    except MediaError:
        return ""
    return "" if clip is None else hashlib.blake2b(clip, digest_size=32).hexdigest()
