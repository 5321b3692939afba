"""One child process: started, called, looked after and ended. Imports little, so that it can be started at once."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FIRST_DELAY_SECONDS = 0.5
LAST_DELAY_SECONDS = 30.0
# A child that lived this long has proved itself: the next restart is quick again.
PROVED_SECONDS = 60.0
CALL = b"."


@dataclass
class Child:
    """One kind of child: `command` as given to the operating system, with `name` for the log.

    One that `waits` gets the descriptor of a socket as its last argument and does nothing that others see before
    `call`, which sends it its environment and what it keeps open: it may be started before these are known.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps_open: Sequence[int] = ()
    waits: bool = False
    is_called: bool = False
    caller: socket.socket | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    delay_seconds: float = FIRST_DELAY_SECONDS

    def start(self) -> None:
        self.started = time.monotonic()
        if self.waits:
            self._start_waiting()
            return
        self._open(self.command, self.keeps_open, dict(self.environment))

    def _start_waiting(self) -> None:
        self.caller, heard = socket.socketpair()
        with heard:
            self._open([*self.command, str(heard.fileno())], [heard.fileno()], None)
        if self.is_called:
            self.call()

    def _open(
        self, command: Sequence[str], descriptors: Sequence[int], environment: dict[str, str] | None
    ) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=tuple(descriptors),
        )

    def call(self) -> None:
        """Let a child that waits go on, and those that replace it."""
        self.is_called = True
        if self.caller is None:
            return
        # One that has ended already is noticed where its status is read.
        with self.caller, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self.caller, [CALL], list(self.keeps_open))
            self.caller.sendall(json.dumps(dict(self.environment)).encode())
        self.caller = None

    def kill(self) -> None:
        """End it now, if it has not ended yet."""
        if self.process is not None and self.process.poll() is None:
            self.end_group()
            self.process.wait()

    def look(self) -> None:
        """Restart the child if it has ended and its delay is over."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.restart_at:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        self.end_group()
        self.process = None
        if now - self.started > PROVED_SECONDS:
            self.delay_seconds = FIRST_DELAY_SECONDS
        self.restart_at = now + self.delay_seconds
        import structlog  # 0.1 s that a start need not wait for

        log = structlog.get_logger()
        log.error("child ended", child=self.name, cause=describe(status), again_in_seconds=self.delay_seconds)
        self.delay_seconds = min(self.delay_seconds * 2, LAST_DELAY_SECONDS)

    def end_group(self) -> None:
        """Kill what a child left behind."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def python_command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def describe(status: int) -> str:
    """Return how a process ended, in words."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
