"""The feed of photos: the viewer's own in every state, and those of others that they see by a share."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import photo, sight, user
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_OWN, VIEWER_ID
from librephotos.sync.queries.pulling import (
    SIZE,
    Feed,
    Found,
    found,
    milliseconds,
    page_of,
    part,
    wall_milliseconds,
)
from librephotos.sync.schemas import SyncPhoto

_IS_SEEN = sight.c.user_id == VIEWER_ID
_PAGE = page_of(part(photo, IS_OWN, key="uuid"), part(sight, _IS_SEEN, row="photo_id", key="photo_uuid"))
_ROWS = Statement(
    select(
        _PAGE.c.at,
        _PAGE.c.key,
        photo.c.image_hash,
        photo.c.owner_id,
        photo.c.taken_local,
        photo.c.added_at,
        photo.c.is_video,
        photo.c.has_motion_clip,
        photo.c.video_length,
        photo.c.rating,
        user.c.favorite_min_rating,
        photo.c.is_hidden,
        photo.c.is_trashed,
        photo.c.is_removed,
        photo.c.is_public,
        photo.c.aspect_ratio,
        photo.c.gps_lat,
        photo.c.gps_lon,
        photo.c.location,
        photo.c.dominant_color,
    )
    .select_from(_PAGE.join(photo, photo.c.id == _PAGE.c.row_id).join(user, user.c.id == photo.c.owner_id))
    .order_by(_PAGE.c.at, _PAGE.c.key)
    .limit(SIZE),
    found,
)
COUNT = (
    select(func.count()).select_from(photo).where(IS_OWN).scalar_subquery()
    + select(func.count()).select_from(sight).where(_IS_SEEN).scalar_subquery()
)


def _photo(at: int, uuid: str, *columns: Any) -> SyncPhoto:
    image_hash, owner_id, taken_local, added_at, is_video, has_clip, length, rating, favorite_from = columns[
        :9
    ]
    is_hidden, is_trashed, is_removed, is_public, ratio, lat, lon, location, color = columns[9:]
    return SyncPhoto(
        uuid,
        image_hash,
        owner_id,
        wall_milliseconds(taken_local),
        milliseconds(added_at),
        milliseconds(at),
        "video" if is_video else "motion" if has_clip else "image",
        _length(length),
        rating,
        0 < favorite_from <= rating,
        is_hidden,
        is_trashed,
        is_removed,
        is_public,
        ratio,
        lat,
        lon,
        location,
        color or None,
    )


def _length(seconds: str | None) -> int | None:
    return round(float(seconds) * 1000) if seconds else None


def _photos(tx: Tx, viewer: Viewer, rows: Sequence[Found]) -> list[SyncPhoto]:
    return [_photo(row.at, row.key, *row.columns) for row in rows]


PHOTOS = Feed(_ROWS, Statement(select(COUNT), scalar), _photos, "photo", "")
