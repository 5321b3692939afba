"""Normal forms of texts that people type."""

import unicodedata


def normalize_username(text: str) -> str:
    """Return the form in which user names are stored and compared: NFKC, lower case. Nothing is trimmed."""
    # A small letter may compose with its accent where the capital does not: "T̈" has no single code point, "ẗ" has.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def one_line(text: str, limit: int = 200) -> str:
    """Return `text` without control characters, cut to `limit`; for logs and for what a header says of itself."""
    return "".join(char if char.isprintable() else " " for char in text[:limit]).strip()
