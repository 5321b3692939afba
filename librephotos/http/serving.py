"""The API's process: Granian over an application named by a text, ended when its parent ends.

Run as `python -m librephotos.http.serving <parent pid> <application> [descriptor]`; the supervisor does. The
application is imported at once, but nothing is bound or answered before the parent has sent the environment as JSON
over the socket `descriptor`, together with the descriptors that shall stay open.
"""

import gc
import importlib
import json
import multiprocessing
import resource
import signal
import socket
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from librephotos.kit.collector import uncollected
from librephotos.kit.imports import absent
from librephotos.kit.logs import configure_logs, log_config
from librephotos.kit.memory import keep_little_memory
from librephotos.kit.parents import leave_with_parent
from librephotos.kit.processes import adopt_environment
from librephotos.settings import load_settings

BACKLOG = 1024
KEPT_OPEN_MAX = 16
# Connections of one process, idle ones and those that send half a head among them; what is beyond waits in the
# backlog. An idle one costs 18 KiB, so that thousands of clients who never finish hold up nobody; together with the
# limit of heads it bounds their memory at 280 MiB. What is sent after the head is `bodies.py`'s to bound.
CONNECTIONS = 4096
# For the database, the logs and whatever else is open; a connection may need a second one for the file it is sent.
SPARE_DESCRIPTORS = 256
KILL_SECONDS = 3
# A thread that writes or counts may hold the interpreter for so long while the event loop waits: by itself for five
# times as long, which is longer than most answers take.
SWITCH_SECONDS = 0.001
# PyJWT would load 8 MB of it for signatures that are none of ours.
UNUSED = "cryptography"
# A request line and headers: over it the answer is 431.
HEADER_BYTES = 64 * 1024
# A head that is not complete by then is cut off, and so is a connection that waits for its next request.
HEADER_MILLISECONDS = 10_000


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
        # What it counts are connections, from their acceptance on.
        backpressure=allowed_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=KILL_SECONDS,
        log_dictconfig=log_config(settings.data),
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


def preload(application: str) -> None:
    """Import the application's modules and let them `prepare`, for the processes that answer to be forked with that.

    Where processes are not forked (macOS), each does it itself.
    """
    if sys.platform == "linux":
        multiprocessing.set_start_method("fork")
        with uncollected(), absent(UNUSED):
            module = importlib.import_module(application.partition(":")[0])
            getattr(module, "prepare", _nothing)()
        # It stays: looking through it later would take 60 ms of each process and make it copy what is shared.
        gc.freeze()


def _nothing() -> None:
    """What an application prepares that says nothing of it."""


def is_called(descriptor: int) -> bool:
    """Wait for the parent's call and take over what it sends; False when it is gone or gave up."""
    with socket.socket(fileno=descriptor) as caller:
        call, _, _, _ = socket.recv_fds(caller, 1, KEPT_OPEN_MAX)
        if not call:
            return False
        environment = b"".join(iter(lambda: caller.recv(65536), b""))
    adopt_environment(json.loads(environment))
    return True


def allowed_connections() -> int:
    """Return how many connections the descriptors of a process suffice for, raising their number if need be.

    Without a descriptor for it a connection cannot be accepted, so it must not come so far.
    """
    wanted = 2 * CONNECTIONS + SPARE_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(1, min(CONNECTIONS, (soft - SPARE_DESCRIPTORS) // 2))


def main(parent_pid: str, application: str, descriptor: str = "") -> None:
    # Ctrl-C is the parent's to handle, also where this process shares its terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_with_parent(int(parent_pid))
    keep_little_memory()
    sys.setswitchinterval(SWITCH_SECONDS)
    preload(application)
    configure_logs()
    if not descriptor or is_called(int(descriptor)):
        serve(application)


if __name__ == "__main__":
    main(*sys.argv[1:])
