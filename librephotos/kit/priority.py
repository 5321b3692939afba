"""Lets a thread work in what others leave over, and step aside at once when they wake."""

import os
import platform
import struct
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, TypeVar

T = TypeVar("T")

NICENESS: Final = 10
# A fifteenth of what others get. It still advances on a machine that is busy for hours, which the idle class would not.
LAST: Final = 12
# Others, whose slices are a few milliseconds, come before whoever has a longer one as soon as they wake: that is since
# Linux 6.12, and the longest there is. Without it they wait for the end of the running slice, whatever the niceness.
SLICE_NANOSECONDS: Final = 100_000_000
_SCHED_OTHER = 0
# sched_setattr(2), for which there is no function in the C library.
_SYSTEM_CALLS: Final = {"x86_64": 314, "aarch64": 274, "riscv64": 274}
# size, policy, flags, nice, priority, runtime, deadline, period
_ATTRIBUTES = struct.Struct("IIQiIQQQ")


def yield_to_others(niceness: int = NICENESS) -> None:
    """Lower this thread's priority, and that of threads it starts from now on, on Linux; elsewhere do nothing.

    Alone on the machine it is as fast as ever, and it is never starved: it keeps the share of its niceness.
    """
    if sys.platform == "linux" and not _set_slice(niceness):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def come_last(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own that comes after all others, wait for it and return what it returned.

    A thread cannot raise its priority again, so that the caller's stays as it is.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            yield_to_others(LAST)
            done.set_result(work())
        except BaseException as error:  # the caller's to handle
            done.set_exception(error)

    threading.Thread(target=run, name="last", daemon=True).start()
    return done.result()


def _set_slice(niceness: int) -> bool:
    number = _SYSTEM_CALLS.get(platform.machine())
    if number is None:
        return False
    import ctypes

    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, _SCHED_OTHER, 0, niceness, 0, SLICE_NANOSECONDS, 0, 0)
    status: int = ctypes.CDLL(None).syscall(number, 0, attributes, 0)
    return status == 0
