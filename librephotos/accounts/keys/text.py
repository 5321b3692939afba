"""The text of an API key: `lp_<id>_<secret><checksum>`, made to be found by scanners and checked for typing errors.

The id (8 base62 characters) is public and finds the row; the secret has 32 base62 characters, 190 random bits; the
checksum is the CRC-32 of everything before it, 6 characters, which notices every change of one character and
every swap of two neighbours. With that many random bits one SHA-256 is enough to store: nothing can be guessed.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from typing import Final

import msgspec

PREFIX: Final = "lp_"
ID_CHARS: Final = 8
SECRET_CHARS: Final = 32
CHECKSUM_CHARS: Final = 6
KEY_CHARS: Final = len(PREFIX) + ID_CHARS + 1 + SECRET_CHARS + CHECKSUM_CHARS
_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(
    rf"lp_(?P<id>[0-9A-Za-z]{{{ID_CHARS}}})_[0-9A-Za-z]{{{SECRET_CHARS}}}[0-9A-Za-z]{{{CHECKSUM_CHARS}}}"
)


class KeyText(msgspec.Struct, frozen=True):
    """A key that is spelled right: its public id and the SHA-256 of its whole text, in hex."""

    public_id: str
    digest: str


class Misspelled(Exception):  # not an error: what a text is instead of a key
    """The text cannot be a key; the message says why in words for who typed it."""


def mint_key() -> str:
    """Return the text of a new key."""
    body = f"{PREFIX}{_random(ID_CHARS)}_{_random(SECRET_CHARS)}"
    return body + _checksum(body)


def parse_key(text: str) -> KeyText:
    """Return what a key's text says. Raises Misspelled."""
    if len(text) != KEY_CHARS:
        raise Misspelled(f"API key is mistyped (it has {KEY_CHARS} characters)")
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise Misspelled("API key is mistyped (characters)")
    if _checksum(text[:-CHECKSUM_CHARS]) != text[-CHECKSUM_CHARS:]:
        raise Misspelled("API key is mistyped (checksum)")
    return KeyText(shape["id"], hashlib.sha256(text.encode()).hexdigest())


def is_same(digest: str, stored: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(digest, stored)


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARS):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
