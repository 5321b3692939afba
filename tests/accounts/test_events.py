"""The audit log as a table: what is written, what cannot be changed, and how a flood stays small."""

import json
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, select, update

from librephotos.accounts.events import (
    ROWS_PER_ADDRESS,
    ROWS_PER_HOUR,
    TEXT_CHARS,
    Event,
    Origin,
    plain,
    record,
)
from librephotos.accounts.facts import set_fact
from librephotos.db.guards import CHANGED, DELETED, KEPT_DAYS_FACT
from librephotos.db.migrate import migrate
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import audit_event
from librephotos.errors import LibrePhotosError
from librephotos.kit import clock
from tests.conftest import NewInstance
from tests.instance import Instance

FLOOD = "198.51.100.7"
_ROWS = statement(
    select(audit_event).where(audit_event.c.address == bindparam("address")).order_by(audit_event.c.id)
)
_NAMES = [column.name for column in audit_event.columns]


def rows_from(instance: Instance, address: str) -> list[dict[str, Any]]:
    with instance.db.snapshot() as tx:
        return [dict(zip(_NAMES, row, strict=True)) for row in tx.all(_ROWS, address=address)]


def test_an_event_is_a_row_with_who_what_how_from_where_and_result(instance: Instance):
    origin = Origin("192.0.2.1", "Mozilla/5.0", "bearer", 7, "anna")
    instance.db.commit(
        record,
        Event(kind="user_changed", origin=origin, subject_id=8, target="ben", detail={"fields": ["email"]}),
    )
    (row,) = rows_from(instance, "192.0.2.1")
    assert abs(row["happened_at"] - clock.now()) < clock.MINUTE
    assert {name: row[name] for name in _NAMES if name not in ("id", "happened_at", "latest_at")} == {
        "occurrence_count": 1,
        "kind": "user_changed",
        "actor_id": 7,
        "actor_name": "anna",
        "subject_id": 8,
        "method": "bearer",
        "address": "192.0.2.1",
        "user_agent": "Mozilla/5.0",
        "target": "ben",
        "result": "ok",
        "detail": '{"fields":["email"]}',
        "merge_key": None,
    }


def test_an_event_of_a_transaction_that_fails_is_not_recorded(instance: Instance, capsys: Any):
    origin = Origin("192.0.2.2")

    def fail(tx: Any) -> None:
        record(tx, Event(kind="user_deleted", origin=origin))
        raise LibrePhotosError

    with pytest.raises(LibrePhotosError):
        instance.db.commit(fail)
    assert rows_from(instance, "192.0.2.2") == []
    assert "user_deleted" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plain text, ünïcödé 写真", "plain text, ünïcödé 写真"),
        ('one\r\n{"kind":"sign_in"}', 'one\\r\\n{"kind":"sign_in"}'),
        ("\x00\x1b[2J\x7f\x85\u2028\u202e", "\\x00\\x1b[2J\\x7f\\x85\\u2028\\u202e"),
        ("a\\n", "a\\\\n"),
        ("lone \ud800 surrogate", "lone \\ud800 surrogate"),
        ("Bearer abcdefghijklmnop", "Bearer (hidden)"),
        ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl y", "x (hidden) y"),
        ("https://anna:geheim@example.org/", "https://anna:(hidden)@example.org/"),
        ("a" * 10_000, "a" * TEXT_CHARS),
        ("\n" * 10_000, "\\n" * (TEXT_CHARS // 2)),
    ],
)
def test_texts_are_cut_and_escaped_and_what_looks_secret_is_hidden(given: str, kept: str):
    assert plain(given, TEXT_CHARS) == kept


def test_every_text_of_a_caller_is_escaped_on_the_way_in(instance: Instance):
    evil = "x\r\n\x00\ud800\u2028"
    address = "192.0.2.3"
    origin = Origin(address, evil, evil, None, evil)
    instance.db.commit(
        record, Event(kind="sign_in", origin=origin, target=evil, detail={evil: [evil, {"more": evil}]})
    )
    (row,) = rows_from(instance, address)
    texts = [value for value in row.values() if isinstance(value, str)]
    assert all(char.isprintable() for text in texts for char in text)
    assert json.loads(row["detail"])["x\\r\\n\\x00\\ud800\\u2028"][1] == {
        "more": "x\\r\\n\\x00\\ud800\\u2028"
    }


def test_a_detail_that_is_no_short_one_is_left_out(instance: Instance):
    origin = Origin("192.0.2.4")
    instance.db.commit(record, Event(kind="sign_in", origin=origin, detail={"list": ["word"] * 1000}))
    assert rows_from(instance, "192.0.2.4")[0]["detail"] == '{"cut":true}'


def test_rows_can_not_be_changed(instance: Instance):
    origin = Origin("192.0.2.5")
    instance.db.commit(record, Event(kind="sign_in", origin=origin))
    instance.db.commit(record, Event(kind="sign_in_failed", origin=origin, result="refused"))
    before = rows_from(instance, "192.0.2.5")
    for row in before:
        for name in _NAMES:
            if name in ("id", "merge_key"):
                continue
            value = "forged" if isinstance(row[name], str) else 0
            change = update(audit_event).where(audit_event.c.id == row["id"]).values({name: value})
            with pytest.raises(Exception, match=CHANGED):
                instance.db.commit(lambda tx, change=change: tx.execute(statement(change)))
    assert rows_from(instance, "192.0.2.5") == before


