"""How long finding pictures that look alike takes, against comparing each with each in numpy on the same machine.

python benchmarks/likeness.py [photos]      100,000 by default; a tenth of them are near another one
"""

import argparse
import time

import numpy as np

from librephotos.stacks.components import Reviewed
from librephotos.stacks.finding import find_alike

THRESHOLD = 10
ROWS = 64


def make(count: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Return hashes with as many ones as zeros, as the hash of a picture has; of a tenth a few bits are turned."""
    random = np.random.default_rng(7)
    bits = np.argsort(random.random((count, 64)), axis=1) < 32
    near = count // 10
    bits[-near:] = bits[:near] ^ (random.random((near, 64)) < 0.05)
    return (bits.astype(np.uint64) << np.arange(64, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)


def compare_all(hashes: "np.ndarray[tuple[int], np.dtype[np.uint64]]", rows: int) -> int:
    """Count the close pairs of the first `rows` hashes with all that follow them."""
    found = 0
    for number in range(0, rows, ROWS):
        block = hashes[number : number + ROWS, None] ^ hashes[None, number:]
        found += int(np.count_nonzero(np.bitwise_count(block) <= THRESHOLD))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="?", type=int, default=100_000)
    count = parser.parse_args().photos
    hashes = make(count)
    looks = [(number, f"{each:016x}") for number, each in enumerate(hashes.tolist(), 1)]
    began = time.process_time()
    groups = find_alike(looks, THRESHOLD, Reviewed([]), at_once=10_000).groups()
    spent = time.process_time() - began
    began = time.process_time()
    newer = find_alike(looks, THRESHOLD, Reviewed([]), at_once=10_000, newer_than=count - 1000)
    spent_new = time.process_time() - began
    # A sample of the rows tells the rest: each of them is compared with half of all on the average.
    rows = min(count, 2048)
    began = time.process_time()
    compare_all(hashes, rows)
    floor = (time.process_time() - began) * (count / rows) / 2
    print(f"{count:,} photos, at most {THRESHOLD} bits: {len(groups):,} groups")
    print(f"looked up        {spent:8.2f} s")
    print(f"1,000 new ones   {spent_new:8.2f} s  ({len(newer.groups()):,} groups)")
    print(f"each with each   {floor:8.2f} s  (from {rows:,} rows)")
    print(f"ratio            {floor / spent:8.2f}  times as fast")


if __name__ == "__main__":
    main()
