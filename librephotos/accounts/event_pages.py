"""Reading the audit log: a person's own events, everybody's for admins, by page or all of them piece by piece."""

from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal, or_, select

from librephotos.accounts.schemas import AuditEvent
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import audit_event
from librephotos.db.transactions import Tx
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock, json

RECENT: Final = 10
_LAST_ID: Final = 2**62


class Filters(msgspec.Struct, frozen=True):
    """What of the log is asked for; None is anything. `viewer` keeps to a person's own events.

    `user` is the actor or the subject, `name` either's name; `since` and `until` are instants, `until` not included.
    """

    viewer: int | None = None
    kind: str | None = None
    result: str | None = None
    address: str | None = None
    user: int | None = None
    name: str | None = None
    since: int | None = None
    until: int | None = None

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}


def _of(name: str) -> ColumnElement[bool]:
    return or_(audit_event.c.subject_id == bindparam(name), audit_event.c.actor_id == bindparam(name))


_CONDITIONS: Final[dict[str, ColumnElement[bool]]] = {
    "viewer": _of("viewer"),
    "user": _of("user"),
    "name": or_(audit_event.c.actor_name == bindparam("name"), audit_event.c.target == bindparam("name")),
    "kind": audit_event.c.kind == bindparam("kind"),
    "result": audit_event.c.result == bindparam("result"),
    "address": audit_event.c.address == bindparam("address"),
    "since": audit_event.c.latest_at >= bindparam("since"),
    "until": audit_event.c.happened_at < bindparam("until"),
}


def _event(*row: Any) -> AuditEvent:  # the columns of _select, in the order of the struct
    values = list(row)
    values[1:3] = (clock.iso_micro(instant) for instant in row[1:3])
    values[-1] = json.loads(row[-1])
    return AuditEvent(*values)


def _select(names: tuple[str, ...]) -> Any:  # a select
    address: Any = audit_event.c.address
    user_agent: Any = audit_event.c.user_agent
    if "viewer" in names:
        # Where an admin sits when changing somebody's account is not that person's business.
        is_anothers = audit_event.c.actor_id != bindparam("viewer")
        address = case((is_anothers, literal("")), else_=address)
        user_agent = case((is_anothers, literal("")), else_=user_agent)
    return (
        select(
            audit_event.c.id,
            audit_event.c.happened_at,
            audit_event.c.latest_at,
            audit_event.c.occurrence_count,
            audit_event.c.kind,
            audit_event.c.result,
            audit_event.c.actor_id,
            audit_event.c.actor_name,
            audit_event.c.subject_id,
            audit_event.c.method,
            address,
            user_agent,
            audit_event.c.target,
            audit_event.c.detail,
        )
        .where(and_(True, *(_CONDITIONS[name] for name in names)))
        .order_by(audit_event.c.id.desc())
        .limit(bindparam("size"))
    )


@lru_cache(maxsize=512)
def _page(names: tuple[str, ...]) -> Statement[AuditEvent]:
    return Statement(_select(names).offset(bindparam("skip")), _event)


@lru_cache(maxsize=512)
def _piece(names: tuple[str, ...]) -> Statement[AuditEvent]:
    return Statement(_select(names).where(audit_event.c.id < bindparam("before")), _event)


@lru_cache(maxsize=512)
def _count(names: tuple[str, ...]) -> Statement[int]:
    conditions = and_(True, *(_CONDITIONS[name] for name in names))
    return Statement(select(func.count()).select_from(audit_event).where(conditions), scalar)


def list_events(tx: Tx, filters: Filters, page: PageRequest) -> Page[AuditEvent]:
    """Return one page, newest first. Raises NotFound for a page beyond the last."""
    given = filters.given()
    names = tuple(given)
    count = tx.one(_count(names), **given)
    page = page.settle(count)
    return page.answer(count, tx.all(_page(names), **given, size=page.size, skip=page.offset))


def list_piece(tx: Tx, filters: Filters, before: int | None, size: int) -> list[AuditEvent]:
    """Return up to `size` events older than the one with id `before`, newest first; None begins with the newest."""
    given = filters.given()
    return tx.all(_piece(tuple(given)), **given, before=_LAST_ID if before is None else before, size=size)


def list_recent(tx: Tx, user_id: int) -> list[AuditEvent]:
    return list_piece(tx, Filters(viewer=user_id), None, RECENT)
