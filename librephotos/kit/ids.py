"""Random identifiers and the parsing of those that callers send."""

import re
import secrets
import uuid

MAX_ID = 2**63 - 1
_HASH = re.compile(r"[0-9a-f]{32}[0-9]{1,19}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def new_uuid() -> str:
    return str(uuid.uuid4())


def new_token() -> str:
    """Return 22 URL-safe characters with 128 random bits."""
    return secrets.token_urlsafe(16)


def new_upload_id() -> str:
    """Return 32 hex digits with 128 random bits."""
    return secrets.token_hex(16)


def parse_int(text: str) -> int | None:
    """Return the row id that `text` spells in plain decimal digits, or None."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number <= MAX_ID else None


def parse_uuid(text: str) -> str | None:
    """Return the UUID in lower case, or None."""
    return text.lower() if _UUID.fullmatch(text) else None


def parse_image_hash(text: str) -> str | None:
    """Return the image hash (32 hex digits of an MD5 and the owner's id), or None."""
    return text if _HASH.fullmatch(text) else None
