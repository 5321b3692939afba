"""What a video is: how long, how large, which way up, how coloured, and how it is coded."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from librephotos.media.video.codec_names import playback_type
from librephotos.media.video.facts import VideoFacts
from librephotos.media.video.upright import Orientation

TRANSFER_CURVES: Final = {16: "smpte2084", 18: "arib-std-b67"}
"""The curves that make a video HDR, by their numbers in ITU-T H.273: PQ and HLG."""

_LONGEST_SECONDS: Final = 1e7
_PACKETS_SOUGHT: Final = 1_000_000


class Walk:
    """The packets of a stream, one after the other; `end_seconds` is where the latest one met ends."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._packets = container.demux(stream)
        self.end_seconds = 0.0

    def __iter__(self) -> Iterator[Packet[VideoStream]]:
        return self

    def __next__(self) -> Packet[VideoStream]:
        """Return the next packet, the last one empty. Raises av.FFmpegError."""
        packet = next(self._packets)
        if packet.pts is not None and packet.time_base is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self.end_seconds = max(self.end_seconds, end)
        return packet

    def to_the_end(self) -> float:
        """Go on to the last packet and return its end: some files, as browsers record them, tell no duration."""
        with contextlib.suppress(av.FFmpegError):
            for _ in itertools.islice(self, _PACKETS_SOUGHT):
                pass
        return self.end_seconds


def probe(
    container: InputContainer, stream: VideoStream, frame: VideoFrame, mime: str, walk: Walk
) -> VideoFacts:
    """Return the facts of an open video, of which `frame` is one picture and `walk` how far it was read."""
    return VideoFacts(
        duration_seconds=_duration_seconds(container, stream, walk),
        width=frame.width,
        height=frame.height,
        rotation=Orientation.of(frame).rotation,
        playback_type=playback_type(mime, container, stream),
        transfer=transfer_of(frame),
    )


def transfer_of(frame: VideoFrame) -> str | None:
    """Return the HDR curve of a picture, None when it has none."""
    return TRANSFER_CURVES.get(int(frame.color_trc or 0))


def pixel_aspect(stream: VideoStream) -> Fraction:
    """Return how wide a pixel is for its height; 1 when nothing, or nothing sensible, is said."""
    for aspect in (stream.sample_aspect_ratio, stream.codec_context.sample_aspect_ratio):
        if aspect and Fraction(1, 10) <= aspect <= 10:
            return Fraction(aspect)
    return Fraction(1)


def _duration_seconds(container: InputContainer, stream: VideoStream, walk: Walk) -> float | None:
    told = [container.duration / av.time_base] if container.duration else []
    if stream.duration and stream.time_base:
        told.append(float(stream.duration * stream.time_base))
    for seconds in (*told, None):
        length = walk.to_the_end() if seconds is None else seconds
        if math.isfinite(length) and 0 < length < _LONGEST_SECONDS:
            return round(length, 3)
    return None
