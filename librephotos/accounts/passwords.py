"""Stored password texts: Django's Argon2 wrapper is written; its PBKDF2 forms are verified and upgraded at login.

What is hashed is the password in Unicode's form NFC, since keyboards and systems differ in how they compose an "ü".
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION, Type

from librephotos.accounts.lanes import derive

# Django's own parameters: memory in KiB, passes, lanes. One hash takes 100 MB.
_PARAMETERS: Final = Parameters(
    type=Type.ID,
    version=ARGON2_VERSION,
    salt_len=16,
    hash_len=32,
    time_cost=2,
    memory_cost=102_400,
    parallelism=8,
)
_hasher = PasswordHasher.from_parameters(_PARAMETERS)
_PREFIX = "argon2$"
# What Django and we store for "none".
UNUSABLE = "!"
_PBKDF2 = {"pbkdf2_sha256": "sha256", "pbkdf2_sha1": "sha1"}
_PBKDF2_PARTS = 4
MAX_ITERATIONS = 10_000_000
MAX_MEMORY_KIB = 1_048_576
# In code points of NFC. One of them is at most four code points in another form.
MAX_CHARS: Final = 128
MAX_SENT_CHARS: Final = 4 * MAX_CHARS


def normalize_password(password: str) -> str:
    """Return the form that is measured and hashed. Nothing is trimmed."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str, threads: int | None = None) -> str:
    """Return `argon2$argon2id$v=19$m=102400,t=2,p=8$<salt>$<hash>`. Takes about 0.1 s and 100 MB.

    The lanes are worked off by `threads`, all at once for None; the text is the same.
    """
    normal, salt = normalize_password(password), secrets.token_bytes(_PARAMETERS.salt_len)
    return _text(salt, derive(normal.encode(), salt, _PARAMETERS, threads))


def verify_password(password: str, stored: str, threads: int | None = None) -> bool:
    """Whether `stored` is a known format of `password`'s hash. A text that begins with `!` never verifies.

    NFC first, then as sent and decomposed: other programs stored what a keyboard gave them. A password that is longer
    than any can be is wrong, whatever is stored, and costs no hash.
    """
    return any(_verify(form, stored, threads) for form in _forms(password))


def _forms(password: str) -> list[str]:
    """Return the texts to try, each once: one for ASCII, and mostly two for others."""
    if len(password) > MAX_SENT_CHARS:
        return []
    normal = normalize_password(password)
    if len(normal) > MAX_CHARS:
        return []
    return list(dict.fromkeys((normal, password, unicodedata.normalize("NFD", password))))


def _verify(password: str, stored: str, threads: int | None) -> bool:
    if not stored.startswith(_PREFIX):
        return _verify_pbkdf2(password, stored)
    text = "$" + stored.removeprefix(_PREFIX)
    try:
        if threads is None:
            return _hasher.verify(text, password)
        parameters = extract_parameters(text)
        salt, digest = (_padded(part) for part in text.rsplit("$", 2)[1:])
        return hmac.compare_digest(derive(password.encode(), salt, parameters, threads), digest)
    except (Argon2Error, ValueError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether a verified `stored` text should be replaced by one of today's strength."""
    if not stored.startswith(_PREFIX):
        return True
    try:
        return _hasher.check_needs_rehash("$" + stored.removeprefix(_PREFIX))
    except InvalidHashError:
        return True


def is_usable(stored: str) -> bool:
    """Whether there is a password at all."""
    return bool(stored) and not stored.startswith(UNUSABLE)


def is_weak(stored: str) -> bool:
    """Whether there is a password whose hash would be guessed faster than one of today."""
    return is_usable(stored) and needs_rehash(stored)


def unusable_password() -> str:
    """Return a text that no password verifies."""
    return UNUSABLE + secrets.token_urlsafe(30)


def decoy_hash() -> str:
    """Return a text that no password verifies although trying takes as long as with a real one. Costs no hash."""
    return _text(secrets.token_bytes(_PARAMETERS.salt_len), secrets.token_bytes(_PARAMETERS.hash_len))


def _text(salt: bytes, digest: bytes) -> str:
    p = _PARAMETERS
    cost = f"m={p.memory_cost},t={p.time_cost},p={p.parallelism}"
    return f"{_PREFIX}argon2id$v={p.version}${cost}${_unpadded(salt)}${_unpadded(digest)}"


def _unpadded(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _padded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _verify_pbkdf2(password: str, stored: str) -> bool:
    parts = stored.split("$")
    digest = _PBKDF2.get(parts[0])
    if digest is None or len(parts) != _PBKDF2_PARTS or not parts[1].isdigit():
        return False
    iterations = int(parts[1])
    if not 1 <= iterations <= MAX_ITERATIONS:
        return False
    try:
        expected = base64.b64decode(parts[3], validate=True)
    except (binascii.Error, ValueError):
        return False
    actual = hashlib.pbkdf2_hmac(
        digest, password.encode(), parts[2].encode(), iterations, len(expected) or None
    )
    return hmac.compare_digest(actual, expected)
