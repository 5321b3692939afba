"""Making, changing, sharing and deleting user albums. Photos are never touched."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.user_albums import MODEL
from librephotos.albums.schemas import EditedAlbum
from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import album, album_photo, album_share, photo, user
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, NotFound, Refusal
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock
from librephotos.kit.clock import iso
from librephotos.photos.changes import lists_changed
from librephotos.photos.queries.albums import IS_SHARED_WITH_VIEWER
from librephotos.photos.queries.selections import list_selected, lock_photos
from librephotos.photos.selection import Named, Selection
from librephotos.photos.sights import list_members, meet, sights_changed
from librephotos.photos.tombstones import record_deletions, withdraw_deletions
from librephotos.photos.visibility import VIEWER_ID

TITLE_TAKEN = "You already have an album with this title."
LOCKED = "This album is locked. Unlock it to change its photos."


class AlbumChange(msgspec.Struct, frozen=True):
    """What to change; None stays as it is. `cover` is the name of a photo, empty for none."""

    title: str | None = None
    added: Selection = Named(())
    removed: tuple[str, ...] = ()
    cover: str | None = None
    is_locked: bool | None = None


class _Stored(msgspec.Struct, frozen=True):
    album_id: int
    title: str
    saved_at: int
    is_favorite: bool
    is_locked: bool
    cover_uuid: str | None


_cover = select(photo.c.uuid).where(photo.c.id == album.c.cover_photo_id).correlate(album).scalar_subquery()
_COLUMNS = (album.c.id, album.c.title, album.c.saved_at, album.c.is_favorite, album.c.is_locked, _cover)
_IS_OWN = album.c.owner_id == VIEWER_ID
_OWN = Statement(select(*_COLUMNS).where(album.c.id == bindparam("album_id"), _IS_OWN), _Stored)
_LIST_OWN = Statement(
    select(*_COLUMNS)
    .where(_IS_OWN)
    .order_by(album.c.title, album.c.id)
    .limit(bindparam("size"))
    .offset(bindparam("skipped")),
    _Stored,
)
_COUNT_OWN = Statement(select(func.count()).select_from(album).where(_IS_OWN), scalar)
_BY_TITLE = Statement(select(album.c.id).where(album.c.title == bindparam("wanted_title"), _IS_OWN), scalar)
_INSERT = Statement(
    insert(album)
    .values(
        owner_id=bindparam("owner"),
        title=bindparam("title"),
        saved_at=bindparam("now"),
        modified_at=UNSTAMPED,
    )
    .returning(album.c.id),
    scalar,
)
_SAVE = statement(update(album).where(album.c.id == bindparam("row_id")).values(saved_at=bindparam("now")))
_SET_TITLE = statement(
    update(album).where(album.c.id == bindparam("row_id")).values(title=bindparam("new_title"))
)
_SET_LOCK = statement(
    update(album).where(album.c.id == bindparam("row_id")).values(is_locked=bindparam("new_lock"))
)
_SET_COVER = statement(
    update(album).where(album.c.id == bindparam("row_id")).values(cover_photo_id=bindparam("new_cover"))
)
_PUT = statement(upsert(album_photo, key=["album_id", "photo_id"], update=[]))
_TAKE = statement(
    delete(album_photo).where(
        album_photo.c.album_id == bindparam("row_id"), is_in(album_photo.c.photo_id, "photo_ids")
    )
)
_MEMBERS = Statement(
    select(album_photo.c.album_id, photo.c.uuid)
    .select_from(album_photo.join(photo, photo.c.id == album_photo.c.photo_id))
    .where(is_in(album_photo.c.album_id, "album_ids"))
    .order_by(photo.c.taken_local, photo.c.id),
    as_row,
)
_DELETE = statement(delete(album).where(album.c.id == bindparam("row_id")))
_SHAREES = Statement(
    select(album_share.c.user_id).where(album_share.c.album_id == bindparam("row_id")), scalar
)


def require_own(tx: Tx, viewer: Viewer, album_id: int) -> None:
    """Raises NotFound for an album that is not the viewer's, shared ones included."""
    _own(tx, viewer, album_id)


