"""A thread that steps aside, and those that it starts, have the niceness; others keep theirs."""

import os
import sys
import threading

import pytest

from librephotos.kit import priority

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="on Linux alone priority belongs to a thread")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def seen_by_a_thread_of_a_thread_that_yields() -> list[int]:
    seen: list[int] = []

    def inner() -> None:
        seen.append(niceness())

    def outer() -> None:
        priority.yield_to_others()
        seen.append(niceness())
        lane = threading.Thread(target=inner)
        lane.start()
        lane.join()

    thread = threading.Thread(target=outer)
    thread.start()
    thread.join()
    return seen


@pytest.mark.parametrize("knows_slices", [True, False])
def test_it_and_what_it_starts_come_last(knows_slices: bool, monkeypatch: pytest.MonkeyPatch):
    if not knows_slices:
        # Another kind of processor, whose number of the system call nobody wrote down.
        monkeypatch.setattr(priority, "_SYSTEM_CALLS", {})
    before = niceness()
    assert seen_by_a_thread_of_a_thread_that_yields() == [priority.NICENESS] * 2
    assert niceness() == before


def test_what_comes_last_leaves_its_caller_as_it_was():
    before = niceness()
    assert priority.come_last(niceness) == priority.LAST
    with pytest.raises(ZeroDivisionError):
        priority.come_last(lambda: 1 // 0)
    assert niceness() == before
