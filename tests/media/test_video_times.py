"""The times in videos that are neither MP4 nor QuickTime: under which tags they are read, from files made here."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest

from librephotos.media.exiftool import ExifTool
from librephotos.media.tags import TIME_TAGS

# ITU-T H.264, annex D.1.6, with the UUID and the layout that camcorders of AVCHD use: tag, then four bytes of BCD.
MDPM = (
    bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66")
    + b"MDPM\x02"
    + bytes([0x18, 0x02, 0x20, 0x21, 0x07])
    + bytes([0x19, 0x01, 0x14, 0x05, 0x09])
)
SEI = b"\0\0\0\1\x06\x05" + bytes([len(MDPM)]) + MDPM + b"\x80"


def written(container: str, codec: str, *, before: bytes = b"", **metadata: str) -> bytes:
    """Return a video of one picture; `before` stands before its first packet."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        output.metadata.update(metadata)
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode()]:
            made = av.Packet(before + bytes(packet))
            made.pts, made.dts, made.time_base, made.stream = packet.pts, packet.dts, packet.time_base, stream
            made.is_keyframe = True
            output.mux(made)
    return file.getvalue()


def with_idit(avi: bytes) -> bytes:
    """Return an AVI with the time of its digitising at the end of its header list."""
    told = b"Thu Jul 01 14:05:09 2021\n\0"
    chunk = b"IDIT" + struct.pack("<I", len(told)) + told
    content, start = bytearray(avi), avi.index(b"hdrl") - 4
    (size,) = struct.unpack_from("<I", content, start)
    content[start + 4 + size : start + 4 + size] = chunk
    struct.pack_into("<I", content, start, size + len(chunk))
    struct.pack_into("<I", content, 4, len(content) - 8)
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "tag", "told"),
    [
        (b"00001.MTS", "H264:DateTimeOriginal", "2021:07:01 14:05:09+01:00"),
        (b"a.avi", "RIFF:DateTimeOriginal", "2021:07:01 14:05:09"),
        (b"a.mkv", "Matroska:DateTimeOriginal", "2021:07:01 12:05:09Z"),
    ],
)
def test_a_video_tells_when_it_was_taken(exiftool: ExifTool, stored, name, tag, told):
    content = {
        b"00001.MTS": lambda: written("mpegts", "libx264", before=SEI),
        b"a.avi": lambda: with_idit(written("avi", "mpeg4")),
        b"a.mkv": lambda: written("matroska", "libx264", creation_time="2021-07-01T12:05:09Z"),
    }[name]()
    assert exiftool.read(stored(name, content), TIME_TAGS)[tag] == told
