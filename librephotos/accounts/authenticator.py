"""Turns a request's credentials into a viewer: Bearer, then Basic; for media the cookie between the two.

An unusable header is always an error; an unusable cookie makes an anonymous caller, so that public photos still load.
"""

import hmac
import time
from collections import OrderedDict
from typing import Any, NoReturn

import msgspec
import structlog

from librephotos.accounts import passwords, queries
from librephotos.accounts.basic import BasicCredentials, BasicMemory, Verified, parse_basic
from librephotos.accounts.events import failed_login, record, signed_in, trace
from librephotos.accounts.hashing import HashingPool
from librephotos.accounts.keys.ring import PREFIX_BYTES, KeyRing
from librephotos.accounts.keys.text import PREFIX
from librephotos.accounts.limiter import Attempt, Limiter
from librephotos.accounts.limits import SessionLimits
from librephotos.accounts.queries import Caller
from librephotos.accounts.sessions import BLACKLISTED, EXPIRED, is_too_old
from librephotos.accounts.tokens import ACCESS, Token, TokenError, TokenSigner
from librephotos.accounts.uses import Uses
from librephotos.accounts.viewer import ANONYMOUS, Viewer
from librephotos.db.database import Database
from librephotos.db.remembered import Remembered
from librephotos.db.statements import Row
from librephotos.db.transactions import Tx
from librephotos.errors import Forbidden, InvalidToken, LibrePhotosError, NotAuthenticated
from librephotos.http.origin import Proxies
from librephotos.kit import clock
from librephotos.kit.text import normalize_username

log = structlog.get_logger()

COOKIE = b"jwt"
KNOWN_TOKENS = 4_096
KNOWN_NAMES = 1_024
NOT_VALID = "Given token not valid for any token type"
BAD_BASIC = "Invalid username/password."


class _Known(msgspec.Struct, gc=False):
    """A token that was admitted, with the row of the account and session that it was held against.

    `good_until` is the end of the token or, where that comes first, of an untouched session; in seconds. The row was
    read, or found the same again, at the `version` of the database.
    """

    token: Token
    row: Row
    viewer: Viewer
    session_id: int | None
    used_at: int
    good_until: float
    version: int | None


