"""Holds guessing back, for every way in: asks before anything is verified, counts after it failed.

    attempt = await limiter.begin(origin, name, user_id)       # TooManyRequests
    async with limiter.turn(attempt):                          # TooManyRequests
        if not await pool.verify(password, stored):
            await limiter.failed(attempt, failed_sign_in(origin, user_id, name, reason="password"))
            raise NotAuthenticated
    ... in the transaction of the success: limiter.succeeded(tx, attempt, user_id)

The truth is in the database (`attempt_rows.py`), shared by all processes; this process remembers ends of waits only, so
that a refusal costs no statement. Whether an account exists makes no difference to any step.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from librephotos.accounts import attempt_rows
from librephotos.accounts.attempts import (
    FREE_FAILURES,
    RESET_RATE,
    Bucket,
    Policy,
    buckets_of_reset,
    buckets_of_stranger,
    buckets_of_visitor,
    network_of,
    policies,
    retry_after_seconds,
)
from librephotos.accounts.events import Event, Origin, record, record_apart, refused_attempt, tell
from librephotos.accounts.turns import Turns
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import TooManyRequests
from librephotos.kit import clock, ids

NOBODY: Final = 0
REMEMBERED: Final = 10_000
MAX_COOKIE_CHARS: Final = 64


class Attempt(msgspec.Struct, frozen=True):
    """One try to get in: what a failure of it counts against, by the digests of the buckets.

    `place` stands for network and user agent, `cookie` for the token of the browser's cookie (empty without one).
    """

    origin: Origin
    user_id: int | None
    name: str
    buckets: dict[str, Policy]
    is_known: bool
    place: str
    cookie: str
    token: str


class Limiter:
    """One process's door to the table of attempts."""

    def __init__(
        self, db: Database, network_failures: int = FREE_FAILURES, reset_rate: str = RESET_RATE
    ) -> None:
        self.db = db
        self.turns = Turns()
        self._policies = policies(network_failures, reset_rate)
        self._key = b""
        self._blocked: OrderedDict[str, int] = OrderedDict()
        self._told: OrderedDict[str, int] = OrderedDict()

    async def begin(
        self, origin: Origin, name: str | None = None, user_id: int | None = None, token: str = ""
    ) -> Attempt:
        """Return the attempt of whoever asks for the account `name`. Raises TooManyRequests while it is blocked.

        `user_id` is the account's, None where there is none; `token` is that of the device's cookie.
        """
        await self._load_key()
        place = self._digest("place", network_of(origin.address), origin.user_agent)
        cookie = self._digest("cookie", token) if 0 < len(token) <= MAX_COOKIE_CHARS else ""
        devices = [device for device in (cookie, place) if device]
        strange = self._digests(buckets_of_stranger(name, origin.address))
        known, blocked = await self.db.read(self._standing, user_id or NOBODY, devices, list(strange))
        device = next((each for each in devices if each in known), None)
        buckets = strange
        if device is not None:
            buckets = {self._device_bucket(user_id or NOBODY, device): self._policies["device"]}
        attempt = Attempt(
            origin=origin,
            user_id=user_id,
            name=name if name is not None and user_id is not None else "",
            buckets=buckets,
            is_known=device is not None,
            place=place,
            cookie=cookie,
            token=token if cookie else "",
        )
        self._remember(blocked)
        await self._refuse_blocked(attempt)
        return attempt

    async def begin_at_link(self, origin: Origin) -> Attempt:
        """Return the attempt of whoever asks for a public link that could be guessed. Raises TooManyRequests."""
        await self._load_key()
        attempt = _nameless(origin, self._digests(buckets_of_visitor(origin.address)))
        self._remember(await self.db.read(attempt_rows.find_blocked, list(attempt.buckets)))
        await self._refuse_blocked(attempt)
        return attempt

    async def ask_for_reset(self, origin: Origin, email: str) -> None:
        """Count a mail that is asked for, whether or not the address is anybody's. Raises TooManyRequests."""
        await self._load_key()
        attempt = _nameless(origin, self._digests(buckets_of_reset(email, origin.address)))
        # A flood is refused from memory.
        await self._refuse_blocked(attempt)
        is_counted, waits = await self.db.write(_count_if_free, attempt.buckets)
        self._remember(waits)
        if not is_counted:
            await self._refuse_blocked(attempt)

    @asynccontextmanager
    async def turn(self, attempt: Attempt) -> AsyncIterator[None]:
        """Wait for the attempt's turn to be verified. Raises TooManyRequests: others may have failed meanwhile.

        What fails is counted before the next has its turn, so that a crowd tries no more than one after the other.
        """
        async with self.turns.turn(is_known=attempt.is_known):
            self._remember(await self.db.read(attempt_rows.find_blocked, list(attempt.buckets)))
            await self._refuse_blocked(attempt)
            yield

    async def failed(self, attempt: Attempt, event: Event) -> None:
        """Count a failure and record `event`, together. Raises Unavailable, and then nobody learns that it was one."""
        self._remember(await self.db.write(_count, attempt, event))

    def succeeded(self, tx: Tx, attempt: Attempt, user_id: int) -> None:
        """Remember where a success came from, in its transaction; what the device itself got wrong is forgiven."""
        if attempt.is_known:
            for bucket in attempt.buckets:
                attempt_rows.forget_failures(tx, bucket)
        attempt_rows.remember_device(tx, user_id, attempt.place)

    def mark_device(self, tx: Tx, attempt: Attempt, user_id: int) -> str:
        """Remember the browser too and return the token for its cookie: its own, where one of ours was sent."""
        if attempt.cookie and attempt_rows.is_any_device(tx, attempt.cookie):
            token, cookie = attempt.token, attempt.cookie
        else:
            token = ids.new_token()
            cookie = self._digest("cookie", token)
        attempt_rows.remember_device(tx, user_id, cookie)
        return token

    def bucket_of_place(self, attempt: Attempt, user_id: int) -> str:
        """Return the bucket of the next attempt from the same place, for `is_blocked`."""
        return self._device_bucket(user_id, attempt.place)

    def is_blocked(self, bucket: str) -> bool:
        """Whether this process knows of a wait; for what was verified before and would cost nothing to guess."""
        return self._blocked.get(bucket, 0) > clock.now()

    async def _load_key(self) -> None:
        if not self._key:
            self._key = bytes.fromhex(await self.db.write(attempt_rows.get_key))

    async def _refuse_blocked(self, attempt: Attempt) -> None:
        until = self._until(attempt)
        if not until:
            return
        event = refused_attempt(attempt.origin, attempt.user_id, attempt.name)
        if self._is_news(attempt):
            await record_apart(self.db, event)
        else:
            tell(event)
        raise TooManyRequests(retry_after_seconds(until, clock.now()))

    def _until(self, attempt: Attempt) -> int:
        """Return the end of the longest wait, 0 where there is none."""
        until = max(self._blocked.get(bucket, 0) for bucket in attempt.buckets)
        return until if until > clock.now() else 0

    def _is_news(self, attempt: Attempt) -> bool:
        """Whether nobody was refused yet in this wait: a refusal of a flood must not cost a write."""
        ends = {bucket: self._blocked[bucket] for bucket in attempt.buckets if bucket in self._blocked}
        if all(self._told.get(bucket) == end for bucket, end in ends.items()):
            return False
        _keep(self._told, ends)
        return True

    def _remember(self, blocked: dict[str, int]) -> None:
        _keep(self._blocked, blocked)

    def _standing(
        self, tx: Tx, user_id: int, devices: Sequence[str], strange: Sequence[str]
    ) -> tuple[set[str], dict[str, int]]:
        known = attempt_rows.find_known(tx, user_id, devices)
        of_devices = [self._device_bucket(user_id, device) for device in devices]
        return known, attempt_rows.find_blocked(tx, [*strange, *of_devices])

    def _digests(self, buckets: Sequence[Bucket]) -> dict[str, Policy]:
        return {self._digest(each.kind, each.value): self._policies[each.kind] for each in buckets}

    def _device_bucket(self, user_id: int, device: str) -> str:
        return self._digest("device", str(user_id), device)

    def _digest(self, *parts: str) -> str:
        """Return 32 hex characters that nobody without the key can tell a name, an address or a token from."""
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]


def _nameless(origin: Origin, buckets: dict[str, Policy]) -> Attempt:
    return Attempt(
        origin=origin, user_id=None, name="", buckets=buckets, is_known=False, place="", cookie="", token=""
    )


def _count_if_free(tx: Tx, buckets: dict[str, Policy]) -> tuple[bool, dict[str, int]]:
    """Count in each bucket unless one is blocked; return whether it was done, and the ends of the waits."""
    # Many at once must not all find room for one.
    tx.lock("password resets")
    blocked = attempt_rows.find_blocked(tx, list(buckets))
    if blocked:
        return False, blocked
    return True, attempt_rows.count_failure(tx, buckets)


def _count(tx: Tx, attempt: Attempt, event: Event) -> dict[str, int]:
    record(tx, event)
    return attempt_rows.count_failure(tx, attempt.buckets)


def _keep(memory: OrderedDict[str, int], more: dict[str, int]) -> None:
    for bucket, until in more.items():
        memory[bucket] = until
        memory.move_to_end(bucket)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
