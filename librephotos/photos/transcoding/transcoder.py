"""Finds a video's converted form, or has it made and gives it out while it grows.

One process of its own encodes (`media/video/encoder.py`); whoever watches, in whatever process of the server, follows
the file that it writes. What is known of an encode is told by files and locks, so nothing has to be agreed on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
import structlog

from librephotos.errors import ApiError, InsufficientStorage, Unavailable
from librephotos.http.files import OpenFile
from librephotos.kit.file_locks import FileLock, is_locked, take_lock
from librephotos.media.pool import python_environment
from librephotos.media.video.encoder_settings import EncoderSettings, Ending
from librephotos.media.video.encodes import Encode, mark_watched
from librephotos.media.video.ffmpeg import locate_ffmpeg
from librephotos.photos import paths
from librephotos.settings import Settings

log = structlog.get_logger()

FOLDER: Final = "transcoded"
THREADS: Final = 4
START_SECONDS: Final = 30.0

_LOCK_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.05
_REAP_SECONDS: Final = 0.5
_WATCHED_SECONDS: Final = 60.0
_DIED: Final = "The video cannot be converted: it ended the program that was to do it."


class UnplayableVideo(ApiError):
    """422: the video cannot be converted; the text says why."""

    status = 422
    code = "unplayable_video"
    message = "The video cannot be converted."


class Left(Exception):
    """Whoever wanted to watch has gone."""


class Live:
    """A conversion that is under way, followed by one who watches. `close` lets go of it."""

    def __init__(self, encode: Encode, descriptor: int, heard: FileLock) -> None:
        self.descriptor = descriptor
        self._encode = encode
        self._heard = heard

    def is_finished(self) -> bool:
        """Tell whether all that will come is in the file. Raises OSError when the rest will never come."""
        if self._is_whole():
            return True
        if is_locked(self._encode.work):
            return False
        if self._is_whole():  # It was finished between the two looks.
            return True
        raise OSError("the conversion ended before the video did")

    def close(self) -> None:
        os.close(self.descriptor)
        self._heard.close()

    def _is_whole(self) -> bool:
        try:
            return os.path.samestat(os.stat(self._encode.finished), os.fstat(self.descriptor))
        except FileNotFoundError:
            return False


class Transcoder:
    """Converted videos of one process of the server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._program = locate_ffmpeg(settings.ffmpeg) if settings.transcoding else None
        self._reapers: set[asyncio.Task[None]] = set()

    @property
    def is_there(self) -> bool:
        """Whether videos can be converted at all."""
        return self._program is not None

    def find_finished(self, image_hash: str) -> OpenFile | None:
        """Open what was converted before, and note that it is watched."""
        path = encode_of(self._settings.data, image_hash).finished
        try:
            descriptor = paths.open_plain(os.fsdecode(path))
        except FileNotFoundError:
            return None
        status = os.fstat(descriptor)
        if time.time() - status.st_atime > _WATCHED_SECONDS:
            mark_watched(path)
        return OpenFile(descriptor, status, path)

    async def play(
        self, image_hash: str, mime: str, source: int, gone: asyncio.Event, *, needs_whole: bool = False
    ) -> OpenFile | Live:
        """Return the converted video: whole, or as far as it is. `source` is the open original, the caller's.

        A player that `needs_whole` will come back: for it the encode may go on when it has left.
        Raises UnplayableVideo, InsufficientStorage or Unavailable, and Left once `gone` is set.
        """
        encode = encode_of(self._settings.data, image_hash)
        finished = self.find_finished(image_hash)
        if finished is not None:
            return finished
        if reason := encode.find_failure():
            raise UnplayableVideo(reason)
        heard = await asyncio.to_thread(_listen, encode, needs_whole=needs_whole)
        if heard is None:
            raise Unavailable
        try:
            found = await self._wait(encode, image_hash, mime, source, gone)
        except BaseException:
            heard.close()
            raise
        if isinstance(found, OpenFile):
            heard.close()
            return found
        return Live(encode, found, heard)

    async def _wait(
        self, encode: Encode, image_hash: str, mime: str, source: int, gone: asyncio.Event
    ) -> OpenFile | int:
        """Return the finished file, or a descriptor of the one that grows, once there is something in it."""
        deadline = time.monotonic() + START_SECONDS
        child: subprocess.Popen[bytes] | None = None
        while time.monotonic() < deadline:
            if gone.is_set():
                raise Left
            finished = self.find_finished(image_hash)
            if finished is not None:
                return finished
            is_at_work = is_locked(encode.work)
            if is_at_work and (descriptor := _open_growing(encode)) is not None:
                return descriptor
            status = child.poll() if child is not None else None
            if status is not None:
                _refuse_ending(status, encode)
            if status is not None or (child is None and not is_at_work):
                child = await self._start(encode, mime, source)
            await asyncio.sleep(_LOOK_SECONDS)
        raise Unavailable("The video takes too long to begin. Try again in a moment.")

    async def _start(self, encode: Encode, mime: str, source: int) -> subprocess.Popen[bytes]:
        settings = self._settings
        assert self._program is not None
        wanted = EncoderSettings(
            source=source,
            mime=mime,
            folder=os.fsdecode(encode.folder),
            name=encode.name.decode(),
            tables=str(paths.derived_root(settings.data)),
            ffmpeg=self._program,
            parent_pid=os.getpid(),
            at_once=settings.transcodes_at_once,
            idle_seconds=settings.transcode_idle_seconds,
            most_bytes=settings.transcode_cache_bytes,
            free_bytes=settings.transcode_free_bytes,
            threads=min(THREADS, os.cpu_count() or 1),
        )
        child = await asyncio.to_thread(_spawn, wanted)
        reaper = asyncio.create_task(_reap(child))
        self._reapers.add(reaper)
        reaper.add_done_callback(self._reapers.discard)
        return child


