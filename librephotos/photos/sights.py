"""Who sees which photo of others by a share: kept in rows, so that copies of lists are told of what comes and goes.

`photos_changed` follows what becomes of the photos themselves. Whoever changes shares, or which photos a shared album
holds, calls `sights_changed` with these photos afterwards. What is seen is asked of the shares anew each time and
compared with what was: so nobody has to say what they took away, and from whom.
"""

from collections.abc import Collection

import msgspec
from sqlalchemy import bindparam, delete, select, union

from librephotos.db.stamps import UNSTAMPED, lock_rows
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import album, album_photo, album_share, photo, photo_share, sight, user
from librephotos.db.transactions import Tx
from librephotos.photos.tombstones import record_deletions, withdraw_deletions
from librephotos.photos.visibility import IS_VISIBLE


class Seen(msgspec.Struct, frozen=True):
    """One photo that an account sees by a share."""

    user_id: int
    photo_id: int
    owner_id: int
    photo_uuid: str


_ASKED = is_in(photo.c.id, "photo_ids")
_BY_ALBUM = (
    album_photo.join(photo, photo.c.id == album_photo.c.photo_id)
    # An album only vouches for photos of its own owner; added to 0, the owner leads to no index, since all of an
    # owner's albums are more than those that a photo is in.
    .join(album, (album.c.id == album_photo.c.album_id) & (album.c.owner_id + 0 == photo.c.owner_id))
    .join(album_share, album_share.c.album_id == album.c.id)
)
_NOW = Statement(
    union(
        *(
            select(share.c.user_id, photo.c.id, photo.c.owner_id, photo.c.uuid)
            .select_from(source)
            .where(_ASKED, IS_VISIBLE, share.c.user_id != photo.c.owner_id)
            for share, source in (
                (photo_share, photo_share.join(photo, photo.c.id == photo_share.c.photo_id)),
                (album_share, _BY_ALBUM),
            )
        )
    ),
    Seen,
)
_BEFORE: Statement[tuple[int, Seen]] = Statement(
    select(sight.c.id, sight.c.user_id, sight.c.photo_id, sight.c.owner_id, sight.c.photo_uuid)
    .where(is_in(sight.c.photo_id, "photo_ids"))
    .order_by(sight.c.id),
    lambda row_id, *seen: (row_id, Seen(*seen)),
)
_IDS = Statement(select(sight.c.id).where(is_in(sight.c.photo_id, "photo_ids")), scalar)
_PUT = statement(upsert(sight, key=["user_id", "photo_id"], update=["owner_id", "photo_uuid", "modified_at"]))
_DROP = statement(delete(sight).where(is_in(sight.c.id, "row_ids")))
_OF_ALBUM = Statement(
    select(album_photo.c.photo_id)
    .where(album_photo.c.album_id == bindparam("album_id"))
    .order_by(album_photo.c.photo_id),
    scalar,
)


def sights_changed(tx: Tx, photo_ids: Collection[int]) -> None:
    """Follow a change of photos, or of who may see them. The accounts' copies learn of it with this transaction."""
    if not photo_ids:
        return
    asked = id_list(sorted(photo_ids))
    # Somebody may be hiding one of them just now, and others share it: each is to see what the other did.
    lock_rows(tx, photo, photo_ids)
    before = tx.all(_BEFORE, photo_ids=asked)
    now = {(each.user_id, each.photo_id): each for each in tx.all(_NOW, photo_ids=asked)}
    if not before and not now:
        return
    known = {(each.user_id, each.photo_id): each for _, each in before}
    gone = [(row_id, each) for row_id, each in before if (each.user_id, each.photo_id) not in now]
    new = [each for key, each in sorted(now.items()) if known.get(key) != each]
    _drop(tx, gone)
    _add(tx, new)
    tx.touch(sight, tx.all(_IDS, photo_ids=asked))


def meet(tx: Tx, pairs: Collection[tuple[int, int]]) -> None:
    """Have both accounts of each pair be told of the other, since one shares with the other."""
    tx.touch(user, {each for pair in pairs for each in pair})


def list_members(tx: Tx, album_id: int) -> list[int]:
    """Return all photos of a user album."""
    return tx.all(_OF_ALBUM, album_id=album_id)


def _drop(tx: Tx, gone: Collection[tuple[int, Seen]]) -> None:
    if not gone:
        return
    tx.execute(_DROP, row_ids=id_list([row_id for row_id, _ in gone]))
    for user_id, uuids in _by_user([each for _, each in gone]).items():
        record_deletions(tx, user_id, "photo", uuids)


def _add(tx: Tx, new: Collection[Seen]) -> None:
    if not new:
        return
    tx.execute_many(_PUT, [{**msgspec.structs.asdict(each), "modified_at": UNSTAMPED} for each in new])
    for user_id, uuids in _by_user(new).items():
        withdraw_deletions(tx, user_id, "photo", uuids)
    meet(tx, {(each.user_id, each.owner_id) for each in new})


def _by_user(rows: Collection[Seen]) -> dict[int, list[str]]:
    uuids: dict[int, list[str]] = {}
    for each in rows:
        uuids.setdefault(each.user_id, []).append(each.photo_uuid)
    return {user_id: sorted(uuids[user_id]) for user_id in sorted(uuids)}
