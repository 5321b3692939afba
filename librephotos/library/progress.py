"""How far a scan is, in numbers that mean something: what became of the files, how fast, how much longer."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

WINDOW_SECONDS: Final = 30.0
LISTED_ERRORS: Final = 100


class Tally(msgspec.Struct):
    """What became of the files of one scan so far. It is stored with them, so that no restart counts one twice."""

    files: int = 0
    read: int = 0
    skipped: int = 0
    failed: int = 0
    still_written: int = 0
    walked: bool = False
    errors: list[str] = []

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> "Tally":
        """Return what an earlier start of the same job has noted."""
        return cls(**{name: noted[name] for name in cls.__struct_fields__ if name in noted})

    def add(self, states: Mapping[str, int], errors: list[str]) -> None:
        """Count files by their state after reading; `errors` are sentences on those that failed."""
        self.read += states.get("photo", 0)
        self.skipped += states.get("skipped", 0)
        self.failed += states.get("failed", 0)
        self.errors = [*self.errors, *errors][:LISTED_ERRORS]

    def counts(self) -> dict[str, int]:
        told = {"read": self.read, "skipped": self.skipped, "failed": self.failed}
        return {**told, "still_written": self.still_written} if self.still_written else told

    def as_note(self, pace: "Pace", left: int) -> dict[str, Any]:
        return {
            **msgspec.structs.asdict(self),
            "files_per_second": round(pace.files_per_second(), 1),
            "remaining_seconds": pace.remaining_seconds(left),
        }


class Pace:
    """How fast files are read, over the last half minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._done = 0

    def add(self, count: int) -> None:
        now = self._clock()
        self._done += count
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[1][0] > WINDOW_SECONDS:
            self._marks.popleft()

    def files_per_second(self) -> float:
        (begin, before), (end, after) = self._marks[0], self._marks[-1]
        return (after - before) / (end - begin) if end > begin else 0.0

    def remaining_seconds(self, left: int) -> int | None:
        """Return None while that cannot be told yet."""
        rate = self.files_per_second()
        return round(left / rate) if rate > 0 else None


def describe(tally: Tally, pace: Pace, left: int) -> str:
    """Return such as `Reading files: 12.5 a second, 4 min left, 3 skipped, 1 failed`."""
    parts = []
    remaining = pace.remaining_seconds(left)
    if remaining is not None:
        parts += [f"{pace.files_per_second():.1f} a second", f"{duration(remaining)} left"]
    parts += [
        f"{count} {word}" for count, word in ((tally.skipped, "skipped"), (tally.failed, "failed")) if count
    ]
    return "Reading files" + (": " + ", ".join(parts) if parts else "")


def duration(seconds: int) -> str:
    """Return a length of time as people say it."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
