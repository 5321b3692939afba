"""A process of the pool: limits itself, then answers calls until its pipe closes.

Run as `python -m librephotos.media.child <settings as JSON>`. The tasks are those of the named module's TASKS.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from librephotos.kit.memory import give_back_memory, resident_bytes
from librephotos.kit.processes import (
    end_with_parent,
    forbid_new_privileges,
    limit_resources,
)
from librephotos.media import wire
from librephotos.media.errors import MediaError, NeedsTurn

GIVEN_BACK_BYTES: Final = 64 * 1024**2
"""From how much freed memory on it is returned. A video leaves 90 MiB, which take 7 ms; a photo mostly leaves less."""

Task = Callable[[bytes, bool], bytes]
"""A task takes msgpack and whether it is alone, and returns msgpack. It may raise NeedsTurn when it is not alone."""


class ChildSettings(msgspec.Struct):
    """What the pool tells a child on its command line."""

    tasks: str
    descriptor: int
    parent_pid: int
    memory_bytes: int
    written_file_bytes: int
    niceness: int
    most_calls: int
    most_growth_bytes: int


def main(settings: ChildSettings) -> None:
    """Answer calls one after the other; the first message says that all is imported.

    Libraries that meet damaged files keep some memory of each, so a process ends, with its last answer saying so,
    after `most_calls` of them or when it takes `most_growth_bytes` more than it once did between two calls.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(settings.parent_pid)
    forbid_new_privileges()
    os.nice(settings.niceness)
    limit_resources(memory_bytes=settings.memory_bytes, written_file_bytes=settings.written_file_bytes)
    tasks: Mapping[str, Task] = importlib.import_module(settings.tasks).TASKS
    channel = socket.socket(fileno=settings.descriptor)
    wire.send(channel, wire.Reply(b""))
    least_bytes = sys.maxsize
    with contextlib.suppress(wire.Closed):
        for count in itertools.count(1):
            call = msgspec.msgpack.decode(wire.receive(channel), type=wire.Call)
            reply = _answer(tasks, call)
            taken_bytes = resident_bytes()
            if taken_bytes - least_bytes > min(GIVEN_BACK_BYTES, settings.most_growth_bytes // 2):
                give_back_memory()
                taken_bytes = resident_bytes()
            least_bytes = min(least_bytes, taken_bytes)
            reply.is_last = count >= settings.most_calls or (
                taken_bytes - least_bytes > settings.most_growth_bytes
            )
            wire.send(channel, reply)
            if reply.is_last:
                return


def _answer(tasks: Mapping[str, Task], call: wire.Call) -> wire.Reply:
    """Run one task; this is the job's edge, so whatever it raises becomes the reason for this one file."""
    try:
        return wire.Reply(tasks[call.task](call.payload, call.is_alone))
    except NeedsTurn:
        return wire.Reply(b"", needs_turn=True)
    except MediaError as error:
        return wire.Reply(b"", error.reason)
    except MemoryError:
        return wire.Reply(b"", "The file needs more memory than one file may take.")
    except Exception as error:
        traceback.print_exc()
        return wire.Reply(b"", f"The work on this file failed unexpectedly ({type(error).__name__}).")


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=ChildSettings))
