"""Secrets that the server must be able to read again, such as passwords of other servers: encrypted in their column.

AES-256-GCM (NIST SP 800-38D) with a random nonce each, under a key of its own in the data folder, so that neither the
database nor a copy of it gives them away, and no other key's rotation loses them. Each is bound to where it stands:
moved to another row it does not open.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Final

import structlog

from librephotos.accounts.secret_key import make_private, read_private
from librephotos.errors import BadSetting, Unavailable

log = structlog.get_logger()

FILE_NAME: Final = "vault.key"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
# Names the form, so that there can be another one.
PREFIX: Final = "v1:"
UNREADABLE: Final = "The key of stored secrets cannot be read; the server's log says why."


class Sealed(Exception):  # not an error: what a text that does not open is
    """Sealed under another key or for another place, or damaged. The secret must be typed anew."""


class Vault:
    """Seals and opens texts under the data folder's key, which is made when the first is sealed."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE_NAME
        self._key: bytes | None = None

    def seal(self, text: str, place: str) -> str:
        """Return what may be stored at `place`, such as `user 7 nextcloud_app_password`. Raises Unavailable."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(NONCE_BYTES)
        closed = AESGCM(self._load(may_make=True)).encrypt(nonce, text.encode(), place.encode())
        return PREFIX + base64.b64encode(nonce + closed).decode()

    def open(self, stored: str, place: str) -> str:
        """Return what was sealed for `place`. Raises Sealed for what does not open, Unavailable without a key."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            sealed = base64.b64decode(stored.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise Sealed from None
        # The last character has bits that decoding ignores: only the text that was stored opens, no other of its kind.
        is_own_text = stored == PREFIX + base64.b64encode(sealed).decode()
        if not is_own_text or len(sealed) <= NONCE_BYTES:
            raise Sealed
        key = self._load(may_make=False)
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag:
            raise Sealed from None

    def _load(self, *, may_make: bool) -> bytes:
        if self._key is None:
            try:
                self._key = _decoded(self._text(may_make=may_make))
            except (BadSetting, OSError, ValueError) as error:
                log.error("key of stored secrets not readable", path=str(self.path), reason=str(error))
                raise Unavailable(UNREADABLE) from error
        return self._key

    def _text(self, *, may_make: bool) -> str:
        try:
            return read_private(self.path)
        except FileNotFoundError:
            if not may_make:
                raise
        return make_private(self.path, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())


def _decoded(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"it must hold {KEY_BYTES} bytes in base64")
    return key
