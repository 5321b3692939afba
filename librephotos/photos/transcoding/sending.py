"""Sends a video that is still being converted, until it is whole or nobody is there any more."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from librephotos.http.files import Headers
from librephotos.photos.transcoding.transcoder import Live

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CHUNK_BYTES: Final = 256 * 1024

_LOOK_SECONDS: Final = 0.1


@asynccontextmanager
async def leaving(receive: Receive) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set when the caller has left: sending alone would never tell."""
    gone = asyncio.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def send_live(send: Send, live: Live, headers: Headers, gone: asyncio.Event) -> None:
    """Answer 200 with no length. Raises OSError when the conversion breaks off: the connection must break too."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    position = 0
    while not gone.is_set():
        is_finished = live.is_finished()
        chunk = await asyncio.to_thread(os.pread, live.descriptor, CHUNK_BYTES, position)
        if chunk:
            position += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        elif is_finished:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        else:
            await asyncio.sleep(_LOOK_SECONDS)
