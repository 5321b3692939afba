"""RAW files of cameras: the picture that the camera put beside the sensor's numbers, or LibRaw's where that is small.

LibRaw's `flip` says how the sensor was held; embedded pictures are stored as the sensor lies, so it turns them too.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import numpy as np
import rawpy

from librephotos.media.errors import UnreadableMedia
from librephotos.media.formats import TIFF, sniff
from librephotos.media.stills import vips
from librephotos.media.stills.picture import SWAPPED_ORIENTATIONS, Array, Picture, from_array
from librephotos.media.stills.source import Limits, Source, unreadable
from librephotos.media.thumbnails import BIG

_ORIENTATION_OF_FLIP: Final = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}
"""LibRaw's bits (1 mirrors, 2 turns over, 4 swaps the sides) as values of Exif's 0x0112."""

_BYTES_PER_PIXEL: Final = 16
_LARGE_ENOUGH: Final = 0.9
"""An embedded picture that reaches this share of the full one's height is taken, small though it is."""

_NOT_READ: Final = "This RAW file is damaged, or of a camera that is not read here."
_FAILURES: Final = (
    rawpy.LibRawError,
    rawpy.NotSupportedError,
    ValueError,
    OSError,
    RuntimeError,
    MemoryError,
)


def decode(source: Source, limits: Limits) -> Picture:
    """Return the upright picture. Raises UnreadableMedia, and NeedsTurn by the header."""
    with _quiet(), rawpy.RawPy() as raw:
        try:
            raw.open_buffer(BytesIO(source.read()))
            sizes = raw.sizes
        except _FAILURES as error:
            return _as_tiff(source, limits, error)
        embedded = _embedded(raw, limits)
        if embedded is not None and _suffices(embedded, sizes):
            return _sized(embedded, sizes)
        try:
            return _developed(raw, limits)
        except UnreadableMedia:
            if embedded is None:
                raise
            return _sized(embedded, sizes)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """LibRaw writes a line without a name for each file that ends too soon; the reason is told with the photo."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _as_tiff(source: Source, limits: Limits, error: BaseException) -> Picture:
    """Many RAW files are TIFF files; where LibRaw sees nothing in one, its first picture is better than none."""
    if isinstance(error, MemoryError) or sniff(source.head()) is not TIFF:
        raise UnreadableMedia(_NOT_READ) from error
    try:
        return vips.decode(source, limits)
    except UnreadableMedia:
        raise UnreadableMedia(_NOT_READ) from error


def _embedded(raw: Any, limits: Limits) -> Picture | None:
    """Return the largest picture that lies ready in the file, None without one that can be read."""
    try:
        found = raw.extract_thumb()
    except _FAILURES:
        return None
    orientation = _ORIENTATION_OF_FLIP.get(raw.sizes.flip, 1)
    try:
        if found.format == rawpy.ThumbFormat.JPEG:
            jpeg = Source(bytes(found.data))
            is_turned = _is_turned_already(vips.size_of(jpeg), raw.sizes, orientation)
            return vips.decode(jpeg, limits, orientation=1 if is_turned else orientation)
        return from_array(_turned_array(np.asarray(found.data), orientation))
    except UnreadableMedia:
        return None


def _is_turned_already(size: tuple[int, int], sizes: Any, orientation: int) -> bool:
    """Some telephones store the embedded picture upright: then its long side is where the sensor's is not."""
    if orientation not in SWAPPED_ORIENTATIONS or sizes.width == sizes.height or size[0] == size[1]:
        return False
    return bool((size[0] > size[1]) != (sizes.width > sizes.height))


def _turned_array(pixels: Array, orientation: int) -> Array:
    """Return pixels turned upright as the value of Exif's 0x0112 says."""
    if orientation in SWAPPED_ORIENTATIONS:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def _suffices(embedded: Picture, sizes: Any) -> bool:
    return embedded.height >= min(BIG.height_px, _LARGE_ENOUGH * _upright_size(sizes)[1])


def _sized(picture: Picture, sizes: Any) -> Picture:
    """The size told is the sensor's, whatever was embedded."""
    picture.width, picture.height = _upright_size(sizes)
    return picture


def _upright_size(sizes: Any) -> tuple[int, int]:
    is_swapped = _ORIENTATION_OF_FLIP.get(sizes.flip, 1) in SWAPPED_ORIENTATIONS
    return (sizes.height, sizes.width) if is_swapped else (sizes.width, sizes.height)


def _developed(raw: Any, limits: Limits) -> Picture:
    """Let LibRaw make the picture, at half the size where that is enough; it turns it upright itself."""
    sizes = raw.sizes
    limits.check(sizes.raw_width or sizes.width, sizes.raw_height or sizes.height, _BYTES_PER_PIXEL)
    is_halved = min(sizes.width, sizes.height) >= 2 * BIG.height_px
    try:
        raw.unpack()
        pixels = raw.postprocess(half_size=is_halved, use_camera_wb=True, output_bps=8, gamma=(2.4, 12.92))
    except _FAILURES as error:
        failed = unreadable(error)
        raise (failed if isinstance(error, MemoryError) else UnreadableMedia(_NOT_READ)) from error
    return _sized(from_array(pixels if pixels.shape[2] != 1 else pixels[:, :, 0]), sizes)
