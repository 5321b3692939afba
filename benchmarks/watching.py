"""What a tree of processes takes while it works: memory as the kernel shares it out (PSS), and processor time."""

import threading
import time

import psutil


class Tree:
    """A process with everything below it. Samples its memory every tenth of a second until it ends."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self.peak_bytes = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def cpu_seconds(self) -> float:
        """User and system time so far, of ended children too."""
        total = 0.0
        for process in self._all():
            try:
                total += sum(process.cpu_times()[:4])
            except psutil.Error:
                continue
        return total

    def _all(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []

    def _watch(self) -> None:
        while processes := self._all():
            taken = 0
            for process in processes:
                try:
                    taken += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak_bytes = max(self.peak_bytes, taken)
            time.sleep(0.1)
