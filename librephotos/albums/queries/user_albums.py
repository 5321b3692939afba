"""User albums as people see them: lists, one album with its photos, and what visitors of its link see."""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, true

from librephotos.accounts.viewer import ANONYMOUS, Viewer
from librephotos.albums.filters import MediaFilter
from librephotos.albums.masking import SharingSettings, effective_settings, mask_items
from librephotos.albums.queries.grouped import chosen
from librephotos.albums.queries.listed import Search, search_values
from librephotos.albums.schemas import PublicAlbum, UserAlbum
from librephotos.db.statements import Row, Statement, as_row, contains, id_list, is_in, scalar
from librephotos.db.tables import album, album_link, album_photo, album_share, photo, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock, json
from librephotos.kit.clock import iso_or_none
from librephotos.photos.grid import pig_photo
from librephotos.photos.groups import group_by_day
from librephotos.photos.queries.albums import (
    IS_SHARED_WITH_VIEWER,
    WITH_OWNER_AND_LINK,
    AlbumRow,
    album_items,
    listed_albums,
    sharees_of,
    sharing_options,
)
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.schemas import PigPhoto, SimpleUser, UserAlbumListItem
from librephotos.photos.visibility import (
    IS_ALBUM_OF_KEY,
    IS_LIVE_LINK,
    IS_VISIBLE,
    IS_VISIBLE_TO_VIEWER,
    VIEWER_ID,
    narrowed,
)

MODEL = "AlbumUser"

_IS_OWN = album.c.owner_id == VIEWER_ID
_IS_SHARED = exists().where(album_share.c.album_id == album.c.id).correlate(album)


def _holds_any(is_limited: bool) -> ColumnElement[bool]:
    member = and_(album_photo.c.album_id == album.c.id, photo.c.id == album_photo.c.photo_id)
    return exists().where(member, narrowed(IS_VISIBLE, is_limited)).correlate(album)


_BY_TITLE = (func.lower(album.c.title), album.c.title, album.c.id)
# What is listed, and in which order: own ones that show something, those of others, those given to others, all in full.
_LISTS: dict[str, tuple[ColumnElement[bool], tuple[Any, ...]]] = {
    "own": (_IS_OWN, _BY_TITLE),
    "to me": (and_(IS_SHARED_WITH_VIEWER, album.c.owner_id != VIEWER_ID), (album.c.id,)),
    "from me": (and_(_IS_OWN, _IS_SHARED), (album.c.id,)),
    "all": (or_(_IS_OWN, IS_SHARED_WITH_VIEWER), (album.c.id.desc(),)),
}


