"""Boxes that people draw: from fractions of the picture as it is shown to fractions of the upright one; no I/O."""

from typing import Final

import msgspec

from librephotos.people.face_boxes import Box
from librephotos.photos.orientation import parts_of

SMALLEST_PX: Final = 12
"""A face has at least so many pixels of the big thumbnail on each side."""


class Fractions(msgspec.Struct, frozen=True):
    """Edges as fractions of width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_inside(self) -> bool:
        edges = (self.left, self.top, self.right, self.bottom)
        return all(0 <= edge <= 1 for edge in edges) and self.left < self.right and self.top < self.bottom


def turned_back(box: Fractions, code: int) -> Fractions:
    """Return where a box of the shown picture lies in the upright one, which somebody turned by `code`."""
    quarters, is_mirrored = parts_of(code)
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    for _ in range(quarters):
        # Against the clock by a quarter: what was on top comes to lie on the left.
        left, top, right, bottom = top, 1 - right, bottom, 1 - left
    if is_mirrored:
        left, right = 1 - right, 1 - left
    return Fractions(left, top, right, bottom)


def is_large_enough(box: Box) -> bool:
    return min(box.right - box.left, box.bottom - box.top) >= SMALLEST_PX
