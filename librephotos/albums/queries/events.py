"""Events as people see and change them. An event in which nothing is to be seen is not there."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.kinds import EVENTS
from librephotos.albums.queries.listed import Search, find_covers, search_values
from librephotos.albums.schemas import Event, EventItem, EventPhoto
from librephotos.db.statements import Row, Statement, as_row, contains, scalar, statement
from librephotos.db.tables import event_album, event_photo, face, person, photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import json
from librephotos.kit.clock import iso
from librephotos.people.queries.persons import list_people
from librephotos.photos.changes import lists_changed
from librephotos.photos.grid import UNKNOWN_ASPECT_RATIO
from librephotos.photos.paths import SQUARE
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID

MODEL = "AlbumAuto"

_IS_OWN = and_(event_album.c.owner_id == VIEWER_ID, event_album.c.photo_count > 0)
_start = (
    select(event_photo.c.taken_local)
    .where(
        event_photo.c.album_id == event_album.c.id,
        event_photo.c.is_shown.is_(True),
        event_photo.c.taken_local != "",
    )
    .order_by(event_photo.c.taken_local)
    .limit(1)
    .correlate(event_album)
    .scalar_subquery()
)


def _matches(parameter: str) -> ColumnElement[bool]:
    """A photo of the event has the term in its captions, its place, or the name of somebody on it."""
    named = exists().where(
        face.c.photo_id == photo.c.id,
        face.c.is_deleted.is_(False),
        person.c.id == face.c.person_id,
        contains(person.c.name, parameter),
    )
    return exists(
        select(photo.c.id)
        .select_from(
            event_photo.join(photo, photo.c.id == event_photo.c.photo_id).outerjoin(
                photo_metadata, photo_metadata.c.photo_id == photo.c.id
            )
        )
        .where(
            event_photo.c.album_id == event_album.c.id,
            IS_VISIBLE,
            or_(
                contains(photo_metadata.c.search_captions, parameter),
                contains(photo.c.location, parameter),
                named.correlate(photo),
            ),
        )
        .correlate(event_album)
    )


@lru_cache(maxsize=32)
def _list(term_count: int) -> tuple[Statement[int], Statement[Row]]:
    condition = and_(_IS_OWN, *(_matches(f"term_{number}") for number in range(term_count)))
    page = (
        select(
            event_album.c.id,
            event_album.c.title,
            event_album.c.happened_local,
            _start,
            event_album.c.cover_ids,
            event_album.c.photo_count,
            event_album.c.is_favorite,
        )
        .where(condition)
        .order_by(event_album.c.happened_local.desc(), event_album.c.id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    count = select(func.count()).select_from(event_album).where(condition)
    return Statement(count, scalar), Statement(page, as_row)


def list_events(tx: Tx, viewer: Viewer, terms: Search, asked: PageRequest) -> Page[EventItem]:
    """Return a page of the viewer's events, the newest first."""
    counting, listing = _list(len(terms))
    scope = {"viewer_id": viewer.user_id, **search_values(terms)}
    count: int = tx.one(counting, **scope)
    page = asked.settle(count)
    rows = tx.all(listing, size=page.size, skipped=page.offset, **scope)
    cover_ids: list[list[int]] = [json.loads(row[4]) for row in rows]
    covers = find_covers(tx, [few[0] for few in cover_ids if few])
    items = []
    for row, few in zip(rows, cover_ids, strict=True):
        album_id, title, happened, start, _, photo_count, is_favorite = row
        # Clients refuse an event without a cover.
        if few and few[0] in covers:
            first = f"{start or happened}Z"
            items.append(
                EventItem(
                    album_id, title, f"{happened}Z", first, covers[few[0]], photo_count, bool(is_favorite)
                )
            )
    return page.answer(count, items)


