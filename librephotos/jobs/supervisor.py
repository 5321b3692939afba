"""Runs the API and the worker as two children: starts, watches, restarts and ends them. Knows nothing of their work.

Children lead sessions of their own, so that Ctrl-C reaches the parent only; they end by themselves when it dies.
"""

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import structlog

from librephotos.errors import BadSetting, LibrePhotosError
from librephotos.jobs.child import Child, describe

log = structlog.get_logger()

STOP_SECONDS = 4.0
START_SECONDS = 60.0
POLL_SECONDS = 0.1
TICK_SECONDS = 1.0
# The exit status of our commands for a setting that cannot be used: trying again changes nothing.
UNUSABLE_STATUS = 2


class StartFailed(LibrePhotosError):
    """A child ended before it was ready; its own words stand above in the log."""


@dataclass
class Supervisor:
    """Runs `children` until told to stop. `tick` is called about once a second."""

    children: list[Child]
    tick: Callable[[], None] = lambda: None
    stopping: bool = field(default=False, init=False)

    def listen(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal end the run cleanly."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Start and call all children; return when the first is ready, or when told to stop. Raises StartFailed."""
        for child in self.children:
            if child.process is None:
                child.start()
            child.call()
        deadline = time.monotonic() + START_SECONDS
        first = self.children[0]
        while not self.stopping and not is_ready():
            status = first.process.poll() if first.process is not None else None
            if status is not None:
                raise StartFailed(
                    f"The {first.name} could not start ({describe(status)}); the reason stands above."
                )
            if time.monotonic() > deadline:
                raise StartFailed(f"The {first.name} did not answer within {START_SECONDS:.0f} seconds.")
            time.sleep(0.02)

    def run(self) -> None:
        """Watch over the children until told to stop. Raises StartFailed when one cannot use its settings."""
        next_tick = time.monotonic()
        while not self.stopping:
            for child in self.children:
                status = child.process.poll() if child.process is not None else None
                if status == UNUSABLE_STATUS:
                    raise StartFailed(
                        f"The {child.name} cannot run with these settings; the reason stands above."
                    )
                child.look()
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + TICK_SECONDS
                self.tick()
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Ask all children to end, wait a little, and kill what is left of their sessions."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            assert child.process is not None
            child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("child killed", child=child.name)
            child.end_group()
            child.process.wait()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


def refuse_taken_port(host: str, port: int) -> None:
    """Raise BadSetting when the port cannot be had: two servers on one port would both start, silently."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadSetting(
            f"LIBREPHOTOS_HOST cannot be used: {host} is not known here ({error.strerror})."
        ) from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            raise BadSetting(
                f"Port {port} on {host} cannot be used ({error.strerror}). Stop what listens there, or choose another "
                "port with --port or LIBREPHOTOS_PORT."
            ) from error


def answers(host: str, port: int, path: str) -> bool:
    """Whether an HTTP server answers there, whatever it says."""
    import http.client  # 30 ms, which the start has while the child imports what it needs

    connection = http.client.HTTPConnection(reachable(host), port, timeout=2)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def reachable(host: str) -> str:
    """Return the address under which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
