"""Accounts, sessions and refresh tokens as credentials need them."""

from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, insert, select, update

from librephotos.db.statements import Row, Statement, as_row, scalar, statement
from librephotos.db.tables import refresh_token, session, site_setting, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json

# How a session began that nobody signed in for: with a token that was signed elsewhere.
EXTERNAL: Final = "external"


class Caller(msgspec.Struct, frozen=True):
    """An account and, where the token names one, its session."""

    user_id: int
    username: str
    is_active: int
    is_staff: int
    is_superuser: int
    favorite_min_rating: int
    list_version: int
    joined_at: int
    tokens_valid_from: int
    session_id: int | None = None
    session_user_id: int | None = None
    session_expires_at: int | None = None
    session_ended_at: int | None = None
    session_used_at: int | None = None
    password_hash: str = ""


_CALLER = (
    user.c.id,
    user.c.username,
    user.c.is_active,
    user.c.is_staff,
    user.c.is_superuser,
    user.c.favorite_min_rating,
    user.c.list_version,
    user.c.joined_at,
    user.c.tokens_valid_from,
)
_SESSION = (session.c.id, session.c.user_id, session.c.expires_at, session.c.ended_at, session.c.last_used_at)

# Run on every request: both rows by their unique indexes.
_CALLER_BY_TOKEN = Statement(
    select(*_CALLER, *_SESSION)
    .select_from(user.outerjoin(session, session.c.sid == bindparam("sid")))
    .where(user.c.id == bindparam("user_id")),
    as_row,
    raw=True,
)


def _named_caller(*row: Any) -> Caller:  # the columns of _CALLER and the hash
    return msgspec.structs.replace(Caller(*row[:-1]), password_hash=row[-1])


_CALLER_BY_NAME = Statement(
    select(*_CALLER, user.c.password_hash).where(user.c.username == bindparam("username")),
    _named_caller,
    raw=True,
)


def find_caller_row(tx: Tx, user_id: int, sid: str | None) -> Row | None:
    """Return the columns of a `Caller`: whoever asks on every request compares them with those seen before."""
    return tx.first(_CALLER_BY_TOKEN, user_id=user_id, sid=sid)


def find_caller(tx: Tx, user_id: int, sid: str | None) -> Caller | None:
    row = find_caller_row(tx, user_id, sid)
    return None if row is None else Caller(*row)


def find_caller_by_name(tx: Tx, username: str) -> Caller | None:
    return tx.first(_CALLER_BY_NAME, username=username)


class Login(msgspec.Struct, frozen=True):
    """What signing in needs: the stored hash, and the values that tokens carry for the client's use."""

    user_id: int
    username: str
    password_hash: str
    is_active: bool
    is_superuser: bool
    first_name: str
    last_name: str
    scan_directory: str
    confidence: float
    semantic_search_topk: int
    nextcloud_server_address: str | None
    nextcloud_username: str | None


_LOGIN = Statement(
    select(
        user.c.id,
        user.c.username,
        user.c.password_hash,
        user.c.is_active,
        user.c.is_superuser,
        user.c.first_name,
        user.c.last_name,
        user.c.scan_directory,
        user.c.confidence,
        user.c.semantic_search_topk,
        user.c.nextcloud_server_address,
        user.c.nextcloud_username,
    ).where(user.c.username == bindparam("username")),
    Login,
)
_SETTING = Statement(select(site_setting.c.value).where(site_setting.c.name == bindparam("name")), scalar)


def find_login(tx: Tx, username: str) -> tuple[Login | None, bool]:
    """Return the account of that name, and whether the Nextcloud integration is on."""
    enabled = tx.first(_SETTING, name="nextcloud_enabled")
    return tx.first(_LOGIN, username=username), bool(enabled and json.loads(enabled))


class RefreshState(msgspec.Struct, frozen=True):
    """What the server knows of a refresh token."""

    revoked_at: int | None
    session_id: int | None
    sid: str | None
    session_ended_at: int | None
    session_expires_at: int | None
    session_used_at: int | None
    session_created_at: int | None
    rotated_at: int | None


