"""The API's process: Granian over an application named by a text, ended when its parent ends.

Run as `python -m librephotos.http.serving <parent pid> <application> [descriptor]`; the supervisor does. The
application is imported at once, but nothing is bound or answered before the parent writes to the pipe `descriptor`.
"""

import gc
import importlib
import multiprocessing
import signal
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from librephotos.kit.collector import uncollected
from librephotos.kit.logs import configure_logs, log_config
from librephotos.kit.parents import leave_with_parent
from librephotos.settings import load_settings

BACKLOG = 1024
# Requests in progress in one process; those beyond wait in the backlog instead of taking memory.
BACKPRESSURE = 512
KILL_SECONDS = 3
# A request line and headers: over it the answer is 431.
HEADER_BYTES = 64 * 1024
HEADER_MILLISECONDS = 15_000


def serve(application: str) -> None:
    settings = load_settings()
    Granian(
        application,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.api_processes,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=KILL_SECONDS,
        log_dictconfig=log_config(),
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


def preload(application: str) -> None:
    """Import the application's modules, for the processes that answer to be forked with them.

    Where processes are not forked (macOS), each imports them itself.
    """
    if sys.platform == "linux":
        multiprocessing.set_start_method("fork")
        with uncollected():
            importlib.import_module(application.partition(":")[0])
        # It stays: looking through it later would take 60 ms of each process and make it copy what is shared.
        gc.freeze()


def is_called(descriptor: int) -> bool:
    """Wait until the parent is ready for answers; whether it is, rather than gone."""
    with open(descriptor, "rb") as pipe:
        return bool(pipe.read(1))


def main(parent_pid: str, application: str, descriptor: str = "") -> None:
    # Ctrl-C is the parent's to handle, also where this process shares its terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_with_parent(int(parent_pid))
    preload(application)
    configure_logs()
    if not descriptor or is_called(int(descriptor)):
        serve(application)


if __name__ == "__main__":
    main(*sys.argv[1:])
