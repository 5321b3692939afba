"""Boxes that people draw: from fractions of the picture as it is shown to fractions of the upright one; no I/O."""

from typing import Final

import msgspec

from librephotos.media.orientation import UPRIGHT, parts_of, turn_between
from librephotos.people.face_boxes import Box

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


def turned_with(box: Box, turn: int, before: tuple[int, int], after: tuple[int, int]) -> Box:
    """Return where a face lies once its picture is turned by a code; sizes are those of the thumbnails in pixels."""
    (across, down), (now_across, now_down) = before, after
    drawn = Fractions(box.left / across, box.top / down, box.right / across, box.bottom / down)
    now = turned_back(drawn, turn_between(turn, UPRIGHT))
    return Box(
        round(now.left * now_across),
        round(now.top * now_down),
        round(now.right * now_across),
        round(now.bottom * now_down),
    )


def is_large_enough(box: Box) -> bool:
    return min(box.right - box.left, box.bottom - box.top) >= SMALLEST_PX