_REFRESH_STATE = Statement(
    select(
        refresh_token.c.revoked_at,
        session.c.id,
        session.c.sid,
        session.c.ended_at,
        session.c.expires_at,
        session.c.last_used_at,
        session.c.created_at,
        refresh_token.c.rotated_at,
    )
    .select_from(refresh_token.outerjoin(session, session.c.id == refresh_token.c.session_id))
    .where(refresh_token.c.jti == bindparam("jti")),
    RefreshState,
)


def find_refresh_state(tx: Tx, jti: str) -> RefreshState | None:
    return tx.first(_REFRESH_STATE, jti=jti)


_INSERT_SESSION = Statement(
    insert(session)
    .values(
        sid=bindparam("sid"),
        user_id=bindparam("user_id"),
        method=bindparam("method"),
        user_agent=bindparam("user_agent"),
        address=bindparam("address"),
        created_at=bindparam("now"),
        last_used_at=bindparam("now"),
        expires_at=bindparam("expires_at"),
    )
    .returning(session.c.id),
    scalar,
)
_INSERT_REFRESH = statement(
    insert(refresh_token).values(
        jti=bindparam("jti"),
        session_id=bindparam("session_id"),
        user_id=bindparam("user_id"),
        issued_at=bindparam("issued_at"),
        expires_at=bindparam("expires_at"),
        revoked_at=bindparam("revoked_at"),
    )
)


class Device(msgspec.Struct, frozen=True):
    """What a login says of where it comes from; for people to recognise, never trusted."""

    user_agent: str
    address: str


def create_session(tx: Tx, user_id: int, sid: str, method: str, device: Device, expires_at: int) -> int:
    """Insert a session and return its id."""
    session_id: int = tx.one(
        _INSERT_SESSION,
        user_id=user_id,
        sid=sid,
        method=method,
        user_agent=device.user_agent,
        address=device.address,
        now=clock.now(),
        expires_at=expires_at,
    )
    return session_id


def record_refresh_token(  # the columns of one row
    tx: Tx,
    jti: str,
    *,
    session_id: int | None,
    user_id: int | None,
    issued_at: int,
    expires_at: int,
    revoked_at: int | None = None,
) -> None:
    tx.execute(
        _INSERT_REFRESH,
        jti=jti,
        session_id=session_id,
        user_id=user_id,
        issued_at=issued_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )


