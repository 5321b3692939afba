"""A process that encodes one video for playing, and ends when it is done, when nobody listens, or with its parent.

Run as `python -m librephotos.media.video.encoder <settings as JSON>`. FFmpeg writes to us, never to the disk: when this
process dies, FFmpeg's pipe breaks and it ends too. Exit statuses are those of `Ending`, in `encoder_settings.py`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import subprocess
import sys
import time
from typing import IO

import av
import msgspec

from librephotos.kit.file_locks import FileLock, take_lock
from librephotos.kit.processes import (
    end_with_parent,
    forbid_new_privileges,
    limit_resources,
    scrubbed_environment,
)
from librephotos.media.errors import UnreadableMedia
from librephotos.media.video import tone_mapping
from librephotos.media.video.audience import Audience
from librephotos.media.video.containers import demuxer_of, main_stream, open_video
from librephotos.media.video.encoder_settings import EncoderSettings, Ending
from librephotos.media.video.encodes import Encode, Room, make_room
from librephotos.media.video.ffmpeg import HEIGHT_PX, encode_command
from librephotos.media.video.probing import pixel_aspect, transfer_of
from librephotos.media.video.scaling import Size, scaling_steps, upright_size

MEMORY_BYTES = (2 * 1024 + 512) * 1024**2
MOST_PIXELS = 64 * 1024**2
SLOT_SECONDS = 3.0
STALLED_SECONDS = 120.0

_LOOK_SECONDS = 0.25
_CHUNK_BYTES = 256 * 1024
_HEAD_BYTES = 4096
_FAILED = "The video cannot be converted: it is damaged, or in a coding that is not read here."


class _Ended(Exception):
    """Ends the work with a status."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.name)
        self.ending = ending


def main(settings: EncoderSettings) -> Ending:
    """Encode, unless another process does already or has done so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(settings.parent_pid)
    forbid_new_privileges()
    os.nice(settings.niceness)
    encode = Encode(os.fsencode(settings.folder), settings.name.encode())
    room = Room(settings.most_bytes, settings.free_bytes)
    # Others look whether the lock is taken by holding it themselves for a moment.
    work = take_lock(encode.work, within_seconds=0.5)
    if work is None:
        return Ending.DONE  # By the other one.
    with work:
        if os.path.exists(encode.finished):
            return Ending.DONE
        with contextlib.suppress(FileNotFoundError):
            os.unlink(encode.part)  # Of one that was killed.
        slot = _take_slot(encode.folder, settings.at_once)
        if slot is None:
            return Ending.BUSY
        audience = Audience(encode, settings.idle_seconds, slot)
        with slot, contextlib.closing(audience):
            return _encode(encode, room, settings, audience)


def _encode(encode: Encode, room: Room, settings: EncoderSettings, audience: Audience) -> Ending:
    try:
        if not make_room(encode.folder, room):
            return Ending.NO_SPACE
        limit_resources(memory_bytes=MEMORY_BYTES, written_file_bytes=max(room.most_bytes, 1024**3))
        command = _command(settings)
        _run(command, encode, settings, audience)
        os.replace(encode.part, encode.finished)
        _sync(os.path.dirname(encode.finished))
        make_room(encode.folder, room)
        return Ending.DONE
    except UnreadableMedia as error:
        encode.record_failure(error.reason)
        return Ending.FAILED
    except _Ended as ended:
        if ended.ending is Ending.FAILED:
            encode.record_failure(_FAILED)
        return ended.ending
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return Ending.NO_SPACE
        raise
    finally:
        for path in (encode.part, encode.wanted):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _take_slot(folder: bytes, at_once: int) -> FileLock | None:
    """Return one of the few places for encoders of all processes, None when none came free for a while."""
    deadline = time.monotonic() + SLOT_SECONDS
    while True:
        for number in range(at_once):
            slot = take_lock(os.path.join(folder, f".slot-{number}".encode()))
            if slot is not None:
                return slot
        if time.monotonic() > deadline:
            return None
        time.sleep(_LOOK_SECONDS)


def _command(settings: EncoderSettings) -> list[str]:
    """Look at the video, and return what FFmpeg is told. Raises UnreadableMedia."""
    head = os.pread(settings.source, _HEAD_BYTES, 0)
    demuxer = demuxer_of(settings.mime, head)
    with open_video(settings.source, demuxer, most_pixels=MOST_PIXELS) as container:
        stream = main_stream(container)
        stream.codec_context.thread_count = 1
        try:
            frame = next(iter(container.decode(stream)), None)
        except av.FFmpegError:
            frame = None
        if frame is None:
            raise UnreadableMedia(_FAILED)
        transfer = transfer_of(frame)
        table = ""
        if transfer is not None:
            # FFmpeg runs in the folder of the table: a bare name needs no escaping.
            table = os.fsdecode(
                os.path.basename(tone_mapping.table_path(os.fsencode(settings.tables), transfer))
            )
        size: Size = upright_size(frame, pixel_aspect(stream)).within(HEIGHT_PX).even()
        return encode_command(
            settings.ffmpeg,
            descriptor=settings.source,
            demuxer=demuxer,
            stream=stream.index,
            has_sound=bool(container.streams.audio),
            filters=scaling_steps(frame, size, table),
            threads=settings.threads,
        )


def _run(command: list[str], encode: Encode, settings: EncoderSettings, audience: Audience) -> None:
    """Write what FFmpeg makes to the part file, while anybody listens. Raises _Ended and OSError."""
    folder = os.path.join(os.fsencode(settings.tables), tone_mapping.FOLDER)
    process = subprocess.Popen(
        command,
        env=scrubbed_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[settings.source],
        cwd=folder if os.path.isdir(folder) else "/",
    )
    assert process.stdout is not None
    try:
        with open(encode.part, "xb", buffering=0) as part:
            written = _copy(process.stdout, part, audience)
            os.fchmod(part.fileno(), 0o640)
            os.fsync(part.fileno())
        if process.wait(STALLED_SECONDS) != 0 or not written:
            raise _Ended(Ending.FAILED)
    finally:
        process.stdout.close()
        process.kill()
        process.wait()


def _copy(source: IO[bytes], part: IO[bytes], audience: Audience) -> int:
    """Return how many bytes came until the end."""
    written = 0
    moved_at = time.monotonic()
    while True:
        ready, _, _ = select.select([source], [], [], _LOOK_SECONDS)
        now = time.monotonic()
        if ready:
            chunk = os.read(source.fileno(), _CHUNK_BYTES)
            if not chunk:
                return written
            _write(part, chunk)
            written += len(chunk)
            moved_at = now
        elif now - moved_at > STALLED_SECONDS:
            raise _Ended(Ending.FAILED)
        if audience.has_left():
            raise _Ended(Ending.LEFT)


def _write(part: IO[bytes], chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(part.fileno(), view) :]


def _sync(folder: bytes) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=EncoderSettings)))