def encode_of(data: Path, image_hash: str) -> Encode:
    return Encode(os.fsencode(paths.derived_root(data) / FOLDER), image_hash.encode())


def forget_transcoded(data: Path, image_hash: str) -> None:
    """Remove the converted form of a photo that is deleted, or that shows something else now."""
    encode_of(data, image_hash).forget()


def _listen(encode: Encode, *, needs_whole: bool) -> FileLock | None:
    encode.prepare()
    if needs_whole:
        encode.want()
    return take_lock(encode.heard, is_shared=True, within_seconds=_LOCK_SECONDS)


def _open_growing(encode: Encode) -> int | None:
    try:
        descriptor = paths.open_plain(os.fsdecode(encode.part))
    except FileNotFoundError:
        return None
    if os.fstat(descriptor).st_size:
        return descriptor
    os.close(descriptor)
    return None


def _refuse_ending(status: int, encode: Encode) -> None:
    """Raise what an encoder's end means for the one who asked; nothing when it may be asked again."""
    if status in (Ending.DONE, Ending.LEFT):
        return
    if status == Ending.BUSY:
        raise Unavailable("Too many videos are being converted. Try again in a moment.")
    if status == Ending.NO_SPACE:
        log.error("no space to convert a video", folder=os.fsdecode(encode.folder))
        raise InsufficientStorage
    if encode.find_failure() is None:
        log.error("the encoder of a video died", status=status)
        encode.record_failure(_DIED)
    raise UnplayableVideo(encode.find_failure() or _DIED)


def _spawn(wanted: EncoderSettings) -> subprocess.Popen[bytes]:
    arguments = msgspec.json.encode(wanted).decode()
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "librephotos.media.video.encoder", arguments],
        env=python_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[wanted.source],
        start_new_session=True,
        cwd="/",
    )


async def _reap(child: subprocess.Popen[bytes]) -> None:
    """Wait for an ended child, so that no zombie is left."""
    with contextlib.suppress(asyncio.CancelledError):
        while child.poll() is None:
            await asyncio.sleep(_REAP_SECONDS)
