"""Counts of one account's library, read off stored counts where there are any."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, scalar, statement
from librephotos.db.tables import (
    album,
    album_photo,
    day,
    event_album,
    face,
    file,
    person,
    photo,
    photo_metadata,
    place_album,
    thing_album,
)
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_KEPT, IS_OWN, IS_VISIBLE, VIEWER_ID
from librephotos.site.schemas import CategoryStats, Stats
from librephotos.site.statistics import OLDEST_YEAR, WORDS_MAX, Located, Moment

_HAS_PHOTOS = select(album_photo.c.photo_id).where(album_photo.c.album_id == album.c.id).exists()


def _count(table: Any, *conditions: Any) -> Any:  # SQLAlchemy's own types are generic in both
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


_GROUPS = statement(
    select(
        func.coalesce(func.sum(day.c.photo_count), 0),
        func.count(),
        _count(event_album, event_album.c.owner_id == VIEWER_ID, event_album.c.photo_count > 0),
        _count(album, album.c.owner_id == VIEWER_ID, _HAS_PHOTOS.correlate(album)),
    ).where(day.c.owner_id == VIEWER_ID, day.c.photo_count > 0)
)
# As the removal of missing photos counts them, whose room loads decoders that the API has no use for. A sidecar (kind
# 3) alone is no photo.
_HAS_FILE = (
    select(file.c.id)
    .where(file.c.photo_id == photo.c.id, file.c.is_missing.is_(False), file.c.kind != 3)
    .correlate(photo)
    .exists()
)
_MISSING = Statement(select(func.count()).select_from(photo).where(IS_OWN, IS_KEPT, ~_HAS_FILE), scalar)
_FACES_OF_OWNER = face.join(photo, photo.c.id == face.c.photo_id)
_HAS_SUGGESTION = or_(face.c.cluster_person_id.is_not(None), face.c.classification_person_id.is_not(None))


def _faces_where(condition: ColumnElement[bool]) -> Any:
    return func.count().filter(condition)


_FACES = statement(
    select(
        func.count(),
        func.count(face.c.person_id.distinct()),
        _faces_where(and_(face.c.person_id.is_(None), ~_HAS_SUGGESTION)),
        _faces_where(face.c.person_id.is_not(None)),
        _faces_where(and_(face.c.person_id.is_(None), _HAS_SUGGESTION)),
    )
    .select_from(_FACES_OF_OWNER)
    .where(IS_OWN, IS_KEPT, face.c.is_deleted.is_(False))
)
_CATEGORIES = statement(
    select(
        func.count().filter(photo.c.is_screenshot.is_(True)),
        func.count().filter(photo.c.is_document.is_(True)),
    )
    .select_from(photo)
    .where(IS_OWN, IS_VISIBLE)
)
_MONTH = func.substr(day.c.date, 1, 7)
_MONTHS = statement(
    select(_MONTH, func.sum(day.c.photo_count))
    .where(day.c.owner_id == VIEWER_ID, day.c.photo_count > 0, day.c.date >= f"{OLDEST_YEAR}-01-01")
    .group_by(_MONTH)
    .order_by(_MONTH)
)


def get_stats(tx: Tx, viewer: Viewer) -> Stats:
    """Count what the account has; missing photos, faces and persons from their rows, the rest as stored."""
    me = viewer.user_id
    photos, days, events, albums = tx.one(_GROUPS, viewer_id=me)
    faces, people, unknown, labeled, inferred = tx.one(_FACES, viewer_id=me)
    return Stats(
        num_photos=int(photos),
        num_missing_photos=tx.one(_MISSING, viewer_id=me),
        num_faces=faces,
        num_people=people,
        num_unknown_faces=unknown,
        num_labeled_faces=labeled,
        num_inferred_faces=inferred,
        num_albumauto=events,
        num_albumdate=days,
        num_albumuser=albums,
    )


def get_category_stats(tx: Tx, viewer: Viewer) -> CategoryStats:
    """As `get_stats`, with the visible screenshots and documents."""
    screenshots, documents = tx.one(_CATEGORIES, viewer_id=viewer.user_id)
    return CategoryStats.beside(get_stats(tx, viewer), screenshots, documents)


def list_month_counts(tx: Tx, viewer: Viewer) -> list[tuple[str, int]]:
    """Return (`YYYY-MM`, visible photos) of the months that have any, in order of time."""
    return [(month, int(count)) for month, count in tx.all(_MONTHS, viewer_id=viewer.user_id)]


# --- words

Words = list[tuple[str, int]]


def _words(albums: Any, *conditions: ColumnElement[bool]) -> Statement[Row]:
    return statement(
        select(albums.c.title, func.sum(albums.c.photo_count).label("photos"))
        .where(albums.c.owner_id == VIEWER_ID, albums.c.photo_count > 0, *conditions)
        .group_by(albums.c.title)
        .order_by(func.sum(albums.c.photo_count).desc(), albums.c.title)
        .limit(WORDS_MAX)
    )


_TAGS = _words(thing_album, thing_album.c.thing_type == bindparam("tag_type"))
_PLACES = _words(place_album)
_NAMES = statement(
    select(person.c.name, func.count())
    .select_from(_FACES_OF_OWNER.join(person, person.c.id == face.c.person_id))
    .where(IS_OWN, IS_VISIBLE, face.c.is_deleted.is_(False), person.c.kind == "USER", person.c.name != "")
    .group_by(person.c.name)
    .order_by(func.count().desc(), person.c.name)
    .limit(WORDS_MAX)
)


def list_words(tx: Tx, viewer: Viewer, tagging_model: str) -> tuple[Words, Words, Words]:
    """Return what this model tagged, named persons and places, each with its count, the most frequent first."""

    def of(words: Statement[Row], **more: str) -> Words:
        rows = tx.all(words, viewer_id=viewer.user_id, **more)
        return [(label, int(count)) for label, count in rows]

    return of(_TAGS, tag_type=f"{tagging_model}_tag"), of(_NAMES), of(_PLACES)


# --- places

_LOCATED = photo.join(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
_IS_LOCATED = photo_metadata.c.geolocation.is_not(None)
# Photos of one town have the same text.
_TOWNS = Statement(
    select(photo_metadata.c.geolocation, func.count())
    .select_from(_LOCATED)
    .where(IS_OWN, IS_VISIBLE, _IS_LOCATED)
    .group_by(photo_metadata.c.geolocation),
    Located,
)
_IN_TIME = (photo.c.taken_local, photo.c.id)
_moments = (
    select(
        photo.c.taken_local,
        photo_metadata.c.geolocation,
        func.lag(photo_metadata.c.geolocation).over(order_by=_IN_TIME).label("before"),
        func.lead(photo.c.id).over(order_by=_IN_TIME).label("next_id"),
    )
    .select_from(_LOCATED)
    .where(IS_OWN, IS_VISIBLE, _IS_LOCATED, photo.c.taken_local.is_not(None))
    .subquery()
)
# Only where the town changes, and the last: a library of years is some thousand rows.
_MOMENTS = Statement(
    select(_moments.c.taken_local, _moments.c.geolocation)
    .where(
        or_(
            _moments.c.before.is_(None),
            _moments.c.before != _moments.c.geolocation,
            _moments.c.next_id.is_(None),
        )
    )
    .order_by(_moments.c.taken_local),
    Moment,
)


def list_towns(tx: Tx, viewer: Viewer) -> Sequence[Located]:
    """Return the places of visible photos, each with the number of its photos."""
    return tx.all(_TOWNS, viewer_id=viewer.user_id)


def list_moments(tx: Tx, viewer: Viewer) -> Sequence[Moment]:
    """Return the first photo of each stay in a town and the last photo of all, in order of time."""
    return tx.all(_MOMENTS, viewer_id=viewer.user_id)
