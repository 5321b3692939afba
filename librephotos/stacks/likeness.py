"""Pairs of pictures whose 64-bit hashes differ in few bits, without comparing each with each. The worker's alone.

Of two hashes that differ in at most r bits, one of their four quarters differs in at most r/4. So each is looked up in
a table of each quarter, under its own quarter and those that differ from it in so few bits; what lies there is
compared whole. Source: Norouzi, Punjani, Fleet, Fast Search in Hamming Space with Multi-Index Hashing, CVPR 2012.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

QUARTERS: Final = 4
QUARTER_BITS: Final = 16
# Pairs that are compared at once for each hash that may be held.
PAIRS_PER_HASH: Final = 64

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]


def close_pairs(
    hashes: Hashes, threshold: int, *, at_once: int, only: Indices | None = None
) -> Iterator[tuple[Indices, Indices]]:
    """Yield arrays, often empty, of indices of pairs that differ in at most `threshold` bits, each at least once.

    The hashes are all different. `only`: pairs with at least one of these indices.
    """
    everything = np.arange(len(hashes), dtype=np.int64)
    asked = everything if only is None else only
    is_asked = np.zeros(len(hashes), dtype=bool)
    is_asked[asked] = True
    masks = quarter_masks(threshold // QUARTERS)
    for quarter in range(QUARTERS):
        shift = np.uint64(quarter * QUARTER_BITS)
        values = ((hashes >> shift) & np.uint64(0xFFFF)).astype(np.int64)
        order = np.argsort(values, kind="stable").astype(np.int64)
        starts = np.concatenate(([0], np.cumsum(np.bincount(values, minlength=1 << QUARTER_BITS))))
        own = values[asked]
        for mask in masks:
            wanted = own ^ mask
            first, counts = starts[wanted], starts[wanted + 1] - starts[wanted]
            for block in _blocks(counts, at_once * PAIRS_PER_HASH):
                left, right = _expand(asked[block], first[block], counts[block], order)
                # Both of a pair come upon each other: once is enough.
                keep = (left < right) | ~is_asked[right]
                left, right = left[keep], right[keep]
                near = np.bitwise_count(hashes[left] ^ hashes[right]) <= threshold
                yield left[near], right[near]


def quarter_masks(bits: int) -> Sequence[int]:
    """Return every change of a quarter by at most so many bits, none at all first."""
    return [
        sum(1 << place for place in places)
        for count in range(bits + 1)
        for places in combinations(range(QUARTER_BITS), count)
    ]


def _blocks(counts: Any, limit: int) -> Iterator[slice]:
    """Cut the queries so that no block has much more than `limit` candidates."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + limit, side="right")))
        yield slice(start, stop)
        start = stop


def _expand(asked: Indices, first: Any, counts: Any, order: Indices) -> tuple[Indices, Indices]:
    """Return each query beside each of its candidates."""
    left = np.repeat(asked, counts)
    ends = np.cumsum(counts)
    within = np.arange(len(left)) - np.repeat(ends - counts, counts)
    return left, order[np.repeat(first, counts) + within]


def to_hashes(texts: Sequence[str]) -> Hashes:
    return np.array([int(text, 16) for text in texts], dtype=np.uint64)
