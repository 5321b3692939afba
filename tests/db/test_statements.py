"""Statements compile once per dialect, take named parameters and give rows as they say."""

from sqlalchemy import bindparam, exists, insert, literal, select, update

from librephotos.db.statements import (
    Statement,
    as_row,
    id_list,
    in_bits,
    is_in,
    like_pattern,
    scalar,
    statement,
)
from librephotos.db.tables import day
from librephotos.db.tables import user as user_table
from tests.instance import Account, Instance


def test_none_in_a_statement_is_a_value_and_not_a_parameter_that_is_missing(
    instance: Instance, user: Account
):
    add = Statement(insert(day).values(owner_id=bindparam("owner"), date=None).returning(day.c.id), scalar)
    change = statement(
        update(day).where(day.c.id == bindparam("day")).values(date=bindparam("on"), location="x")
    )
    clear = statement(update(day).where(day.c.id == bindparam("day")).values(date=None))
    get = Statement(select(day.c.date, day.c.location).where(day.c.id == bindparam("day")), as_row)
    with instance.db.transaction() as tx:
        row_id = tx.one(add, owner=user.user_id)
        assert tx.execute(change, day=row_id, on="2026-01-01") == 1
        assert tx.one(get, day=row_id) == ("2026-01-01", "x")
        assert tx.execute(clear, day=row_id) == 1
        assert tx.one(get, day=row_id) == (None, "x")


def test_a_list_parameter_takes_any_number_of_numbers_or_texts(
    instance: Instance, user: Account, stranger: Account
):
    by_id = Statement(select(user_table.c.id).where(is_in(user_table.c.id, "ids")), scalar)
    by_name = Statement(select(user_table.c.id).where(is_in(user_table.c.username, "names")), scalar)
    both = sorted([user.user_id, stranger.user_id])
    with instance.db.snapshot() as tx:
        assert tx.all(by_id, ids=id_list([])) == []
        assert sorted(tx.all(by_id, ids=id_list([*both, 10**12]))) == both
        assert sorted(tx.all(by_name, names=id_list([user.username, stranger.username, 'x"]']))) == both
        assert tx.statement_count == 3


def test_boolean_columns_are_booleans_on_every_database(instance: Instance, user: Account):
    get = Statement(
        select(user_table.c.is_active, literal(1)).where(user_table.c.id == bindparam("of")), as_row
    )
    with instance.db.snapshot() as tx:
        assert tx.one(get, of=user.user_id) == (True, 1)
        assert isinstance(tx.one(get, of=user.user_id)[0], bool)


def test_truths_stand_in_one_number_the_first_lowest(instance: Instance, user: Account):
    is_there, columns = exists().where(day.c.owner_id == user_table.c.id).correlate(user_table), user_table.c
    truths = (columns.is_active, columns.is_superuser, is_there, columns.avatar.is_(None))
    get = Statement(select(in_bits(*truths)).where(columns.id == bindparam("of")), scalar)
    add = statement(insert(day).values(owner_id=bindparam("owner"), date="2026-01-01"))
    with instance.db.transaction() as tx:
        assert tx.one(get, of=user.user_id) == 0b1001
        tx.execute(add, owner=user.user_id)
        assert tx.one(get, of=user.user_id) == 0b1101


def test_wildcards_in_what_people_search_for_mean_themselves():
    assert like_pattern("50%_\\x") == "%50\\%\\_\\\\x%"
