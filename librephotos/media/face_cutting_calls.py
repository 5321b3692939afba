"""What the process that cuts faces is asked and answers; loads no decoder."""

import msgspec


class CutFace(msgspec.Struct):
    """Edges in pixels of the thumbnail at `path`, or as fractions of it."""

    path: str
    left: float
    top: float
    right: float
    bottom: float
    in_pixels: bool = False


class Cut(msgspec.Struct):
    """The edges in pixels, and the face as JPEG; empty for a box without pixels."""

    left: int
    top: int
    right: int
    bottom: int
    jpeg: bytes