_ONE = Statement(
    select(
        event_album.c.id,
        event_album.c.title,
        event_album.c.is_favorite,
        event_album.c.happened_local,
        event_album.c.created_at,
        event_album.c.latitude,
        event_album.c.longitude,
    ).where(event_album.c.id == bindparam("album_id"), _IS_OWN),
    as_row,
)
_MEMBERS = event_photo.join(photo, photo.c.id == event_photo.c.photo_id)
_SEEN = and_(event_photo.c.album_id == bindparam("album_id"), IS_OWN, IS_VISIBLE)
_PHOTOS = Statement(
    select(
        photo.c.uuid,
        photo.c.image_hash,
        photo.c.taken_local,
        photo.c.gps_lat,
        photo.c.gps_lon,
        photo.c.rating,
        photo_metadata.c.geolocation,
        photo.c.is_public,
        photo.c.is_video,
        photo.c.aspect_ratio,
        photo.c.dominant_color,
        photo.c.video_length,
        photo.c.is_hdr,
    )
    .select_from(_MEMBERS.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
    .where(_SEEN)
    .order_by(photo.c.taken_local.is_(None), photo.c.taken_local, photo.c.id),
    as_row,
)
_PEOPLE = Statement(
    select(face.c.person_id)
    .select_from(_MEMBERS.join(face, face.c.photo_id == photo.c.id))
    .where(_SEEN, face.c.is_deleted.is_(False), face.c.person_id.is_not(None))
    .distinct(),
    scalar,
)


def get_event(tx: Tx, viewer: Viewer, album_id: int) -> Event:
    """Raises NotFound for an event that is not the viewer's, or shows nothing."""
    scope: dict[str, Any] = {"album_id": album_id, "viewer_id": viewer.user_id}
    row = tx.first(_ONE, **scope)
    if row is None:
        raise NotFound.of(MODEL)
    _, title, is_favorite, happened, created_at, lat, lon = row
    people = list_people(tx, viewer, tx.all(_PEOPLE, **scope))
    photos = [_photo(*each) for each in tx.all(_PHOTOS, **scope)]
    return Event(
        id=album_id,
        title=title,
        favorited=bool(is_favorite),
        timestamp=f"{happened}Z",
        created_on=iso(created_at),
        gps_lat=lat,
        people=people,
        gps_lon=lon,
        photos=photos,
    )


def _photo(*row: Any) -> EventPhoto:  # the columns of _PHOTOS
    (
        uuid,
        image_hash,
        taken_local,
        lat,
        lon,
        rating,
        geolocation,
        is_public,
        is_video,
        aspect_ratio,
        color,
        length,
        is_hdr,
    ) = row
    return EventPhoto(
        id=uuid,
        square_thumbnail=f"/media/{SQUARE}/{image_hash}.{'mp4' if is_video else 'webp'}",
        image_hash=image_hash,
        exif_timestamp=f"{taken_local}Z" if taken_local else "",
        exif_gps_lat=lat,
        exif_gps_lon=lon,
        rating=rating,
        geolocation_json=json.loads(geolocation) if geolocation else None,
        public=bool(is_public),
        video=bool(is_video),
        aspect_ratio=UNKNOWN_ASPECT_RATIO if aspect_ratio is None else aspect_ratio,
        dominant_color="" if is_video else color,
        video_length=length,
        is_hdr=bool(is_hdr),
    )


_ALL = Statement(select(event_album.c.id).where(event_album.c.owner_id == VIEWER_ID), scalar)
_CHANGED = update(event_album).where(event_album.c.id == bindparam("row_id"))
_RENAME = statement(_CHANGED.values(title=bindparam("new_title"), has_own_title=True))
_FAVOR = statement(_CHANGED.values(is_favorite=bindparam("new_favorite")))


def require_event(tx: Tx, viewer: Viewer, album_id: int) -> None:
    """Raises NotFound for an event that is not the viewer's, or shows nothing."""
    if tx.first(_ONE, album_id=album_id, viewer_id=viewer.user_id) is None:
        raise NotFound.of(MODEL)


def change_event(tx: Tx, viewer: Viewer, album_id: int, title: str | None, is_favorite: bool | None) -> None:
    """Give an event a title of its owner's, or make it a favourite; None stays as it is. Raises NotFound."""
    require_event(tx, viewer, album_id)
    if title is not None:
        tx.execute(_RENAME, row_id=album_id, new_title=title)
    if is_favorite is not None:
        tx.execute(_FAVOR, row_id=album_id, new_favorite=is_favorite)
    tx.touch(event_album, [album_id])
    lists_changed(tx, viewer.user_id)


def delete_event(tx: Tx, viewer: Viewer, album_id: int) -> None:
    """Raises NotFound."""
    require_event(tx, viewer, album_id)
    EVENTS.delete(tx, viewer.user_id, [album_id])
    lists_changed(tx, viewer.user_id)


def delete_all_events(tx: Tx, viewer: Viewer) -> None:
    EVENTS.delete(tx, viewer.user_id, tx.all(_ALL, viewer_id=viewer.user_id))
    lists_changed(tx, viewer.user_id)
