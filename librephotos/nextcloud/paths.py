"""Paths on another server, as texts part by part: nothing it sends is used as a path before it went through here.

A part is a plain name. Requests are spelled anew from parts, never from what a server sent.
"""

import unicodedata
from typing import Final
from urllib.parse import quote, unquote, urlsplit

Parts = tuple[str, ...]

DEEPEST: Final = 32
BAD_PATH: Final = "This is no path of a folder."


def is_plain(name: str) -> bool:
    """Tell whether a name can only mean something in its folder; in what it is stored here `safe_name` decides."""
    return name not in ("", ".", "..") and not any(
        char == "/" or unicodedata.category(char) in ("Cc", "Cs") for char in name
    )


def typed_parts(text: str) -> Parts | None:
    """Read a path that somebody typed, with or without slashes around it; None when a part is no plain name."""
    parts = tuple(part for part in text.strip().split("/") if part)
    return parts if len(parts) <= DEEPEST and all(map(is_plain, parts)) else None


def href_parts(href: str) -> Parts | None:
    """Read the path of an href (RFC 4918 section 14.7): its host counts for nothing. None for one of other names.

    Each part is decoded once, after parting: an encoded slash is no separator, and makes the part unusable.
    """
    try:
        path = urlsplit(href.strip()).path
        parts = tuple(unquote(part, errors="strict") for part in path.split("/") if part)
    except ValueError:
        return None
    return parts if all(map(is_plain, parts)) else None


def spelled(parts: Parts) -> str:
    """Return the path for a request."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def shown(parts: Parts) -> str:
    return "/" + "/".join(parts)
