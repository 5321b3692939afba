"""Renders the three WebP thumbnails of a picture, and what its looks tell, from a single decode.

Written by the process that decodes: large bytes never cross a pipe. Videos and RAW are left to others.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pyvips  # type: ignore[import-untyped, unused-ignore]

from librephotos.media.errors import CannotStore, NeedsTurn, UnreadableMedia
from librephotos.media.picture_hashes import HASH_EDGE_PX, dominant_colour, perceptual_hash
from librephotos.media.thumbhash import MAX_EDGE_PX, thumbhash

DECODE_BYTES: Final = 2 * 1024**3
WEBP_EDGE_PX: Final = 16383
"""The longest edge a WebP can have (RFC 9649: 14 bits), so panoramas end here."""

DRAFT_SECONDS: Final = 3600.0
"""A draft is written in one go, so one that is older has no process any more."""

_DRAFT: Final = b".part"
_EFFORT: Final = 2
_LOADERS: Final = ("Jpeg", "Png", "Webp", "Nsgif", "Tiff")
_SRGB_NAMES: Final = (b"sRGB IEC61966-2", b"sRGB built-in", b"sRGB2014")
_SWAPPED_ORIENTATIONS: Final = frozenset({5, 6, 7, 8})
_BYTES_PER_SAMPLE: Final = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "uint": 4, "int": 4, "float": 4}


class Size(msgspec.Struct, frozen=True):
    """One kind of thumbnail: its folder, its greatest height and its WebP quality."""

    folder: str
    height_px: int
    quality: int


BIG: Final = Size("thumbnails_big", 1080, 82)
SQUARE: Final = Size("square_thumbnails", 500, 78)
SMALL: Final = Size("square_thumbnails_small", 250, 78)
SIZES: Final = (BIG, SQUARE, SMALL)


class Rendering(msgspec.Struct):
    """What one decode yields: `images` are the WebPs in the order of SIZES."""

    images: tuple[bytes, bytes, bytes]
    looks: Looks


class Looks(msgspec.Struct):
    """Facts of the pixels. Width and height are those of the upright original."""

    width: int
    height: int
    aspect_ratio: float
    dominant_colour: tuple[int, int, int]
    perceptual_hash: str
    thumbhash: bytes


def prepare_decoder() -> None:
    """Leave libvips only the five loaders this piece trusts, and no cache. Call once in a decoding process."""
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for loader in _LOADERS:
        pyvips.operation_block_set(f"VipsForeignLoad{loader}", False)
    pyvips.cache_set_max(0)


def render_thumbnails(
    source: bytes | int, *, decode_bytes: int = DECODE_BYTES, beside_bytes: int = DECODE_BYTES
) -> Rendering:
    """Return upright 8-bit sRGB WebPs of the picture in these bytes or behind this open descriptor.

    Never enlarged, transparency kept, first frame of an animation, no metadata. Raises UnreadableMedia when the
    data is cut short, damaged, or would need more than `decode_bytes` of memory. Source: Exif Orientation, 0x0112.
    Raises NeedsTurn, before anything is decoded, when it would need more than `beside_bytes`.
    """
    try:
        header = _open(source)
        _check_budget(header, decode_bytes, beside_bytes)
        big = _decode(source, BIG.height_px, _fail_on(header), convert=_needs_conversion(header))
        square = _shrink(big, SQUARE.height_px)
        small = _shrink(square, SMALL.height_px)
        encoded = tuple(
            bytes(image.webpsave_buffer(Q=size.quality, effort=_EFFORT, keep="none"))
            for image, size in zip((big, square, small), SIZES, strict=True)
        )
        looks = _look_at(header, big, small)
    except pyvips.Error as error:
        raise UnreadableMedia(_reason(error)) from error
    return Rendering((encoded[0], encoded[1], encoded[2]), looks)


def thumbnail_path(folder: bytes, size: Size, name: str) -> bytes:
    """Return where a thumbnail lies: fanned out by two characters, so that no folder holds a million files."""
    return os.path.join(folder, size.folder.encode(), name[:2].encode(), name.encode() + b".webp")


def write_thumbnails(rendering: Rendering, folder: bytes, name: str) -> None:
    """Write the three files below `folder`; each appears whole or not at all, also after a power cut.

    Raises CannotStore when the disk does not take them.
    """
    if not name.isascii() or not name.isalnum():
        raise ValueError(f"{name!r} cannot name a thumbnail")
    try:
        for size, data in zip(SIZES, rendering.images, strict=True):
            _write_whole(thumbnail_path(folder, size, name), data)
    except OSError as error:
        cause = os.strerror(error.errno or 0).lower()
        raise CannotStore(f"The thumbnails cannot be stored in the data folder: {cause}.") from error


def sweep_drafts(folder: bytes, *, older_than_seconds: float = DRAFT_SECONDS) -> int:
    """Remove what killed processes left half-written beside the thumbnails below `folder`; return how many files.

    By their age, because processes of other machines may write there too.
    """
    before = time.time() - older_than_seconds
    count = 0
    for size in SIZES:
        for entry in _entries(os.path.join(folder, size.folder.encode())):
            for draft in _entries(entry.path) if entry.is_dir(follow_symlinks=False) else ():
                if draft.name.startswith(b".") and draft.name.endswith(_DRAFT):
                    with contextlib.suppress(FileNotFoundError):
                        if draft.stat(follow_symlinks=False).st_mtime < before:
                            os.unlink(draft.path)
                            count += 1
    return count


def _entries(folder: bytes) -> Iterator[os.DirEntry[bytes]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _open(source: bytes | int) -> Any:
    if isinstance(source, bytes):
        return pyvips.Image.new_from_buffer(source, "", access="sequential")
    return pyvips.Image.new_from_source(_rewound(source), "", access="sequential")


def _rewound(descriptor: int) -> Any:
    """Return a source of libvips; never a path, in which it would read `[page=3]` as an option."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return pyvips.Source.new_from_descriptor(descriptor)


