"""The API's process: Granian over an application named by a text, ended when its parent ends.

Run as `python -m librephotos.http.serving <parent pid> <application>`; the supervisor does.
"""

import resource
import signal
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from librephotos.kit.logs import configure_logs, log_config
from librephotos.kit.parents import leave_with_parent
from librephotos.settings import load_settings

BACKLOG = 1024
# Connections of one process, idle ones and those that send half a head among them; what is beyond waits in the
# backlog. An idle one costs 18 KiB, so that thousands of clients who never finish hold up nobody; together with the
# limit of heads it bounds their memory at 280 MiB. What is sent after the head is `bodies.py`'s to bound.
CONNECTIONS = 4096
# For the database, the logs and whatever else is open; a connection may need a second one for the file it is sent.
SPARE_DESCRIPTORS = 256
KILL_SECONDS = 3
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
        log_dictconfig=log_config(),
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


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


if __name__ == "__main__":
    # Ctrl-C is the parent's to handle, also where this process shares its terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logs()
    leave_with_parent(int(sys.argv[1]))
    serve(sys.argv[2])
