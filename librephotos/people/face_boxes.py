"""Which faces of a photo are the same: boxes compared, and what a file's region means for a known face."""

from collections.abc import Iterable
from typing import Final

import msgspec

KNOWN_SHARE: Final = 0.05
"""A face whose four sides lie so near, as a share of its width, is the known one."""

SAME_OVERLAP: Final = 0.3


class Box(msgspec.Struct, frozen=True):
    """Edges in pixels of the big thumbnail."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def scaled(self, factor: float) -> "Box":
        return Box(*(round(edge * factor) for edge in (self.left, self.top, self.right, self.bottom)))


class KnownFace(msgspec.Struct, frozen=True):
    """A face row. `person_name` is None while nobody is named; `region_name` is what a region called it."""

    face_id: int
    box: Box
    image: str
    person_id: int | None
    person_name: str | None
    region_name: str
    is_deleted: bool


def find_same(box: Box, known: Iterable[KnownFace]) -> KnownFace | None:
    """Return the known face that this box is, deleted ones included: the nearest that covers the same."""
    best = max(known, key=lambda face: overlap(box, face.box), default=None)
    if best is None:
        return None
    reach = KNOWN_SHARE * max(1, box.right - box.left)
    pairs = zip(
        (box.left, box.top, box.right, box.bottom),
        (best.box.left, best.box.top, best.box.right, best.box.bottom),
        strict=True,
    )
    is_near = all(abs(one - other) <= reach for one, other in pairs)
    return best if is_near or overlap(box, best.box) >= SAME_OVERLAP else None


def takes_name(face: KnownFace, name: str) -> bool:
    """Tell whether a known face is to be labelled with the name that its region has now.

    What a person did stays: a face that was deleted, labelled or unlabelled by hand keeps what it has. A face that
    nobody labelled yet takes the name, and so does one that still has the name its region had before.
    """
    if face.is_deleted or not name or name == face.region_name:
        return False
    return face.person_name is None if not face.region_name else face.person_name == face.region_name


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over the union."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (one.area + other.area - shared)
