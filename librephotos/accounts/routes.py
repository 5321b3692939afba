"""The three token endpoints, which know no credentials: a bad `Authorization` header is ignored here."""

from collections.abc import Sequence
from typing import TypeVar

from litestar import Response, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.account_routes import ROUTES as ACCOUNT_ROUTES
from librephotos.accounts.authenticator import cookie_value
from librephotos.accounts.cookies import (
    DEVICE_COOKIE,
    FORGET_MEDIA,
    FORGET_REFRESH,
    REFRESH_COOKIE,
    RawCookie,
)
from librephotos.accounts.event_routes import ROUTES as EVENT_ROUTES
from librephotos.accounts.guard import anyone
from librephotos.accounts.keys.routes import ROUTES as KEY_ROUTES
from librephotos.accounts.reset_routes import ROUTES as RESET_ROUTES
from librephotos.accounts.schemas import AccessToken, Empty, ObtainInput, RefreshInput, TokenPair
from librephotos.accounts.server import Server, origin_of
from librephotos.errors import BadInput
from librephotos.http.binding import ApiRequest

T = TypeVar("T")

ALWAYS = {"access-control-allow-credentials": "true", "cache-control": "no-store"}
REQUIRED = "This field is required."


@post("/api/auth/token/obtain/", who=anyone, scope="public", credentials="ignored", status_code=200)
async def obtain_token(request: ApiRequest, server: Server, data: ObtainInput) -> Response[TokenPair]:
    """Sign in: a user name and password give a refresh token and an access token."""
    origin, device = origin_of(request, "password"), _cookie(request, DEVICE_COOKIE)
    signed_in = await server.sessions.sign_in(data.username, data.password, origin, device)
    pair = TokenPair(refresh=signed_in.refresh, access=signed_in.access)
    is_https = _is_https(request, server)
    cookies = [server.cookies.media(signed_in.access, is_https=is_https)]
    if data.remember is True:
        cookies.append(
            server.cookies.remembered(signed_in.refresh, signed_in.refresh_seconds, is_https=is_https)
        )
    mark = server.cookies.device(signed_in.device, is_https=is_https)
    if mark is not None:
        cookies.append(mark)
    return _answer(pair, cookies if _may_set_cookies(request, server) else [])


@post(
    "/api/auth/token/refresh/",
    who=anyone,
    scope="public",
    credentials="ignored",
    status_code=200,
    answers={200: AccessToken, 204: None},
)
async def refresh_token(request: ApiRequest, server: Server, data: RefreshInput) -> Response[AccessToken]:
    """A refresh token gives a new access token; it stays the same unless `rotate` asks for a new one.

    A token out of the page's cookie is exchanged within the cookie: no script ever reads it. With `if_remembered`,
    a browser without that cookie gets an empty 204.
    """
    if data.if_remembered is True and not data.refresh and not _cookie(request, REFRESH_COOKIE):
        return Response(None, status_code=204, headers=ALWAYS)  # type: ignore[arg-type]
    may_set, is_https = _may_set_cookies(request, server), _is_https(request, server)
    rotate = data.rotate is True and bool(data.refresh or may_set)
    origin = origin_of(request, "refresh")
    done = await server.sessions.refresh(_token(request, data), origin, rotate=rotate)
    answer = AccessToken(access=done.access)
    cookies = [server.cookies.media(done.access, is_https=is_https)]
    if done.refresh is not None and data.refresh:
        answer.refresh = done.refresh
    elif done.refresh is not None:
        cookies.append(server.cookies.remembered(done.refresh, done.refresh_seconds, is_https=is_https))
    return _answer(answer, cookies if may_set else [])


@post("/api/auth/token/blacklist/", who=anyone, scope="public", credentials="ignored", status_code=200)
async def blacklist_token(request: ApiRequest, server: Server, data: RefreshInput) -> Response[Empty]:
    """Sign out: the refresh token dies and its session ends, access token and media cookie with it."""
    await server.sessions.sign_out(_token(request, data), origin_of(request, "refresh"))
    return _answer(Empty(), [FORGET_MEDIA, FORGET_REFRESH] if _may_set_cookies(request, server) else [])


def _token(request: ApiRequest, data: RefreshInput) -> str:
    """The token of the body or, without one, of the cookie that our own page uses."""
    if data.refresh:
        return data.refresh
    cookie = _cookie(request, REFRESH_COOKIE)
    if not cookie:
        raise BadInput.of("refresh", REQUIRED)
    return cookie


def _cookie(request: ApiRequest, name: str) -> str:
    header = request.headers.get("cookie", "").encode("latin-1")
    return (cookie_value(header, name.encode()) or b"").decode("latin-1")


def _answer(content: T, cookies: Sequence[str]) -> Response[T]:
    return Response(content, status_code=200, headers=ALWAYS, cookies=[RawCookie(text) for text in cookies])


def _is_https(request: ApiRequest, server: Server) -> bool:
    return server.proxies.origin(request.scope).is_https


def _may_set_cookies(request: ApiRequest, server: Server) -> bool:
    """A page of another site must plant no login of its own in this browser (login CSRF), nor end the one there is."""
    if request.headers.get("sec-fetch-site") != "cross-site":
        return True
    return request.headers.get("origin", "").rstrip("/") in server.settings.origins


ROUTES: list[BaseRouteHandler] = [
    obtain_token,
    refresh_token,
    blacklist_token,
    *ACCOUNT_ROUTES,
    *EVENT_ROUTES,
    *KEY_ROUTES,
    *RESET_ROUTES,
]
