"""Rendering for tests, and looking at what came of it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from librephotos.media.formats import JPEG, sniff
from librephotos.media.stills.render import render_still
from librephotos.media.stills.source import Limits
from librephotos.media.thumbnails import Rendering

PLACES = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What makes of an upright picture the stored one, by the orientation that then stands in the file."""


def render(data: bytes, **limits: int) -> Rendering:
    return render_still(data, sniff(data[:4096]) or JPEG, Limits(**limits))


def opened(webp: bytes) -> Image.Image:
    return Image.open(io.BytesIO(webp))


def shown(data: bytes) -> Image.Image:
    """The large thumbnail of these bytes."""
    return opened(render(data).images[0])


def corner_colours(image: Image.Image) -> list[tuple[int, ...]]:
    width, height = image.size
    return [image.convert("RGB").getpixel((int(x * width), int(y * height))) for x, y in PLACES]


def is_near(found, wanted, tolerance: int = 30) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def mean_colour(image: Image.Image) -> tuple[float, ...]:
    return tuple(np.asarray(image.convert("RGB")).reshape(-1, 3).mean(axis=0))
