"""The API's process: Granian over an application named by a text, ended when its parent ends.

Run as `python -m librephotos.http.serving <parent pid> <application>`; the supervisor does.
"""

import signal
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

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


if __name__ == "__main__":
    # Ctrl-C is the parent's to handle, also where this process shares its terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logs()
    leave_with_parent(int(sys.argv[1]))
    serve(sys.argv[2])
