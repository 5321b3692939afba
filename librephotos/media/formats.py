"""Says what a file is by its first bytes, from an allow-list; its name decides only about RAW.

Decoding is left to `stills/`. Sources: the formats' own specifications, ISO/IEC 14496-12 for the `ftyp`
box, RFC 6386 and 9649 for WebP, RFC 8794 for EBML.
"""

from __future__ import annotations

import os
from typing import Final, Literal

import msgspec

Kind = Literal["image", "video", "raw", "sidecar"]

HEAD_BYTES: Final = 4096
"""How much of a file's beginning `sniff` wants to see; less works, but long preambles may hide the kind."""


class Format(msgspec.Struct, frozen=True):
    """A kind of file; `decodable` means that this version renders its pixels."""

    name: str
    mime: str
    kind: Kind
    extension: str
    decodable: bool = False


JPEG: Final = Format("JPEG", "image/jpeg", "image", "jpg", decodable=True)
PNG: Final = Format("PNG", "image/png", "image", "png", decodable=True)
WEBP: Final = Format("WebP", "image/webp", "image", "webp", decodable=True)
GIF: Final = Format("GIF", "image/gif", "image", "gif", decodable=True)
TIFF: Final = Format("TIFF", "image/tiff", "image", "tif", decodable=True)
HEIC: Final = Format("HEIC", "image/heic", "image", "heic", decodable=True)
AVIF: Final = Format("AVIF", "image/avif", "image", "avif", decodable=True)
JXL: Final = Format("JPEG XL", "image/jxl", "image", "jxl", decodable=True)
JPEG_2000: Final = Format("JPEG 2000", "image/jp2", "image", "jp2", decodable=True)
BMP: Final = Format("BMP", "image/bmp", "image", "bmp", decodable=True)
PSD: Final = Format("Photoshop", "image/vnd.adobe.photoshop", "image", "psd", decodable=True)
MP4: Final = Format("MP4", "video/mp4", "video", "mp4", decodable=True)
MOV: Final = Format("QuickTime", "video/quicktime", "video", "mov", decodable=True)
THREE_GP: Final = Format("3GP", "video/3gpp", "video", "3gp", decodable=True)
MKV: Final = Format("Matroska", "video/x-matroska", "video", "mkv", decodable=True)
WEBM: Final = Format("WebM", "video/webm", "video", "webm", decodable=True)
AVI: Final = Format("AVI", "video/x-msvideo", "video", "avi", decodable=True)
WMV: Final = Format("Windows Media", "video/x-ms-wmv", "video", "wmv", decodable=True)
FLV: Final = Format("Flash Video", "video/x-flv", "video", "flv", decodable=True)
MPEG: Final = Format("MPEG", "video/mpeg", "video", "mpg", decodable=True)
MPEG_TS: Final = Format("MPEG transport stream", "video/mp2t", "video", "mts", decodable=True)
OGV: Final = Format("Ogg video", "video/ogg", "video", "ogv", decodable=True)
RAW: Final = Format("RAW", "image/x-raw", "raw", "raw", decodable=True)
XMP: Final = Format("XMP", "application/rdf+xml", "sidecar", "xmp")

FORMATS: Final = (
    *(JPEG, PNG, WEBP, GIF, TIFF, HEIC, AVIF, JXL, JPEG_2000, BMP, PSD),
    *(MP4, MOV, THREE_GP, MKV, WEBM, AVI, WMV, FLV, MPEG, MPEG_TS, OGV, RAW, XMP),
)

RAW_EXTENSIONS: Final = frozenset(
    {
        *("rwz", "cr2", "nrw", "eip", "raf", "erf", "rw2", "nef", "arw", "k25", "dng", "srf", "dcr"),
        *("raw", "crw", "bay", "3fr", "cs1", "mef", "orf", "ari", "sr2", "kdc", "mos", "mfw", "fff"),
        *("cr3", "srw", "rwl", "j6i", "kc2", "x3f", "mrw", "iiq", "pef", "cxi", "mdc"),
    }
)

STILL_EXTENSIONS: Final = frozenset(
    {
        *(known.extension for known in FORMATS if known.kind == "image"),
        *("jpeg", "jpe", "tiff", "heif", "hif", "j2k"),
    }
)
"""Names that pictures usually have which are no camera's negatives."""

