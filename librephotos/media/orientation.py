"""The turn that somebody gave a photo: the eight orientations of Exif (tag 0x0112) as a group; no I/O.

A code stands for a picture that is first mirrored left to right, or not, and then turned clockwise by quarters.
"""

from typing import Final

UPRIGHT: Final = 1
# By mirrored, then by quarter turns.
_CODES: Final = ((1, 6, 3, 8), (2, 7, 4, 5))
_PARTS: Final = {
    code: (quarters, mirrored) for mirrored in (0, 1) for quarters, code in enumerate(_CODES[mirrored])
}
# Height and width change places.
SWAPPED: Final = frozenset({5, 6, 7, 8})


def parts_of(code: int) -> tuple[int, bool]:
    """Return quarter turns clockwise and whether the picture is mirrored before; an unknown code is upright."""
    quarters, mirrored = _PARTS.get(code, (0, 0))
    return quarters, bool(mirrored)


def turned(code: int, quarters: int, *, is_mirrored: bool) -> int:
    """Return what becomes of a picture that looks like `code` when it is mirrored, or not, and then turned."""
    known, mirrored = parts_of(code)
    if is_mirrored:
        return _CODES[1 - mirrored][(quarters - known) % 4]
    return _CODES[mirrored][(quarters + known) % 4]


def followed_by(code: int, turn: int) -> int:
    """Return what becomes of a picture that looks like `code` when it is turned further by the code `turn`."""
    quarters, is_mirrored = parts_of(turn)
    return turned(code, quarters, is_mirrored=is_mirrored)


def turn_between(code: int, other: int) -> int:
    """Return the code by which a picture that looks like `code` is turned to look like `other`."""
    return next((turn for turn in _PARTS if followed_by(code, turn) == other), UPRIGHT)


def shown_ratio(aspect_ratio: float, code: int) -> float:
    """Return width through height as the picture is shown, two decimals; stored is that of the upright thumbnail."""
    return max(0.01, round(1 / aspect_ratio, 2)) if code in SWAPPED and aspect_ratio else aspect_ratio
