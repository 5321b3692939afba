"""Compact JWS tokens (RFC 7515, RFC 7519), interchangeable with those of the reference given the same key.

A token says who it was made for; whether it counts is read from the database on every request.
"""

import base64
import json
import re
import uuid
from typing import Any, Final

import jwt
import msgspec

from librephotos.accounts.secret_key import KeySource, SigningKeys
from librephotos.errors import LibrePhotosError
from librephotos.kit import clock

ALGORITHM = "HS256"
TYPE = "JWT"
ACCESS: Final = "access"
REFRESH: Final = "refresh"
ACCESS_SECONDS = 300
MAX_TOKEN_CHARS = 8_192
# Later than any token of ours lives, and far below what the database can hold in microseconds.
MAX_SECONDS = 2**40
_OWN_CLAIMS = ("token_type", "exp", "iat", "jti")
_HEADER_NAMES = {"alg", "typ"}
_INSTANTS = ("exp", "iat", "nbf")
# Three parts and nothing between or around them: decoders skip what is no base64, and one token would have many texts.
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")


class TokenError(LibrePhotosError):
    """A token that cannot be used; the text is one of the published ones, such as `Token is expired`."""

    status = 401


class Token(msgspec.Struct, frozen=True):
    """The claims of a verified token that decide anything. `user_id` is None when the claim is missing or no number.

    It was verified with the keys that the signer had in its `generation`.
    """

    claims: dict[str, Any]
    has_user_id: bool
    user_id: int | None
    sid: str | None
    jti: str
    issued_at_seconds: int | None
    expires_at_seconds: int
    generation: int = 0


class Minted(msgspec.Struct, frozen=True):
    text: str
    jti: str
    issued_at_seconds: int
    expires_at_seconds: int


