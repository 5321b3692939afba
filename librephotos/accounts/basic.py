"""HTTP Basic credentials (RFC 7617): the header's parts, and a memory of those verified before."""

import base64
import binascii
import hmac
import re
import secrets
from collections import OrderedDict

import msgspec

from librephotos.errors import NotAuthenticated
from librephotos.kit import clock

REMEMBERED = 1_024
REMEMBER_SECONDS = 300
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


class BasicCredentials(msgspec.Struct, frozen=True):
    username: str
    password: str


def parse_basic(words: list[bytes]) -> BasicCredentials:
    """Return what the words after `Basic` say. Raises NotAuthenticated with the published texts."""
    if not words:
        raise NotAuthenticated("Invalid basic header. No credentials provided.")
    if len(words) > 1:
        raise NotAuthenticated("Invalid basic header. Credentials string should not contain spaces.")
    try:
        if not _BASE64.fullmatch(words[0]):
            raise ValueError
        decoded = base64.b64decode(words[0], validate=True)
    except (binascii.Error, ValueError):
        raise _not_encoded() from None
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")
    username, colon, password = text.partition(":")
    if not colon:
        raise _not_encoded()
    return BasicCredentials(username, password)


def _not_encoded() -> NotAuthenticated:
    return NotAuthenticated("Invalid basic header. Credentials not correctly base64 encoded.")


class BasicMemory:
    """Remembers for a few minutes which credentials verified against which stored hash.

    The key is an HMAC under a random key of this process; the password itself is kept nowhere. An entry counts only
    while the account's stored hash is still the one that it was verified against, and for the place that sent it.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._entries: OrderedDict[bytes, tuple[str, int, str]] = OrderedDict()

    def _digest(self, credentials: BasicCredentials, place: bytes) -> bytes:
        lengths = f"{len(place)}:{len(credentials.username)}:"
        text = f"{lengths}{credentials.username}:{credentials.password}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text + place, "sha256")

    def find_verified(self, credentials: BasicCredentials, place: bytes, stored: str) -> str | None:
        """Return what was remembered beside the credentials, None where they were not."""
        digest = self._digest(credentials, place)
        known = self._entries.get(digest)
        if known is None:
            return None
        if known[1] < clock.now_seconds():
            del self._entries[digest]
            return None
        return known[2] if hmac.compare_digest(known[0], stored) else None

    def remember(self, credentials: BasicCredentials, place: bytes, stored: str, beside: str) -> None:
        until = clock.now_seconds() + REMEMBER_SECONDS
        self._entries[self._digest(credentials, place)] = (stored, until, beside)
        if len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)
