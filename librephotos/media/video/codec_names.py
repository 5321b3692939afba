"""The type that tells a player whether it can play a file: `video/mp4; codecs="avc1.640028, mp4a.40.2"`.

Sources: RFC 6381; ISO/IEC 14496-15 annex E (AVC, HEVC); the codec strings of VP9 and AV1 by their own registrations.
"""

from __future__ import annotations

from typing import Final

from av.codec.context import CodecContext
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

_SOUND: Final = {
    "aac": "mp4a.40.2",
    "mp3": "mp4a.6B",
    "mp3float": "mp4a.6B",
    "opus": "opus",
    "libopus": "opus",
    "vorbis": "vorbis",
    "flac": "flac",
    "ac3": "ac-3",
    "eac3": "ec-3",
    "alac": "alac",
    "amrnb": "samr",
    "amrwb": "sawb",
    "libopencore_amrnb": "samr",
    "libopencore_amrwb": "sawb",
}
_PICTURES: Final = {
    "mpeg4": "mp4v.20.9",
    "vp8": "vp8",
    "libvpx": "vp8",
    "theora": "theora",
    "h263": "s263",
}
_AVCC_BYTES: Final = 7
_HVCC_BYTES: Final = 23
_AV1C_BYTES: Final = 4


def playback_type(mime: str, container: InputContainer, stream: VideoStream) -> str | None:
    """Return the type with its codecs, None when a coding has no name that players know."""
    pictures = picture_codec(stream.codec_context)
    if pictures is None:
        return None
    names = [pictures]
    if container.streams.audio:
        # A coding that FFmpeg does not know has no context at all.
        sound = _SOUND.get(getattr(container.streams.audio[0].codec_context, "name", ""))
        if sound is None:
            return None
        names.append(sound)
    return f'{mime}; codecs="{", ".join(names)}"'


def picture_codec(context: VideoCodecContext) -> str | None:
    """Return the name of the pictures' coding with profile and level."""
    name = context.name
    if name == "h264":
        return _avc(context.extradata or b"")
    if name == "hevc":
        return _hevc(_tag(context), context.extradata or b"")
    if name in ("libdav1d", "av1"):
        return _av1(context.extradata or b"")
    if name in ("vp9", "libvpx-vp9"):
        return _vp9(context)
    return _PICTURES.get(name)


def _tag(context: CodecContext) -> str:
    return "hev1" if str(context.codec_tag).lower().startswith("hev1") else "hvc1"


def _avc(extradata: bytes) -> str | None:
    """From the configuration record, or from the parameter set (Annex B) that transport streams and AVI carry."""
    if len(extradata) >= _AVCC_BYTES and extradata[0] == 1:
        return f"avc1.{extradata[1:4].hex().upper()}"
    for start in _unit_starts(extradata):
        if extradata[start] & 0x1F == 7 and len(extradata) >= start + 4:
            return f"avc1.{extradata[start + 1 : start + 4].hex().upper()}"
    return None


def _unit_starts(data: bytes) -> list[int]:
    """Return where the units behind start codes begin."""
    starts = []
    position = data.find(b"\x00\x00\x01")
    while 0 <= position < len(data) - 3:
        starts.append(position + 3)
        position = data.find(b"\x00\x00\x01", position + 3)
    return starts


def _hevc(tag: str, record: bytes) -> str | None:
    """`hvc1.<profile space and profile>.<compatibility, reversed>.<tier and level>.<constraints>`."""
    if len(record) < _HVCC_BYTES or record[0] != 1:
        return None
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    compatibility = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\x00")
    parts = [tag, f"{space}{record[1] & 0x1F}", f"{compatibility:X}", f"{tier}{record[12]}"]
    return ".".join([*parts, *(f"{byte:X}" for byte in constraints)])


def _av1(record: bytes) -> str | None:
    if len(record) < _AV1C_BYTES or record[0] != 0x81:
        return None
    profile, level = record[1] >> 5, record[1] & 0x1F
    tier = "H" if record[2] & 0x80 else "M"
    bits = (12 if record[2] & 0x20 else 10) if record[2] & 0x40 else 8
    return f"av01.{profile}.{level:02}{tier}.{bits:02}"


def _vp9(context: VideoCodecContext) -> str:
    """The level is not in the stream: the lowest that fits the picture's size, from the table of levels."""
    pixels = context.width * context.height
    levels = ((36_864, 10), (122_880, 20), (552_960, 30), (2_228_224, 40), (8_912_896, 50), (35_651_584, 60))
    level = next((level for most, level in levels if pixels <= most), 62)
    digits = "".join(filter(str.isdigit, str(context.profile or "")))
    profile = int(digits[:1] or 0)
    bits = 10 if "10" in (context.pix_fmt or "") else 12 if "12" in (context.pix_fmt or "") else 8
    return f"vp09.{profile:02}.{level}.{bits:02}"
