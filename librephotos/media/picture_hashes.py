"""What a picture looks like, in a few bytes: a perceptual hash for likeness, one colour for the page."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

HASH_EDGE_PX: Final = 32
_KEPT: Final = 8
_PALETTE_COLOURS: Final = 16

_COSINES: Final = np.cos(
    np.pi / HASH_EDGE_PX * np.outer(np.arange(_KEPT), np.arange(HASH_EDGE_PX) + 0.5),
)


def perceptual_hash(grey: npt.NDArray[np.uint8]) -> str:
    """Return 64 bits as 16 hex digits: which of the 8x8 lowest cosine frequencies exceed their median.

    `grey` has shape (32, 32). Pictures that differ in at most 8 bits look alike.
    """
    waves = _COSINES @ grey.astype(np.float64) @ _COSINES.T
    bits = (waves > np.median(waves)).flatten()
    return np.packbits(bits).tobytes().hex()


def dominant_colour(pixels: npt.NDArray[np.uint8]) -> tuple[int, int, int]:
    """Return (red, green, blue), the most frequent of 16 adaptive colours of (height, width, 3) pixels."""
    reduced = Image.fromarray(pixels).quantize(_PALETTE_COLOURS)
    counts = np.bincount(np.asarray(reduced).ravel(), minlength=_PALETTE_COLOURS)
    start = int(counts.argmax()) * 3
    red, green, blue = (reduced.getpalette() or [0] * (start + 3))[start : start + 3]
    return red, green, blue


def colour_text(colour: tuple[int, int, int]) -> str:
    """Return `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
