"""The three token endpoints. They know no credentials: a bad `Authorization` header is ignored here.

Those of API keys are `keys/routes.py`.
"""

from collections.abc import Sequence
from typing import TypeVar

from litestar import Response, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.authenticator import cookie_value
from librephotos.accounts.cookies import FORGET_MEDIA, FORGET_REFRESH, REFRESH_COOKIE, RawCookie
from librephotos.accounts.guard import anyone
from librephotos.accounts.keys.routes import ROUTES as KEY_ROUTES
from librephotos.accounts.queries import Device
from librephotos.accounts.schemas import AccessToken, Empty, ObtainInput, RefreshInput, TokenPair
from librephotos.accounts.server import Server
from librephotos.errors import BadInput
from librephotos.http.binding import ApiRequest
from librephotos.kit.text import one_line

T = TypeVar("T")

ALWAYS = {"access-control-allow-credentials": "true", "cache-control": "no-store"}
REQUIRED = "This field is required."


@post("/api/auth/token/obtain/", who=anyone, scope="public", credentials="ignored", status_code=200)
async def obtain_token(request: ApiRequest, server: Server, data: ObtainInput) -> Response[TokenPair]:
    """Sign in: a user name and password give a refresh token and an access token."""
    signed_in = await server.sessions.sign_in(data.username, data.password, _device(request, server))
    pair = TokenPair(refresh=signed_in.refresh, access=signed_in.access)
    cookies = [server.cookies.media(signed_in.access, is_https=_is_https(request, server))]
    if data.remember is True:
        cookies.append(
            server.cookies.remembered(
                signed_in.refresh, signed_in.refresh_seconds, is_https=_is_https(request, server)
            )
        )
    return _answer(pair, cookies if _may_set_cookies(request, server) else [])


@post("/api/auth/token/refresh/", who=anyone, scope="public", credentials="ignored", status_code=200)
async def refresh_token(request: ApiRequest, server: Server, data: RefreshInput) -> Response[AccessToken]:
    """A refresh token gives a new access token; the refresh token stays the same."""
    access = await server.sessions.refresh(_token(request, data), _device(request, server))
    cookies = [server.cookies.media(access, is_https=_is_https(request, server))]
    return _answer(AccessToken(access=access), cookies if _may_set_cookies(request, server) else [])


@post("/api/auth/token/blacklist/", who=anyone, scope="public", credentials="ignored", status_code=200)
async def blacklist_token(request: ApiRequest, server: Server, data: RefreshInput) -> Response[Empty]:
    """Sign out: the refresh token dies and its session ends, access token and media cookie with it."""
    await server.sessions.sign_out(_token(request, data))
    return _answer(Empty(), [FORGET_MEDIA, FORGET_REFRESH])


def _token(request: ApiRequest, data: RefreshInput) -> str:
    """The token of the body or, without one, of the cookie that our own page uses."""
    if data.refresh:
        return data.refresh
    cookie = cookie_value(request.headers.get("cookie", "").encode("latin-1"), REFRESH_COOKIE.encode())
    if not cookie:
        raise BadInput.of("refresh", REQUIRED)
    return cookie.decode("latin-1")


def _answer(content: T, cookies: Sequence[str]) -> Response[T]:
    return Response(content, status_code=200, headers=ALWAYS, cookies=[RawCookie(text) for text in cookies])


def _device(request: ApiRequest, server: Server) -> Device:
    return Device(
        one_line(request.headers.get("user-agent", "")), server.proxies.origin(request.scope).address
    )


def _is_https(request: ApiRequest, server: Server) -> bool:
    return server.proxies.origin(request.scope).is_https


def _may_set_cookies(request: ApiRequest, server: Server) -> bool:
    """A page of another site must not plant its own login in this browser (login CSRF)."""
    if request.headers.get("sec-fetch-site") != "cross-site":
        return True
    return request.headers.get("origin", "").rstrip("/") in server.settings.origins


ROUTES: list[BaseRouteHandler] = [obtain_token, refresh_token, blacklist_token, *KEY_ROUTES]
