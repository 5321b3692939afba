"""One picture from its bytes to the three WebPs and what its looks tell, whatever its format."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyvips  # type: ignore[import-untyped, unused-ignore]

from librephotos.media.formats import Format
from librephotos.media.picture_hashes import HASH_EDGE_PX, dominant_colour, perceptual_hash
from librephotos.media.stills import vips
from librephotos.media.stills.picture import Picture
from librephotos.media.stills.source import Limits, Source, unreadable
from librephotos.media.thumbhash import MAX_EDGE_PX, thumbhash
from librephotos.media.thumbnails import BIG, SMALL, SQUARE, WEBP_EDGE_PX, Looks, Rendering

ANY: Final = Limits()
_EFFORT: Final = 2


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
        case _:
            return vips.decode(source, limits)


def render_picture(picture: Picture) -> Rendering:
    """Return the thumbnails and looks of a picture that some decoder has made small already."""
    try:
        square = _shrink(picture.big, SQUARE.height_px)
        small = _shrink(square, SMALL.height_px)
        encoded_big, encoded_square = _encode(picture.big, BIG.quality), _encode(square, SQUARE.quality)
        is_same = small is square and SMALL.quality == SQUARE.quality
        encoded_small = encoded_square if is_same else _encode(small, SMALL.quality)
        return Rendering((encoded_big, encoded_square, encoded_small), _look_at(picture, small))
    except pyvips.Error as error:
        raise unreadable(error) from error


@lru_cache(maxsize=1)
def prepare_libvips() -> None:
    """Block what libvips is not trusted with; once in a process, before its first file."""
    vips.prepare()


def _encode(image: Any, quality: int) -> bytes:
    return bytes(image.webpsave_buffer(Q=quality, effort=_EFFORT, keep="none"))


def _shrink(image: Any, height_px: int) -> Any:
    if image.height <= height_px:
        return image
    return image.thumbnail_image(WEBP_EDGE_PX, height=height_px, size="down").copy_memory()


def _look_at(picture: Picture, small: Any) -> Looks:
    opaque = small.flatten(background=[255, 255, 255]) if small.hasalpha() else small
    grey = opaque.colourspace("b-w").thumbnail_image(HASH_EDGE_PX, height=HASH_EDGE_PX, size="force")
    pixels = opaque.numpy()
    return Looks(
        width=picture.width,
        height=picture.height,
        aspect_ratio=max(0.01, round(picture.big.width / picture.big.height, 2)),
        dominant_colour=dominant_colour(pixels),
        perceptual_hash=perceptual_hash(grey.numpy().reshape(HASH_EDGE_PX, HASH_EDGE_PX)),
        thumbhash=thumbhash(_tiny(small, pixels)),
        is_hdr=picture.is_hdr,
    )


def _tiny(small: Any, opaque: Any) -> Any:
    """Return the (height, width, 4) pixels that a ThumbHash is made of; `opaque` are those of `small` itself."""
    if small.hasalpha():
        return small.thumbnail_image(MAX_EDGE_PX, height=MAX_EDGE_PX, size="down").cast("uchar").numpy()
    if max(small.width, small.height) > MAX_EDGE_PX:
        tiny = small.thumbnail_image(MAX_EDGE_PX, height=MAX_EDGE_PX, size="down")
        return tiny.bandjoin(255).cast("uchar").numpy()
    return np.dstack([opaque, np.full(opaque.shape[:2], 255, np.uint8)])
