"""What a video is: how long, how large, which way up, how coloured, and how it is coded."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from librephotos.media.video.codec_names import playback_type
from librephotos.media.video.facts import VideoFacts
from librephotos.media.video.upright import Orientation

TRANSFER_CURVES: Final = {16: "smpte2084", 18: "arib-std-b67"}
"""The curves that make a video HDR, by their numbers in ITU-T H.273: PQ and HLG."""

_LONGEST_SECONDS: Final = 1e7
_PACKETS_SOUGHT: Final = 1_000_000


def probe(container: InputContainer, stream: VideoStream, frame: VideoFrame, mime: str) -> VideoFacts:
    """Return the facts of an open video, of which `frame` is one picture."""
    return VideoFacts(
        duration_seconds=_duration_seconds(container, stream),
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


def _duration_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    told = [container.duration / av.time_base] if container.duration else []
    if stream.duration and stream.time_base:
        told.append(float(stream.duration * stream.time_base))
    for seconds in told:
        if math.isfinite(seconds) and 0 < seconds < _LONGEST_SECONDS:
            return round(seconds, 3)
    return _walked_seconds(container, stream)


def _walked_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the time of the last picture of a file that tells no duration, as recorders in browsers write them."""
    last: float | None = None
    try:
        for count, packet in enumerate(container.demux(stream)):
            if packet.pts is not None and packet.time_base is not None:
                last = max(last or 0.0, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if count >= _PACKETS_SOUGHT:
                break
    except av.FFmpegError:
        pass
    return round(last, 3) if last and 0 < last < _LONGEST_SECONDS else None
