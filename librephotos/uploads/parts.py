"""A multipart body as it streams in: the chunk goes to the disk block by block, the few short fields to memory."""

import asyncio
import os
from pathlib import Path
from typing import Final

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest
from librephotos.uploads.drafts import BLOCK_BYTES, full_disk_told, write_all
from librephotos.uploads.schemas import refused

FILE: Final = "file"
NO_CHUNK: Final = "No chunk file was submitted"
TWO_CHUNKS: Final = "More than one chunk file was submitted"
TOO_LARGE: Final = "The chunk is too large; at most {} bytes are accepted."
MOST_FIELDS: Final = 50
FIELD_BYTES: Final = 16 * 1024
# Of a request that is refused anyway: read, so that the caller sees the answer and not a broken connection.
REFUSED_BYTES: Final = 8 * 1024 * 1024


class Parts(msgspec.Struct):
    """What came in; `length_bytes` is that of the chunk, which lies at the path that was given."""

    length_bytes: int
    fields: dict[str, str]


async def read_parts(request: ApiRequest, path: Path, most_bytes: int) -> Parts:
    """Write the part called `file` to `path`. Raises Refusal for a body without one, and for one that is too large."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        await drain(request)
        raise refused(400, NO_CHUNK)
    reader = _Reader(path, most_bytes)
    try:
        with PushMultipartParser(boundary, max_segment_count=MOST_FIELDS) as parser:
            async for block in request.stream():
                if block:
                    for event in parser.parse(block):
                        reader.take(event)
                    await reader.write(at_least=BLOCK_BYTES)
        await reader.write(at_least=1)
    except (MultipartError, UnicodeDecodeError, ValueError) as error:
        raise refused(400, f"Multipart form parse error - {error}") from None
    except Refusal:
        await drain(request)
        raise
    finally:
        reader.close()
    if reader.length_bytes is None:
        raise refused(400, NO_CHUNK)
    return Parts(reader.length_bytes, reader.fields)


async def drain(request: ApiRequest) -> None:
    """Read what is left of a body, up to a few MB, and forget it."""
    read = 0
    while read < REFUSED_BYTES:
        message = await request.receive()
        if message["type"] != "http.request":
            return
        read += len(message["body"])
        if not message["more_body"]:
            return


class _Reader:
    """Takes the parser's events. A block is written in a thread: a disk may take its time."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.path = path
        self.most_bytes = most_bytes
        self.fields: dict[str, str] = {}
        self.length_bytes: int | None = None
        self._descriptor = -1
        self._name = ""
        self._text = bytearray()
        self._blocks: list[bytes] = []
        self._waiting_bytes = 0

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._name, self._text = event.name, bytearray()
            if self._name == FILE:
                if self.length_bytes is not None:
                    raise refused(400, TWO_CHUNKS)
                self.length_bytes = 0
        elif event is None:
            if self._name != FILE:
                self.fields[self._name] = self._text.decode()
        elif self._name == FILE:
            self._take_block(bytes(event))
        else:
            self._text += event
            if len(self._text) > FIELD_BYTES:
                raise refused(413, f"The field {self._name[:100]} is too long.")

    def _take_block(self, block: bytes) -> None:
        assert self.length_bytes is not None
        self.length_bytes += len(block)
        if self.length_bytes > self.most_bytes:
            raise refused(413, TOO_LARGE.format(self.most_bytes))
        self._blocks.append(block)
        self._waiting_bytes += len(block)

    async def write(self, *, at_least: int) -> None:
        """Write what has gathered, if that is enough. Raises Refusal on a full disk."""
        if self._waiting_bytes >= at_least:
            blocks, self._blocks, self._waiting_bytes = self._blocks, [], 0
            await asyncio.to_thread(self._write, blocks)

    def _write(self, blocks: list[bytes]) -> None:
        with full_disk_told():
            if self._descriptor < 0:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
                self._descriptor = os.open(self.path, flags, 0o600)
            for block in blocks:
                write_all(self._descriptor, block)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
