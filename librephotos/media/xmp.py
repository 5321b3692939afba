"""Reads the few XMP properties a scan needs from a packet or sidecar, where ExifTool cannot be had.

Source: ISO 16684-1 (XMP) and its RDF syntax. Entities and document types are refused by defusedxml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from librephotos.media.errors import UnreadableMetadata

PACKET_BYTES: Final = 4 * 1024 * 1024

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_PROPERTIES: Final = {
    "{http://ns.adobe.com/xap/1.0/}Rating": "XMP:Rating",
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated": "XMP:DateCreated",
    "{http://purl.org/dc/elements/1.1/}subject": "XMP:Subject",
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject": "XMP:HierarchicalSubject",
    "{http://www.digikam.org/ns/1.0/}TagsList": "XMP:TagsList",
    "{http://ns.microsoft.com/photo/1.0/}Rating": "XMP:RatingPercent",
    "{http://purl.org/dc/elements/1.1/}description": "XMP:Description",
    "{http://ns.adobe.com/tiff/1.0/}Orientation": "XMP:Orientation",
    "{http://ns.adobe.com/exif/1.0/}GPSLatitude": "XMP:GPSLatitude",
    "{http://ns.adobe.com/exif/1.0/}GPSLongitude": "XMP:GPSLongitude",
}


def read_xmp(packet: bytes) -> dict[str, str | list[str]]:
    """Return the known properties under ExifTool's names. Raises UnreadableMetadata if it is not XMP."""
    if len(packet) > PACKET_BYTES:
        raise UnreadableMetadata("The XMP is too large.")
    try:
        root: Element = defusedxml.ElementTree.fromstring(_without_padding(packet), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise UnreadableMetadata("The XMP is not well formed.") from error
    values: dict[str, str | list[str]] = {}
    for description in root.iter(f"{_RDF}Description"):
        for name, value in _properties(description):
            values.setdefault(name, value)
    return values


def _without_padding(packet: bytes) -> bytes:
    """Strip the NULs and blanks after a packet; in UTF-16, NUL is half of every letter."""
    return packet if packet.startswith((b"\xff\xfe", b"\xfe\xff")) else packet.rstrip(b"\0 \r\n\t")


def _properties(description: Element) -> Iterator[tuple[str, str | list[str]]]:
    for attribute, text in description.attrib.items():
        if attribute in _PROPERTIES:
            yield _named(_PROPERTIES[attribute], text)
    for child in description:
        if child.tag in _PROPERTIES:
            yield _named(_PROPERTIES[child.tag], _content(child))


def _content(element: Element) -> str | list[str]:
    """Return the items of a bag or sequence, the default language of an alternative, or the plain text."""
    items = list(element.iter(f"{_RDF}li"))
    if element.find(f"{_RDF}Alt") is not None and items:
        chosen = next((item for item in items if item.get(_LANGUAGE) == "x-default"), items[0])
        return chosen.text or ""
    return [item.text or "" for item in items] if items else (element.text or "").strip()


def _named(name: str, value: str | list[str]) -> tuple[str, str | list[str]]:
    if isinstance(value, list):
        return name, value
    if name == "XMP:DateCreated":
        return name, value.replace("-", ":", 2).replace("T", " ", 1)
    return name, _degrees(value) if name.startswith("XMP:GPS") else value


def _degrees(text: str) -> str:
    """Turn `53,12.5N` or `53,12,30N` into signed decimal degrees; leave anything else as it is."""
    if text[-1:] not in "NSEW" or not text:
        return text
    try:
        parts = [float(part) for part in text[:-1].split(",")]
    except ValueError:
        return text
    value = sum(part / 60**place for place, part in enumerate(parts))
    return str(-value if text[-1] in "SW" else value)
