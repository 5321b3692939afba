"""Where pages of long lists begin, so that what stands before them need not be skipped one by one.

Kept by a key that holds every version that the list depends on, as in `caching.py`; apart from the lists, since a few
pages would push thousands of these out.
"""

from bisect import bisect_right, insort
from collections import OrderedDict

from librephotos.http.caching import Key

# About 4 MB of them.
LIMIT = 20_000
Place = tuple[str, int]


class Marked:
    """What is known of one list: how many it has, and which of them stands right before some offsets."""

    __slots__ = ("count", "offsets", "places")

    def __init__(self) -> None:
        self.count: int | None = None
        self.offsets: list[int] = []
        self.places: dict[int, Place] = {}

    def find(self, offset: int) -> tuple[int, Place] | None:
        """Return the nearest known offset that is not beyond this one, with its place."""
        at = bisect_right(self.offsets, offset)
        return (self.offsets[at - 1], self.places[self.offsets[at - 1]]) if at else None


class Bookmarks:
    """At most `limit` places, of the lists that were asked for last. Belongs to one event loop."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._used = 0
        self._lists: OrderedDict[Key, Marked] = OrderedDict()

    def of(self, key: Key) -> Marked:
        marked = self._lists.get(key)
        if marked is None:
            marked = self._lists[key] = Marked()
            self._used += 1
            self._forget()
        else:
            self._lists.move_to_end(key)
        return marked

    def keep(self, key: Key, offset: int, place: Place) -> None:
        marked = self.of(key)
        if offset not in marked.places:
            insort(marked.offsets, offset)
            marked.places[offset] = place
            self._used += 1
            self._forget()

    def _forget(self) -> None:
        while self._used > self.limit:
            _, dropped = self._lists.popitem(last=False)
            self._used -= 1 + len(dropped.offsets)
