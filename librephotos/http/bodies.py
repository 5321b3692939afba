"""Request bodies on their way in: how long one may take, how much memory all of them together, and for whom they count.

Who asks is known from the head. A body that comes later counts only if they may still ask then: otherwise whoever kept
a request open could act for minutes after having lost the right.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from librephotos.errors import ApiError, Unavailable

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

# A whole body, and the longest silence within it: somebody who sends nothing is ended sooner than a slow line.
BODY_SECONDS = 120
SILENCE_SECONDS = 15
# Whoever sends a body later than this after the head is looked at anew.
LATE_SECONDS = 0.05
# The slowest line on which a large body that is streamed still arrives.
SLOWEST_BYTES_PER_SECOND = 32 * 1024
# What any body may take without asking: credentials and forms are read however many large bodies are on their way.
SMALL_BYTES = 64 * 1024
# What all larger bodies of one process may take together.
LARGE_BYTES = 256 * 1024 * 1024


class BodyTimeout(ApiError):
    status = 408
    code = "request_timeout"
    message = "The request body did not arrive in time."


class BrokenBody(ApiError):
    """The body ended before its length, or its chunks cannot be read; who sent it is usually gone."""

    status = 400
    code = "broken_body"
    message = "The request body ended early."


class Bodies:
    """All bodies of one process. `large_bytes` is never less than one of the largest bodies, `largest_bytes`."""

    def __init__(self, largest_bytes: int = 0, large_bytes: int = LARGE_BYTES) -> None:
        self.left_bytes = max(large_bytes, largest_bytes)

    def body(
        self,
        receive: Receive,
        *,
        is_streamed: bool = False,
        when_late: Callable[[], Awaitable[None]] | None = None,
    ) -> "Body":
        """Return the body of one request; `is_streamed` says that its handler keeps none of it in memory.

        `when_late` is called where the end of the body came late, and raises to refuse it.
        """
        return Body(self, receive, is_streamed=is_streamed, when_late=when_late)


class Body:
    """Call it instead of `receive`, and `close` it when the request has ended."""

    __slots__ = (
        *("bodies", "deadline", "has_ended", "is_streamed", "late_from", "receive", "size_bytes"),
        *("taken_bytes", "when_late"),
    )

    def __init__(
        self,
        bodies: Bodies,
        receive: Receive,
        *,
        is_streamed: bool = False,
        when_late: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.is_streamed = is_streamed
        self.when_late = when_late
        self.bodies = bodies
        self.receive = receive
        now = time.monotonic()
        self.late_from, self.deadline = now + LATE_SECONDS, now + BODY_SECONDS
        self.size_bytes = self.taken_bytes = 0
        self.has_ended = False

    async def __call__(self) -> Message:
        """Raise BodyTimeout for a body that is too slow, BrokenBody for a broken one, Unavailable without room."""
        if self.has_ended:
            return await self.receive()
        try:
            left = max(0.0, self.deadline - time.monotonic())
            async with asyncio.timeout(min(left, SILENCE_SECONDS)):
                message = await self.receive()
        except TimeoutError:
            raise BodyTimeout from None
        if message["type"] == "http.disconnect":
            raise BrokenBody
        if self.is_streamed:
            # A large one may take its time, as long as it keeps coming.
            self.deadline += len(message.get("body", b"")) / SLOWEST_BYTES_PER_SECOND
        else:
            self._take(len(message.get("body", b"")))
        self.has_ended = not message.get("more_body", False)
        if self.has_ended and self.when_late is not None and time.monotonic() > self.late_from:
            await self.when_late()
        return message

    def _take(self, block_bytes: int) -> None:
        self.size_bytes += block_bytes
        wanted = max(0, self.size_bytes - SMALL_BYTES) - self.taken_bytes
        if wanted > self.bodies.left_bytes:
            raise Unavailable
        self.bodies.left_bytes -= wanted
        self.taken_bytes += wanted

    def close(self) -> None:
        self.bodies.left_bytes += self.taken_bytes
        self.taken_bytes = 0
