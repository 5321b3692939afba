"""Which photos are copies of each other, and which look alike, out of what is known of them; no I/O."""

from collections.abc import Callable, Iterable, Sequence

from librephotos.stacks.components import Components, Reviewed, connect

Digest = tuple[str, int]


def find_copies(digests: Iterable[Digest], reviewed: Reviewed) -> Components:
    """Connect photos that have a file, or their name, in common; `digests` are pairs of a hash and a photo."""
    same: dict[str, list[int]] = {}
    for digest, photo_id in digests:
        same.setdefault(digest, []).append(photo_id)
    found = Components()
    for photo_ids in same.values():
        members = sorted(set(photo_ids))
        if len(members) > 1:
            connect(members, members, reviewed, found)
    return found


def find_alike(
    looks: Sequence[tuple[int, str]],
    threshold: int,
    reviewed: Reviewed,
    *,
    at_once: int,
    newer_than: int | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Components:
    """Connect photos whose pictures differ in at most `threshold` of 64 bits, directly or by others between them.

    `newer_than`: only what photos with a larger id are alike to. `progress` is called now and then.
    """
    by_hash: dict[str, list[int]] = {}
    for photo_id, text in looks:
        by_hash.setdefault(text, []).append(photo_id)
    texts, photos = list(by_hash), list(by_hash.values())
    found = Components()
    is_new = [newer_than is None or max(each) > newer_than for each in photos]
    for members, wanted in zip(photos, is_new, strict=True):
        if wanted and len(members) > 1:
            connect(members, members, reviewed, found)
    import numpy as np  # 0.1 s that a worker need not wait for until somebody looks for duplicates

    from librephotos.stacks.likeness import close_pairs, to_hashes

    only = None if newer_than is None else np.flatnonzero(np.array(is_new, dtype=bool)).astype(np.int64)
    if not texts or (only is not None and not len(only)):
        return found
    for left, right in close_pairs(to_hashes(texts), threshold, at_once=at_once, only=only):
        for one, other in zip(left.tolist(), right.tolist(), strict=True):
            connect(photos[one], photos[other], reviewed, found)
        progress()
    return found


def groups_of(found: Components, *, but_in: Components | None = None) -> list[list[int]]:
    """Return the groups; those that are one of `but_in` as a whole are left out: nothing new is said by them."""
    groups = found.groups()
    if but_in is None:
        return groups
    return [members for members in groups if len({but_in.root(each) for each in members}) > 1]


def with_newer(groups: Iterable[Sequence[int]], newer_than: int) -> list[Sequence[int]]:
    return [members for members in groups if max(members) > newer_than]