VIDEO_EXTENSIONS: Final = frozenset(
    {
        *("mp4", "m4v", "mov", "qt", "3gp", "3g2", "mkv", "webm", "avi", "wmv", "asf", "flv"),
        *("mpg", "mpeg", "m2v", "vob", "mts", "m2ts", "ts", "ogv"),
    }
)
"""Names that videos usually have; what a file is, its bytes say."""

_RAW_MIMES: Final = {
    "cr2": "image/x-canon-cr2",
    "cr3": "image/x-canon-cr3",
    "crw": "image/x-canon-crw",
    "nef": "image/x-nikon-nef",
    "nrw": "image/x-nikon-nrw",
    "arw": "image/x-sony-arw",
    "srf": "image/x-sony-srf",
    "sr2": "image/x-sony-sr2",
    "raf": "image/x-fuji-raf",
    "orf": "image/x-olympus-orf",
    "rw2": "image/x-panasonic-rw2",
    "rwl": "image/x-panasonic-rw2",
    "pef": "image/x-pentax-pef",
    "dng": "image/x-adobe-dng",
    "x3f": "image/x-sigma-x3f",
    "kdc": "image/x-kodak-kdc",
    "dcr": "image/x-kodak-dcr",
    "mrw": "image/x-minolta-mrw",
}

_NOT_MEDIA: Final = (
    (b"%PDF", "This is a PDF document, which is not a photo or video."),
    (b"PK\x03\x04", "This is a ZIP archive or office document, which is not a photo or video."),
    (b"\x7fELF", "This is a program, which is not a photo or video."),
    (b"MZ", "This is a program, which is not a photo or video."),
    (b"#!", "This is a script, which is not a photo or video."),
    (b"ID3", "This is a sound file, which is not a photo or video."),
    (b"OggS", "This is a sound file, which is not a photo or video."),
    (b"fLaC", "This is a sound file, which is not a photo or video."),
    (b"RIFF", "This is a sound file or an unknown RIFF file, which is not a photo or video."),
)

_RAW_MAGIC: Final = (
    (0, b"FUJIFILMCCD-RAW"),
    (0, b"IIRO"),
    (0, b"IIRS"),
    (0, b"MMOR"),
    (0, b"IIU\x00"),
    (0, b"FOVb"),
    (0, b"\x00MRM"),
    (6, b"HEAPCCDR"),
    (8, b"CR\x02\x00"),
)

_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_SOUND_BRANDS: Final = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})
_OLD_QUICKTIME_ATOMS: Final = frozenset({b"moov", b"mdat", b"wide", b"pnot"})
_BMP_HEADER_BYTES: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def sniff(head: bytes) -> Format | None:
    """Return what the first bytes say, or None for everything that is not on the list.

    A TIFF answer may still be a camera's RAW file: those differ in their name only, see `identify`.
    """
    return _sniff_image(head) or _sniff_boxes(head) or _sniff_video(head) or _sniff_sidecar(head)


def identify(path: bytes | str, head: bytes) -> Format | None:
    """Return the format of a file from its first bytes and, for RAW alone, its extension."""
    found = sniff(head)
    suffix = extension_of(path)
    if suffix in RAW_EXTENSIONS and _may_be_raw(found, head):
        return Format("RAW", _RAW_MIMES.get(suffix, RAW.mime), "raw", suffix, decodable=True)
    return found


def reason_not_read(path: bytes | str, head: bytes) -> str | None:
    """Return a sentence saying why the pixels of this file are not read, or None when they are."""
    found = identify(path, head)
    if found is None:
        return _reason_unknown(head)
    if found.decodable:
        return None
    if found.kind == "video":
        return f"{found.name} videos are not read yet."
    if found.kind == "sidecar":
        return "This is an XMP sidecar: it describes another file and has no picture."
    return f"{found.name} pictures are not read yet."


def extension_for(mime: str) -> str | None:
    """Return the usual extension, without a dot, of a type from our own table."""
    for raw_extension, raw_mime in _RAW_MIMES.items():
        if raw_mime == mime:
            return raw_extension
    return next((known.extension for known in FORMATS if known.mime == mime), None)