def test_rows_can_not_be_deleted_before_their_time(new_instance: NewInstance):
    instance = new_instance(start=False)
    migrate(instance.database_url, instance.data)
    address = "192.0.2.6"
    for age in (1, 20, 40):
        at = clock.now() - age * clock.DAY
        instance.db.commit(record, Event(kind="sign_in", origin=Origin(address), at=at))
    remove = statement(delete(audit_event).where(audit_event.c.happened_at < bindparam("before")))

    def prune(days: int) -> None:
        instance.db.commit(lambda tx: tx.execute(remove, before=clock.now() - days * clock.DAY))

    with pytest.raises(Exception, match=DELETED):
        prune(30)
    instance.db.commit(set_fact, KEPT_DAYS_FACT, "30")
    with pytest.raises(Exception, match=DELETED):
        prune(10)
    assert len(rows_from(instance, address)) == 3
    prune(30)
    assert len(rows_from(instance, address)) == 2


def failure(address: str, subject: int | None, at: int, **more: Any) -> Event:
    return Event(
        kind="sign_in_failed",
        origin=Origin(address, "curl", "password"),
        subject_id=subject,
        result="refused",
        at=at,
        **more,
    )


def test_alike_failures_of_an_hour_are_one_row_with_a_count(instance: Instance):
    address, hour = "192.0.2.7", clock.now() // clock.HOUR * clock.HOUR
    for minute in (3, 5, 4):
        instance.db.commit(record, failure(address, 11, hour + minute * clock.MINUTE))
    instance.db.commit(record, failure(address, 11, hour - clock.MINUTE))
    rows = rows_from(instance, address)
    assert [row["occurrence_count"] for row in rows] == [3, 1]
    assert rows[0]["happened_at"] == hour + 3 * clock.MINUTE
    assert rows[0]["latest_at"] == hour + 5 * clock.MINUTE


def test_an_address_has_a_bounded_number_of_rows_and_loses_no_count(instance: Instance):
    now = clock.now() // clock.HOUR * clock.HOUR
    for number in range(50):
        instance.db.commit(record, failure(FLOOD, 1000 + number, now + number))
    rows = rows_from(instance, FLOOD)
    assert len(rows) == ROWS_PER_ADDRESS + 1
    assert sum(row["occurrence_count"] for row in rows) == 50
    assert [row["subject_id"] for row in rows] == [*range(1000, 1000 + ROWS_PER_ADDRESS), None]
    assert json.loads(rows[-1]["detail"]) == {"merged": "address"}


def test_the_addresses_of_one_ipv6_network_count_as_one(instance: Instance):
    now = clock.now() // clock.HOUR * clock.HOUR
    for number in range(30):
        instance.db.commit(record, failure(f"2001:db8:7:7::{number:x}", 2000 + number, now + number))
    count = Statement(
        select(func.count()).select_from(audit_event).where(audit_event.c.address.like("2001:db8:7:7:%")),
        scalar,
    )
    with instance.db.snapshot() as tx:
        assert tx.one(count) == ROWS_PER_ADDRESS + 1


def test_a_flood_from_many_addresses_is_bounded_too(new_instance: NewInstance):
    instance = new_instance(start=False)
    migrate(instance.database_url, instance.data)
    now = clock.now() // clock.HOUR * clock.HOUR
    with instance.db.transaction() as tx:
        for number in range(ROWS_PER_HOUR + 200):
            address = f"203.0.{number // 250}.{number % 250}"
            record(tx, failure(address, number, now + number))
    everything = statement(
        select(audit_event.c.address, audit_event.c.occurrence_count).order_by(audit_event.c.id)
    )
    with instance.db.snapshot() as tx:
        rows = tx.all(everything)
    assert len(rows) == ROWS_PER_HOUR + 1
    assert rows[-1] == ("", 200)


def test_what_needs_an_account_is_never_merged_away(instance: Instance):
    now = clock.now() // clock.HOUR * clock.HOUR
    for number in range(30):
        instance.db.commit(record, failure("192.0.2.9", 3000 + number, now + number))
    for _ in range(2):
        instance.db.commit(record, Event(kind="refresh_reused", origin=Origin("192.0.2.9"), result="refused"))
    kinds = [row["kind"] for row in rows_from(instance, "192.0.2.9")]
    assert kinds.count("refresh_reused") == 2


def test_repeating_events_share_a_row_an_hour(instance: Instance):
    hour = clock.now() // clock.HOUR * clock.HOUR
    for number in range(20):
        origin = Origin("192.0.2.10", "curl", "basic", 40 + number % 2, "anna")
        instance.db.commit(record, Event(kind="sign_in", origin=origin, at=hour + number, repeats=True))
    assert [row["occurrence_count"] for row in rows_from(instance, "192.0.2.10")] == [10, 10]
