"""The types that media are sent with; anything else is an attachment of no type."""

WEBP = b"image/webp"
MP4 = b"video/mp4"
JPEG = b"image/jpeg"
ZIP = b"application/x-zip-compressed"
UNKNOWN = b"application/octet-stream"

# What browsers may show or play. SVG, HTML, XML and PDF are not among them and never will be.
SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/heic", "image/heif"),
        *("image/avif", "image/jxl", "image/jp2", "image/bmp", "image/vnd.adobe.photoshop", "image/x-raw"),
        *("image/x-canon-cr2", "image/x-canon-cr3", "image/x-canon-crw", "image/x-nikon-nef"),
        *("image/x-nikon-nrw", "image/x-sony-arw", "image/x-sony-srf", "image/x-sony-sr2"),
        *("image/x-fuji-raf", "image/x-olympus-orf", "image/x-panasonic-rw2", "image/x-pentax-pef"),
        *(
            "image/x-adobe-dng",
            "image/x-sigma-x3f",
            "image/x-kodak-kdc",
            "image/x-kodak-dcr",
            "image/x-minolta-mrw",
        ),
        *("video/mp4", "video/quicktime", "video/3gpp", "video/x-matroska", "video/webm", "video/x-msvideo"),
        *("video/x-ms-wmv", "video/x-flv", "video/mpeg", "video/mp2t", "video/ogg"),
    }
)

_FIRST_BYTES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
)


def type_of_picture(head: bytes) -> bytes | None:
    """Return the type that the first bytes of a profile picture say, or None."""
    for offset, magic, mime in _FIRST_BYTES:
        if head[offset : offset + len(magic)] == magic:
            return mime.encode()
    return None