def get_edited(tx: Tx, viewer: Viewer, album_id: int) -> EditedAlbum:
    """Return an own album by the UUIDs of its photos. Raises NotFound."""
    return _edited(tx, [_own(tx, viewer, album_id)])[0]


def list_edited(tx: Tx, viewer: Viewer, asked: PageRequest) -> Page[EditedAlbum]:
    """Return a page of own albums by title, empty ones too."""
    count: int = tx.one(_COUNT_OWN, viewer_id=viewer.user_id)
    page = asked.settle(count)
    rows = tx.all(_LIST_OWN, viewer_id=viewer.user_id, size=page.size, skipped=page.offset)
    return page.answer(count, _edited(tx, rows))


def create_empty(tx: Tx, viewer: Viewer, title: str) -> int:
    """Make an album without photos; return its id. Raises BadInput for a title that the viewer uses."""
    _lock(tx, viewer)
    _refuse_taken(tx, viewer, title, None)
    lists_changed(tx, viewer.user_id)
    return _insert(tx, viewer, title)


def create_or_change(tx: Tx, viewer: Viewer, title: str, change: AlbumChange) -> EditedAlbum:
    """Make an album, or change the viewer's album of this title. A new one has nothing to remove."""
    _lock(tx, viewer)
    known: int | None = tx.first(_BY_TITLE, wanted_title=title, viewer_id=viewer.user_id)
    album_id = _insert(tx, viewer, title) if known is None else known
    return change_album(tx, viewer, album_id, change)


def change_album(tx: Tx, viewer: Viewer, album_id: int, change: AlbumChange) -> EditedAlbum:
    """Change an own album: title, removal, cover, addition, in this order. Raises NotFound, BadInput."""
    _lock(tx, viewer)
    stored = _own(tx, viewer, album_id)
    added = _added(tx, viewer, change.added)
    removed = [each.photo.photo_id for each in list_selected(tx, viewer, Named(change.removed))]
    is_locked = stored.is_locked if change.is_locked is None else change.is_locked
    if (added or removed) and stored.is_locked and is_locked:
        raise BadInput.of("locked", LOCKED)
    if change.title is not None and change.title != stored.title:
        _refuse_taken(tx, viewer, change.title, album_id)
        tx.execute(_SET_TITLE, row_id=album_id, new_title=change.title)
    if removed:
        tx.execute(_TAKE, row_id=album_id, photo_ids=id_list(removed))
    if change.cover is not None:
        tx.execute(_SET_COVER, row_id=album_id, new_cover=_cover_id(tx, viewer, change.cover))
    tx.execute_many(_PUT, [{"album_id": album_id, "photo_id": photo_id} for photo_id in added])
    if change.is_locked is not None:
        tx.execute(_SET_LOCK, row_id=album_id, new_lock=change.is_locked)
    sights_changed(tx, {*added, *removed})
    _save(tx, viewer, album_id)
    return get_edited(tx, viewer, album_id)


def delete_album(tx: Tx, viewer: Viewer, album_id: int) -> None:
    """Delete an own album with its link and shares, never its photos. Raises NotFound."""
    _lock(tx, viewer)
    lock_photos(tx, viewer.user_id)
    _own(tx, viewer, album_id)
    members = list_members(tx, album_id)
    for user_id in (viewer.user_id, *tx.all(_SHAREES, row_id=album_id)):
        record_deletions(tx, user_id, "album_user", [album_id])
    tx.execute(_DELETE, row_id=album_id)
    sights_changed(tx, members)
    lists_changed(tx, viewer.user_id)


def _lock(tx: Tx, viewer: Viewer) -> None:
    tx.lock(f"albums of {viewer.user_id}")


def _own(tx: Tx, viewer: Viewer, album_id: int) -> _Stored:
    stored = tx.first(_OWN, album_id=album_id, viewer_id=viewer.user_id)
    if stored is None:
        raise NotFound.of(MODEL)
    return stored


