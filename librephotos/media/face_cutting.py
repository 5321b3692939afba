"""Cuts one face out of a big thumbnail, in a process of the pool: pixels in, a picture out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from PIL import Image

from librephotos.media.errors import UnreadableMedia
from librephotos.media.face_cutting_calls import Cut, CutFace
from librephotos.media.face_pictures import encode_face


def cut_face(asked: CutFace) -> Cut:
    """Raises UnreadableMedia when the thumbnail is missing or damaged."""
    try:
        with Image.open(asked.path, formats=["WEBP"]) as opened:
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableMedia("The thumbnail cannot be read.") from error
    across, down = (1, 1) if asked.in_pixels else image.size
    left, right = (min(max(0, round(edge * across)), image.width) for edge in (asked.left, asked.right))
    top, bottom = (min(max(0, round(edge * down)), image.height) for edge in (asked.top, asked.bottom))
    if left >= right or top >= bottom:
        return Cut(left, top, right, bottom, b"")
    return Cut(left, top, right, bottom, encode_face(image, (left, top, right, bottom)))


def _cut_encoded(payload: bytes, is_alone: bool) -> bytes:
    return msgspec.msgpack.encode(cut_face(msgspec.msgpack.decode(payload, type=CutFace)))


TASKS: Final[Mapping[str, Callable[[bytes, bool], bytes]]] = {"cut_face": _cut_encoded}
