"""What an uploaded file is called in the library: a plain name, whatever the client sent; no I/O."""

import os
import unicodedata
from typing import Final

MOST_BYTES: Final = 200
# Reserved with any extension by Windows, which many a library is shared with.
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in (*"0123456789", "¹", "²", "³")}
)
_KEPT: Final = "-_."


def safe_name(text: str) -> str | None:
    """Return the name under which a file is kept, or None when nothing of it can be used.

    The base name in NFC, blanks as `_`, without all that is no letter or digit of any script, `-`, `_` or `.`, without
    leading dots, at most 200 bytes; the extension stays.
    """
    base = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2].strip()
    kept = "".join("_" if char.isspace() else char for char in base if _is_kept(char))
    name = kept.lstrip(".").rstrip(".")
    if not any(char.isalnum() for char in name) or name.partition(".")[0].casefold() in _DEVICES:
        return None
    return with_suffix(name, "")


def with_suffix(name: str, suffix: str) -> str:
    """Return `<stem><suffix><extension>`; the stem is cut so that all of it takes at most 200 bytes."""
    stem, extension = os.path.splitext(name)
    if len(extension.encode()) > MOST_BYTES // 4:
        stem, extension = name, ""
    room = MOST_BYTES - len(f"{suffix}{extension}".encode())
    # A character that is cut in the middle goes whole.
    return f"{stem.encode()[:room].decode(errors='ignore')}{suffix}{extension}"


def _is_kept(char: str) -> bool:
    # Marks belong to the letters before them: without them words of many scripts are others.
    return char in _KEPT or char.isspace() or char.isalnum() or unicodedata.category(char).startswith("M")
