"""What a process of ours keeps of the memory that it has freed: little, where Linux's C library would keep much."""

import contextlib
import ctypes
import resource
from typing import Final

# Of malloc.h.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_HEAPS: Final = 2
_OWN_MAPPING_BYTES: Final = 1024 * 1024
_KEPT_BYTES: Final = 2 * 1024 * 1024


def keep_little_memory() -> None:
    """Have the C library of Linux hold little of what is freed. To be called before there are threads.

    By itself it makes a heap for each of many threads, lets each keep up to 64 MiB, and takes blocks of up to 32 MiB
    out of them once one was freed. Source: mallopt(3).
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, _HEAPS)
        mallopt(_M_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def give_back_memory() -> None:
    """Return what was freed to the system; the C library of Linux keeps much of it for later."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int:
    """Return the physical memory that this process takes now; 0 where the system does not tell (Linux does)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0
