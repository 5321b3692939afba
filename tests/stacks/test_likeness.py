"""Looking pairs up gives the very pairs that comparing each with each gives."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from librephotos.stacks.components import Components, Reviewed
from librephotos.stacks.finding import find_alike
from librephotos.stacks.likeness import close_pairs, to_hashes

# Few bits differ, so that many pairs are near each other.
BITS = st.lists(st.integers(0, 63), max_size=9).map(lambda places: sum(1 << each for each in set(places)))
HASHES = st.lists(BITS, min_size=1, max_size=25, unique=True)
THRESHOLDS = st.sampled_from((0, 3, 5, 8))


def compared(hashes: list[int], threshold: int) -> set[tuple[int, int]]:
    pairs = combinations(range(len(hashes)), 2)
    return {(one, other) for one, other in pairs if (hashes[one] ^ hashes[other]).bit_count() <= threshold}


@settings(max_examples=30)
@given(HASHES, THRESHOLDS, st.integers(1, 3))
def test_every_close_pair_is_found_and_no_other(hashes: list[int], threshold: int, at_once: int) -> None:
    asked = to_hashes([f"{each:016x}" for each in hashes])
    found = set()
    for left, right in close_pairs(asked, threshold, at_once=at_once):
        found |= {tuple(sorted(pair)) for pair in zip(left.tolist(), right.tolist(), strict=True)}
    assert found == compared(hashes, threshold)


@settings(max_examples=30)
@given(HASHES, THRESHOLDS, st.integers(0, 25))
def test_new_photos_find_all_that_they_are_alike_to(hashes: list[int], threshold: int, seen: int) -> None:
    looks = [(number, f"{each:016x}") for number, each in enumerate(hashes, 1)]
    expected = Components()
    for one, other in compared(hashes, threshold):
        if max(one, other) + 1 > seen:
            expected.join(one + 1, other + 1)
    found = find_alike(looks, threshold, Reviewed([]), at_once=2, newer_than=seen)
    assert found.groups() == expected.groups()


def test_pairs_that_were_decided_about_connect_nothing() -> None:
    same = [(number, "00000000ffffffff") for number in (1, 2, 3)]
    near = [(4, "00000000fffffffe")]
    groups = find_alike([*same, *near], 4, Reviewed([[1, 2], [2, 3], [1, 3]]), at_once=100).groups()
    assert groups == [[1, 2, 3, 4]]
    assert find_alike(same, 4, Reviewed([[1, 2], [2, 3], [1, 3]]), at_once=100).groups() == []
    assert find_alike(same, 4, Reviewed([[1, 2], [1, 3]]), at_once=100).groups() == [[2, 3]]
