"""ThumbHash against hashes made by the published JavaScript of the same pixels."""

from __future__ import annotations

import numpy as np
import pytest

from librephotos.media.thumbhash import thumbhash


def ramp(width: int, height: int, *, opaque: bool) -> np.ndarray:
    """Pixels anybody can compute: red grows to the right, green downwards, blue falls, opacity grows."""
    pixels = np.zeros((height, width, 4), np.uint8)
    for y in range(height):
        for x in range(width):
            pixels[y, x] = (x * 5 % 256, y * 7 % 256, 255 - (x + y) % 256, 255 if opaque else x * 3 % 256)
    return pixels


@pytest.mark.parametrize(
    ("width", "height", "opaque", "expected"),
    [
        (100, 75, True, "a3f6053d8a68906a8677887788078786707117f688"),
        (60, 100, True, "22f605340e04bd785778863718d830811690a7"),
        (50, 50, True, "24250a4f1a808787878888708797888888750a483780890e"),
        (80, 40, False, "e2f5851b88370cf6a0879376b095f3b480777788878877"),
        (100, 3, True, "9ce306398a68906a877788887087089677"),
        (30, 99, False, "a1d5810a0213c25c386908b3b006aec670778888777878"),
    ],
)
def test_it_equals_the_published_hash(width, height, opaque, expected):
    assert thumbhash(ramp(width, height, opaque=opaque)).hex() == expected


def test_one_pixel_and_a_wholly_transparent_picture_have_a_hash():
    assert thumbhash(np.full((1, 1, 4), 255, np.uint8))
    assert thumbhash(np.zeros((5, 5, 4), np.uint8))


def test_too_large_a_picture_is_refused():
    with pytest.raises(ValueError, match="100x100"):
        thumbhash(np.zeros((101, 5, 4), np.uint8))
