"""Signing in, refreshing and signing out: a session row a login, tokens that name it, and an event for each."""

from typing import NoReturn

import msgspec

from librephotos.accounts import passwords, queries
from librephotos.accounts.events import Event, Origin, failed_login, record, signed_in
from librephotos.accounts.hashing import HashingPool
from librephotos.accounts.limiter import Attempt, Limiter
from librephotos.accounts.limits import SessionLimits, is_reused
from librephotos.accounts.queries import Caller, Device, Login, RefreshState
from librephotos.accounts.tokens import REFRESH, Minted, Token, TokenError, TokenSigner
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import Conflict, InvalidToken, NotAuthenticated
from librephotos.kit import clock, ids
from librephotos.kit.text import normalize_username, one_line

BAD_LOGIN = "No active account found with the given credentials"
NO_ACCOUNT = "No active account found for the given token."
BLACKLISTED = "Token is blacklisted"
EXPIRED = "Token is expired"


class SignedIn(msgspec.Struct, frozen=True):
    """A new token pair; `device` is the token by which the browser is known from now on."""

    access: str
    refresh: str
    refresh_seconds: int
    device: str


class Refreshed(msgspec.Struct, frozen=True):
    """`refresh` is the token that the old one was exchanged for, where that was asked."""

    access: str
    refresh: str | None = None
    refresh_seconds: int = 0


