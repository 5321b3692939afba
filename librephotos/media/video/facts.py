"""What a video is, as it is stored and sent; found out by `probing.py`."""

from __future__ import annotations

import msgspec


class VideoFacts(msgspec.Struct):
    """Facts of a video. `width` and `height` are as stored, before `rotation` (degrees clockwise) and pixel aspect.

    `playback_type` is a type with codecs; `transfer` the name of an HDR curve, None for all others.
    """

    duration_seconds: float | None
    width: int
    height: int
    rotation: int = 0
    playback_type: str | None = None
    transfer: str | None = None

    @property
    def is_hdr(self) -> bool:
        return self.transfer is not None
