"""Numbers of every account, for admins: eight statements, however many accounts there are."""

from collections import defaultdict
from typing import Any

from sqlalchemy import BigInteger, and_, case, cast, func, select

from librephotos.db.statements import Row, Statement, statement
from librephotos.db.tables import (
    album,
    album_photo,
    event_album,
    event_photo,
    face,
    file,
    person,
    photo,
    photo_metadata,
    place_album,
    place_photo,
    thing_album,
    thing_photo,
    user,
)
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.site.machine import to_mib
from librephotos.site.schemas import AccountNumbers
from librephotos.site.spread import spread_of, spread_with_videos
from librephotos.users.profile import DELETED_USERNAME

_USERS = statement(
    select(user.c.id, user.c.joined_at).where(user.c.username != DELETED_USERNAME).order_by(user.c.id)
)
_SIZES = statement(
    select(file.c.owner_id, cast(func.sum(file.c.size_bytes), BigInteger))
    .where(file.c.is_missing.is_(False))
    .group_by(file.c.owner_id)
)


def _has_text(name: str) -> Any:
    """Whether stored captions (our own JSON, without blanks) have a text of this name that is not empty."""
    captions = photo_metadata.c.captions
    return and_(captions.like(f'%"{name}":"%'), captions.not_like(f'%"{name}":""%'))


def _photos_where(condition: Any) -> Any:
    return func.count().filter(condition)


_PHOTOS = statement(
    select(
        photo.c.owner_id,
        func.count(),
        _photos_where(photo.c.is_video.is_(True)),
        _photos_where(photo.c.is_screenshot.is_(True)),
        _photos_where(photo.c.is_document.is_(True)),
        _photos_where(_has_text("user_caption")),
        _photos_where(_has_text("im2txt")),
        _photos_where(photo.c.rating >= user.c.favorite_min_rating),
        _photos_where(photo.c.is_hidden.is_(True)),
        _photos_where(photo.c.is_public.is_(True)),
    )
    .select_from(
        photo.join(user, user.c.id == photo.c.owner_id).outerjoin(
            photo_metadata, photo_metadata.c.photo_id == photo.c.id
        )
    )
    .where(photo.c.is_removed.is_(False))
    .group_by(photo.c.owner_id)
)
_PERSONS = statement(
    select(person.c.owner_id, person.c.kind, func.count(face.c.id))
    .select_from(person.outerjoin(face, and_(face.c.person_id == person.c.id, face.c.is_deleted.is_(False))))
    .group_by(person.c.id, person.c.owner_id, person.c.kind)
)


def _groups(albums: Any, members: Any) -> Statement[Row]:
    """Photos and videos of each album of one kind, empty albums too."""
    is_member = members.c.album_id == albums.c.id
    is_kept = and_(photo.c.id == members.c.photo_id, photo.c.is_removed.is_(False))
    return statement(
        select(
            albums.c.owner_id,
            func.count(photo.c.id),
            func.count(case((photo.c.is_video.is_(True), 1))),
        )
        .select_from(albums.outerjoin(members, is_member).outerjoin(photo, is_kept))
        .group_by(albums.c.id, albums.c.owner_id)
    )


_ALBUMS = {
    "album": _groups(album, album_photo),
    "places": _groups(place_album, place_photo),
    "things": _groups(thing_album, thing_photo),
    "events": _groups(event_album, event_photo),
}
# In the order of the columns of _PHOTOS.
_COUNTED = (
    "number_of_photos",
    "number_of_videos",
    "number_of_screenshots",
    "number_of_documents",
    "number_of_captions",
    "number_of_generated_captions",
    "number_of_favorites",
    "number_of_hidden",
    "number_of_public",
)


def list_account_numbers(tx: Tx) -> list[AccountNumbers]:
    """Return the numbers of all accounts, the oldest account first; none of those whose photos went elsewhere."""
    sizes: dict[int, int] = dict(tx.all(_SIZES))
    photos = {owner: counts for owner, *counts in tx.all(_PHOTOS)}
    persons: dict[int, list[int]] = defaultdict(list)
    clusters: dict[int, int] = defaultdict(int)
    for owner, kind, faces in tx.all(_PERSONS):
        if kind == "USER":
            persons[owner].append(faces)
        elif kind == "CLUSTER":
            clusters[owner] += 1
    groups = {name: _sizes_by_owner(tx, query) for name, query in _ALBUMS.items()}
    numbers = []
    for owner, joined_at in tx.all(_USERS):
        values: dict[str, Any] = {
            **dict.fromkeys(_COUNTED),
            **{name: count or None for name, count in zip(_COUNTED, photos.get(owner, ()), strict=False)},
            **{name: spread_with_videos(found[owner]) for name, found in groups.items()},
            "date_joined": clock.to_datetime(joined_at).strftime("%d-%m-%Y"),
            "total_file_size_in_mb": to_mib(sizes.get(owner, 0)) or None,
            "number_of_clusters": clusters[owner] or None,
            "person": spread_of(persons[owner]),
        }
        numbers.append(AccountNumbers(**values))
    return numbers


def _sizes_by_owner(tx: Tx, query: Statement[Row]) -> dict[int, list[tuple[int, int]]]:
    """Return (photos, videos among them) of each album, by owner."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for owner, count, videos in tx.all(query):
        found[owner].append((count, videos))
    return found