class Sessions:
    """The three token operations over one database."""

    def __init__(
        self,
        db: Database,
        signer: TokenSigner,
        pool: HashingPool,
        limiter: Limiter,
        limits: SessionLimits | None = None,
    ) -> None:
        self.db = db
        self.signer = signer
        self.pool = pool
        self.limiter = limiter
        self.limits = limits or SessionLimits()

    async def sign_in(self, username: str, password: str, origin: Origin, device: str = "") -> SignedIn:
        """Return a new token pair; `device` is the token of the browser's cookie.

        Raises NotAuthenticated, the same for unknown, wrong and inactive, and TooManyRequests.
        """
        name = normalize_username(username)
        login, has_nextcloud = await self.db.read(queries.find_login, name)
        attempt = await self.limiter.begin(origin, name, login.user_id if login else None, device)
        async with self.limiter.turn(attempt):
            is_open = login is not None and login.is_active
            fitting = await self._fitting(
                password, login.password_hash if login and is_open else self.pool.decoy
            )
            if login is None or not is_open or fitting is None:
                await self._refuse(attempt, login)
        rehashed = await self.pool.hash(fitting) if passwords.needs_rehash(login.password_hash) else None
        return await self.db.write(
            self._begin, login, self._claims(login, has_nextcloud=has_nextcloud), attempt, rehashed
        )

    async def _refuse(self, attempt: Attempt, login: Login | None) -> NoReturn:
        await self.limiter.failed(attempt, failed_login(attempt.origin, login))
        raise NotAuthenticated(BAD_LOGIN)

    async def _fitting(self, password: str, stored: str) -> str | None:
        """Return the form of `password` that verifies: as sent first, then trimmed as the reference does."""
        if await self.pool.verify(password, stored):
            return password
        trimmed = password.strip()
        if trimmed != password and await self.pool.verify(trimmed, stored):
            return trimmed
        return None

    def _begin(
        self, tx: Tx, login: Login, claims: dict[str, object], attempt: Attempt, rehashed: str | None
    ) -> SignedIn:
        origin = attempt.origin
        # The account may have been disabled or changed while the password was being verified.
        if not queries.is_login_unchanged(tx, login.user_id, login.password_hash):
            raise NotAuthenticated(BAD_LOGIN)
        if rehashed is not None:
            queries.set_password_hash(tx, login.user_id, rehashed)
        queries.note_login(tx, login.user_id)
        sid = ids.new_token()
        refresh = self.signer.mint_refresh({**claims, "sid": sid}, self.limits.end_of(clock.now()))
        session_id = queries.create_session(
            tx, login.user_id, sid, origin.method, _device(origin), refresh.expires_at_seconds * clock.SECOND
        )
        _remember(tx, refresh, session_id, login.user_id)
        record(tx, signed_in(origin, login.user_id, login.username, session=session_id))
        self.limiter.succeeded(tx, attempt, login.user_id)
        device = self.limiter.mark_device(tx, attempt, login.user_id)
        access = self.signer.mint_access({**claims, "sid": sid})
        life_seconds = refresh.expires_at_seconds - refresh.issued_at_seconds
        return SignedIn(access.text, refresh.text, life_seconds, device)

    def _claims(self, login: Login, *, has_nextcloud: bool) -> dict[str, object]:
        """The reference's claims in its order; flat scalars, because one client reads them as a map of texts."""
        claims: dict[str, object] = {
            "user_id": self.signer.user_id_claim(login.user_id),
            "name": login.username,
            "is_admin": login.is_superuser,
            "first_name": login.first_name,
            "last_name": login.last_name,
            "scan_directory": login.scan_directory,
            "confidence": login.confidence,
            "semantic_search_topk": login.semantic_search_topk,
        }
        if has_nextcloud:
            claims["nextcloud_server_address"] = login.nextcloud_server_address
            claims["nextcloud_username"] = login.nextcloud_username
        return claims

    async def refresh(self, text: str, origin: Origin, *, rotate: bool = False) -> Refreshed:
        """Return a new access token, and a new refresh token where `rotate` asks for it.

        Raises InvalidToken, or NotAuthenticated when the account is gone.
        """
        token = self._verify(text)
        state = await self.db.read(queries.find_refresh_state, token.jti)
        if state is not None and state.revoked_at is not None:
            raise InvalidToken(BLACKLISTED)
        await self.db.read(self._get_active, token)
        sid = token.sid
        if state is None:
            sid = await self._adopt(token, origin)
        else:
            await self._refuse_ended(state, token, origin)
            sid = state.sid or sid
            if state.session_id is not None and _is_stale(state.session_used_at):
                await self.db.write(queries.touch_session, state.session_id)
        claims = {**token.claims, "sid": sid} if sid else token.claims
        access = self.signer.mint_access(claims).text
        if not rotate:
            return Refreshed(access)
        fresh = await self.db.write(self._rotate, token, claims)
        return Refreshed(access, fresh.text, fresh.expires_at_seconds - fresh.issued_at_seconds)

    async def _refuse_ended(self, state: RefreshState, token: Token, origin: Origin) -> None:
        if state.session_ended_at is not None:
            raise InvalidToken(BLACKLISTED)
        if self.limits.is_over(state.session_expires_at, state.session_used_at, state.session_created_at):
            raise InvalidToken(EXPIRED)
        if is_reused(state.rotated_at):
            # Somebody else has it too, and nobody can tell which of the two is the owner.
            await self.db.write(_end_reused, state, token, origin)
            raise InvalidToken(BLACKLISTED)

    def _rotate(self, tx: Tx, token: Token, claims: dict[str, object]) -> Minted:
        state = queries.find_refresh_state(tx, token.jti)
        # It may have been ended since it was read.
        if state is None or state.session_id is None or state.revoked_at or state.session_ended_at:
            raise InvalidToken(BLACKLISTED)
        until = self.limits.end_of(state.session_created_at or 0)
        fresh = self.signer.mint_refresh(claims, until)
        queries.rotate_refresh_token(tx, token.jti)
        _remember(tx, fresh, state.session_id, token.user_id)
        queries.extend_session(tx, state.session_id, fresh.expires_at_seconds * clock.SECOND)
        return fresh

    def _get_active(self, tx: Tx, token: Token) -> Caller:
        caller = None if token.user_id is None else queries.find_caller(tx, token.user_id, token.sid)
        if caller is None or not caller.is_active:
            raise NotAuthenticated(NO_ACCOUNT)
        if is_too_old(token, caller):
            raise InvalidToken(BLACKLISTED)
        if token.sid is not None and (caller.session_id is None or caller.session_user_id != caller.user_id):
            raise InvalidToken("Token is invalid")
        if caller.session_ended_at is not None:
            raise InvalidToken(BLACKLISTED)
        if self.limits.is_over(caller.session_expires_at, caller.session_used_at):
            raise InvalidToken(EXPIRED)
        return caller

    async def _adopt(self, token: Token, origin: Origin) -> str:
        """Record a valid refresh token seen for the first time, and the session that it stands for."""
        try:
            return await self.db.write(self._record_foreign, token, origin)
        except Conflict:
            # A parallel refresh of the same token was first.
            state = await self.db.read(queries.find_refresh_state, token.jti)
            if state is None or state.revoked_at is not None or state.sid is None:
                raise InvalidToken(BLACKLISTED) from None
            return state.sid

    def _record_foreign(self, tx: Tx, token: Token, origin: Origin) -> str:
        # All sessions may have ended since the account was read: none may begin behind that.
        caller = self._get_active(tx, token)
        sid, session_id = token.sid, caller.session_id
        expires_at = token.expires_at_seconds * clock.SECOND
        if sid is None or session_id is None:
            sid = ids.new_token()
            end = min(expires_at, self.limits.end_of(clock.now()) or expires_at)
            session_id = queries.create_session(
                tx, caller.user_id, sid, queries.EXTERNAL, _device(origin), end
            )
            event = signed_in(origin, caller.user_id, caller.username, session=session_id)
            record(tx, msgspec.structs.replace(event, detail={**event.detail, "token": "external"}))
        elif not self.limits.absolute:
            queries.extend_session(tx, session_id, expires_at)
        queries.record_refresh_token(
            tx,
            token.jti,
            session_id=session_id,
            user_id=caller.user_id,
            issued_at=(token.issued_at_seconds or 0) * clock.SECOND,
            expires_at=expires_at,
        )
        return sid

    async def sign_out(self, text: str, origin: Origin) -> None:
        """Blacklist a refresh token and end its session; it needs no account. Raises InvalidToken."""
        token = self._verify(text)
        if not await self.db.write(_blacklist, token, origin):
            raise InvalidToken(BLACKLISTED)

    def _verify(self, text: str) -> Token:
        try:
            return self.signer.verify(text, REFRESH)
        except TokenError as error:
            raise InvalidToken(error.message) from None


