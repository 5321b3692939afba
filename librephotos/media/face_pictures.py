"""Cuts faces out of a big thumbnail, where the file's own regions say that they are."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import msgspec
from PIL import Image

from librephotos.media.errors import UnreadableMedia
from librephotos.media.regions import Region

HEIGHT_PX: Final = 300
SMALLEST_PX: Final = 4
_QUALITY: Final = 85


class FacePicture(msgspec.Struct):
    """A face: its box in pixels of the big thumbnail, who it is said to be, and its picture as JPEG."""

    left: int
    top: int
    right: int
    bottom: int
    name: str
    jpeg: bytes


def cut_faces(thumbnail: bytes, regions: Sequence[Region]) -> list[FacePicture]:
    """Return the faces of these regions; those of too few pixels are left out.

    Raises UnreadableMedia when the thumbnail is damaged.
    """
    try:
        with Image.open(BytesIO(thumbnail), formats=["WEBP"]) as opened:
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableMedia("The thumbnail is damaged, so no faces were cut out of it.") from error
    return [face for region in regions if (face := _cut(image, region)) is not None]


def _cut(image: Image.Image, region: Region) -> FacePicture | None:
    left, right = (round(edge * image.width) for edge in (region.left, region.right))
    top, bottom = (round(edge * image.height) for edge in (region.top, region.bottom))
    if right - left < SMALLEST_PX or bottom - top < SMALLEST_PX:
        return None
    return FacePicture(left, top, right, bottom, region.name, encode_face(image, (left, top, right, bottom)))


def encode_face(image: Image.Image, box: tuple[int, int, int, int]) -> bytes:
    """Return what lies in a box of pixels as JPEG, at most HEIGHT_PX high."""
    face = image.crop(box)
    face.thumbnail((10 * HEIGHT_PX, HEIGHT_PX))
    written = BytesIO()
    face.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
