"""Groups of things that pairs connect, in whatever order the pairs come."""

from collections.abc import Iterable

_NONE: frozenset[int] = frozenset()


class Components:
    """A forest of disjoint sets. Source: Tarjan, Efficiency of a Good But Not Linear Set Union Algorithm, 1975."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def root(self, item: int) -> int:
        parent = self._parent
        if item not in parent:
            return item
        root = item
        while parent.get(root, root) != root:
            root = parent[root]
        while parent.get(item, item) != root:
            parent[item], item = root, parent[item]
        return root

    def join(self, one: int, other: int) -> None:
        first, second = self.root(one), self.root(other)
        # The smaller number is the root, so that the groups do not depend on the order of the pairs.
        low, high = min(first, second), max(first, second)
        self._parent.setdefault(low, low)
        self._parent[high] = low

    def groups(self) -> list[list[int]]:
        """Return the groups of two and more, members and groups in order."""
        found: dict[int, list[int]] = {}
        for item in sorted(self._parent):
            found.setdefault(self.root(item), []).append(item)
        return [members for members in found.values() if len(members) > 1]


class Reviewed:
    """Pairs of photos that somebody looked at and decided about: they are never connected again."""

    def __init__(self, groups: Iterable[Iterable[int]]) -> None:
        self._of: dict[int, set[int]] = {}
        for number, members in enumerate(groups):
            for photo_id in members:
                self._of.setdefault(photo_id, set()).add(number)

    def has(self, photo_id: int) -> bool:
        return photo_id in self._of

    def together(self, one: int, other: int) -> bool:
        return not self._of.get(one, _NONE).isdisjoint(self._of.get(other, _NONE))

    def hold_all(self, photo_ids: Iterable[int]) -> bool:
        """Whether one decision was about all of these."""
        sets = [self._of.get(photo_id, _NONE) for photo_id in photo_ids]
        return bool(sets) and bool(set.intersection(*map(set, sets)))


def connect(photos: list[int], others: list[int], reviewed: Reviewed, into: Components) -> None:
    """Connect each of `photos` with each of `others`, except pairs that were reviewed."""
    is_plain = not any(reviewed.has(each) for each in photos) and not any(
        reviewed.has(each) for each in others
    )
    if is_plain:
        for each in (*photos, *others):
            if each != photos[0]:
                into.join(photos[0], each)
        return
    for one in photos:
        for other in others:
            if one != other and not reviewed.together(one, other):
                into.join(one, other)
