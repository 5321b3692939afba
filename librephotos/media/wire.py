"""The frames between the pool and its children: four bytes of length, then one msgpack message."""

from __future__ import annotations

import socket
import struct
import time
from typing import Final

import msgspec

FRAME_BYTES: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")


class Call(msgspec.Struct, array_like=True):
    """A task by name, with its encoded input. `is_alone` promises that no other such call is running."""

    task: str
    payload: bytes
    is_alone: bool = False


class Reply(msgspec.Struct, array_like=True):
    """The encoded result, or why there is none: a failure, or that it must be asked for alone.

    `is_last` says that the process ends after it, so that the next call starts another.
    """

    payload: bytes
    failure: str | None = None
    needs_turn: bool = False
    is_last: bool = False


class Closed(Exception):
    """The other end is gone."""


def send(channel: socket.socket, message: Call | Reply) -> None:
    """Send one message. Raises Closed."""
    body = msgspec.msgpack.encode(message)
    try:
        channel.sendall(_LENGTH.pack(len(body)) + body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error


def receive(channel: socket.socket, deadline: float | None = None) -> bytes:
    """Return the next message. Raises Closed, and TimeoutError when time.monotonic() passes `deadline`."""
    (length,) = _LENGTH.unpack(_receive_exactly(channel, _LENGTH.size, deadline))
    if length > FRAME_BYTES:
        raise Closed
    return _receive_exactly(channel, length, deadline)


def _receive_exactly(channel: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        if deadline is not None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            channel.settimeout(remaining)
        try:
            chunk = channel.recv(min(length - len(received), 1024 * 1024))
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not chunk:
            raise Closed
        received += chunk
    return bytes(received)