class Authenticator:
    """Checks credentials against the database as it is at every request, in one statement or none."""

    def __init__(  # what one process shares
        self,
        db: Database,
        signer: TokenSigner,
        pool: HashingPool,
        proxies: Proxies,
        keys: KeyRing,
        limiter: Limiter,
        limits: SessionLimits | None = None,
    ) -> None:
        self.db = db
        self.signer = signer
        self.pool = pool
        self.keys = keys
        self.proxies = proxies
        self.limiter = limiter
        self.limits = limits or SessionLimits()
        self.memory = BasicMemory()
        self._known: OrderedDict[tuple[bytes, str], _Known] = OrderedDict()
        self._named: Remembered[str, Caller] = Remembered(KNOWN_NAMES)
        self._uses = Uses(db)

    async def __call__(self, authorization: bytes | None, scope: Any) -> Viewer:
        """The default credentials of the API: a header or nobody."""
        if not authorization:
            return ANONYMOUS
        words = authorization.split()
        scheme = words[0].lower() if words else b""
        if scheme == b"bearer":
            return await self.bearer(words[1:], scope)
        if scheme == b"basic":
            return await self.basic(words[1:], scope)
        return ANONYMOUS

    async def again(self, authorization: bytes, scope: Any) -> None:
        """Raise unless the header still makes the viewer that the request came in as: its body came much later."""
        came_as: Viewer = scope["viewer"]
        if (await self(authorization, scope)).standing != came_as.standing:
            raise Forbidden

    async def bearer(self, words: list[bytes], scope: Any, method: str = "bearer") -> Viewer:
        """Return the viewer of an access token or, in the header, of an API key.

        Raises InvalidToken with the published texts.
        """
        if len(words) == 1:
            known = self._known.get((words[0], method))
            if known is not None and self._still_holds(known):
                return await self._again(known, words[0], method)
        return await self._first(words, scope, method)

    def _still_holds(self, known: _Known) -> bool:
        """Not beyond its end, and not once the keys are others."""
        return known.good_until > time.time() and known.token.generation == self.signer.generation

    async def _again(self, known: _Known, word: bytes, method: str) -> Viewer:
        """What was concluded from the row holds while it is the same to the last column.

        It is read again unless the database is as it was: whatever ends a session or an account is a commit.
        """
        version = self.db.version()
        token = known.token
        row: Row | None = known.row
        if version is None or version != known.version:
            assert token.user_id is not None
            row = await self.db.read(queries.find_caller_row, token.user_id, token.sid)
        if row == known.row:
            known.version = version
            if known.session_id is not None:
                self._touch(known.session_id, known.used_at)
            return known.viewer
        return self._admit_row(token, row, word, method, version)

    async def _first(self, words: list[bytes], scope: Any, method: str) -> Viewer:
        if len(words) != 1:
            raise InvalidToken(
                "Authorization header must contain two space-delimited values",
                code="bad_authorization_header",
            )
        if words[0].startswith(PREFIX_BYTES) and method == "bearer":
            return await self.keys.bearer(words[0], scope, NOT_VALID)
        try:
            token = self.signer.verify(words[0].decode("latin-1"), ACCESS)
        except TokenError as error:
            raise InvalidToken(NOT_VALID, cause=error.message) from None
        if not token.has_user_id:
            raise InvalidToken("Token contained no recognizable user identification")
        version, row = self.db.version(), None
        if token.user_id is not None:
            row = await self.db.read(queries.find_caller_row, token.user_id, token.sid)
        return self._admit_row(token, row, words[0], method, version)

    def _admit_row(
        self, token: Token, row: Row | None, word: bytes, method: str, version: int | None
    ) -> Viewer:
        caller = None if row is None else Caller(*row)
        viewer = self._admit(token, caller, method)
        assert row is not None and caller is not None
        used_at = caller.session_used_at or 0
        end = self.limits.end_of_use(caller.session_expires_at, caller.session_used_at)
        good_until = min(token.expires_at_seconds, end / clock.SECOND)
        self._known[word, method] = _Known(
            token, row, viewer, caller.session_id, used_at, good_until, version
        )
        if len(self._known) > KNOWN_TOKENS:
            self._known.popitem(last=False)
        return viewer

    def _admit(self, token: Token, caller: Caller | None, method: str) -> Viewer:
        if caller is None or (token.issued_at_seconds or 0) < caller.joined_at // clock.SECOND:
            raise InvalidToken("User not found", code="user_not_found")
        if not caller.is_active:
            raise InvalidToken("User is inactive", code="user_inactive")
        if is_too_old(token, caller):
            raise InvalidToken(NOT_VALID, cause=BLACKLISTED)
        if token.sid is not None:
            if caller.session_id is None or caller.session_user_id != caller.user_id:
                raise InvalidToken(NOT_VALID, cause="Token is invalid")
            if caller.session_ended_at is not None:
                raise InvalidToken(NOT_VALID, cause=BLACKLISTED)
            if self.limits.is_over(caller.session_expires_at, caller.session_used_at):
                raise InvalidToken(NOT_VALID, cause=EXPIRED)
            self._touch(caller.session_id, caller.session_used_at or 0)
        return _viewer(caller, method)

    def _touch(self, session_id: int, used_at: int) -> None:
        if self._uses.is_due(session_id, used_at):
            self._uses.write(session_id, queries.touch_session, session_id)

    async def basic(self, words: list[bytes], scope: Any) -> Viewer:
        """Return the viewer of Basic credentials. Raises NotAuthenticated with the published texts."""
        if len(words) == 1:
            verified = self._verified(words[0], scope)
            if verified is not None:
                caller = await self._find_named(verified.name)
                if caller is not None and _still_holds(verified, caller):
                    return _viewer(caller, "basic")
        credentials = parse_basic(words)
        name = normalize_username(credentials.username)
        if credentials.password.startswith(PREFIX):
            by_key = await self.keys.password(name, credentials.password, scope)
            if by_key is not None:
                return by_key
        # No name has a NUL, and PostgreSQL refuses even to look for one.
        caller = None if "\0" in name else await self._find_named(name)
        return _viewer(await self._verify_basic(words[0], credentials, caller, scope), "basic")

    def _verified(self, word: bytes, scope: Any) -> Verified | None:
        """Return what is known of credentials that were right from this very place a moment ago, if it guesses nothing.

        From elsewhere what is remembered does not count: it would tell a stranger who is blocked which guess is right.
        """
        verified = self.memory.find(word, _place(scope))
        return None if verified is None or self.limiter.is_blocked(verified.beside) else verified

    async def _find_named(self, name: str) -> Caller | None:
        """Return the account's row, read anew unless the database is as it was."""
        known = self._named.at(self.db.version())
        caller = known.get(name)
        if caller is None:
            caller = await self.db.read(queries.find_caller_by_name, name)
            if caller is not None:
                known[name] = caller
        return caller

    async def _verify_basic(
        self, word: bytes, credentials: BasicCredentials, caller: Caller | None, scope: Any
    ) -> Caller:
        origin = trace(scope, self.proxies, method="basic")
        name = normalize_username(credentials.username)
        attempt = await self.limiter.begin(origin, name, caller.user_id if caller else None)
        async with self.limiter.turn(attempt):
            # Of a crowd of requests with the same credentials the first has paid.
            verified = self._verified(word, scope)
            if caller is not None and verified is not None and _still_holds(verified, caller):
                return caller
            if caller is None or not caller.is_active:
                await self.pool.verify_nothing(credentials.password)
                await self._refuse(attempt, caller)
            if not await self.pool.verify(credentials.password, caller.password_hash):
                await self._refuse(attempt, caller)
            return await self._remember(word, credentials, caller, attempt, scope)

    async def _refuse(self, attempt: Attempt, caller: Caller | None) -> NoReturn:
        await self.limiter.failed(attempt, failed_login(attempt.origin, caller))
        raise NotAuthenticated(BAD_BASIC)

    async def _remember(
        self, word: bytes, credentials: BasicCredentials, caller: Caller, attempt: Attempt, scope: Any
    ) -> Caller:
        """Read the account again: it may have been disabled or changed while its password was being verified."""
        stored = caller.password_hash
        if passwords.needs_rehash(stored):
            stored = await self.pool.hash(credentials.password)
            await self.db.write(_upgrade, caller, stored)
        fresh = await self.db.read(queries.find_caller_by_name, caller.username)
        if fresh is None or not fresh.is_active or fresh.password_hash != stored:
            raise NotAuthenticated(BAD_BASIC)
        try:
            await self.db.write(self._note_success, attempt, fresh)
        except LibrePhotosError as error:
            # The password is right; a busy database loses who used it and from where, nothing else.
            log.warning("sign-in not recorded", method="basic", reason=error.message)
        bucket = self.limiter.bucket_of_place(attempt, fresh.user_id)
        self.memory.remember(word, _place(scope), fresh.username, stored, bucket)
        return fresh

    def _note_success(self, tx: Tx, attempt: Attempt, caller: Caller) -> None:
        record(tx, signed_in(attempt.origin, caller.user_id, caller.username))
        self.limiter.succeeded(tx, attempt, caller.user_id)

    async def media(self, authorization: bytes | None, cookie: bytes | None, scope: Any) -> Viewer:
        """The credentials of media: a Bearer header wins, then a usable cookie, then Basic."""
        words = authorization.split() if authorization else []
        scheme = words[0].lower() if words else b""
        if scheme == b"bearer":
            return await self.bearer(words[1:], scope)
        if cookie:
            try:
                return await self.bearer([cookie], scope, "cookie")
            except NotAuthenticated:
                pass
        if scheme == b"basic":
            return await self.basic(words[1:], scope)
        return ANONYMOUS


