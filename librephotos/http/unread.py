"""Ends connections whose client no longer reads what it is sent.

The server has a limit of time for what clients send, none for what they are to read: thousands that ask and then read
nothing would hold their connections, and the answers in memory, for ever. The kernel has one, TCP_USER_TIMEOUT
(RFC 5482, tcp(7)): for how long what was sent may stand unacknowledged, or a full window may keep the rest back. A
connection has it from the socket that accepted it, and those are found among the process's own descriptors, because the
server makes them out of reach. A client that goes on reading, however slowly, never meets it.
"""

import asyncio
import os
import socket
import sys

import structlog

log = structlog.get_logger()

LOOK_SECONDS = 0.05
LOOKS = 200


async def limit_unread(port: int, seconds: int) -> None:
    """Give this process's listening socket on `port` the limit, once it listens: that is just after its start.

    On other systems than Linux nothing happens; there it is a reverse proxy's to do.
    """
    if sys.platform != "linux":
        return
    for _ in range(LOOKS):
        if _limit(port, seconds):
            return
        await asyncio.sleep(LOOK_SECONDS)
    log.warning("no limit for clients that do not read", port=port)


def _limit(port: int, seconds: int) -> int:
    """Return how many sockets have the limit now."""
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            one = socket.socket(fileno=int(name))
        except OSError:
            # The folder's own descriptor, files and pipes.
            continue
        try:
            if _listens(one, port):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
                found += 1
        finally:
            # Never closed, not even as a copy: with any descriptor of a file that a process closes it loses all its
            # locks on that file (fcntl(2)), and the database is a file with locks.
            one.detach()
    return found


def _listens(one: socket.socket, port: int) -> bool:
    if one.family not in (socket.AF_INET, socket.AF_INET6) or one.type != socket.SOCK_STREAM:
        return False
    accepts = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    return bool(accepts) and one.getsockname()[1] == port