_REVOKE = statement(
    update(refresh_token)
    .where(refresh_token.c.jti == bindparam("the_jti"), refresh_token.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_REVOKE_OF_SESSION = statement(
    update(refresh_token)
    .where(refresh_token.c.session_id == bindparam("of_session"), refresh_token.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_ROTATE = statement(
    update(refresh_token)
    .where(refresh_token.c.jti == bindparam("the_jti"), refresh_token.c.rotated_at.is_(None))
    .values(rotated_at=bindparam("now"))
)
_EXTEND = statement(
    update(session)
    .where(session.c.id == bindparam("session_id"), session.c.expires_at < bindparam("until"))
    .values(expires_at=bindparam("until"))
)
_END_SESSION = statement(
    update(session)
    .where(session.c.id == bindparam("session_id"), session.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_END_OTHERS = statement(
    update(session)
    .where(
        and_(
            session.c.user_id == bindparam("of_user"),
            session.c.ended_at.is_(None),
            session.c.id != bindparam("but_session"),
        )
    )
    .values(ended_at=bindparam("now"))
)
_TOKENS_FROM = statement(
    update(user).where(user.c.id == bindparam("of_user")).values(tokens_valid_from=bindparam("now"))
)
_END_ALL = statement(update(session).where(session.c.ended_at.is_(None)).values(ended_at=bindparam("now")))
_ALL_TOKENS_FROM = statement(update(user).values(tokens_valid_from=bindparam("now")))
_TOUCH = statement(
    update(session)
    .where(session.c.id == bindparam("session_id"), session.c.last_used_at < bindparam("now"))
    .values(last_used_at=bindparam("now"))
)
_SESSION_BY_SID = Statement(select(session.c.id).where(session.c.sid == bindparam("sid")), scalar)
_USER_EXISTS = Statement(select(user.c.id).where(user.c.id == bindparam("user_id")), scalar)
_SET_PASSWORD = statement(
    update(user).where(user.c.id == bindparam("of_user")).values(password_hash=bindparam("stored"))
)
_PASSWORD = Statement(select(user.c.password_hash).where(user.c.id == bindparam("user_id")), scalar)
_NOTE_LOGIN = statement(
    update(user).where(user.c.id == bindparam("of_user")).values(last_login_at=bindparam("now"))
)
_SESSION_BEGAN = Statement(
    select(session.c.created_at).where(session.c.id == bindparam("session_id"), session.c.method != EXTERNAL),
    scalar,
)
_LOGIN_UNCHANGED = Statement(
    select(user.c.id).where(
        user.c.id == bindparam("user_id"),
        user.c.is_active.is_(True),
        user.c.password_hash == bindparam("stored"),
    ),
    scalar,
)


def revoke_refresh_token(tx: Tx, jti: str) -> bool:
    """Mark a known refresh token as blacklisted; False when it already was or is not known."""
    return tx.execute(_REVOKE, the_jti=jti, now=clock.now()) > 0


def rotate_refresh_token(tx: Tx, jti: str) -> None:
    """Note that a token was exchanged; the time of its first exchange stays."""
    tx.execute(_ROTATE, the_jti=jti, now=clock.now())


def extend_session(tx: Tx, session_id: int, until: int) -> None:
    """Let a session last at least as long as a token of its own."""
    tx.execute(_EXTEND, session_id=session_id, until=until)


def end_session(tx: Tx, session_id: int) -> bool:
    """End a session and its refresh tokens, which may outlive its row; False when it had ended before."""
    now = clock.now()
    tx.execute(_REVOKE_OF_SESSION, of_session=session_id, now=now)
    return tx.execute(_END_SESSION, session_id=session_id, now=now) > 0


def end_sessions(tx: Tx, user_id: int, *, but: int | None = None) -> int:
    """End a user's sessions, except `but`, and refuse every older token of no session; return how many ended."""
    now = clock.now()
    ended = tx.execute(_END_OTHERS, of_user=user_id, but_session=but or 0, now=now)
    tx.execute(_TOKENS_FROM, of_user=user_id, now=now)
    return ended


def end_all_sessions(tx: Tx) -> int:
    """End everybody's sessions, and refuse every older token of no session; return how many ended."""
    now = clock.now()
    ended = tx.execute(_END_ALL, now=now)
    tx.execute(_ALL_TOKENS_FROM, now=now)
    return ended


def touch_session(tx: Tx, session_id: int) -> None:
    tx.execute(_TOUCH, session_id=session_id, now=clock.now())


def find_session_id(tx: Tx, sid: str) -> int | None:
    return tx.first(_SESSION_BY_SID, sid=sid)


def user_exists(tx: Tx, user_id: int) -> bool:
    return tx.first(_USER_EXISTS, user_id=user_id) is not None


def is_login_unchanged(tx: Tx, user_id: int, stored: str) -> bool:
    """Whether the account is still active with the hash that was verified a moment ago."""
    return tx.first(_LOGIN_UNCHANGED, user_id=user_id, stored=stored) is not None


def set_password_hash(tx: Tx, user_id: int, stored: str) -> None:
    tx.execute(_SET_PASSWORD, of_user=user_id, stored=stored)


def get_password_hash(tx: Tx, user_id: int) -> str:
    stored: str = tx.one(_PASSWORD, user_id=user_id)
    return stored


def note_login(tx: Tx, user_id: int) -> None:
    tx.execute(_NOTE_LOGIN, of_user=user_id, now=clock.now())


def is_fresh_session(tx: Tx, session_id: int | None, within: int) -> bool:
    """Whether the session began with a login at most `within` microseconds ago."""
    began: int | None = None if session_id is None else tx.first(_SESSION_BEGAN, session_id=session_id)
    return began is not None and clock.now() - began <= within
