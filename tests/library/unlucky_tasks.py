"""The real work on a file, to which something happens meanwhile; the file's name says what."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from librephotos.media.process import Request, process_file

EXIFTOOLS = {b"exiftool-hangs": "while read line; do :; done", b"exiftool-dies": "exit 3"}


@contextmanager
def _written_to(path: bytes) -> Iterator[None]:
    """Let somebody write to the file for as long as it is read."""
    stop = threading.Event()

    def write() -> None:
        with open(path, "ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"\0")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def _process(payload: bytes, is_alone: bool) -> bytes:
    request = msgspec.msgpack.decode(payload, type=Request)
    fate = os.path.basename(request.path).split(b".")[0]
    if fate == b"vanishes":
        os.unlink(request.path)
    elif fate == b"kills":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fate == b"crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fate == b"eats":
        bytearray(8 * 1024**3)
    elif fate in EXIFTOOLS:
        script = os.path.join(os.environ["TMPDIR"], fate.decode())
        with open(script, "w") as file:
            file.write(f"#!/bin/sh\n{EXIFTOOLS[fate]}\n")
        os.chmod(script, 0o755)
        os.environ["PATH"] = os.environ["TMPDIR"]  # no Perl, so that the script itself is run
        request.exiftool, request.exiftool_seconds = script, 0.5
    if fate == b"changes":
        with _written_to(request.path):
            outcome = process_file(request, is_alone=is_alone)
    else:
        outcome = process_file(request, is_alone=is_alone)
    return msgspec.msgpack.encode(outcome)


TASKS = {"process_file": _process}
