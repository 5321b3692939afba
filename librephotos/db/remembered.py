"""What was read from the database, kept for as long as nobody has written to it."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most `limit` things of one version of the database; of one event loop."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._version: int | None = None
        self._kept: dict[K, V] = {}

    def at(self, version: int | None) -> dict[K, V]:
        """Return what is kept of the database at `Database.version()`, to be looked into and added to at once.

        It is empty for another version than before, when it is full, and always for None.
        """
        if version is None or version != self._version or len(self._kept) >= self.limit:
            self._kept = {}
            self._version = version
        return self._kept
