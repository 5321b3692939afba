"""JPEGs that are small and plain, such as those of messengers: by Pillow, in a tenth of the time.

Setting up libvips for a picture costs more than decoding a small one. Both use the same decoder of JPEGs, so where
nothing is scaled, turned or led through a colour profile they yield the same pixels; a test holds them against each
other. Of whatever is not as plain as that None is returned, and libvips decodes it, or says what is wrong with it.
Progressive ones and those with restart markers are left to it too: it refuses some damaged ones that Pillow shows.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from librephotos.media.plain_jpeg import read_header
from librephotos.media.stills.picture import Picture, image_of
from librephotos.media.stills.source import Limits
from librephotos.media.thumbnails import BIG, WEBP_EDGE_PX

_UPRIGHT: Final = (0, 1)
_BANDS: Final = {1: "L", 3: "RGB"}
_FAILURES: Final = (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, MemoryError)


def decode(data: bytes, limits: Limits) -> Picture | None:
    """Return the picture, None if it is not plain, not small or not whole. Raises NeedsTurn by the header."""
    header = read_header(data)
    if (
        header is None
        or header.is_progressive
        or header.has_restarts
        or header.height > BIG.height_px
        or header.width > WEBP_EDGE_PX
        or header.orientation not in _UPRIGHT
        or header.bands not in _BANDS
    ):
        return None
    limits.check(header.width, header.height, header.bands)
    try:
        with Image.open(BytesIO(data), formats=["JPEG"]) as opened:
            if opened.size != (header.width, header.height) or opened.mode != _BANDS[header.bands]:
                return None
            pixels = np.asarray(opened.convert("RGB"))
    except _FAILURES:
        return None
    return Picture(image_of(pixels), header.width, header.height, pixels=pixels)
