"""Lets a process end with the one that started it, however that one dies."""

import os
import signal
import threading
import time

WATCH_SECONDS = 0.5
LAST_ORDERS_SECONDS = 4.5


def leave_with_parent(parent_pid: int) -> None:
    """Send SIGTERM to this process when its parent is no longer `parent_pid`, and kill its group if that takes long.

    The kernel's parent-death signal is no use: it follows the thread that started the child.
    """

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LAST_ORDERS_SECONDS)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
