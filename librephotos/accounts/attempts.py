"""How failed sign-ins are counted and what they cost. Decisions only: counts and times in, waiting times out.

A failure counts in buckets. One of a stranger's counts against the account's name and against the network that it came
from; one of a device that the account is known to use counts against that device alone, so that no stranger can lock it
out and it can't guess without end either.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, Literal

import msgspec

from librephotos.kit import clock

Kind = Literal[
    "account",
    "device",
    "network",
    "site",
    "link network",
    "link site",
    "reset account",
    "reset network",
    "reset site",
]

FREE_FAILURES: Final = 10
# Links that have ended are opened again and again by people who guess nothing.
LINK_FACTOR: Final = 5
# A site of IPv6 (/48) has 65,536 networks (/64) to come from.
SITE_FACTOR: Final = 10
# How often a client may ask for a mail, where no setting says otherwise.
RESET_RATE: Final = "5/hour"
FIRST_WAIT: Final = clock.SECOND
LONGEST_WAIT: Final = 15 * clock.MINUTE
NETWORK_PREFIX: Final = 64
SITE_PREFIX: Final = 48


class Policy(msgspec.Struct, frozen=True):
    """`free` failures cost nothing; then waits double. The count begins anew a `window` after its first failure."""

    free: int = FREE_FAILURES
    window: int = clock.DAY
    first_wait: int = FIRST_WAIT
    longest_wait: int = LONGEST_WAIT

    def wait_after(self, failures: int) -> int:
        """Return how long nothing more is tried once there are so many failures, in microseconds."""
        beyond = failures - self.free
        if beyond <= 0:
            return 0
        # No need for a number of a million bits.
        return min(self.first_wait << min(beyond - 1, 32), self.longest_wait)


class Bucket(msgspec.Struct, frozen=True):
    """What a failure counts against; `value` is a name, an address's network or a digest."""

    kind: Kind
    value: str


def buckets_of_stranger(name: str | None, address: str) -> list[Bucket]:
    """Return what a failure of an unknown device counts against; without a name (of a key, say) only where from."""
    # Blanks around and in a name make it no other account's.
    account = [] if name is None else [Bucket("account", "".join(name.split()))]
    return [*account, *buckets_of_address(address)]


def buckets_of_address(address: str) -> list[Bucket]:
    """Return an IPv4 address, or the /64 and the /48 of an IPv6 one: a household has a /64 at the least."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return [
            Bucket("network", str(ip_network((parsed, NETWORK_PREFIX), strict=False))),
            Bucket("site", str(ip_network((parsed, SITE_PREFIX), strict=False))),
        ]
    return [Bucket("network", str(parsed) if parsed else address)]


def buckets_of_visitor(address: str) -> list[Bucket]:
    """Return what a guess at a public link counts against: the same networks, in buckets of their own.

    Whoever opens dead links must not hold up the sign-ins of their household, nor failed sign-ins its links.
    """
    kinds: dict[Kind, Kind] = {"network": "link network", "site": "link site"}
    return [Bucket(kinds[each.kind], each.value) for each in buckets_of_address(address)]


def buckets_of_reset(email: str, address: str) -> list[Bucket]:
    """Return what asking for a mail counts against: the address that it goes to, and where it is asked from."""
    kinds: dict[Kind, Kind] = {"network": "reset network", "site": "reset site"}
    places = [Bucket(kinds[each.kind], each.value) for each in buckets_of_address(address)]
    return [Bucket("reset account", "".join(email.split())), *places]


def parse_rate(rate: str) -> Policy:
    """Return the policy of a setting such as `5/hour`: so many go, and then none until as long has passed."""
    count, _, period = rate.partition("/")
    unit = {"s": clock.SECOND, "m": clock.MINUTE, "h": clock.HOUR, "d": clock.DAY}[period[0]]
    return _reset_policy(int(count), unit)


def _reset_policy(count: int, window: int) -> Policy:
    return Policy(count - 1, window, first_wait=window, longest_wait=window)


def network_of(address: str) -> str:
    """Return the narrowest network that an address stands for."""
    return buckets_of_address(address)[0].value


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def policies(network_failures: int = FREE_FAILURES, reset_rate: str = RESET_RATE) -> dict[Kind, Policy]:
    """Return the policy of each kind of bucket; `network_failures` are free to a network in an hour."""
    reset = parse_rate(reset_rate)
    return {
        "account": Policy(),
        "device": Policy(),
        "network": Policy(network_failures, clock.HOUR),
        "site": Policy(network_failures * SITE_FACTOR, clock.HOUR),
        "link network": Policy(network_failures * LINK_FACTOR, clock.HOUR),
        "link site": Policy(network_failures * LINK_FACTOR * SITE_FACTOR, clock.HOUR),
        "reset account": reset,
        "reset network": reset,
        "reset site": _reset_policy((reset.free + 1) * SITE_FACTOR, reset.window),
    }


def retry_after_seconds(blocked_until: int, now: int) -> int:
    """Return whole seconds to wait, at least 1, so that whoever waits them is not refused again."""
    return max(1, -(-(blocked_until - now) // clock.SECOND))
