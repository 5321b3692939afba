"""Encoded lists kept in memory, and ETags (RFC 9110 section 8.8.3) for what a caller may ask again.

A key holds the caller, the route, what was asked, and every version that the answer depends on; whoever changes what
lists show bumps a version in the same transaction, so nothing is ever invalidated by hand. Answers for anybody but
the caller alone are never kept.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from functools import lru_cache

from librephotos import __version__
from librephotos.http.binding import ApiRequest
from librephotos.http.rendering import NOT_MODIFIED, Ready

Key = tuple[Hashable, ...]

LIMIT_BYTES = 32 * 1024 * 1024
# What an entry costs beside its bytes: the key, the tuple, the links of the order.
_OVERHEAD_BYTES = 1024
CACHE_CONTROL = b"private, no-cache"


class ListCache:
    """Bodies by key, least recently used first out. Belongs to one event loop."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()
        self._making: dict[Key, asyncio.Future[bytes | None]] = {}

    def __len__(self) -> int:
        return len(self._bodies)

    def find(self, key: Key) -> bytes | None:
        body = self._bodies.get(key)
        if body is not None:
            self._bodies.move_to_end(key)
        return body

    async def get(self, key: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return what is kept, else what `make` gives. Whoever asks meanwhile waits for it: it is made once."""
        while (body := self.find(key)) is None:
            making = self._making.get(key)
            if making is None:
                return await self._make(key, make)
            # None when whoever made it went away or failed; then the next one tries.
            if (body := await asyncio.shield(making)) is not None:
                break
        return body

    async def _make(self, key: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        making = self._making[key] = asyncio.get_running_loop().create_future()
        body = None
        try:
            body = await make()
            self.keep(key, body)
            return body
        finally:
            del self._making[key]
            making.set_result(body)

    def keep(self, key: Key, body: bytes) -> None:
        if len(body) + _OVERHEAD_BYTES > self.limit_bytes // 2:
            return
        replaced = self._bodies.pop(key, None)
        if replaced is not None:
            self.used_bytes -= len(replaced) + _OVERHEAD_BYTES
        self._bodies[key] = body
        self.used_bytes += len(body) + _OVERHEAD_BYTES
        while self.used_bytes > self.limit_bytes:
            _, dropped = self._bodies.popitem(last=False)
            self.used_bytes -= len(dropped) + _OVERHEAD_BYTES


@lru_cache(maxsize=2048)
def etag_of(key: Key) -> str:
    """Return a strong ETag of the key and of this version of the application."""
    digest = hashlib.blake2b(repr((__version__, key)).encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'


def names_etag(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` lists this ETag (weak comparison, RFC 9110 section 13.1.2)."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in if_none_match.split(","))


async def answer_versioned(
    request: ApiRequest,
    key: Key,
    make: Callable[[], Awaitable[bytes]],
    cache: ListCache | None = None,
) -> Ready:
    """Answer 304 when the caller has this version, else the kept bytes, else those that `make` gives."""
    etag = etag_of(key)
    headers = ((b"etag", etag.encode()), (b"cache-control", CACHE_CONTROL))
    if names_etag(_if_none_match(request), etag):
        return Ready(b"", headers, NOT_MODIFIED)
    return Ready(await make() if cache is None else await cache.get(key, make), headers)


def _if_none_match(request: ApiRequest) -> str | None:
    """Return the header out of the raw ones, without a dict of all."""
    lines = [value.decode("latin-1") for name, value in request.scope["headers"] if name == b"if-none-match"]
    return ",".join(lines) if lines else None
