"""Who uploads: a Bearer header or the media cookie, and refusals in the words that uploading clients read."""

from collections.abc import Mapping
from typing import Any, Final

from librephotos.accounts.authenticator import cookie_value
from librephotos.accounts.guard import refuse_key
from librephotos.accounts.server import Server
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.errors import InvalidToken, KeyForbidden, TooManyRequests
from librephotos.http.origin import Proxies
from librephotos.settings import Settings
from librephotos.uploads.schemas import refused

SCOPE: Final = "uploads:write"
NONE_GIVEN: Final = "Authentication credentials were not provided"
UNUSABLE: Final = "Authentication credentials were invalid"
FOREIGN_PAGE: Final = "The cookie counts for uploads from this server's own pages only"
NOT_ALLOWED: Final = "Uploading is not allowed"
_NO_ACCOUNT: Final = frozenset({"user_not_found", "user_inactive"})


async def uploader_of(server: Server, scope: Any) -> Viewer:  # an ASGI scope
    """Return who may upload. Raises Refusal with 403 for everybody else; Basic and form fields count for nothing."""
    viewer = await _authenticated(server, scope)
    try:
        refuse_key(viewer, SCOPE, narrows=False)
    except KeyForbidden as error:
        raise refused(403, error.message, code=dict(error.entries)["code"]) from None
    site = await server.db.read(get_site_settings, server.settings)
    if not site.allow_upload:
        raise refused(403, NOT_ALLOWED)
    return viewer


async def _authenticated(server: Server, scope: Any) -> Viewer:
    given = _headers(scope)
    words = given.get(b"authorization", b"").split()
    if words and words[0].lower() == b"bearer":
        if len(words) != 2:
            raise refused(403, NONE_GIVEN)
        return await _bearer(server, words[1], scope, "bearer")
    cookie = cookie_value(given.get(b"cookie", b""))
    if cookie is None:
        raise refused(403, NONE_GIVEN)
    if not _is_own_page(given, server.proxies, server.settings, scope):
        raise refused(403, FOREIGN_PAGE)
    return await _bearer(server, cookie, scope, "cookie")


def _headers(scope: Any) -> dict[bytes, bytes]:
    """Return the headers that tell; of two Authorization headers one could be read by a proxy and the other by us."""
    given: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name == b"authorization" and name in given:
            given[name] = b"Bearer"
        elif name not in given:
            given[name] = value
    return given


async def _bearer(server: Server, word: bytes, scope: Any, method: str) -> Viewer:
    if not word:
        raise refused(403, UNUSABLE)
    try:
        return await server.authenticator.bearer([word], scope, method)
    except InvalidToken as error:
        has_no_account = not _NO_ACCOUNT.isdisjoint(text for _, text in error.entries)
        raise refused(403, NONE_GIVEN if has_no_account else UNUSABLE) from None
    except TooManyRequests as error:
        refusal = refused(429, error.message)
        refusal.headers.update(error.headers)
        raise refusal from None


def _is_own_page(given: Mapping[bytes, bytes], proxies: Proxies, settings: Settings, scope: Any) -> bool:
    """A form on any site can send our cookie along; only what the browser itself adds tells where it came from."""
    if given.get(b"sec-fetch-site") == b"same-origin":
        return True
    origin = given.get(b"origin", b"").decode("latin-1")
    return bool(origin) and (origin == proxies.origin(scope).base or origin in settings.origins)
