"""Opens videos so that a hostile one reaches nothing else: demuxers and decoders by allow-list, no protocol of its own.

The demuxer is the one that the first bytes name, never guessed: a playlist that calls itself `.mp4` is a broken MP4
here, and opens no other file. Its bytes come from an open file or from memory, not by a path.
"""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO, Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from librephotos.media.errors import UnreadableMedia

DEMUXERS: Final = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/x-matroska": "matroska",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/x-ms-wmv": "asf",
    "video/x-flv": "flv",
    "video/mp2t": "mpegts",
    "video/ogg": "ogg",
}
"""FFmpeg's demuxer for each type of `formats.py`; MPEG has two, see `demuxer_of`."""

DECODERS: Final = frozenset(
    {
        *("h264", "hevc", "libdav1d", "av1", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4", "mpeg1video"),
        *("mpeg2video", "h263", "mjpeg", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "wmv3", "vc1"),
        *("flv", "vp6", "vp6f", "theora", "prores", "dvvideo", "svq1", "svq3", "cinepak", "rawvideo"),
        *("huffyuv", "ffv1", "dnxhd", "cfhd", "rv40"),
    }
)
"""Video decoders that may run; the long tail of FFmpeg's old ones is where its holes were found."""

_MPEG: Final = "video/mpeg"
_ELEMENTARY_STREAM: Final = b"\x00\x00\x01\xb3"
_BUFFER_BYTES: Final = 256 * 1024
_PROBED_BYTES: Final = 20_000_000
_PROBED_MICROSECONDS: Final = 15_000_000


def demuxer_of(mime: str, head: bytes) -> str:
    """Return the name of the one demuxer for a file of this type with these first bytes."""
    if mime == _MPEG:
        return "mpegvideo" if head.startswith(_ELEMENTARY_STREAM) else "mpeg"
    return DEMUXERS[mime]


def open_video(source: bytes | int, demuxer: str, *, most_pixels: int) -> InputContainer:
    """Open the video in these bytes, or behind this descriptor, which stays the caller's.

    No decoder takes frames of more than `most_pixels`. Raises UnreadableMedia.
    """
    file: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else _reading(source)
    options = {
        "protocol_whitelist": "file,pipe",
        "max_pixels": str(most_pixels),
        "probesize": str(_PROBED_BYTES),
        "analyzeduration": str(_PROBED_MICROSECONDS),
        "threads": "1",
    }
    try:
        return av.open(
            file, "r", format=demuxer, options=options, buffer_size=_BUFFER_BYTES, metadata_errors="replace"
        )
    except (av.FFmpegError, ValueError) as error:
        raise UnreadableMedia(reason_of(error)) from error


def main_stream(container: InputContainer) -> VideoStream:
    """Return the stream of moving pictures, never a cover picture. Raises UnreadableMedia without one.

    With several, the largest: FFmpeg's own choice leaves out cover pictures only where the file says so.
    """
    found = [stream for stream in container.streams.video if _is_moving(stream)]
    if not found:
        what = "is only sound" if container.streams.audio else "are no pictures"
        raise UnreadableMedia(f"There {what} in this file, which is not a video.")
    stream = max(found, key=lambda each: each.codec_context.width * each.codec_context.height)
    name = stream.codec_context.name
    if name not in DECODERS:
        raise UnreadableMedia(f"Videos in the coding {name} are not read here.")
    return stream


def reason_of(error: Exception) -> str:
    """Return a sentence for the owner."""
    if isinstance(error, av.MemoryError):
        return "The video needs more memory than one file may take."
    if isinstance(error, av.EOFError):
        return "The video is cut short: there is no picture in it."
    return "The video is damaged and cannot be decoded."


def _is_moving(stream: Any) -> bool:
    context = stream.codec_context
    if context is None or stream.disposition & stream.disposition.attached_pic:
        return False
    return bool(context.width and context.height)


def _reading(descriptor: int) -> BinaryIO:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.fdopen(descriptor, "rb", buffering=0, closefd=False)
