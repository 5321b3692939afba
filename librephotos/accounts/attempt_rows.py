"""The table of attempts and the devices that accounts know: the truth that every process and every start shares."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, or_, select, update
from sqlalchemy.sql import ClauseElement

from librephotos.accounts.attempts import Policy
from librephotos.accounts.facts import find_fact, set_fact
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement, upsert_with
from librephotos.db.tables import known_device, login_attempt
from librephotos.db.transactions import Tx
from librephotos.kit import clock

KEY_FACT = "attempts_key"


def get_key(tx: Tx) -> str:
    """Return the key of all digests here, made at the first use.

    It is not the key that signs tokens: changing that one must neither forgive guesses nor make devices strangers.
    """
    tx.lock("attempts key")
    key = find_fact(tx, KEY_FACT)
    if key is None:
        key = secrets.token_hex(32)
        set_fact(tx, KEY_FACT, key)
    return key


_KNOWN = Statement(
    select(known_device.c.digest).where(
        known_device.c.user_id == bindparam("user_id"), is_in(known_device.c.digest, "digests")
    ),
    scalar,
)
_BLOCKED = Statement(
    select(login_attempt.c.bucket, login_attempt.c.blocked_until).where(
        is_in(login_attempt.c.bucket, "buckets"), login_attempt.c.blocked_until > bindparam("now")
    ),
    as_row,
)


def find_known(tx: Tx, user_id: int, digests: Sequence[str]) -> set[str]:
    """Return those of `digests` that stand for devices of the user."""
    return set(tx.all(_KNOWN, user_id=user_id, digests=id_list(digests)))


def find_blocked(tx: Tx, buckets: Sequence[str]) -> dict[str, int]:
    """Return the ends of the waits of those of `buckets` that are blocked now."""
    return dict(tx.all(_BLOCKED, buckets=id_list(buckets), now=clock.now()))


def _one_more(again: Any) -> dict[str, Any]:  # the row that was to be inserted
    is_over = login_attempt.c.window_ends_at <= bindparam("now")
    return {
        "failure_count": case((is_over, 1), else_=login_attempt.c.failure_count + 1),
        "window_ends_at": case((is_over, again.window_ends_at), else_=login_attempt.c.window_ends_at),
    }


def _count(dialect: str) -> ClauseElement:
    columns = ("bucket", "failure_count", "window_ends_at", "blocked_until")
    build: Any = upsert_with(login_attempt, columns=columns, key=["bucket"], changes=_one_more)(dialect)
    counted: ClauseElement = build.returning(login_attempt.c.failure_count)
    return counted


_COUNT = Statement(_count, scalar)
_BLOCK = statement(
    update(login_attempt)
    .where(
        login_attempt.c.bucket == bindparam("the_bucket"), login_attempt.c.blocked_until < bindparam("until")
    )
    .values(blocked_until=bindparam("until"))
)


def count_failure(tx: Tx, buckets: Mapping[str, Policy]) -> dict[str, int]:
    """Count a failure in each bucket and return the ends of the waits that it costs.

    The first statement holds the row until the transaction ends, so that no parallel failure is lost; all transactions
    take their rows in one order, so that none waits for another in a circle.
    """
    now = clock.now()
    waits = {}
    for bucket in sorted(buckets):
        policy = buckets[bucket]
        count = tx.one(
            _COUNT,
            bucket=bucket,
            failure_count=1,
            window_ends_at=now + policy.window,
            blocked_until=0,
            now=now,
        )
        wait = policy.wait_after(count)
        if wait:
            waits[bucket] = now + wait
            tx.execute(_BLOCK, the_bucket=bucket, until=now + wait)
    return waits


_FORGET = statement(delete(login_attempt).where(login_attempt.c.bucket == bindparam("the_bucket")))


def forget_failures(tx: Tx, bucket: str) -> None:
    """Let a bucket begin anew."""
    tx.execute(_FORGET, the_bucket=bucket)


def _seen_again(again: Any) -> dict[str, Any]:  # the row that was to be inserted
    return {"last_used_at": again.last_used_at}


_REMEMBER = statement(
    upsert_with(
        known_device,
        columns=("user_id", "digest", "created_at", "last_used_at"),
        key=["user_id", "digest"],
        changes=_seen_again,
    )
)
_IS_ANYBODYS = Statement(
    select(known_device.c.id).where(known_device.c.digest == bindparam("digest")).limit(1), scalar
)


def is_any_device(tx: Tx, digest: str) -> bool:
    """Whether a device is known to any account: one browser serves a family."""
    return tx.first(_IS_ANYBODYS, digest=digest) is not None


def remember_device(tx: Tx, user_id: int, digest: str) -> None:
    now = clock.now()
    tx.execute(_REMEMBER, user_id=user_id, digest=digest, created_at=now, last_used_at=now)


DEVICE_KEPT_DAYS = 400
# Of a program that keeps no cookies each sign-in is a new browser, which never comes back.
ONCE_KEPT_DAYS = 90
_PRUNE_ATTEMPTS = statement(
    delete(login_attempt).where(
        login_attempt.c.window_ends_at < bindparam("now"), login_attempt.c.blocked_until < bindparam("now")
    )
)
_PRUNE_DEVICES = statement(
    delete(known_device).where(
        or_(
            known_device.c.last_used_at < bindparam("before"),
            and_(
                known_device.c.last_used_at == known_device.c.created_at,
                known_device.c.created_at < bindparam("once_before"),
            ),
        )
    )
)


def prune_attempts(tx: Tx) -> None:
    """Forget counts whose window is over, and devices that were not used as long as their cookie lasts."""
    now = clock.now()
    tx.execute(_PRUNE_ATTEMPTS, now=now)
    tx.execute(
        _PRUNE_DEVICES,
        before=now - DEVICE_KEPT_DAYS * clock.DAY,
        once_before=now - ONCE_KEPT_DAYS * clock.DAY,
    )
