"""What was deleted, and for whom: those who keep copies of their lists learn from it what to drop."""

from collections.abc import Iterable
from typing import Final, Literal

from sqlalchemy import bindparam, delete

from librephotos.db.stamps import PENDING
from librephotos.db.statements import id_list, is_in, statement, upsert
from librephotos.db.tables import deletion_log
from librephotos.db.transactions import Tx
from librephotos.kit import clock

Entity = Literal["photo", "person", "album_user", "album_auto", "album_thing", "album_place", "tag"]
KEPT_DAYS: Final = 90

_RECORD = statement(upsert(deletion_log, key=["owner_id", "entity", "entity_id"], update=["deleted_at"]))
_WITHDRAW = statement(
    delete(deletion_log).where(
        deletion_log.c.owner_id == bindparam("owner"),
        deletion_log.c.entity == bindparam("kind"),
        is_in(deletion_log.c.entity_id, "entity_ids"),
    )
)
_PRUNE = statement(delete(deletion_log).where(deletion_log.c.deleted_at < bindparam("before")))


def record_deletions(tx: Tx, owner_id: int, entity: Entity, entity_ids: Iterable[int | str]) -> None:
    """Tell the copies of this account to drop these; photos go by UUID, the rest by number."""
    rows = [
        {"owner_id": owner_id, "entity": entity, "entity_id": str(each), "deleted_at": PENDING}
        for each in entity_ids
    ]
    tx.execute_many(_RECORD, rows)
    if rows:
        tx.touch(deletion_log)


def withdraw_deletions(tx: Tx, owner_id: int, entity: Entity, entity_ids: Iterable[int | str]) -> None:
    """The account sees them again."""
    tx.execute(_WITHDRAW, owner=owner_id, kind=entity, entity_ids=id_list([str(each) for each in entity_ids]))


def prune_deletions(tx: Tx) -> None:
    """Forget what every copy has had the time to learn."""
    tx.execute(_PRUNE, before=clock.now() - KEPT_DAYS * clock.DAY)
