"""The thin ASGI layer around the framework: everything that must be decided before routing.

In this order: host, preflight, `Accept`, credentials, headers of every answer, HEAD as GET without a body, the media
mount. One loop over the raw headers, no dict per request.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

import structlog

from librephotos.errors import ApiError, BadInput, LibrePhotosError, NotAcceptable
from librephotos.http.bodies import Bodies
from librephotos.http.negotiation import accepts_json
from librephotos.http.rendering import Renderer, send_error

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = structlog.get_logger()

# Names and values together. The server in front reads in blocks, so its own limit is not exact.
HEADER_BYTES = 64 * 1024
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY_HEADERS = [
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"vary", b"Accept, Authorization, origin"),
]
ALLOW_CREDENTIALS = (b"access-control-allow-credentials", b"true")
CORS_HEADERS = (
    b"cache-control, accept, accept-encoding, allow-credentials, withcredentials, authorization, content-type, dnt, "
    b"origin, user-agent, x-csrftoken, x-requested-with, content-range"
)
UNAUTHORIZED = 401
BASIC_CHALLENGE = (b"www-authenticate", b'Bearer realm="api", Basic realm="api", charset="UTF-8"')
CORS_METHODS = b"DELETE, GET, OPTIONS, PATCH, POST, PUT"


class Authenticator(Protocol):
    """Gives the viewer of a request; raises NotAuthenticated for a header that cannot be used.

    `again` raises when the header no longer makes the viewer that is in the scope.
    """

    async def __call__(self, authorization: bytes | None, scope: Scope) -> object: ...

    async def again(self, authorization: bytes, scope: Scope) -> None: ...


class HeadersTooLarge(ApiError):
    status = 431
    code = "headers_too_large"
    message = "The request headers are too large."


class Edge:
    """`open_paths` are paths (without closing slash) whose handlers know no credentials at all.

    `services` are what handlers find in the scope under that name. Bodies of `streamed_paths` are not kept in memory.
    """

    def __init__(  # noqa: PLR0913  # the edge is wired once
        self,
        app: App,
        *,
        services: object,
        media: App,
        authenticate: Authenticator,
        anonymous: object,
        renderer: Renderer,
        bodies: Bodies,
        origins: frozenset[str],
        hosts: frozenset[str],
        open_paths: frozenset[str],
        any_accept_paths: frozenset[str],
        takes_any_accept: Callable[[str], object] = lambda path: False,
        streamed_paths: frozenset[str] = frozenset(),
        offer_basic: bool = False,
    ) -> None:
        self.app = app
        self.services = services
        self.media = media
        self.authenticate = authenticate
        self.anonymous = anonymous
        self.renderer = renderer
        self.bodies = bodies
        self.origins = frozenset(origin.encode() for origin in origins)
        self.hosts = hosts
        self.open_paths = open_paths
        self.any_accept_paths = any_accept_paths
        self.takes_any_accept = takes_any_accept
        self.streamed_paths = streamed_paths
        self.offer_basic = offer_basic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        origin = authorization = accept = host = requested_method = None
        authorization_count = header_bytes = 0
        for name, value in scope["headers"]:
            header_bytes += len(name) + len(value)
            if name == b"authorization":
                authorization = value
                authorization_count += 1
            elif name == b"accept":
                accept = value if accept is None else accept + b"," + value
            elif name == b"origin":
                origin = value
            elif name == b"host":
                host = value
            elif name == b"access-control-request-method":
                requested_method = value
        answer = _Answer(send, origin if origin in self.origins else None, is_head=scope["method"] == "HEAD")
        if self.offer_basic and not _is_of_a_page(scope):
            answer.challenges = BASIC_CHALLENGE
        try:
            if header_bytes > HEADER_BYTES:
                raise HeadersTooLarge
            if self.hosts and not self._is_known_host(host):
                raise BadInput.of("detail", "Invalid Host header.")
            if origin is not None and requested_method is not None and scope["method"] == "OPTIONS":
                await answer.preflight()
                return
            await self._serve(scope, receive, answer, authorization, authorization_count, accept)
        except LibrePhotosError as error:
            if answer.started:
                raise
            await send_error(answer, *self.renderer.parts(error))
        except Exception:
            if answer.started:
                raise
            log.exception("request failed", method=scope["method"], path=scope["path"])
            await send_error(answer, *self.renderer.parts(LibrePhotosError()))

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        answer: "_Answer",
        authorization: bytes | None,
        authorization_count: int,
        accept: bytes | None,
    ) -> None:
        path: str = scope["path"]
        scope["services"] = self.services
        if path.startswith(("/media/", "/api/downloads/")):
            await self.media(scope, receive, answer)
            return
        bare = path.rstrip("/")
        if (
            accept is not None
            and bare not in self.any_accept_paths
            and not accepts_json(accept)
            # Last, since paths with parameters are looked through for it.
            and not self.takes_any_accept(bare)
        ):
            raise NotAcceptable
        if authorization_count > 1:
            # Two headers could be read differently by a proxy and by us.
            authorization = b"Bearer"
        if bare in self.open_paths:
            authorization, scope["viewer"] = None, self.anonymous
        else:
            scope["viewer"] = await self.authenticate(authorization, scope)
        if answer.is_head:
            scope["method"] = "GET"
        elif scope["method"] not in _BODILESS:
            body = self.bodies.body(
                receive,
                is_streamed=bare in self.streamed_paths,
                when_late=partial(self.authenticate.again, authorization, scope) if authorization else None,
            )
            try:
                await self.app(scope, body, answer)
            finally:
                body.close()
            return
        await self.app(scope, receive, answer)

    def _is_known_host(self, host: bytes | None) -> bool:
        if host is None:
            return False
        name = host.decode("latin-1").lower()
        bare = name.rsplit(":", 1)[0] if not name.endswith("]") else name
        return name in self.hosts or bare in self.hosts


class _Answer:
    """Wraps `send`: adds the headers of every answer and drops the body of a HEAD."""

    __slots__ = ("challenges", "is_head", "origin", "send", "started")

    def __init__(self, send: Send, origin: bytes | None, *, is_head: bool) -> None:
        self.send = send
        self.origin = origin
        self.is_head = is_head
        self.started = False
        self.challenges: tuple[bytes, bytes] | None = None

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = [*message.get("headers", ()), *SECURITY_HEADERS]
            if self.challenges is not None and message["status"] == UNAUTHORIZED:
                headers = [header for header in headers if header[0] != self.challenges[0]] + [
                    self.challenges
                ]
            if self.origin is not None:
                headers = [header for header in headers if header[0] != ALLOW_CREDENTIALS[0]]
                headers += (
                    (b"access-control-allow-origin", self.origin),
                    ALLOW_CREDENTIALS,
                    (b"access-control-expose-headers", b"x-media-error"),
                )
            message["headers"] = headers
        elif self.is_head:
            if message["type"] == "http.response.pathsend":
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            elif message.get("body"):
                message = {**message, "body": b""}
        await self.send(message)

    async def preflight(self) -> None:
        headers = [(b"content-length", b"0"), *SECURITY_HEADERS]
        if self.origin is not None:
            headers += [
                (b"access-control-allow-origin", self.origin),
                ALLOW_CREDENTIALS,
                (b"access-control-allow-headers", CORS_HEADERS),
                (b"access-control-allow-methods", CORS_METHODS),
                (b"access-control-max-age", b"86400"),
            ]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})
        await self.send({"type": "http.response.body", "body": b""})


def _is_of_a_page(scope: Scope) -> bool:
    """Whether a script in a browser asks: a Basic challenge would pop up the browser's own password box."""
    return any(name.startswith(b"sec-fetch-") or name == b"x-requested-with" for name, _ in scope["headers"])
