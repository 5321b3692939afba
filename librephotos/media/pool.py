"""Our own pool of processes: one that hangs, dies or eats memory costs the one file it worked on.

The standard library's pool breaks whole when one child dies, and cannot kill a task that hangs. Messages are
msgpack, never pickled objects; children get no environment of ours, so no key and no database address.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

import msgspec

from librephotos.kit.processes import scrubbed_environment
from librephotos.media import wire
from librephotos.media.child import ChildSettings
from librephotos.media.errors import NeedsTurn, WorkerLost

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R")

MEMORY_BYTES: Final = (2 * 1024 + 512) * 1024**2
"""One decode may take 2 GiB; libraries, threads and the file itself take the rest."""

MOST_CALLS: Final = 10_000
"""How many files a process reads before another takes its place, if its memory does not grow: starting one takes
0.3 seconds, as long as reading a hundred tiny files."""

MOST_GROWTH_BYTES: Final = 256 * 1024**2
"""How much more memory a process may keep between two files than it once did."""

POSTPONED: Final = 64
"""How many payloads may wait for their turn while others go on."""

AHEAD: Final = 16
"""How many payloads are drawn for each process, so that all stay busy while the results of small ones are stored."""

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 2.0
_DYING_SECONDS: Final = 0.2
_PACKAGE_ROOT: Final = str(Path(__file__).resolve().parents[2])


class PoolBroken(Exception):
    """A child could not even start; no file is to blame."""


class Pool:
    """Up to `size` processes that run the TASKS of a module. Threads may share it.

    A task that needs too much memory to have company raises NeedsTurn, and is asked again when none of its kind runs;
    the small ones go on meanwhile.
    """

    def __init__(
        self,
        size: int,
        *,
        tasks: str = "librephotos.media.process",
        memory_bytes: int = MEMORY_BYTES,
        written_file_bytes: int = 1024**3,
        niceness: int = 10,
        most_calls: int = MOST_CALLS,
        most_growth_bytes: int = MOST_GROWTH_BYTES,
    ) -> None:
        self.size = size
        settings = ChildSettings(
            tasks=tasks,
            descriptor=-1,
            parent_pid=os.getpid(),
            memory_bytes=memory_bytes,
            written_file_bytes=written_file_bytes,
            niceness=niceness,
            most_calls=most_calls,
            most_growth_bytes=most_growth_bytes,
        )
        self._children = [_Child(settings) for _ in range(size)]
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        # Held by whoever has a large task running; in this process, so that a child that dies does not keep it.
        self._turn = threading.Lock()
        for child in self._children:
            self._idle.put(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(self, task: str, payload: msgspec.Struct, reply: type[R], *, seconds: float) -> R:
        """Run one task and wait for it, for its turn too. Raises WorkerLost, also when it takes over `seconds`."""
        try:
            return self._call(task, payload, reply, seconds, is_alone=False)
        except NeedsTurn:
            return self._call_alone(task, payload, reply, seconds)

    def _call_alone(self, task: str, payload: msgspec.Struct, reply: type[R], seconds: float) -> R:
        with self._turn:
            return self._call(task, payload, reply, seconds, is_alone=True)

    def _call(
        self, task: str, payload: msgspec.Struct, reply: type[R], seconds: float, *, is_alone: bool
    ) -> R:
        child = self._idle.get()
        try:
            answer = child.call(wire.Call(task, msgspec.msgpack.encode(payload), is_alone), seconds)
        finally:
            self._idle.put(child)
        return msgspec.msgpack.decode(answer, type=reply)

    def map_unordered(
        self,
        task: str,
        payloads: Iterable[P],
        reply: type[R],
        *,
        seconds: Callable[[P], float],
        blame: Callable[[P, str], R],
    ) -> Iterator[R]:
        """Yield a result for each payload as it completes, with every process busy and few payloads drawn ahead.

        `seconds` is the deadline of a payload; `blame` makes its result when the process was lost over it.
        """

        def run(payload: P) -> R | _Postponed[P]:
            try:
                return self._call(task, payload, reply, seconds(payload), is_alone=False)
            except NeedsTurn:
                return _Postponed(payload)
            except WorkerLost as error:
                return blame(payload, error.reason)

        def run_alone(payload: P) -> R:
            try:
                return self._call_alone(task, payload, reply, seconds(payload))
            except WorkerLost as error:
                return blame(payload, error.reason)

        upcoming = iter(payloads)
        running = large = 0
        done: queue.SimpleQueue[tuple[bool, Future[Any]]] = queue.SimpleQueue()
        executor = ThreadPoolExecutor(self.size, thread_name_prefix="pool")
        # The large ones wait in a thread of their own, which leaves the others to the small ones.
        in_turn = ThreadPoolExecutor(1, thread_name_prefix="pool-large")
        try:
            while True:
                while (
                    running < AHEAD * self.size
                    and large < POSTPONED
                    and (payload := next(upcoming, None)) is not None
                ):
                    running += 1
                    executor.submit(run, payload).add_done_callback(lambda future: done.put((False, future)))
                if not running and not large:
                    return
                is_large, future = done.get()
                running, large = (running, large - 1) if is_large else (running - 1, large)
                result = future.result()
                if isinstance(result, _Postponed):
                    large += 1
                    again = in_turn.submit(run_alone, result.payload)
                    again.add_done_callback(lambda future: done.put((True, future)))
                else:
                    yield result
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
            in_turn.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """End all processes; calls still running fail with WorkerLost."""
        for child in self._children:
            child.close()


class _Postponed(Generic[P]):
    """A payload whose task needs its turn."""

    def __init__(self, payload: P) -> None:
        self.payload = payload


class _Child:
    """One process and its pipe, started at the first call and again after each loss, and when it has done its part."""

    def __init__(self, settings: ChildSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def call(self, call: wire.Call, seconds: float) -> bytes:
        if self._process is None or self._channel is None or _ended(self._process, within_seconds=0):
            self._start()
        assert self._channel is not None
        try:
            self._channel.settimeout(seconds)
            wire.send(self._channel, call)
            message = wire.receive(self._channel, time.monotonic() + seconds)
            answer = msgspec.msgpack.decode(message, type=wire.Reply)
        except TimeoutError as error:
            self._kill()
            raise WorkerLost(f"The work on this file took longer than {seconds:g} seconds.") from error
        except (wire.Closed, msgspec.MsgspecError) as error:
            raise WorkerLost(f"The work on this file ended its process ({self._kill()}).") from error
        if answer.is_last:
            self.close()
        if answer.needs_turn:
            raise NeedsTurn
        if answer.failure is not None:
            raise WorkerLost(answer.failure)
        return answer.payload

    def close(self) -> None:
        channel, process = self._channel, self._process
        if channel:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
        if process:
            _ended(process, within_seconds=_STOP_SECONDS)
            self._kill()

    def _start(self) -> None:
        self._kill()
        ours, theirs = socket.socketpair()
        settings = msgspec.structs.replace(self._settings, descriptor=theirs.fileno(), parent_pid=os.getpid())
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "librephotos.media.child", msgspec.json.encode(settings).decode()],
            env=python_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd="/",
        )
        theirs.close()
        self._channel = ours
        try:
            wire.receive(ours, time.monotonic() + _START_SECONDS)
        except (wire.Closed, TimeoutError) as error:
            raise PoolBroken(f"A process of the pool did not start ({self._kill()}).") from error

    def _kill(self) -> str:
        """End the process with everything it started; return how it ended, for the reason."""
        process, self._process = self._process, None
        channel, self._channel = self._channel, None
        if channel:
            channel.close()
        if process is None:
            return "not running"
        _ended(process, within_seconds=_DYING_SECONDS)  # So that its own signal is told, not our SIGKILL.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
        if status >= 0:
            return f"exit status {status}"
        try:
            return f"signal {signal.Signals(-status).name}"
        except ValueError:
            return f"signal {-status}"


def _ended(process: subprocess.Popen[bytes], *, within_seconds: float) -> bool:
    """Tell whether the process has ended, without reaping it: so its number stays its own until its group is killed."""
    deadline = time.monotonic() + within_seconds
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True


def python_environment() -> dict[str, str]:
    """Return the environment of a Python process of ours that decodes: this package, one thread, nothing else."""
    paths = dict.fromkeys([_PACKAGE_ROOT, *(entry for entry in sys.path if entry and os.path.isdir(entry))])
    return scrubbed_environment(
        PYTHONPATH=os.pathsep.join(paths),
        PYTHONDONTWRITEBYTECODE="1",
        VIPS_CONCURRENCY="1",
        VIPS_WARNING="0",
        OPENBLAS_NUM_THREADS="1",
        OMP_NUM_THREADS="1",
        MALLOC_ARENA_MAX="2",
    )