@lru_cache(maxsize=64)
def _list(name: str, term_count: int, is_limited: bool) -> tuple[Statement[int], Statement[AlbumRow]]:
    which, order = _LISTS[name]
    condition = and_(
        which,
        _holds_any(is_limited) if name == "own" else true(),
        IS_ALBUM_OF_KEY if is_limited else true(),
        *(contains(album.c.title, f"term_{number}") for number in range(term_count)),
    )
    page = (
        listed_albums(is_limited)
        .select_from(WITH_OWNER_AND_LINK)
        .where(condition)
        .order_by(*order)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    count = select(func.count()).select_from(album).where(condition)
    return Statement(count, scalar), Statement(page, AlbumRow)


def _rows(
    tx: Tx, viewer: Viewer, name: str, terms: Search, asked: PageRequest
) -> tuple[int, PageRequest, list[AlbumRow]]:
    counting, page = _list(name, len(terms), viewer.is_limited)
    scope = {**_values(viewer), **search_values(terms)}
    count: int = tx.one(counting, **scope)
    settled = asked.settle(count)
    return count, settled, tx.all(page, size=settled.size, skipped=settled.offset, **scope)


def list_user_albums(
    tx: Tx, viewer: Viewer, name: str, terms: Search, asked: PageRequest
) -> Page[UserAlbumListItem]:
    """Return a page of `own` albums, of those shared `to me`, or of those shared `from me`."""
    count, page, rows = _rows(tx, viewer, name, terms, asked)
    return page.answer(count, album_items(tx, rows))


def list_full_albums(tx: Tx, viewer: Viewer, asked: PageRequest) -> Page[UserAlbum]:
    """Return a page of own and shared albums with all their photos, the newest first."""
    count, page, rows = _rows(tx, viewer, "all", (), asked)
    return page.answer(count, _with_photos(tx, viewer, rows, MediaFilter()))


_ONE = {
    is_limited: Statement(
        listed_albums(is_limited)
        .select_from(WITH_OWNER_AND_LINK)
        .where(
            album.c.id == bindparam("album_id"),
            or_(_IS_OWN, IS_SHARED_WITH_VIEWER),
            IS_ALBUM_OF_KEY if is_limited else true(),
        ),
        AlbumRow,
    )
    for is_limited in (True, False)
}


class LinkedAlbum(msgspec.Struct, frozen=True):
    """An album whose public link works. `is_chosen` says that somebody chose its slug, so that it can be guessed."""

    row: AlbumRow
    settings: SharingSettings
    is_chosen: bool


def _linked(condition: ColumnElement[bool]) -> Statement[LinkedAlbum]:
    def read(*columns: Any) -> LinkedAlbum:
        *of_album, defaults, is_chosen = columns
        row = AlbumRow(*of_album)
        stored = json.loads(defaults) if defaults else None
        return LinkedAlbum(row, effective_settings(stored, sharing_options(row)), bool(is_chosen))

    return Statement(
        listed_albums(False)
        .add_columns(user.c.public_sharing_defaults, album_link.c.is_chosen)
        .select_from(WITH_OWNER_AND_LINK)
        .where(condition, IS_LIVE_LINK),
        read,
    )


_LINKED = _linked(
    and_(
        album.c.id == bindparam("album_id"),
        or_(bindparam("username") == "", user.c.username == bindparam("username")),
    )
)
_BY_SLUG = _linked(album_link.c.slug == bindparam("slug"))


def _values(viewer: Viewer) -> dict[str, int]:
    return {"viewer_id": viewer.user_id, "key_id": viewer.key_id}


@lru_cache(maxsize=64)
def _photos(wanted: MediaFilter, is_public: bool, is_limited: bool) -> Statement[Row]:
    seen = narrowed(IS_VISIBLE_TO_VIEWER, is_limited)
    if is_public:
        # A link vouches for the owner's own photos, whoever may see them otherwise.
        seen = and_(IS_VISIBLE, photo.c.owner_id == album.c.owner_id)
    return Statement(
        select(album.c.id, *USER_COLUMNS, *GRID_COLUMNS)
        .select_from(
            album_photo.join(album, album.c.id == album_photo.c.album_id)
            .join(photo, photo.c.id == album_photo.c.photo_id)
            .join(user, user.c.id == photo.c.owner_id)
        )
        .where(is_in(album_photo.c.album_id, "album_ids"), seen, *(chosen(wanted) or [true()]))
        .order_by(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc()),
        as_row,
        raw=True,
    )


def get_user_album(tx: Tx, viewer: Viewer, album_id: int, wanted: MediaFilter) -> UserAlbum:
    """Return an own album, or one that is shared with the viewer. Raises NotFound."""
    return _with_photos(tx, viewer, [_get_row(tx, viewer, album_id)], wanted)[0]


def get_list_item(tx: Tx, viewer: Viewer, album_id: int) -> UserAlbumListItem:
    """Return an album as lists show it. Raises NotFound."""
    return album_items(tx, [_get_row(tx, viewer, album_id)])[0]


def _get_row(tx: Tx, viewer: Viewer, album_id: int) -> AlbumRow:
    row = tx.first(_ONE[viewer.is_limited], album_id=album_id, **_values(viewer))
    if row is None:
        raise NotFound.of(MODEL)
    return row


def get_linked_album(
    tx: Tx, viewer: Viewer, album_id: int, username: str, wanted: MediaFilter
) -> PublicAlbum:
    """Return what visitors see of an album whose link works. Raises NotFound; `username` is the owner's, or empty.

    A key that is limited to albums sees no others, linked or not.
    """
    if viewer.is_limited:
        _get_row(tx, viewer, album_id)
    found = tx.first(_LINKED, album_id=album_id, username=username, viewer_id=0, now=clock.now())
    if found is None:
        raise NotFound.of(MODEL)
    return show_linked(tx, found, wanted)


def find_linked_album(tx: Tx, slug: str) -> LinkedAlbum | None:
    """Return the album whose link has this slug and works."""
    return tx.first(_BY_SLUG, slug=slug, viewer_id=0, now=clock.now())


def show_linked(tx: Tx, linked: LinkedAlbum, wanted: MediaFilter) -> PublicAlbum:
    """Return what visitors see of an album; its date and place are those of all of it."""
    row, album_id = linked.row, linked.row.album_id
    everything = _list_photos(tx, [album_id], MediaFilter(), ANONYMOUS, is_public=True)[album_id]
    items = mask_items(everything, linked.settings)
    date, location = _head(items)
    shown = items
    if wanted != MediaFilter():
        shown = _list_photos(tx, [album_id], wanted, ANONYMOUS, is_public=True)[album_id]
        shown = mask_items(shown, linked.settings)
    return PublicAlbum(str(row.album_id), row.title, _owner(row), date, location, group_by_day(shown))


def _with_photos(tx: Tx, viewer: Viewer, rows: list[AlbumRow], wanted: MediaFilter) -> list[UserAlbum]:
    album_ids = [row.album_id for row in rows]
    shares = sharees_of(tx, album_ids)
    photos = _list_photos(tx, album_ids, wanted, viewer, is_public=False)
    return [_album(row, shares[row.album_id], photos[row.album_id]) for row in rows]


def _list_photos(
    tx: Tx, album_ids: list[int], wanted: MediaFilter, viewer: Viewer, *, is_public: bool
) -> dict[int, list[PigPhoto]]:
    found: dict[int, list[PigPhoto]] = {album_id: [] for album_id in album_ids}
    owners: dict[int, SimpleUser] = {}
    statement = _photos(wanted, is_public, viewer.is_limited)
    for row in tx.all(statement, album_ids=id_list(album_ids), **_values(viewer)):
        owner = owners.setdefault(row[1], SimpleUser(*row[1:5]))
        found[row[0]].append(pig_photo(row[5:], owner, viewer))
    return found


def _album(row: AlbumRow, shared_to: list[SimpleUser], photos: list[PigPhoto]) -> UserAlbum:
    date, location = _head(photos)
    return UserAlbum(
        id=str(row.album_id),
        title=row.title,
        locked=row.is_locked,
        owner=_owner(row),
        shared_to=shared_to,
        date=date,
        location=location,
        grouped_photos=group_by_day(photos),
        public=bool(row.is_enabled),
        public_slug=row.slug or "",
        public_expires_at=iso_or_none(row.expires_at),
        public_sharing_options=sharing_options(row),
    )


def _head(photos: list[PigPhoto]) -> tuple[str, str]:
    """The capture time of the first photo that has one, the address of the first that has one; empty without."""
    date = next((each.birth_time for each in photos if each.birth_time), "")
    return date, next((each.location for each in photos if each.location), "")


def _owner(row: AlbumRow) -> SimpleUser:
    return SimpleUser(row.owner_id, row.username, row.first_name, row.last_name)
