"""Writes the short clips that the grid plays: silent H.264 in MP4, its index in front, no metadata."""

from __future__ import annotations

import contextlib
import os
import tempfile
from fractions import Fraction
from types import TracebackType
from typing import Final, Self

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from librephotos.media.video.scaling import Size

TICKS: Final = 90_000
"""Of the clips' clock in a second."""

FRAMES_A_SECOND: Final = 30

_DRAFT: Final = b".part"
_BT709: Final = 1
_LIMITED_RANGE: Final = 1
_OPTIONS: Final = {"preset": "veryfast", "crf": "26", "profile": "high", "g": "60"}


class Clip:
    """One MP4 that appears at `path` whole, at `publish`, or not at all. Raises av.FFmpegError and OSError."""

    def __init__(self, path: bytes, size: Size) -> None:
        self._path = path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, self._draft = tempfile.mkstemp(prefix=b".", suffix=_DRAFT, dir=os.path.dirname(path))
        os.close(descriptor)
        self._container = av.open(
            os.fsdecode(self._draft), "w", format="mp4", options={"movflags": "faststart"}
        )
        self._stream: VideoStream = self._container.add_stream(
            "libx264", rate=FRAMES_A_SECOND, options=dict(_OPTIONS)
        )
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = size.width, size.height, "yuv420p"
        context.time_base = Fraction(1, TICKS)
        context.thread_count = 1
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(av.FFmpegError):
            self._container.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._draft)

    def write(self, frame: VideoFrame) -> None:
        frame.pict_type = av.video.frame.PictureType.NONE
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def finish(self) -> None:
        """Write what is left and see that it is on the disk."""
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
        os.chmod(self._draft, 0o640)
        descriptor = os.open(self._draft, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def publish(self) -> None:
        os.replace(self._draft, self._path)
