"""Tiny videos for tests: every container, turned, HDR, and broken in the ways that strangers break them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

CORNERS = ((220, 30, 30), (30, 200, 30), (30, 30, 220), (220, 220, 30))
"""Colours of a picture's quarters: top left, top right, bottom left, bottom right."""

CONTAINERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "mp4": ("mp4", "libx264", {}),
    "mov": ("mov", "libx264", {}),
    "m4v": ("ipod", "libx264", {}),
    "mts": ("mpegts", "libx264", {"mpegts_m2ts_mode": "1"}),
    "ts": ("mpegts", "mpeg2video", {}),
    "avi": ("avi", "mpeg4", {}),
    "mkv": ("matroska", "libx264", {}),
    "webm": ("webm", "libvpx", {}),
    "3gp": ("3gp", "libx264", {}),
    "wmv": ("asf", "wmv2", {}),
    "flv": ("flv", "flv", {}),
    "mpg": ("mpeg", "mpeg1video", {}),
}
"""Extension to FFmpeg's muxer, an encoder that it takes, and the muxer's options."""

TURNED = {
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}
"""Clockwise degrees to (a, b, c, d) of a track's matrix."""

Picture = npt.NDArray[np.uint8]


def cornered(width: int = 96, height: int = 64) -> Picture:
    """A picture whose quarters have the colours of CORNERS."""
    picture = np.zeros((height, width, 3), np.uint8)
    for place, colour in enumerate(CORNERS):
        top, left = (place // 2) * (height // 2), (place % 2) * (width // 2)
        picture[top : top + height // 2, left : left + width // 2] = colour
    return picture


def plain(colour: tuple[int, int, int], width: int = 96, height: int = 64) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def make_video(
    extension: str = "mp4",
    pictures: Sequence[Picture] = (),
    *,
    rate: int = 10,
    codec: str = "",
    pixel_format: str = "yuv420p",
    with_sound: bool = False,
    aspect: Fraction | None = None,
    colour: tuple[int, int, int] | None = None,
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    coding: dict[str, str] | None = None,
) -> bytes:
    """Return a video of these pictures (a second of CORNERS when none); `colour` are primaries, curve and matrix,
    `options` those of the container and `coding` those of the encoder."""
    muxer, encoder, muxer_options = CONTAINERS[extension]
    shown = list(pictures) or [cornered()] * rate
    height, width = shown[0].shape[:2]
    out = io.BytesIO()
    with av.open(out, "w", format=muxer, options={**muxer_options, **(options or {})}) as container:
        container.metadata.update(metadata or {})
        fast = {"preset": "ultrafast"} if (codec or encoder).startswith("libx") else {}
        # MPEG-1 knows the rates of television only.
        steps = 25 if encoder in ("mpeg1video", "mpeg2video") else rate
        stream: Any = container.add_stream(codec or encoder, rate=steps, options={**fast, **(coding or {})})
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if colour is not None:
            context = stream.codec_context
            context.color_primaries, context.color_trc, context.colorspace = colour
        sound: Any = container.add_stream("aac", rate=48_000) if with_sound else None
        for place, picture in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixel_format)
            frame.pts, frame.time_base = place, Fraction(1, steps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _add_sound(container, sound, len(shown) / steps)
    return out.getvalue()


def sound_only() -> bytes:
    """An MP4 with nothing but silence."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        _add_sound(container, container.add_stream("aac", rate=48_000), 0.5)
    return out.getvalue()


def turned(mp4: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """Return an MP4 whose first track is shown through (a, b, c, d), whole numbers."""
    a, b, c, d = matrix
    rows = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    place = mp4.index(b"tkhd") + 4 + 40
    return mp4[:place] + b"".join(row.to_bytes(4, "big", signed=True) for row in rows) + mp4[place + 36 :]


def _add_sound(container: Any, stream: Any, seconds: float) -> None:
    frame = av.AudioFrame.from_ndarray(
        np.zeros((1, 1024 * 2), np.float32), format="flt", layout="stereo"
    ).__class__(format="fltp", layout="stereo", samples=1024)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = 48_000
    for place in range(int(seconds * 48_000 / 1024) + 1):
        frame.pts, frame.time_base = place * 1024, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
