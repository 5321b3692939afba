"""Tasks for a pool that hang, die, eat memory or look around."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time

import msgspec

from librephotos.media.errors import NeedsTurn


class Order(msgspec.Struct):
    """What to do, and a number to tell the orders apart."""

    deed: str
    number: int = 0


class Answer(msgspec.Struct):
    """What came of it."""

    number: int
    text: str = ""


KEPT: list[bytes] = []
"""Memory that is never given back."""


def _look_around() -> str:
    with open("/proc/self/status") as file:
        no_new_privileges = next(line.split()[1] for line in file if line.startswith("NoNewPrivs"))
    core = resource.getrlimit(resource.RLIMIT_CORE)[0]
    ignores = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    return "\n".join([no_new_privileges, str(core), str(ignores), *sorted(os.environ)])


def _meet(*, said: str, awaited: str) -> str:
    """Say that this one runs and wait for the other to say so."""
    folder = os.environ["TMPDIR"]
    open(f"{folder}/{said}", "w").close()
    deadline = time.monotonic() + 20
    while not os.path.exists(f"{folder}/{awaited}"):
        if time.monotonic() > deadline:
            return "missed"
        time.sleep(0.01)
    return "met"


def _do(payload: bytes, is_alone: bool) -> bytes:
    order = msgspec.msgpack.decode(payload, type=Order)
    text = ""
    if order.deed.startswith("large ") and not is_alone:
        raise NeedsTurn
    if order.deed in ("large sleep", "sleep"):
        begun = time.monotonic()
        time.sleep(0.4)
        text = f"{begun} {time.monotonic()} {is_alone}"
    elif order.deed == "large meet":
        text = _meet(said="large", awaited="small")
    elif order.deed == "meet":
        text = _meet(said="small", awaited="large")
    elif order.deed == "large die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif order.deed == "hang":
        time.sleep(600)
    elif order.deed == "hang with child":
        subprocess.Popen(["sleep", "600"])
        time.sleep(600)
    elif order.deed == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif order.deed == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif order.deed == "leave":
        os._exit(7)
    elif order.deed == "eat":
        bytearray(8 * 1024**3)
    elif order.deed == "raise":
        raise KeyError("secret detail")
    elif order.deed == "pid":
        text = str(os.getpid())
    elif order.deed.startswith("keep "):
        KEPT.append(os.urandom(int(order.deed.split()[1]) * 1024**2))
        text = str(os.getpid())
    elif order.deed == "look":
        text = _look_around()
    elif order.deed == "write":
        with open(os.environ["TMPDIR"] + "/large", "wb") as file:
            file.write(bytes(4 * 1024**2))
    return msgspec.msgpack.encode(Answer(order.number, text))


TASKS = {"do": _do}