def extension_of(path: bytes | str) -> str:
    """Return the extension of a path in lower case, without the dot; empty when it has none."""
    return os.path.splitext(os.fsdecode(path))[1][1:].lower()


def _sniff_image(head: bytes) -> Format | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if any(head[offset : offset + len(magic)] == magic for offset, magic in _RAW_MAGIC):
        return RAW
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00\x08\x00", b"MM\x00+\x00\x08")):
        return TIFF
    if head.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")):
        return JXL
    if head.startswith((b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")):
        return JPEG_2000
    if head.startswith((b"8BPS\x00\x01", b"8BPS\x00\x02")):
        return PSD
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_BYTES:
        return BMP
    return None


def _sniff_boxes(head: bytes) -> Format | None:
    """Read the `ftyp` box of the ISO base media family: brand at 8, compatible brands from 16."""
    kind = head[4:8]
    if kind != b"ftyp":
        return MOV if kind in _OLD_QUICKTIME_ATOMS and len(head) >= 12 else None
    length = min(int.from_bytes(head[:4], "big"), 256)
    brand = head[8:12]
    brands = {brand, *(head[start : start + 4] for start in range(16, length - 3, 4))}
    if len(brand) < 4 or brand in _SOUND_BRANDS:
        return None
    if brand == b"crx ":
        return Format("RAW", _RAW_MIMES["cr3"], "raw", "cr3", decodable=True)
    if brands & _AVIF_BRANDS and brand in _AVIF_BRANDS | {b"mif1", b"msf1"}:
        return AVIF
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand == b"qt  ":
        return MOV
    return THREE_GP if brand.startswith((b"3gp", b"3g2")) else MP4


def _sniff_video(head: bytes) -> Format | None:
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else MKV if b"matroska" in head[:64] else None
    if head.startswith(b"RIFF") and head[8:12] in (b"AVI ", b"AVIX"):
        return AVI
    if head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        return WMV
    if head.startswith(b"FLV\x01"):
        return FLV
    if head.startswith((b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")):
        return MPEG
    if head.startswith(b"OggS") and b"theora" in head[:128]:
        return OGV
    if _is_transport_stream(head):
        return MPEG_TS
    return None


def _is_transport_stream(head: bytes) -> bool:
    """Tell packets of 188 bytes, or of 192 as camcorders write them, by three sync bytes in step."""
    plain = head[0:1] + head[188:189] + head[376:377]
    stamped = head[4:5] + head[196:197] + head[388:389]
    return b"GGG" in (plain, stamped)


def _sniff_sidecar(head: bytes) -> Format | None:
    text = _as_utf8(head).lstrip()
    if text.startswith((b"<?xpacket", b"<x:xmpmeta")):
        return XMP
    if (
        text.startswith((b"<?xml", b"<!--", b"<rdf:RDF"))
        and b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" in text
    ):
        return None if b"<svg" in text or b"<html" in text.lower() else XMP
    return None


def _as_utf8(head: bytes) -> bytes:
    """Return text without its byte order mark; some writers of sidecars use UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return head.removeprefix(_BYTE_ORDER_MARK)


def _may_be_raw(found: Format | None, head: bytes) -> bool:
    """A RAW name counts for TIFF relatives and unknown binary, never for text, a program or another format."""
    if found is not None:
        return found is TIFF or found.kind == "raw"
    return (
        len(head) >= 16 and not _is_text(head) and not any(head.startswith(magic) for magic, _ in _NOT_MEDIA)
    )


def _is_text(head: bytes) -> bool:
    return head.lstrip().startswith(b"<") or not any(byte < 9 or byte > 126 for byte in head[:512])


def _reason_unknown(head: bytes) -> str:
    if not head:
        return "The file is empty."
    start = _as_utf8(head).lstrip().lower()
    if b"<svg" in start:
        return "SVG drawings are not media here: they can carry programs."
    if start.startswith((b"<!doctype html", b"<html")):
        return "This is a web page, which is not a photo or video."
    for magic, reason in _NOT_MEDIA:
        if head.startswith(magic):
            return reason
    if _is_text(head):
        return "This is a text file, which is not a photo or video."
    return "Its first bytes match no photo or video format known here."