def _insert(tx: Tx, viewer: Viewer, title: str) -> int:
    album_id: int = tx.one(_INSERT, owner=viewer.user_id, title=title, now=clock.now())
    tx.touch(album, [album_id])
    return album_id


def _save(tx: Tx, viewer: Viewer, album_id: int) -> None:
    tx.execute(_SAVE, row_id=album_id, now=clock.now())
    tx.touch(album, [album_id])
    lists_changed(tx, viewer.user_id)


def _refuse_taken(tx: Tx, viewer: Viewer, title: str, album_id: int | None) -> None:
    if tx.first(_BY_TITLE, wanted_title=title, viewer_id=viewer.user_id) not in (None, album_id):
        raise BadInput.of("title", TITLE_TAKEN)


def _added(tx: Tx, viewer: Viewer, added: Selection) -> list[int]:
    """Raises BadInput for a name that is none of the viewer's photos."""
    found = list_selected(tx, viewer, added)
    if isinstance(added, Named):
        names = {name.lower() for each in found for name in (each.photo.uuid, each.photo.image_hash)}
        for text in added.texts:
            if text.lower() not in names:
                raise _unknown("photos", text)
    return [each.photo.photo_id for each in found]


def _cover_id(tx: Tx, viewer: Viewer, name: str) -> int | None:
    if not name:
        return None
    found = list_selected(tx, viewer, Named((name,)))
    if not found:
        raise _unknown("cover_photo", name)
    return found[0].photo.photo_id


def _unknown(field: str, name: str) -> BadInput:
    return BadInput.of(field, f'Invalid pk "{name}" - object does not exist.')


def _edited(tx: Tx, rows: Sequence[_Stored]) -> list[EditedAlbum]:
    members: dict[int, list[str]] = {row.album_id: [] for row in rows}
    for album_id, uuid in tx.all(_MEMBERS, album_ids=id_list(members)):
        members[album_id].append(uuid)
    return [
        EditedAlbum(
            row.album_id,
            row.title,
            members[row.album_id],
            iso(row.saved_at),
            row.is_favorite,
            row.is_locked,
            row.cover_uuid,
        )
        for row in rows
    ]


# --- shares

_FIND_USER = Statement(
    select(user.c.id).where(user.c.id == bindparam("target"), user.c.is_active.is_(True)), scalar
)
_KNOWN: Statement[Row] = Statement(
    select(album.c.owner_id, IS_SHARED_WITH_VIEWER).where(album.c.id == bindparam("album_id")), as_row
)
_SHARE = statement(upsert(album_share, key=["album_id", "user_id"], update=[]))
_UNSHARE = statement(
    delete(album_share).where(
        album_share.c.album_id == bindparam("row_id"), album_share.c.user_id == bindparam("target")
    )
)


def share_album(tx: Tx, viewer: Viewer, album_id: int, target: int, *, is_shared: bool) -> None:
    """Share an own album with an account, or no longer. Raises Refusal with the published messages."""
    # Whoever adds photos to it meanwhile is to see the share, or this the photos.
    _lock(tx, viewer)
    lock_photos(tx, viewer.user_id)
    if tx.first(_FIND_USER, target=target) is None:
        raise _refused("No such user")
    known: Any = tx.first(_KNOWN, album_id=album_id, viewer_id=viewer.user_id)
    if known is None or (known[0] != viewer.user_id and not known[1]):
        raise _refused("No such album")
    if known[0] != viewer.user_id:
        raise _refused("You cannot share an album you don't own")
    if is_shared and target != viewer.user_id:
        tx.execute(_SHARE, album_id=album_id, user_id=target)
        withdraw_deletions(tx, target, "album_user", [album_id])
        meet(tx, [(target, viewer.user_id)])
    elif tx.execute(_UNSHARE, row_id=album_id, target=target):
        record_deletions(tx, target, "album_user", [album_id])
    sights_changed(tx, list_members(tx, album_id))
    _save(tx, viewer, album_id)


def _refused(message: str) -> Refusal:
    return Refusal(400, {"status": False, "message": message})
