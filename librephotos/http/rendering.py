"""Errors and ready bytes as HTTP answers: the one place where the error envelope is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from litestar import Response

from librephotos.errors import ApiError, LibrePhotosError, Refusal
from librephotos.http.refusals import HELP_LINK
from librephotos.kit import json

JSON = "application/json"
JSON_HEADER = (b"content-type", b"application/json")
NOT_MODIFIED = 304
CHALLENGE = 'Bearer realm="api"'
# Shown with DEBUG on 401 and 403 only, so that a developer sees at once what to do.
DEBUG_HINT = (
    "POST your username and password to /api/auth/token/obtain/ and send the access token as "
    "'Authorization: Bearer <token>'; media also take the jwt cookie. See /api/help and docs/api.md."
)


def envelope(entries: Iterable[tuple[str, str]]) -> bytes:
    return json.dump_bytes({"errors": [{"field": field, "message": message} for field, message in entries]})


class Renderer:
    """Turns an error into status, headers and body; `debug` adds the hint."""

    def __init__(self, *, debug: bool = False) -> None:
        self.debug = debug

    def parts(self, error: LibrePhotosError) -> tuple[int, dict[str, str], bytes]:
        if isinstance(error, Refusal):
            if error.body is None:
                return error.status, error.headers, b""
            return error.status, {"Content-Type": JSON, **error.headers}, json.dump_bytes(error.body)
        if not isinstance(error, ApiError):
            return 500, {"Content-Type": JSON}, envelope([("detail", "Internal server error.")])
        entries: Sequence[tuple[str, str]] = error.entries
        headers = {"Content-Type": JSON, **error.headers}
        if error.status in (401, 403):
            headers["Link"] = HELP_LINK
            if self.debug:
                entries = [*entries, ("auth", DEBUG_HINT)]
        if error.status == 401:
            headers["WWW-Authenticate"] = CHALLENGE
        return error.status, headers, envelope(entries)

    def response(self, error: LibrePhotosError) -> Response[bytes]:
        status, headers, body = self.parts(error)
        if not body:
            return Ready(body, _raw(headers), status)
        media_type = headers.pop("Content-Type", JSON)
        return Response(body, status_code=status, headers=headers, media_type=media_type)


class Ready(Response[Any]):
    """Bytes as they are, with raw headers; costs a tenth of the framework's own response."""

    def __init__(self, body: bytes, headers: Iterable[tuple[bytes, bytes]] = (), status: int = 200) -> None:
        # Nothing of the parent's is used: what it would prepare is what costs.
        self.body = body
        self.raw_headers = headers
        self.status_code = status

    def to_asgi_response(self, *_: Any, **__: Any) -> "Ready":  # type: ignore[override]
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # ASGI
        headers = [*self.raw_headers]
        if self.status_code != NOT_MODIFIED:
            if self.body:
                headers.append(JSON_HEADER)
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def json_bytes(body: bytes) -> Ready:
    """Return ready JSON bytes as they are."""
    return Ready(body)


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def send_error(send: Any, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Answer below the framework, for what is decided before routing."""
    raw = _raw(headers)
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
