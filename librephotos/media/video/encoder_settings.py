"""What an encoder is told, and how it may end: for the server, which has no need of FFmpeg's libraries itself."""

from __future__ import annotations

import enum

import msgspec


class Ending(enum.IntEnum):
    """How an encoder ended, as its exit status. DONE also when another process does the work."""

    DONE = 0
    FAILED = 70
    BUSY = 75
    NO_SPACE = 74
    LEFT = 76


class EncoderSettings(msgspec.Struct):
    """What the encoder is told: `source` is an open descriptor; folders and names are text as of os.fsdecode."""

    source: int
    mime: str
    folder: str
    name: str
    tables: str
    ffmpeg: str
    parent_pid: int
    at_once: int
    idle_seconds: float
    most_bytes: int
    free_bytes: int
    threads: int = 2
    niceness: int = 5
