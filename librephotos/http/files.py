"""Sends an open file as an ASGI answer: small ones at once, large ones by path or in parts read by threads."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from librephotos.http.ranges import Conditions, Part, Unsatisfiable, Validators, choose_part, is_unchanged

Headers = list[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

INLINE_BYTES = 256 * 1024
# The server holds about eight of them for a client that does not read.
CHUNK_BYTES = 64 * 1024
_PATHSEND = "http.response.pathsend"


class OpenFile:
    """A regular file that is open for reading. `path` is its true path; the receiver closes the descriptor."""

    __slots__ = ("descriptor", "path", "stat")

    def __init__(self, descriptor: int, stat: os.stat_result, path: bytes) -> None:
        self.descriptor = descriptor
        self.stat = stat
        self.path = path

    def close(self) -> None:
        os.close(self.descriptor)


async def send_file(  # one answer
    scope: dict[str, Any],
    send: Send,
    file: OpenFile,
    conditions: Conditions,
    headers: Headers,
    *,
    is_slow: bool,
    receive: Receive | None = None,
) -> None:
    """Answer 200, 206, 304 or 416. `is_slow` says that even small reads may wait, as in a network folder.

    By `receive` it is noticed when the client goes away in the middle; without it the whole part is read.
    """
    validators = Validators.of(file.stat)
    size = file.stat.st_size
    headers = [*headers, (b"etag", validators.etag), (b"last-modified", validators.last_modified)]
    if is_unchanged(conditions, validators):
        await _send_start(send, 304, headers)
        await _send_body(send, b"")
        return
    headers.append((b"accept-ranges", b"bytes"))
    is_head = scope["method"] == "HEAD"
    # RFC 9110 section 14.2: a range means nothing to other methods than GET.
    part = None if is_head else choose_part(conditions, validators, size)
    if isinstance(part, Unsatisfiable):
        await _send_start(send, 416, [*headers, (b"content-range", b"bytes */%d" % size), _length(0)])
        await _send_body(send, b"")
        return
    status = 200
    if part is not None:
        status = 206
        headers.append(
            (b"content-range", b"bytes %d-%d/%d" % (part.start, part.start + part.length - 1, size))
        )
    wanted = part or Part(0, size)
    if is_head or wanted.length == 0:
        await _send_start(send, status, [*headers, _length(wanted.length)])
        await _send_body(send, b"")
    elif wanted.length <= INLINE_BYTES:
        await _send_small(send, file, wanted, status, headers, is_slow=is_slow)
    else:
        await _send_large(scope, receive, send, file, wanted, status, headers)


async def _send_small(
    send: Send, file: OpenFile, part: Part, status: int, headers: Headers, *, is_slow: bool
) -> None:
    if is_slow:
        body = await asyncio.to_thread(os.pread, file.descriptor, part.length, part.start)
    else:
        body = os.pread(file.descriptor, part.length, part.start)
    await _send_start(send, status, [*headers, _length(len(body))])
    await _send_body(send, body)


async def _send_large(
    scope: dict[str, Any],
    receive: Receive | None,
    send: Send,
    file: OpenFile,
    part: Part,
    status: int,
    headers: Headers,
) -> None:
    await _send_start(send, status, [*headers, _length(part.length)])
    path = _sendable_path(file.path)
    if status == 200 and path is not None and _PATHSEND in (scope.get("extensions") or {}):
        await send({"type": _PATHSEND, "path": path})
        return
    leaving = None if receive is None else asyncio.ensure_future(_disconnected(receive))
    try:
        await _send_chunks(send, file, part, leaving)
    finally:
        if leaving is not None:
            leaving.cancel()


async def _send_chunks(send: Send, file: OpenFile, part: Part, leaving: asyncio.Future[None] | None) -> None:
    """Send until the end or until the client has left; the server takes what is sent to nobody without a word."""
    position, end = part.start, part.start + part.length
    while position < end and not (leaving is not None and leaving.done()):
        chunk = await asyncio.to_thread(os.pread, file.descriptor, min(CHUNK_BYTES, end - position), position)
        if not chunk:
            # Cut short while being sent: the connection must break, or the caller would take it for the whole.
            raise OSError("file was shortened while it was being sent")
        position += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": position < end})


async def _disconnected(receive: Receive) -> None:
    """Wait until the client is gone. What it still sends of its request is passed over."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _sendable_path(path: bytes) -> str | None:
    """Servers take paths as text; a name that is no UTF-8 is read by us."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        return None


def _length(count: int) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % count


async def _send_start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _send_body(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body})