def is_too_old(token: Token, caller: Caller) -> bool:
    """Whether a token was issued before its account existed or, belonging to no session, before all were ended."""
    issued = token.issued_at_seconds
    if issued is None or issued < caller.joined_at // clock.SECOND:
        return True
    return token.sid is None and issued * clock.SECOND < caller.tokens_valid_from


def _is_stale(used_at: int | None) -> bool:
    return used_at is not None and clock.now() - used_at > clock.MINUTE


def _device(origin: Origin) -> Device:
    return Device(one_line(origin.user_agent), origin.address)


def _remember(tx: Tx, refresh: Minted, session_id: int, user_id: int | None) -> None:
    queries.record_refresh_token(
        tx,
        refresh.jti,
        session_id=session_id,
        user_id=user_id,
        issued_at=refresh.issued_at_seconds * clock.SECOND,
        expires_at=refresh.expires_at_seconds * clock.SECOND,
    )


def _end_reused(tx: Tx, state: RefreshState, token: Token, origin: Origin) -> None:
    if state.session_id is None or not queries.end_session(tx, state.session_id):
        return
    detail = {"session": state.session_id}
    record(
        tx,
        Event(
            kind="refresh_reused", origin=origin, subject_id=token.user_id, result="refused", detail=detail
        ),
    )


def _blacklist(tx: Tx, token: Token, origin: Origin) -> bool:
    """Return False when the token was blacklisted before."""
    state = queries.find_refresh_state(tx, token.jti)
    session_id = state.session_id if state else None
    if session_id is None and token.sid is not None:
        session_id = queries.find_session_id(tx, token.sid)
    if state is None:
        known = token.user_id is not None and queries.user_exists(tx, token.user_id)
        queries.record_refresh_token(
            tx,
            token.jti,
            session_id=session_id,
            user_id=token.user_id if known else None,
            issued_at=(token.issued_at_seconds or 0) * clock.SECOND,
            expires_at=token.expires_at_seconds * clock.SECOND,
            revoked_at=clock.now(),
        )
    elif state.session_ended_at is not None or not queries.revoke_refresh_token(tx, token.jti):
        return False
    if session_id is not None:
        queries.end_session(tx, session_id)
    detail = {"session": session_id}
    record(tx, Event(kind="signed_out", origin=origin, subject_id=token.user_id, detail=detail))
    return True
