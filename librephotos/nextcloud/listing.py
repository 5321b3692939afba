"""Reads what a server lists of one folder (RFC 4918 section 9.1), as it streams in; no I/O but the stream it is given.

The answer may be hostile: no document type, no entities, bounded in depth, in elements and in entries.
"""

from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from librephotos.nextcloud.paths import Parts, href_parts
from librephotos.nextcloud.schemas import Trouble

QUESTION: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getcontentlength/>'
    b"<d:getetag/><d:getlastmodified/><d:getcontenttype/></d:prop></d:propfind>"
)
MOST_ENTRIES: Final = 100_000
MOST_ELEMENTS: Final = 300  # of one entry
DEEPEST_ELEMENT: Final = 12
NOT_UNDERSTOOD: Final = "The server's answer is no list of files (WebDAV)."
OTHER_FOLDER: Final = "The server's answer is about another folder."
TOO_MANY: Final = "The folder has too many files."
_LONGEST_TEXT: Final = 4096


class Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Entry(msgspec.Struct, frozen=True):
    """What lies in a folder. `size_bytes` is None where the server tells none, `modified_at` in seconds since 1970."""

    name: str
    is_folder: bool
    size_bytes: int | None = None
    etag: str = ""
    modified_at: float | None = None
    mime: str = ""


class Listing(msgspec.Struct):
    """`unusable` counts entries whose names mean nothing in this folder, such as `..`."""

    entries: list[Entry]
    unusable: int = 0


def read_listing(source: Source, folder: Parts) -> Listing:
    """Return what lies in `folder`. Raises Trouble, and whatever the source raises."""
    listing = Listing([])
    had_folder_itself = False
    try:
        for element in _responses(source):
            href = element.findtext("{DAV:}href") or ""
            parts = href_parts(href) if len(href) <= 4 * _LONGEST_TEXT else None
            if parts == folder:
                had_folder_itself = True
            elif parts is None or parts[:-1] != folder:
                listing.unusable += 1
            else:
                listing.entries.append(_entry(parts[-1], element))
            if len(listing.entries) + listing.unusable > MOST_ENTRIES:
                raise Trouble(TOO_MANY)
    except (ParseError, DefusedXmlException, UnicodeError, LookupError):
        raise Trouble(NOT_UNDERSTOOD) from None
    if listing.unusable and not listing.entries and not had_folder_itself:
        raise Trouble(OTHER_FOLDER)
    return listing


def _responses(source: Source) -> Iterator[Element]:
    depth = elements = 0
    root: Any = None  # an Element
    for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth += 1
            elements += 1
            if depth > DEEPEST_ELEMENT or elements > MOST_ELEMENTS:
                raise Trouble(NOT_UNDERSTOOD)
            if root is None:
                root = element
                if element.tag != "{DAV:}multistatus":
                    raise Trouble(NOT_UNDERSTOOD)
        else:
            depth -= 1
            if depth == 1:
                if element.tag == "{DAV:}response":
                    yield element
                root.clear()
                elements = 0


def _entry(name: str, element: Element) -> Entry:
    found: dict[str, Element] = {}
    for propstat in element.iterfind("{DAV:}propstat"):
        if " 200" in (propstat.findtext("{DAV:}status") or ""):
            found.update({each.tag: each for each in _children(propstat.find("{DAV:}prop"))})
    kind = found.get("{DAV:}resourcetype")

    def text(name: str) -> str:
        return (getattr(found.get(f"{{DAV:}}{name}"), "text", None) or "").strip()[:_LONGEST_TEXT]

    return Entry(
        name,
        kind is not None and kind.find("{DAV:}collection") is not None,
        _size(text("getcontentlength")),
        text("getetag"),
        _moment(text("getlastmodified")),
        text("getcontenttype").lower(),
    )


def _children(element: Element | None) -> Iterable[Element]:
    return () if element is None else element


def _size(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() or None
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
