"""Who listens to an encode, and what becomes of it when nobody does any more."""

from __future__ import annotations

import os
import time
from typing import Final

from librephotos.kit.file_locks import FileLock, take_lock
from librephotos.media.video.encodes import Encode

BACKGROUND: Final = b".background"


class Audience:
    """The listeners of one encode, which holds `slot`.

    When the last has left, the encode goes on for `idle_seconds`. It goes on to its end, in the background and without
    its slot, if a player is waiting for the whole file and no other encode does so: some players read nothing but
    ranges, which a growing file does not have, and would come back for ever to find it ended.
    """

    def __init__(self, encode: Encode, idle_seconds: float, slot: FileLock) -> None:
        self._encode = encode
        self._idle_seconds = idle_seconds
        self._slot = slot
        self._background: FileLock | None = None
        self._heard_at = time.monotonic()

    def has_left(self) -> bool:
        """Tell whether the work is to end. To be asked a few times a second."""
        if self._background is not None:
            return False
        now = time.monotonic()
        lonely = take_lock(self._encode.heard)
        if lonely is None:
            self._heard_at = now
            return False
        lonely.close()
        return now - self._heard_at > self._idle_seconds and not self._goes_on()

    def close(self) -> None:
        if self._background is not None:
            self._background.close()

    def _goes_on(self) -> bool:
        if os.path.exists(self._encode.wanted):
            self._background = take_lock(os.path.join(self._encode.folder, BACKGROUND))
        if self._background is None:
            return False
        self._slot.close()
        return True
