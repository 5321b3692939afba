"""The audit log: who did what, how, from where, to what, and with what result. Rows are only ever added.

`record` belongs into the transaction of what it tells of: both happen or neither. Texts of callers are escaped and cut
on the way in, so that none can forge a line; secrets have no field, and what looks like one is hidden.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, Literal, Protocol, get_args

import msgspec
import structlog
from sqlalchemy import bindparam, case, func, insert, select

from librephotos.accounts.viewer import ANONYMOUS, Viewer
from librephotos.db.database import Database
from librephotos.db.statements import Statement, scalar, statement, upsert_with
from librephotos.db.tables import audit_event
from librephotos.db.transactions import Tx
from librephotos.errors import LibrePhotosError
from librephotos.http.origin import Proxies
from librephotos.kit import clock, json
from librephotos.kit.logs import HIDDEN, scrub

log = structlog.get_logger()

Kind = Literal[
    "sign_in",
    "sign_in_failed",
    "signed_out",
    "session_ended",
    "sessions_ended",
    "refresh_reused",
    "password_changed",
    "second_factor_changed",
    "user_created",
    "user_changed",
    "user_deleted",
    "key_created",
    "key_changed",
    "key_rotated",
    "key_revoked",
    "key_refused",
    "share_changed",
    "link_refused",
    "settings_changed",
    "photos_deleted",
    "photos_exported",
    "metadata_saved",
    "duplicates_reviewed",
    "secret_rotated",
    "limited",
]
Result = Literal["ok", "refused"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
RESULTS: Final[tuple[str, ...]] = get_args(Result)
OK: Final = "ok"
REFUSED: Final = "refused"

# What callers without an account can cause at will: alike ones of an hour are one row with a count, an address has at
# most so many rows of a kind an hour and then one for the rest, and all addresses together likewise.
ANYBODYS: Final = frozenset({"sign_in_failed", "key_refused", "link_refused", "limited"})
ROWS_PER_ADDRESS: Final = 10
ROWS_PER_HOUR: Final = 1_000

NAME_CHARS: Final = 150
ADDRESS_CHARS: Final = 64
TEXT_CHARS: Final = 200
DETAIL_CHARS: Final = 2_000
# A token of ours, also one that is cut short.
_TOKEN = re.compile(r"eyJ[\w-]{5,}[\w.-]*")


class Origin(msgspec.Struct, frozen=True):
    """Who acts, how they signed in and from where. `method` is a viewer's, or such as `password`, `cli`, `system`."""

    address: str = ""
    user_agent: str = ""
    method: str = "none"
    actor_id: int | None = None
    actor_name: str = ""


def trace(
    scope: Any, proxies: Proxies, viewer: Viewer = ANONYMOUS, method: str = ""
) -> Origin:  # an ASGI scope
    """Return the origin of a request; `method` where it is not the viewer's."""
    user_agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return Origin(
        address=proxies.origin(scope).address,
        user_agent=user_agent.decode("latin-1"),
        method=method or viewer.method,
        actor_id=None if viewer.is_anonymous else viewer.user_id,
        actor_name=viewer.username,
    )


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened. `subject_id` is the account that it concerns, `target` a short name of the thing, `detail` small.

    `repeats`: alike events of one hour share a row with a count, as those of `ANYBODYS` always do.
    """

    kind: Kind
    origin: Origin = Origin()
    subject_id: int | None = None
    target: str = ""
    result: Result = OK
    detail: Mapping[str, Any] = {}
    at: int | None = None
    repeats: bool = False


_COLUMNS = (
    "happened_at",
    "latest_at",
    "kind",
    "actor_id",
    "actor_name",
    "subject_id",
    "method",
    "address",
    "user_agent",
    "target",
    "result",
    "detail",
)
_INSERT = statement(insert(audit_event).values({name: bindparam(name) for name in _COLUMNS}))


def _one_more(again: Any) -> dict[str, Any]:  # the row that was to be inserted
    latest = audit_event.c.latest_at
    return {
        "occurrence_count": audit_event.c.occurrence_count + 1,
        # The clocks of two processes may differ, and this never goes back.
        "latest_at": case((latest < again.latest_at, again.latest_at), else_=latest),
    }


_MERGE = statement(
    upsert_with(audit_event, columns=(*_COLUMNS, "merge_key"), key=["merge_key"], changes=_one_more)
)
_IS_KNOWN = Statement(
    select(audit_event.c.id).where(audit_event.c.merge_key == bindparam("merge_key")), scalar
)
# Keys are hexadecimal, so that every collation has them in one order, and "g" comes after all of a prefix.
_COUNT = Statement(
    select(func.count())
    .select_from(audit_event)
    .where(audit_event.c.merge_key >= bindparam("low"), audit_event.c.merge_key < bindparam("high")),
    scalar,
)


def record(tx: Tx, event: Event) -> None:
    """Add an event to the log in this transaction; once it is committed, it is a line of the server's log too."""
    row = _row(event)
    # Whoever reads the lines counts them one by one: each says all that the rows of a flood no longer say.
    told = row
    if event.kind in ANYBODYS:
        row = _merged(tx, row)
    elif event.repeats:
        row["merge_key"] = _key("b", row)
    tx.execute(_MERGE if "merge_key" in row else _INSERT, **row)
    tx.on_commit(lambda: _tell(told))


def tell(event: Event) -> None:
    """Say in the server's log only what happens too often to be written down each time."""
    _tell(_row(event))


def _tell(row: Mapping[str, Any]) -> None:
    """Write the line; the order of its fields is a format, which `deploy/fail2ban/` reads."""
    told = {name: row[name] for name in _COLUMNS if name not in ("happened_at", "latest_at", "detail")}
    log.info("audit", **told, detail=json.loads(row["detail"]))


