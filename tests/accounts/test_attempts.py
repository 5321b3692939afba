"""What failures cost: waits that grow and end, for any order of times; and which networks are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from librephotos.accounts.attempts import (
    LONGEST_WAIT,
    Bucket,
    Policy,
    buckets_of_address,
    buckets_of_stranger,
    network_of,
    policies,
    retry_after_seconds,
)
from librephotos.kit import clock

NETWORK, ACCOUNT = policies()["network"], policies()["account"]


def tries_within(policy: Policy, duration: int, gaps: list[int]) -> int:
    """Count what a guesser gets through who comes back as soon as the wait is over, or some time later."""
    at, count, window_ends_at, tries = 0, 0, 0, 0
    for gap in [*gaps, *[0] * 10_000]:
        if at > duration:
            break
        tries += 1
        if at >= window_ends_at:
            count, window_ends_at = 0, at + policy.window
        count += 1
        at += policy.wait_after(count) + gap
    return tries


def test_ten_failures_cost_nothing_and_then_waits_double_to_a_quarter_of_an_hour():
    assert [ACCOUNT.wait_after(count) for count in range(11)] == [0] * 11
    seconds = [ACCOUNT.wait_after(count) // clock.SECOND for count in range(11, 23)]
    assert seconds == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_waits_never_shrink_and_never_pass_the_longest(count: int, free: int):
    policy = Policy(free)
    assert 0 <= policy.wait_after(count) <= policy.wait_after(count + 1) <= LONGEST_WAIT


def test_the_stated_numbers_are_what_gets_through():
    assert tries_within(NETWORK, clock.MINUTE, []) == 16
    assert tries_within(NETWORK, clock.HOUR - 1, []) == 23
    assert tries_within(ACCOUNT, clock.DAY - 1, []) == 115


@given(st.lists(st.integers(0, 2 * clock.HOUR), max_size=60))
def test_no_pauses_let_more_through_than_stated(gaps: list[int]):
    # Two counts may meet in one hour, and two in one day.
    assert tries_within(NETWORK, clock.HOUR - 1, gaps) <= 2 * 23
    assert tries_within(ACCOUNT, clock.DAY - 1, gaps) <= 2 * 115


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "", True),
        ("unix", "elsewhere", False),
    ],
)
def test_a_network_is_an_ipv4_address_or_the_64_of_an_ipv6_one(one: str, other: str, is_same: bool):
    assert (network_of(one) == network_of(other)) is is_same


def test_a_site_of_ipv6_counts_too_and_has_more_for_nothing():
    ours, theirs = buckets_of_address("2001:db8:1:2::1"), buckets_of_address("2001:db8:1:3::1")
    assert ours[0] != theirs[0]
    assert ours[1] == theirs[1] == Bucket("site", "2001:db8:1::/48")
    assert policies()["site"].free == 100


def test_blanks_make_no_other_account():
    assert len({tuple(buckets_of_stranger(name, "")) for name in ("ann", " ann", "a nn\t", "ann\u3000")}) == 1
    assert [bucket.kind for bucket in buckets_of_stranger(None, "192.0.2.1")] == ["network"]


@given(st.integers(-10, 10**12))
def test_whoever_waits_as_told_has_waited_long_enough(wait: int):
    seconds = retry_after_seconds(wait, 0)
    assert seconds >= 1
    assert seconds * clock.SECOND >= wait
