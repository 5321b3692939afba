"""What is told of faces to whoever writes them into a file; loads nothing that decodes."""

from __future__ import annotations

import msgspec


class Face(msgspec.Struct, frozen=True):
    """A face in pixels of the big thumbnail, and its name; an empty one is to be taken away."""

    left: int
    top: int
    right: int
    bottom: int
    name: str