def _row(event: Event) -> dict[str, Any]:
    origin = event.origin
    at = clock.now() if event.at is None else event.at
    detail = json.dumps(_plain(event.detail))
    return {
        "happened_at": at,
        "latest_at": at,
        "kind": event.kind,
        "actor_id": origin.actor_id,
        "actor_name": plain(origin.actor_name, NAME_CHARS),
        "subject_id": event.subject_id,
        "method": plain(origin.method, ADDRESS_CHARS),
        "address": plain(origin.address, ADDRESS_CHARS),
        "user_agent": plain(origin.user_agent, TEXT_CHARS),
        "target": plain(event.target, TEXT_CHARS),
        "result": event.result,
        "detail": detail if len(detail) <= DETAIL_CHARS else '{"cut":true}',
    }


def _merged(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with the key that it shares; of a flood goes first whom it was aimed at, then its address."""
    key = _key("a", row)
    if tx.first(_IS_KNOWN, merge_key=key) is not None:
        return {**row, "merge_key": key}
    hour, of_address = key[:9], key[:25]
    anonymous = {**row, "subject_id": None, "target": "", "user_agent": "", "method": ""}
    if _count(tx, hour) >= ROWS_PER_HOUR:
        return {**anonymous, "address": "", "detail": '{"merged":"hour"}', "merge_key": hour + "0" * 32}
    if _count(tx, of_address) >= ROWS_PER_ADDRESS:
        return {**anonymous, "detail": '{"merged":"address"}', "merge_key": of_address + "0" * 16}
    return {**row, "merge_key": key}


def _count(tx: Tx, prefix: str) -> int:
    count: int = tx.one(_COUNT, low=prefix, high=prefix + "g")
    return count


def _key(use: str, row: Mapping[str, Any]) -> str:
    """Return 41 characters: the use, the hour (8), kind and network (16), and all else that makes two events alike."""
    rest = (row[name] for name in ("actor_id", "subject_id", "method", "target", "result", "detail"))
    hour = row["happened_at"] // clock.HOUR
    return f"{use}{hour:08x}{_digest(row['kind'], network_of(row['address']))}{_digest(*rest)}"


def _digest(*parts: object) -> str:
    return hashlib.blake2b(json.dump_bytes(parts), digest_size=8).hexdigest()


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """A household has a whole IPv6 /64 of addresses, so that one of them counts for all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped.exploded if parsed.ipv4_mapped else parsed.exploded[:19]
    return address


def plain(text: str, limit: int) -> str:
    """Return `text` on one line: cut, whatever does not print escaped as in Python, whatever looks secret hidden."""
    shown, length = [], 0
    for char in _TOKEN.sub(HIDDEN, scrub(text[: 4 * limit])):
        kept = char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode()
        length += len(kept)
        if length > limit:
            break
        shown.append(kept)
    return "".join(shown)


def _plain(value: Any) -> Any:  # JSON
    if isinstance(value, str):
        return plain(value, TEXT_CHARS)
    if isinstance(value, Mapping):
        return {plain(str(name), TEXT_CHARS): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value


def signed_in(origin: Origin, user_id: int, username: str, **detail: int) -> Event:
    """A success: the account itself is the actor. What has no session, Basic and keys, says so again and again."""
    return Event(
        kind="sign_in",
        origin=msgspec.structs.replace(origin, actor_id=user_id, actor_name=username),
        subject_id=user_id,
        target=username,
        detail=detail,
        repeats="session" not in detail,
    )


def failed_sign_in(origin: Origin, user_id: int | None, username: str, *, reason: str) -> Event:
    """A failure; without an account nothing of the name that was given, which may have been a password."""
    return Event(
        kind="sign_in_failed",
        origin=msgspec.structs.replace(origin, actor_id=None, actor_name=""),
        subject_id=user_id,
        target=username,
        result=REFUSED,
        detail={"reason": reason},
    )


class Account(Protocol):
    """What a failed sign-in is told of."""

    @property
    def user_id(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def is_active(self) -> bool | int: ...


def failed_login(origin: Origin, account: Account | None) -> Event:
    """A wrong password, or any for an account that is unknown or disabled; callers are not told which."""
    if account is None:
        return failed_sign_in(origin, None, "", reason="unknown")
    reason = "password" if account.is_active else "inactive"
    return failed_sign_in(origin, account.user_id, account.username, reason=reason)


def refused_key(  # whose key it was, where one was known by its secret
    origin: Origin, user_id: int | None, username: str, key_id: int | None, *, reason: str
) -> Event:
    """A key that does not work; of one that is none nothing is written down."""
    detail: dict[str, Any] = {"reason": reason}
    if key_id is not None:
        detail["key"] = key_id
    return Event(
        kind="key_refused",
        origin=origin,
        subject_id=user_id,
        target=username,
        result=REFUSED,
        detail=detail,
    )


def refused_link(origin: Origin) -> Event:
    """Somebody asked for a public link that is none; what they asked for may be a mistyped one, and is not kept."""
    return Event(kind="link_refused", origin=origin, result=REFUSED, detail={"reason": "unknown"})


def refused_attempt(origin: Origin, user_id: int | None, username: str) -> Event:
    """The limiter let nobody try."""
    return Event(
        kind="limited",
        origin=origin,
        subject_id=user_id,
        target=username,
        result=REFUSED,
        detail={"reason": "limited"},
    )


async def record_apart(db: Database, event: Event) -> None:
    """Record what no other write belongs to. A busy database loses the event, and the server's log says so."""
    try:
        await db.write(record, event)
    except LibrePhotosError as error:
        log.warning("audit event lost", kind=event.kind, reason=error.message)