class TokenSigner:
    """Signs with the current key; verifies with it and at most one previous key.

    With a `source` the keys are those of now: it is asked before signing, before a refresh token counts, when a
    signature fits no key, and by `renew`, which is called every second. Every change begins a new generation, in which
    nothing that was verified before counts.
    """

    def __init__(
        self,
        key: str,
        previous_key: str = "",
        *,
        refresh_days: int = 7,
        int_user_id: bool = False,
        source: KeySource | None = None,
    ) -> None:
        self._source = source
        self._refresh_seconds = refresh_days * 86400
        self._int_user_id = int_user_id
        self.generation = 0
        self._use(source.keys if source else SigningKeys(key, previous_key))

    def renew(self) -> bool:
        """Take over the keys of now; whether they are others than before."""
        if self._source is None or not self._source.has_changed():
            return False
        self._use(self._source.keys)
        return True

    def _use(self, keys: SigningKeys) -> None:
        self._key = keys.current.encode()
        self._keys = [self._key] + ([keys.previous.encode()] if keys.previous else [])
        self.generation += 1

    def user_id_claim(self, user_id: int) -> str | int:
        return user_id if self._int_user_id else str(user_id)

    def mint_refresh(self, claims: dict[str, Any], until: int | None = None) -> Minted:
        """Return a refresh token that expires at the instant `until` at the latest."""
        life = self._refresh_seconds
        if until is not None:
            life = min(life, until // clock.SECOND - clock.now_seconds())
        return self._mint(REFRESH, life, _without_own(claims))

    def mint_access(self, claims: dict[str, Any]) -> Minted:
        """Return an access token with every claim of `claims` (those of a refresh token) but its own four."""
        return self._mint(ACCESS, ACCESS_SECONDS, _without_own(claims))

    def verify(self, text: str, token_type: str) -> Token:
        """Return the claims of `text`. Raises TokenError with the published text of the first thing wrong."""
        if token_type == REFRESH:
            # What a key that no longer counts has signed must not become a token of the new one.
            self.renew()
        claims = self._decode(text)
        if "exp" not in claims:
            raise TokenError("Token has no 'exp' claim")
        if "jti" not in claims:
            raise TokenError("Token has no id")
        if "token_type" not in claims:
            raise TokenError("Token has no type")
        if claims["token_type"] != token_type:
            raise TokenError("Token has wrong type")
        sid = claims.get("sid")
        if not _is_identifier(claims["jti"]) or not (sid is None or _is_identifier(sid)):
            raise TokenError("Token is invalid")
        issued = claims.get("iat")
        return Token(
            claims=claims,
            has_user_id="user_id" in claims,
            user_id=_user_id(claims.get("user_id")),
            sid=sid,
            jti=claims["jti"],
            issued_at_seconds=int(issued) if issued is not None else None,
            expires_at_seconds=int(claims["exp"]),
            generation=self.generation,
        )

    def _decode(self, text: str) -> dict[str, Any]:
        if len(text) > MAX_TOKEN_CHARS:
            raise TokenError("Token is invalid")
        shape = _SHAPE.fullmatch(text)
        if shape is None:
            raise TokenError("Token is invalid")
        header = _read_object(shape[1])
        # No `kid`, `jku`, `jwk`, `x5u` or `crit`: nothing in a token chooses the key that verifies it. No `cty`, `enc`
        # or `zip`: nothing in it is a token again, or grows.
        if header.get("alg") != ALGORITHM or not set(header) <= _HEADER_NAMES:
            raise TokenError("Token is invalid")
        if header.get("typ", TYPE) != TYPE:
            raise TokenError("Token is invalid")
        claims = self._decode_with_any(text)
        if claims is None and self.renew():
            # Another process has rotated the keys and signs with the new one already.
            claims = self._decode_with_any(text)
        if claims is None:
            raise TokenError("Token is invalid")
        _read_object(shape[2])
        return claims

    def _decode_with_any(self, text: str) -> dict[str, Any] | None:
        """Return the claims, None where no key made the signature."""
        for key in self._keys:
            try:
                return self._decode_with(text, key)
            except jwt.InvalidSignatureError:
                continue
        return None

    def _decode_with(self, text: str, key: bytes) -> dict[str, Any]:
        try:
            claims = jwt.decode(
                text, key, algorithms=[ALGORITHM], options={"verify_aud": False, "verify_iss": False}
            )
        except jwt.InvalidSignatureError:
            raise
        except jwt.ExpiredSignatureError:
            raise TokenError("Token is expired") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise TokenError("Token is invalid") from None
        if not all(_is_instant(claims[name]) for name in _INSTANTS if name in claims):
            raise TokenError("Token is invalid")
        return claims

    def _mint(self, token_type: str, life_seconds: int, claims: dict[str, Any]) -> Minted:
        self.renew()
        issued = clock.now_seconds()
        jti = uuid.uuid4().hex
        own = {"token_type": token_type, "exp": issued + life_seconds, "iat": issued, "jti": jti}
        text = jwt.encode({**own, **claims}, self._key, algorithm=ALGORITHM)
        return Minted(text, jti, issued, issued + life_seconds)


def _without_own(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in _OWN_CLAIMS}


def _read_object(part: str) -> dict[str, Any]:
    """Return the JSON object in a part. Raises TokenError for anything else, and for a name that stands there twice."""
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise TokenError("Token is invalid") from None
    if not isinstance(found, dict):
        raise TokenError("Token is invalid")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError where two readers could each believe another value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _is_instant(claim: object) -> bool:
    """Whether a claim is a NumericDate (RFC 7519 section 2): a number, no text of digits."""
    return isinstance(claim, int | float) and not isinstance(claim, bool) and 0 <= claim < MAX_SECONDS


def _is_identifier(claim: object) -> bool:
    """Whether a `jti` or `sid` is a text that every database can hold and compare."""
    return isinstance(claim, str) and 0 < len(claim) < 256 and claim.isascii() and claim.isprintable()


def _user_id(claim: object) -> int | None:
    """Return the row id in a `user_id` claim: a text of digits, or an integer as older tokens carry it."""
    if isinstance(claim, bool):
        return None
    if isinstance(claim, int):
        return claim if 0 < claim < 2**63 else None
    if isinstance(claim, str) and claim.isascii() and claim.isdigit() and len(claim) < 19:
        return int(claim) or None
    return None
