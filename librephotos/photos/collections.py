"""Albums that the server fills, such as places and events: their members, and what is stored of them to be listed.

A room makes one `Collection` for its tables and registers it as a follower. Who puts photos into an album or takes
them out ends the transaction with `photos_changed`, as every writer does; then the counts are right.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Boolean, Table, bindparam, case, delete, func, literal_column, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import photo
from librephotos.db.tables.photos import VISIBLE
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.photos.tombstones import Entity, record_deletions

COVERS: Final = 4
_VISIBLE: Any = literal_column(f"({VISIBLE})", Boolean())


class Collection:
    """The albums of one kind: `albums` and its `members` as in `db/tables/collections.py`.

    Counts move by the difference between what members say and what their photos are: counting anew the tens of
    thousands of photos of a country would hold up every other writer.
    """

    def __init__(self, entity: Entity, albums: Table, members: Table) -> None:
        self.entity = entity
        self.albums = albums
        album_id, photo_id = members.c.album_id, members.c.photo_id
        shown = case((members.c.is_shown.is_(True), 1), else_=0)
        is_changed = is_in(photo_id, "photo_ids")
        of_photo = photo.c.id == photo_id
        mine = select(albums.c.id).where(albums.c.owner_id == bindparam("owner"))
        self._put = statement(upsert(members, key=["album_id", "photo_id"], update=[]))
        self._differences: Statement[tuple[int, int]] = Statement(
            select(album_id, func.sum(case((_VISIBLE, 1), else_=0) - shown))
            .select_from(members.join(photo, of_photo))
            .where(is_changed)
            .group_by(album_id)
            .order_by(album_id),
            _pair,
        )
        refresh = update(members).values(
            is_shown=select(_VISIBLE).where(of_photo).correlate(members).scalar_subquery(),
            taken_local=select(func.coalesce(photo.c.taken_local, ""))
            .where(of_photo)
            .correlate(members)
            .scalar_subquery(),
        )
        self._refresh = statement(refresh.where(is_changed))
        self._refresh_all = statement(refresh.where(album_id.in_(mine)))
        self._losses: Statement[tuple[int, int]] = Statement(
            select(album_id, -func.sum(shown)).where(is_changed).group_by(album_id).order_by(album_id), _pair
        )
        in_album = album_id == bindparam("album_id")
        self._losses_of_one: Statement[tuple[int, int]] = Statement(
            select(album_id, -func.sum(shown)).where(in_album, is_changed).group_by(album_id), _pair
        )
        self._remove = statement(delete(members).where(in_album, is_changed))
        self._take_out = statement(delete(members).where(is_changed))
        self._counts: Statement[tuple[int, int, str]] = Statement(
            select(
                albums.c.id,
                select(func.coalesce(func.sum(shown), 0))
                .where(album_id == albums.c.id)
                .correlate(albums)
                .scalar_subquery()
                - albums.c.photo_count,
                albums.c.cover_ids,
            )
            .where(albums.c.owner_id == bindparam("owner"))
            .order_by(albums.c.id),
            lambda row_id, difference, covers: (row_id, int(difference), covers),
        )
        self._covers = Statement(
            select(albums.c.id, *(_nth(albums, members, place) for place in range(COVERS))).where(
                is_in(albums.c.id, "album_ids")
            ),
            lambda row_id, *covers: (row_id, [each for each in covers if each is not None]),
        )
        self._store = statement(
            update(albums)
            .where(albums.c.id == bindparam("row_id"))
            .values(
                photo_count=albums.c.photo_count + bindparam("difference"),
                cover_ids=bindparam("covers"),
            )
        )
        self._drop_empty = Statement(
            delete(albums)
            .where(is_in(albums.c.id, "album_ids"), albums.c.id.not_in(select(album_id)))
            .returning(albums.c.id),
            scalar,
        )
        self._delete = Statement(
            delete(albums)
            .where(albums.c.owner_id == bindparam("owner"), is_in(albums.c.id, "album_ids"))
            .returning(albums.c.id),
            scalar,
        )

    def put(self, tx: Tx, pairs: Iterable[tuple[int, int]]) -> None:
        """Make photos members: pairs of an album's and a photo's id. Those that are already stay."""
        tx.execute_many(
            self._put, [{"album_id": album_id, "photo_id": photo_id} for album_id, photo_id in pairs]
        )

    def take_out(self, tx: Tx, photo_ids: Sequence[int]) -> list[int]:
        """Take photos out of all albums of this kind; return these albums, which may be empty now."""
        asked = id_list(photo_ids)
        losses = tx.all(self._losses, photo_ids=asked)
        tx.execute(self._take_out, photo_ids=asked)
        self._keep(tx, losses)
        return [album_id for album_id, _ in losses]

    def remove(self, tx: Tx, album_id: int, photo_ids: Sequence[int]) -> None:
        """Take photos out of one album, which may be empty then."""
        asked = id_list(photo_ids)
        losses = tx.all(self._losses_of_one, album_id=album_id, photo_ids=asked)
        tx.execute(self._remove, album_id=album_id, photo_ids=asked)
        self._keep(tx, losses)

    def drop_empty(self, tx: Tx, owner_id: int, album_ids: Sequence[int]) -> None:
        """Delete those of the albums that have no member left."""
        dropped = tx.all(self._drop_empty, album_ids=id_list(album_ids))
        record_deletions(tx, owner_id, self.entity, dropped)

    def delete(self, tx: Tx, owner_id: int, album_ids: Sequence[int]) -> list[int]:
        """Delete albums of an owner, never their photos; return those that were there."""
        deleted = tx.all(self._delete, owner=owner_id, album_ids=id_list(album_ids))
        record_deletions(tx, owner_id, self.entity, deleted)
        return deleted

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        """Follow a change of photos: whether they are seen, when they were taken, how they look as covers."""
        asked = id_list(photo_ids)
        differences = tx.all(self._differences, photo_ids=asked)
        if differences:
            tx.execute(self._refresh, photo_ids=asked)
            self._keep(tx, differences)

    def recount(self, tx: Tx, owner_id: int) -> None:
        """Count all albums of an owner anew, whatever is stored. What was right stays as it is."""
        tx.execute(self._refresh_all, owner=owner_id)
        counted = tx.all(self._counts, owner=owner_id)
        covers = self._find_covers(tx, [album_id for album_id, _, _ in counted])
        self._keep(
            tx,
            [
                (album_id, difference)
                for album_id, difference, stored in counted
                if difference or json.loads(stored) != covers.get(album_id)
            ],
        )

    def _find_covers(self, tx: Tx, album_ids: Sequence[int]) -> dict[int, list[int]]:
        return dict(tx.all(self._covers, album_ids=id_list(album_ids)))

    def _keep(self, tx: Tx, differences: Sequence[tuple[int, int]]) -> None:
        if not differences:
            return
        covers = self._find_covers(tx, [album_id for album_id, _ in differences])
        rows = [
            {
                "row_id": album_id,
                "difference": difference,
                "covers": json.dumps(covers.get(album_id, [])),
            }
            for album_id, difference in differences
        ]
        tx.execute_many(self._store, rows)
        tx.touch(self.albums, [album_id for album_id, _ in differences])


def _pair(album_id: int, count: Any) -> tuple[int, int]:  # sums are of a type of their own on PostgreSQL
    return album_id, int(count)


def _nth(albums: Table, members: Table, place: int) -> Any:  # a scalar subquery
    """The photo at a place among the newest that are shown."""
    return (
        select(members.c.photo_id)
        .where(members.c.album_id == albums.c.id, members.c.is_shown.is_(True))
        .order_by(members.c.taken_local.desc(), members.c.photo_id.desc())
        .limit(1)
        .offset(place)
        .correlate(albums)
        .scalar_subquery()
        .label(f"cover_{place}")
    )
