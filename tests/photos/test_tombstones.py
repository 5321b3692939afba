"""What copies are told to drop."""

from librephotos.kit import clock
from librephotos.photos.tombstones import (
    KEPT_DAYS,
    prune_deletions,
    record_deletions,
    withdraw_deletions,
)
from tests.instance import Account, Instance


def told(instance: Instance, owner: Account) -> list[tuple[str, str]]:
    with instance.db.snapshot() as tx:
        sql = (
            f"SELECT entity, entity_id FROM deletion_log WHERE owner_id = {owner.user_id} ORDER BY entity_id"
        )
        return tx.connection.execute(sql).fetchall()  # type: ignore[return-value]


def test_a_deletion_is_told_once_until_it_is_withdrawn(instance: Instance, user: Account) -> None:
    instance.db.commit(record_deletions, user.user_id, "tag", [1, 2])
    instance.db.commit(record_deletions, user.user_id, "tag", [2])
    instance.db.commit(record_deletions, user.user_id, "album_user", [2])
    assert sorted(told(instance, user)) == [("album_user", "2"), ("tag", "1"), ("tag", "2")]
    instance.db.commit(withdraw_deletions, user.user_id, "tag", [1, 2, 3])
    assert told(instance, user) == [("album_user", "2")]


def test_old_deletions_are_forgotten(instance: Instance, user: Account) -> None:
    instance.db.commit(record_deletions, user.user_id, "tag", [1, 2])
    old = clock.now() - (KEPT_DAYS + 1) * clock.DAY
    with instance.db.transaction() as tx:
        sql = (
            f"UPDATE deletion_log SET deleted_at = {old} WHERE owner_id = {user.user_id} AND entity_id = '1'"
        )
        tx.connection.execute(sql)
    instance.db.commit(prune_deletions)
    assert told(instance, user) == [("tag", "2")]
