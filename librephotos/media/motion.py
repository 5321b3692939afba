"""Finds the short film inside a motion photo: those of Google and Samsung, in JPEG and HEIC. Pure byte work.

Sources: Android's Motion Photo format 1.0 (`Container:Directory`, the `mpvd` box) and its forerunner Micro Video
(`GCamera:MicroVideoOffset`, counted from the end); Samsung's trailer with the marker `MotionPhoto_Data`; ISO/IEC
14496-12 for boxes. A place that is claimed counts only if a film begins there.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import msgspec
from defusedxml.common import DefusedXmlException

from librephotos.media.thumbnails import write_whole

CLIP_BYTES: Final = 256 * 1024**2
SMALLEST_CLIP_BYTES: Final = 64

_XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/\0"
_CAMERA: Final = "{http://ns.google.com/photos/1.0/camera/}"
_CONTAINER: Final = "{http://ns.google.com/photos/1.0/container/}"
_ITEM: Final = "{http://ns.google.com/photos/1.0/container/item/}"
_SAMSUNG_MARKER: Final = b"MotionPhoto_Data"
_SIGNATURES: Final = re.compile(rb"ftyp(?:mp42|isom|iso2)")
_BOXES: Final = frozenset(
    {
        b"ftyp",
        b"moov",
        b"mdat",
        b"free",
        b"skip",
        b"wide",
        b"uuid",
        b"meta",
        b"udta",
        b"moof",
        b"mfra",
        b"sidx",
    }
)
_PLACES: Final = 64


class Clip(msgspec.Struct, frozen=True):
    """A film found inside a file: its MD5 in hex, and its length."""

    md5: str
    size_bytes: int


def find_clip(data: bytes) -> bytes | None:
    """Return the film inside the bytes of a JPEG or HEIC, None when there is none."""
    view = memoryview(data)
    for place in _places(data):
        if 0 < place < len(data) and (length := _film_length(view[place:])):
            return bytes(view[place : place + length])
    return None


def describe_clip(clip: bytes) -> Clip:
    return Clip(hashlib.md5(clip, usedforsecurity=False).hexdigest(), len(clip))


def clip_name(name: str) -> str:
    """Return where the clip lies below the folder of derived files, of a photo that is called so."""
    return f"embedded_media/{name[:2]}/{name}_motion.mp4"


def write_clip(clip: bytes, folder: bytes, name: str) -> None:
    """Write a clip to its place below `folder`, whole or not at all; one that lies there whole is left."""
    path = os.path.join(folder, clip_name(name).encode())
    try:
        is_there = os.path.getsize(path) == len(clip)
    except OSError:
        is_there = False
    if not is_there:
        write_whole(path, clip)


def _places(data: bytes) -> Iterator[int]:
    """Yield where a film may begin, the surest first: what the file says, then Samsung's marker, then signatures."""
    if data[4:8] == b"ftyp":
        yield from (start for name, start, _ in _boxes(memoryview(data)) if name == b"mpvd")
        places = (found.end() for found in re.finditer(_SAMSUNG_MARKER, data))
    elif data.startswith(b"\xff\xd8\xff"):
        yield from (len(data) - distance for distance in _claimed_distances(data))
        places = (found.end() for found in re.finditer(_SAMSUNG_MARKER, data))
    else:
        return
    yield from (place for place, _ in zip(places, range(_PLACES), strict=False))
    signatures = (found.start() - 4 for found in _SIGNATURES.finditer(data))
    yield from (place for place, _ in zip(signatures, range(_PLACES), strict=False))


def _film_length(view: memoryview) -> int:
    """Return how long the film is that begins here: whole boxes, with a table of contents and pictures; else 0."""
    names, end = set(), 0
    if bytes(view[4:8]) != b"ftyp":
        return 0
    for name, _, box_end in _boxes(view):
        if name not in _BOXES:
            break
        names.add(name)
        end = box_end
    is_film = {b"moov", b"mdat"} <= names and SMALLEST_CLIP_BYTES <= end <= CLIP_BYTES
    return end if is_film else 0


def _boxes(view: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start of content and end of the top-level boxes, as long as they fit in."""
    place = 0
    while place + 8 <= len(view):
        size, header = int.from_bytes(view[place : place + 4], "big"), 8
        name = bytes(view[place + 4 : place + 8])
        if size == 1:
            size, header = int.from_bytes(view[place + 8 : place + 16], "big"), 16
        elif size == 0:
            size = len(view) - place
        if size < header or place + size > len(view):
            return
        yield name, place + header, place + size
        place += size


def _claimed_distances(data: bytes) -> Iterator[int]:
    """Yield how far before the end of a JPEG its XMP says that the film begins, in bytes."""
    for packet in _xmp_packets(data):
        try:
            root: Element = defusedxml.ElementTree.fromstring(packet.rstrip(b"\0 \r\n\t"), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
            continue
        items = [(_item(element, "Semantic"), _number(_item(element, "Length"))) for element in _items(root)]
        for index, (semantic, _) in enumerate(items):
            if semantic == "MotionPhoto":
                yield sum(length for _, length in items[index:])
        for element in root.iter():
            offset = element.get(f"{_CAMERA}MicroVideoOffset") or (
                element.text if element.tag == f"{_CAMERA}MicroVideoOffset" else ""
            )
            if offset:
                yield _number(offset)


def _xmp_packets(data: bytes) -> Iterator[bytes]:
    """Yield the XMP packets of the JPEG's application segments."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] not in (0xDA, 0xD9):
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if data[place + 1] == 0xE1 and data.startswith(_XMP_PREFIX, place + 4):
            yield data[place + 4 + len(_XMP_PREFIX) : place + 2 + length]
        place += 2 + max(2, length)


def _items(root: Element) -> Iterator[Element]:
    """Yield the items of the container: `Container:Item` elements, or list entries that carry the fields."""
    for entry in root.iter():
        if entry.tag == f"{_CONTAINER}Item" or entry.find(f"{_ITEM}Semantic") is not None:
            yield entry


def _item(element: Element, field: str) -> str:
    return element.get(f"{_ITEM}{field}") or element.findtext(f"{_ITEM}{field}") or ""


def _number(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
