"""What tests of changes read straight from the tables."""

from typing import Any

from tests.builders import Photo
from tests.instance import Account, Instance


def read_all(instance: Instance, sql: str) -> list[tuple[Any, ...]]:
    with instance.db.snapshot() as tx:
        return [tuple(row) for row in tx.connection.execute(sql).fetchall()]


def photo_row(instance: Instance, of: Photo, *columns: str) -> tuple[Any, ...]:
    """Values of a photo's columns; of a single one the tuple has one value."""
    (row,) = read_all(instance, f"SELECT {', '.join(columns)} FROM photo WHERE id = {of.photo_id}")
    return row


def day_count(instance: Instance, of: Photo) -> int:
    ((count,),) = read_all(instance, f"SELECT photo_count FROM day WHERE id = {of.day_id}")
    return int(count)


def list_version(instance: Instance, account: Account) -> int:
    sql = f'SELECT list_version FROM "user" WHERE id = {account.user_id}'
    return int(read_all(instance, sql)[0][0])


def events_of(instance: Instance, account: Account, kind: str) -> list[tuple[Any, ...]]:
    """Target and detail of the events of a kind that concern an account, in order."""
    return read_all(
        instance,
        f"SELECT target, detail FROM audit_event WHERE subject_id = {account.user_id} AND kind = '{kind}' ORDER BY id",
    )
