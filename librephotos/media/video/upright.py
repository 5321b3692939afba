"""Which way up a video is: its display matrix, as what to do with each picture.

Source: ISO/IEC 14496-12, the matrix of the track header: (x, y) is shown at (a x + c y, b x + d y).
"""

from __future__ import annotations

import struct
from typing import Any, Final, Self

import msgspec
from av.video.frame import VideoFrame

_MATRIX_BYTES: Final = 36
_STEPS: Final = {
    (1, 0, 0, 1): (0, ()),
    (-1, 0, 0, -1): (180, ("hflip", "vflip")),
    (0, 1, -1, 0): (90, ("transpose=clock",)),
    (0, -1, 1, 0): (270, ("transpose=cclock",)),
    (-1, 0, 0, 1): (0, ("hflip",)),
    (1, 0, 0, -1): (180, ("vflip",)),
    (0, 1, 1, 0): (90, ("transpose=cclock_flip",)),
    (0, -1, -1, 0): (270, ("transpose=clock_flip",)),
}


class Orientation(msgspec.Struct, frozen=True):
    """`rotation` in degrees clockwise, and the filters that make a picture upright, mirrored ones too."""

    rotation: int = 0
    filters: tuple[str, ...] = ()

    @property
    def is_swapped(self) -> bool:
        return self.rotation in (90, 270)

    @classmethod
    def of(cls, frame: VideoFrame) -> Self:
        """Return the orientation in a picture's display matrix; oblique ones count as none."""
        matrix: Any = frame.side_data.get("DISPLAYMATRIX")
        return cls() if matrix is None else cls._of_matrix(bytes(matrix))

    @classmethod
    def _of_matrix(cls, matrix: bytes) -> Self:
        if len(matrix) < _MATRIX_BYTES:
            return cls()
        a, b, _, c, d = struct.unpack_from("=5i", matrix)
        return cls(*_STEPS.get((_sign(a), _sign(b), _sign(c), _sign(d)), (0, ())))


def _sign(value: int) -> int:
    """Return -1, 0 or 1 for a 16.16 number; below a half it counts as nothing."""
    return 0 if abs(value) < 1 << 15 else 1 if value > 0 else -1