def cookie_value(header: bytes, name: bytes = COOKIE) -> bytes | None:
    """Return the value of a cookie in a `Cookie` header (RFC 6265 section 4.2), without quotes."""
    for pair in header.split(b";"):
        key, separator, value = pair.strip().partition(b"=")
        if separator and key == name:
            return value.strip().strip(b'"')
    return None


def _place(scope: Any) -> bytes:  # an ASGI scope
    """Return what tells places apart without parsing: the peer, and what it says of where it and others come from."""
    client = scope.get("client")
    parts = [client[0].encode() if client else b""]
    parts += [value for name, value in scope["headers"] if name in (b"x-forwarded-for", b"user-agent")]
    return b"\0".join(parts)


def _still_holds(verified: Verified, caller: Caller) -> bool:
    return bool(caller.is_active) and hmac.compare_digest(verified.stored, caller.password_hash)


def _upgrade(tx: Tx, caller: Caller, stored: str) -> None:
    if queries.is_login_unchanged(tx, caller.user_id, caller.password_hash):
        queries.set_password_hash(tx, caller.user_id, stored)


def _viewer(caller: Caller, method: str) -> Viewer:
    return Viewer(
        user_id=caller.user_id,
        username=caller.username,
        is_staff=bool(caller.is_staff),
        is_superuser=bool(caller.is_superuser),
        favorite_min_rating=caller.favorite_min_rating,
        list_version=caller.list_version,
        method=method,
        session_id=caller.session_id,
        valid_from=caller.tokens_valid_from,
    )
