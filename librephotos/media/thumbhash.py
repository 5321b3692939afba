"""A picture in about 25 bytes: ThumbHash, as published at https://evanw.github.io/thumbhash/.

The hash keeps the lowest cosine frequencies of luminance and two colour differences (and opacity), four bits each.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MAX_EDGE_PX: Final = 100


def thumbhash(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return the ThumbHash of (height, width, 4) RGBA pixels, each edge at most 100."""
    height, width = pixels.shape[:2]
    if max(height, width) > MAX_EDGE_PX:
        raise ValueError(f"{width}x{height} does not fit in 100x100")
    luminance, yellow_blue, red_green, opacity = _channels(pixels)
    has_alpha = bool((pixels[..., 3] < 255).any())
    steps = 5 if has_alpha else 7
    columns = max(1, _round(steps * width / max(width, height)))
    rows = max(1, _round(steps * height / max(width, height)))
    l_dc, l_ac, l_scale = _encode_channel(luminance, max(3, columns), max(3, rows))
    p_dc, p_ac, p_scale = _encode_channel(yellow_blue, 3, 3)
    q_dc, q_ac, q_scale = _encode_channel(red_green, 3, 3)
    first = (
        _round(63 * l_dc)
        | _round(31.5 + 31.5 * p_dc) << 6
        | _round(31.5 + 31.5 * q_dc) << 12
        | _round(31 * l_scale) << 18
        | has_alpha << 23
    )
    is_landscape = width > height
    second = (
        (rows if is_landscape else columns)
        | _round(63 * p_scale) << 3
        | _round(63 * q_scale) << 9
        | is_landscape << 15
    )
    coded = bytearray(first.to_bytes(3, "little") + second.to_bytes(2, "little"))
    frequencies = [*l_ac, *p_ac, *q_ac]
    if has_alpha:
        a_dc, a_ac, a_scale = _encode_channel(opacity, 5, 5)
        coded.append(_round(15 * a_dc) | _round(15 * a_scale) << 4)
        frequencies += a_ac
    return bytes(coded) + _pack_nibbles(frequencies)


def _channels(pixels: npt.NDArray[np.uint8]) -> tuple[Floats, Floats, Floats, Floats]:
    """Split into luminance, yellow-blue, red-green and opacity, laid over the average colour."""
    opacity = pixels[..., 3].astype(np.float64) / 255
    colour = pixels[..., :3].astype(np.float64) / 255 * opacity[..., None]
    total = opacity.sum()
    average = colour.sum(axis=(0, 1)) / total if total else np.zeros(3)
    laid = colour + average * (1 - opacity[..., None])
    red, green, blue = laid[..., 0], laid[..., 1], laid[..., 2]
    return (red + green + blue) / 3, (red + green) / 2 - blue, red - green, opacity


def _encode_channel(channel: Floats, columns: int, rows: int) -> tuple[float, list[float], float]:
    """Return the mean, the frequencies of the lower triangle scaled into 0..1, and their scale."""
    height, width = channel.shape
    waves = _cosines(rows, height) @ channel @ _cosines(columns, width).T / (width * height)
    kept = [
        float(waves[row, column])
        for row in range(rows)
        for column in range(columns)
        if column * rows < columns * (rows - row) and (row or column)
    ]
    scale = max((abs(wave) for wave in kept), default=0.0)
    if scale:
        kept = [0.5 + 0.5 / scale * wave for wave in kept]
    return float(waves[0, 0]), kept, scale


@lru_cache(maxsize=256)
def _cosines(count: int, length: int) -> Floats:
    """Return the lowest `count` frequencies over so many pixels; most pictures are of the same few shapes."""
    return np.cos(np.pi / length * np.outer(np.arange(count), np.arange(length) + 0.5))


def _pack_nibbles(frequencies: list[float]) -> bytes:
    nibbles = [_round(15 * frequency) for frequency in frequencies]
    nibbles += [0] * (len(nibbles) % 2)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _round(value: float) -> int:
    """Round halves up, as the published code does, not to even."""
    return math.floor(value + 0.5)
