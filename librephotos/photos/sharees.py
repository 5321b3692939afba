"""With whom photos are shared, and what those who no longer see them have to drop from their copies.

Whoever takes a share away calls `follow_shares` afterwards, with those who had it; what becomes of the photos
themselves (hidden, trashed, shown again) is followed by `SHAREES`, as by every other room.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import bindparam, select, union, update

from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement
from librephotos.db.tables import album, album_photo, album_share, photo, photo_share
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.photos.tombstones import record_deletions, withdraw_deletions
from librephotos.photos.visibility import IS_VISIBLE

_ASKED = is_in(photo.c.id, "photo_ids")
_BY_ALBUM = (
    album_photo.join(photo, photo.c.id == album_photo.c.photo_id)
    .join(album, album.c.id == album_photo.c.album_id)
    .join(album_share, album_share.c.album_id == album.c.id)
)
# Directly, or in an album of the photo's owner; of albums of others a share says nothing.
_RIGHTS = Statement(
    union(
        select(photo_share.c.user_id, photo.c.uuid, IS_VISIBLE)
        .select_from(photo_share.join(photo, photo.c.id == photo_share.c.photo_id))
        .where(_ASKED),
        select(album_share.c.user_id, photo.c.uuid, IS_VISIBLE)
        .select_from(_BY_ALBUM)
        .where(_ASKED, album.c.owner_id == photo.c.owner_id),
    ),
    as_row,
)
_UUIDS = Statement(select(photo.c.uuid).where(_ASKED), scalar)
_SHAREES = Statement(
    select(album_share.c.user_id).where(album_share.c.album_id == bindparam("album_id")), scalar
)
_MEMBERS = Statement(
    select(photo.c.id)
    .select_from(album_photo.join(photo, photo.c.id == album_photo.c.photo_id))
    .join(album, album.c.id == album_photo.c.album_id)
    .where(album_photo.c.album_id == bindparam("album_id"), album.c.owner_id == photo.c.owner_id)
    .order_by(photo.c.id),
    scalar,
)
_TOUCH = statement(update(photo).where(_ASKED).values(modified_at=bindparam("now")))


def list_album_sharees(tx: Tx, album_id: int) -> list[int]:
    return tx.all(_SHAREES, album_id=album_id)


def list_vouched(tx: Tx, album_id: int) -> list[int]:
    """Return the photos of an album that sharing it shares: those of its own owner."""
    return tx.all(_MEMBERS, album_id=album_id)


def list_sharees(tx: Tx, photo_ids: Collection[int]) -> set[int]:
    """Return everybody who has any of these photos shared with them, in whatever way."""
    return {user_id for user_id, _, _ in tx.all(_RIGHTS, photo_ids=id_list(photo_ids))}


def follow_shares(tx: Tx, photo_ids: Collection[int], withdrawn_from: Iterable[int] = ()) -> None:
    """Tell the copies of those who have, or had, these photos shared with them what to drop and what they see again."""
    if not photo_ids:
        return
    asked = id_list(photo_ids)
    seen: dict[int, set[str]] = {}
    gone: dict[int, set[str]] = {}
    for user_id, uuid, is_visible in tx.all(_RIGHTS, photo_ids=asked):
        (seen if is_visible else gone).setdefault(user_id, set()).add(uuid)
    former = set(withdrawn_from)
    if former:
        uuids = set(tx.all(_UUIDS, photo_ids=asked))
        for user_id in former:
            gone.setdefault(user_id, set()).update(uuids - seen.get(user_id, set()))
    for user_id, dropped in gone.items():
        record_deletions(tx, user_id, "photo", sorted(dropped))
    for user_id, kept in seen.items():
        withdraw_deletions(tx, user_id, "photo", sorted(kept))


def touch_shared(tx: Tx, photo_ids: Collection[int]) -> None:
    """Move the time of change of photos that somebody sees from now on: copies ask for what is later than their own."""
    if photo_ids:
        tx.execute(_TOUCH, photo_ids=id_list(photo_ids), now=clock.now())


class Sharees:
    """Follows photos that their owner hides, trashes or removes, and those that come back."""

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        follow_shares(tx, photo_ids)

    def recount(self, tx: Tx, owner_id: int) -> None:
        """Nothing is counted."""


SHAREES = Sharees()
