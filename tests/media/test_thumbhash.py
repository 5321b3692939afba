"""ThumbHash against hashes made by the published JavaScript of the same pixels."""

from __future__ import annotations

import numpy as np
import pytest

from librephotos.media.thumbhash import thumbhash


def pattern(width: int, height: int, *, opaque: bool) -> np.ndarray:
    """Return pixels that anybody can compute; no frequency of them is exactly zero, where rounding would differ."""
    y, x = np.mgrid[0:height, 0:width]
    alpha = np.full_like(x, 255) if opaque else x * y * 3 + y
    channels = (x * x + y * 31, y * y * 7 + x * 13, x * y + x * 3, alpha)
    return np.stack([channel % 256 for channel in channels], axis=-1).astype(np.uint8)


@pytest.mark.parametrize(
    ("width", "height", "opaque", "expected"),
    [
        (100, 75, True, "1f08020d801021214544545565665577feaaf94676"),
        (60, 100, True, "1ff8010c00304154646555667656feabf97159"),
        (50, 50, True, "1f0802170010216342636356875985576665f59f9b8c0d0c"),
        (80, 40, False, "1ff8810b800704053545b8f968c8f16b22524055411725"),
        (100, 3, True, "1de805298200614565b59696fc88860398"),
        (30, 99, False, "1ff8810a00071021531588ffda48fb5841505266523656"),
    ],
)
def test_it_equals_the_published_hash(width, height, opaque, expected):
    assert thumbhash(pattern(width, height, opaque=opaque)).hex() == expected


def test_one_pixel_and_a_wholly_transparent_picture_have_a_hash():
    assert thumbhash(np.full((1, 1, 4), 255, np.uint8))
    assert thumbhash(np.zeros((5, 5, 4), np.uint8))


def test_too_large_a_picture_is_refused():
    with pytest.raises(ValueError, match="100x100"):
        thumbhash(np.zeros((101, 5, 4), np.uint8))