def _check_budget(header: Any, decode_bytes: int, beside_bytes: int) -> None:
    """Refuse or postpone by the claimed size, before any pixel is decoded."""
    needed = header.width * header.height * header.bands * _BYTES_PER_SAMPLE.get(header.format, 8)
    if header.get_typeof("jpeg-multiscan") and header.get("jpeg-multiscan"):
        needed *= 3  # A progressive JPEG keeps two bytes of coefficients for each sample until the last scan.
    if needed > decode_bytes:
        raise UnreadableMedia(
            f"The picture is too large: {header.width} by {header.height} pixels would need"
            f" {needed / 1024**3:.1f} GiB of memory, {decode_bytes / 1024**3:.1f} GiB are allowed."
        )
    if needed > beside_bytes:
        raise NeedsTurn


def _fail_on(header: Any) -> str:
    """Return how strict the loader is: odd camera JPEGs pass, a TIFF cut short is only told as an error."""
    return "error" if str(header.get("vips-loader")).startswith("tiff") else "truncated"


def _needs_conversion(header: Any) -> bool:
    """Tell whether colours must go through a profile: for a plain sRGB picture that would triple the time."""
    if header.interpretation == "cmyk":
        return True
    if not header.get_typeof("icc-profile-data"):
        return False
    profile = header.get("icc-profile-data")
    return not any(name in profile or name.decode().encode("utf-16-be") in profile for name in _SRGB_NAMES)


def _decode(source: bytes | int, height_px: int, fail_on: str, *, convert: bool) -> Any:
    if not convert:
        return _decode_into(source, height_px, fail_on)
    try:
        return _decode_into(source, height_px, fail_on, output_profile="srgb")
    except pyvips.Error as error:
        if "icc" not in str(error).lower() and "profile" not in str(error).lower():
            raise
        return _decode_into(source, height_px, fail_on)  # A damaged colour profile must not cost the picture.


def _decode_into(source: bytes | int, height_px: int, fail_on: str, **options: str) -> Any:
    box = {"height": height_px, "size": "down", **options}
    # `fail_on` of thumbnail_buffer and thumbnail_source is ignored by libvips 8.18; as a loader's option it counts.
    box["option_string"] = f"[fail_on={fail_on}]"
    if isinstance(source, bytes):
        image = pyvips.Image.thumbnail_buffer(source, WEBP_EDGE_PX, **box)
    else:
        image = pyvips.Image.thumbnail_source(_rewound(source), WEBP_EDGE_PX, **box)
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.bands > 4:
        image = image.extract_band(0, n=4)
    return image.cast("uchar").copy_memory()


def _shrink(image: Any, height_px: int) -> Any:
    if image.height <= height_px:
        return image
    return image.thumbnail_image(WEBP_EDGE_PX, height=height_px, size="down").copy_memory()


def _look_at(header: Any, big: Any, small: Any) -> Looks:
    width, height = header.width, header.height
    if header.get_typeof("orientation") and header.get("orientation") in _SWAPPED_ORIENTATIONS:
        width, height = height, width
    opaque = small.flatten(background=[255, 255, 255]) if small.hasalpha() else small
    grey = opaque.colourspace("b-w").thumbnail_image(HASH_EDGE_PX, height=HASH_EDGE_PX, size="force")
    tiny = small.thumbnail_image(MAX_EDGE_PX, height=MAX_EDGE_PX, size="down")
    if not tiny.hasalpha():
        tiny = tiny.bandjoin(255)
    return Looks(
        width=width,
        height=height,
        aspect_ratio=max(0.01, round(big.width / big.height, 2)),
        dominant_colour=dominant_colour(opaque.numpy()),
        perceptual_hash=perceptual_hash(grey.numpy().reshape(HASH_EDGE_PX, HASH_EDGE_PX)),
        thumbhash=thumbhash(tiny.cast("uchar").numpy()),
    )


def _write_whole(path: bytes, data: bytes) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=b".", suffix=_DRAFT, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o640)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _reason(error: Exception) -> str:
    text = str(error).lower()
    if "premature end" in text or "truncat" in text or "unexpected end" in text or "read error" in text:
        return "The picture is cut short: the file ends before its last pixel."
    if "out of memory" in text or "unable to allocate" in text:
        return "The picture needs more memory than one decode may take."
    if "unsupported" in text or "not a known" in text or "not in a known format" in text or "blocked" in text:
        return "The picture is of a variety that is not read here."
    return "The picture is damaged and cannot be decoded."
