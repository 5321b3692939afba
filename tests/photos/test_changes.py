"""What follows a changed photo: its day is counted and named anew."""

from typing import Any

from librephotos.photos.changes import photos_changed
from tests.builders import Builder
from tests.instance import Account, Instance


def change(instance: Instance, builder: Builder, owner: Account, of: Any, **columns: Any) -> None:
    builder.change_photo(owner, of, **columns)
    instance.db.commit(photos_changed, owner.user_id, [of.photo_id])


def day(instance: Instance, owner: Account) -> tuple[int, str]:
    with instance.db.snapshot() as tx:
        sql = f"SELECT photo_count, location FROM day WHERE owner_id = {owner.user_id}"
        row = tx.connection.execute(sql).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_day_is_called_by_the_first_visible_place(instance: Instance, builder: Builder) -> None:
    owner = instance.add_user()
    early, late = (
        builder.add_photo(owner, taken_local=f"2023-07-01T{hour}:00:00", with_files=False)
        for hour in ("08", "20")
    )
    change(instance, builder, owner, late, place="Bern")
    assert day(instance, owner) == (2, "Bern")
    change(instance, builder, owner, early, place="Basel")
    assert day(instance, owner) == (2, "Basel")
    change(instance, builder, owner, early, is_hidden=True)
    assert day(instance, owner) == (1, "Bern")
    change(instance, builder, owner, late, place="")
    assert day(instance, owner) == (1, "")
