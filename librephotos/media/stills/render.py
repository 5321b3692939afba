"""One picture from its bytes to the three WebPs and what its looks tell, whatever its format."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any, Final

import numpy as np
import pyvips  # type: ignore[import-untyped, unused-ignore]
from PIL import Image

from librephotos.media.formats import Format
from librephotos.media.picture_hashes import HASH_EDGE_PX, dominant_colour, perceptual_hash
from librephotos.media.stills import small_jpeg, vips
from librephotos.media.stills.picture import Array, Picture
from librephotos.media.stills.source import Limits, Source, unreadable
from librephotos.media.thumbhash import MAX_EDGE_PX, thumbhash
from librephotos.media.thumbnails import SIZES, SMALL, SQUARE, WEBP_EDGE_PX, Looks, Rendering

ANY: Final = Limits()
_EFFORT: Final = 2
_WITH_ALPHA: Final = 4


def render_still(source: bytes | int, format: Format, limits: Limits = ANY) -> Rendering:
    """Return upright 8-bit sRGB WebPs of the picture in these bytes or behind this open descriptor.

    Never enlarged, transparency kept, first frame of an animation, no metadata. Raises UnreadableMedia when the
    data is cut short, damaged, or would need more memory than the limits allow; NeedsTurn, before anything is
    decoded, when it would need more than may be taken beside others.
    """
    return render_picture(decode_still(Source(source), format, limits))


def decode_still(source: Source, format: Format, limits: Limits) -> Picture:
    """Return the decoded picture. Each library is loaded with the first file that needs it."""
    prepare_libvips()
    if format.kind == "raw":
        from librephotos.media.stills import raw

        return raw.decode(source, limits)
    match format.name:
        case "HEIC":
            from librephotos.media.stills import heif

            return heif.decode(source, limits)
        case "JPEG XL":
            from librephotos.media.stills import jxl

            return jxl.decode(source, limits)
        case "AVIF" | "BMP" | "JPEG 2000" | "Photoshop":
            from librephotos.media.stills import bridged

            return bridged.decode(source, limits, format_name=format.name)
        case "JPEG" if source.data is not None and (found := small_jpeg.decode(source.data, limits)):
            return found
        case _:
            return vips.decode(source, limits)


def render_picture(picture: Picture) -> Rendering:
    """Return the thumbnails and looks of a picture that some decoder has made small already."""
    try:
        # Asking libvips for anything costs more than the arithmetic on a small picture, so each is taken out once.
        big_pixels = picture.pixels if picture.pixels is not None else picture.big.numpy()
        square, square_pixels = _shrink(picture.big, big_pixels, SQUARE.height_px)
        small, small_pixels = _shrink(square, square_pixels, SMALL.height_px)
        images = _encode_all((big_pixels, square_pixels, small_pixels))
        return Rendering(images, _look_at(picture, big_pixels.shape, small, small_pixels))
    except pyvips.Error as error:
        raise unreadable(error) from error


@lru_cache(maxsize=1)
def prepare_libvips() -> None:
    """Block what libvips is not trusted with; once in a process, before its first file."""
    vips.prepare()


def _encode_all(pictures: tuple[Array, Array, Array]) -> tuple[bytes, bytes, bytes]:
    """Return the WebPs of pixels in the order of SIZES; what would be the same twice is made once."""
    encoded: list[bytes] = []
    for _, same in groupby(zip(pictures, SIZES, strict=True), key=lambda each: id(each[0])):
        wanted = list(same)
        image = Image.fromarray(wanted[0][0])
        made = {quality: _encode(image, quality) for quality in {size.quality for _, size in wanted}}
        encoded += [made[size.quality] for _, size in wanted]
    big, square, small = encoded
    return big, square, small


def _encode(image: Image.Image, quality: int) -> bytes:
    """Return a WebP, by Pillow: the same bytes as from libvips, which has two threads work on each."""
    written = BytesIO()
    try:
        image.save(written, "WEBP", quality=quality, method=_EFFORT)
    except ValueError as error:
        raise unreadable(error) from error
    return written.getvalue()


def _shrink(image: Any, pixels: Array, height_px: int) -> tuple[Any, Array]:
    """Return an image of at most this height, and its pixels."""
    if pixels.shape[0] <= height_px:
        return image, pixels
    shrunk = image.thumbnail_image(WEBP_EDGE_PX, height=height_px, size="down").copy_memory()
    return shrunk, shrunk.numpy()


def _look_at(picture: Picture, big_shape: tuple[int, ...], small: Any, pixels: Array) -> Looks:
    """Return the looks of a picture from its smallest thumbnail, which has these pixels."""
    has_alpha = pixels.shape[2] == _WITH_ALPHA
    opaque = small.flatten(background=[255, 255, 255]) if has_alpha else small
    opaque_pixels = opaque.numpy() if has_alpha else pixels
    return Looks(
        width=picture.width,
        height=picture.height,
        aspect_ratio=max(0.01, round(big_shape[1] / big_shape[0], 2)),
        dominant_colour=dominant_colour(opaque_pixels),
        perceptual_hash=perceptual_hash(_grey(opaque, *pixels.shape[:2])),
        thumbhash=thumbhash(_tiny(small, pixels)),
        is_hdr=picture.is_hdr,
    )


def _grey(opaque: Any, height: int, width: int) -> Array:
    grey = opaque.colourspace("b-w").resize(HASH_EDGE_PX / width, vscale=HASH_EDGE_PX / height)
    return np.frombuffer(grey.write_to_memory(), np.uint8).reshape(HASH_EDGE_PX, HASH_EDGE_PX)


def _tiny(small: Any, pixels: Array) -> Array:
    """Return the (height, width, 4) pixels that a ThumbHash is made of; `pixels` are those of `small` itself."""
    height, width, bands = pixels.shape
    if max(height, width) > MAX_EDGE_PX:
        tiny = small.thumbnail_image(MAX_EDGE_PX, height=MAX_EDGE_PX, size="down")
        pixels = tiny.cast("uchar").numpy()
    if bands == _WITH_ALPHA:
        return pixels
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
