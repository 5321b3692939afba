"""A page far back in the list of photos is found in the order of an index, without sorting what comes before it."""

import random

import psycopg
import pytest
from sqlalchemy import bindparam, insert

from librephotos.db.statements import Statement, as_row, statement
from librephotos.db.tables import photo
from librephotos.db.transactions import Tx, parameters
from librephotos.kit import clock, ids
from librephotos.photos.queries.details import _own_photos
from tests.builders import Builder
from tests.databases import ON_POSTGRESQL
from tests.instance import Account, Instance

COUNT = 6000
INDEX = "ix_photo_own_visible"


@pytest.fixture
def expected(instance: Instance, user: Account) -> list[str]:
    """Thousands of photos of `user`, every tenth without a time, some hidden; the uuids seen, as they must come."""
    first = Builder(instance).add_photo(user, with_files=False, taken_local=None)
    now = clock.now()
    rows = [
        {
            "uuid": ids.new_uuid(),
            "image_hash": f"{number:032x}{user.user_id}",
            "owner_id": user.user_id,
            "day_id": first.day_id,
            "added_at": now,
            "modified_at": now,
            "taken_local": None if number % 10 == 0 else f"20{number % 20:02}-03-04T05:06:07",
            "aspect_ratio": 1.5,
            "is_hidden": number % 50 == 1,
        }
        for number in range(COUNT)
    ]
    add = statement(insert(photo).values({name: bindparam(f"v_{name}") for name in rows[0]}))
    with instance.db.transaction() as tx:
        tx.execute_many(add, [{f"v_{name}": value for name, value in row.items()} for row in rows])
    if ON_POSTGRESQL:
        # As the server does by itself, a minute later.
        with psycopg.connect(instance.database_url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE photo")
    seen = [row for row in reversed(rows) if not row["is_hidden"]] + [
        {"uuid": first.uuid, "taken_local": None}
    ]
    # By time, then by their order of arrival, both backwards: sorting keeps the order among equals.
    seen.sort(key=lambda row: str(row["taken_local"] or ""), reverse=True)
    return [str(row["uuid"]) for row in seen]


def explain(tx: Tx, of: Statement[object], **values: object) -> str:
    compiled = of.compiled(tx.dialect)
    words = "EXPLAIN" if ON_POSTGRESQL else "EXPLAIN QUERY PLAN"
    rows = tx.connection.execute(f"{words} {compiled.sql}", parameters(compiled, values)).fetchall()
    return "\n".join(str(as_row(*row)[-1]) for row in rows)


def test_the_last_page_is_right_and_found_in_the_order_of_an_index(
    instance: Instance, user: Account, expected: list[str]
) -> None:
    size = 100
    last = (len(expected) - 1) // size + 1
    with instance.client(user.bearer) as client:
        for number in (1, last - 5, last):
            page = client.get(f"/api/photos/?page={number}&page_size={size}").json()
            assert page["count"] == len(expected)
            assert [each["id"] for each in page["results"]] == expected[(number - 1) * size :][:size]
    with instance.db.snapshot() as tx:
        plan = explain(
            tx,
            _own_photos(0, False).page,
            viewer_id=user.user_id,
            key_id=None,
            size=size,
            skipped=(last - 1) * size,
        )
    if ON_POSTGRESQL:
        assert f"Index Only Scan using {INDEX}" in plan
    else:
        assert f"COVERING INDEX {INDEX}" in plan
    assert "Sort" not in plan and "TEMP B-TREE" not in plan, plan


def explain_following(tx: Tx, account: Account) -> str:
    values = {"viewer_id": account.user_id, "key_id": None, "size": 100}
    return explain(
        tx,
        _own_photos(0, False).following,
        **values,
        after_time="2010-03-04T05:06:07",
        after_id=COUNT,
        skipped=0,
    )


def test_page_after_page_is_right_to_the_last_undated_one(
    instance: Instance, user: Account, expected: list[str]
) -> None:
    """A page is found from the end of any page before it that was read since the last change, in whatever order."""
    size = 97
    builder = Builder(instance)
    with instance.client(user.bearer) as client:

        def page(number: int) -> list[str]:
            answer = client.get(f"/api/photos/?page={number}&page_size={size}")
            return [each["id"] for each in answer.json()["results"]]

        pages = range(1, -(-len(expected) // size) + 1)
        assert [uuid for number in pages for uuid in page(number)] == expected
        # What changes moves what follows: nothing that was known before counts.
        newest = builder.add_photo(user, with_files=False, taken_local="2030-01-01T00:00:00")
        assert [uuid for number in pages for uuid in page(number)] == [newest.uuid, *expected][
            : len(pages) * size
        ]
        builder.change_photo(user, newest, is_hidden=True)
        for number in random.Random(3).sample(pages, len(pages)):
            assert page(number) == expected[(number - 1) * size :][:size]
    with instance.db.snapshot() as tx:
        plan = explain_following(tx, user)
    if not ON_POSTGRESQL:
        assert f"COVERING INDEX {INDEX} (owner_id=? AND taken_local<?)" in plan, plan
    assert "Sort" not in plan and "TEMP B-TREE" not in plan, plan
