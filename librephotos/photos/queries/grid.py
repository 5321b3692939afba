"""Columns that every grid of photos reads, and the versions that a caller's lists depend on."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, select

from librephotos.db.statements import Statement, in_bits
from librephotos.db.tables import fact, photo, user
from librephotos.db.transactions import Tx

# In the order of `grid.pig_photo`; the truths are one column, as in `queries.details`.
GRID_COLUMNS: tuple[ColumnElement[Any], ...] = (
    photo.c.uuid,
    photo.c.image_hash,
    photo.c.dominant_color,
    photo.c.location,
    photo.c.taken_local,
    photo.c.aspect_ratio,
    photo.c.video_length,
    photo.c.rating,
    photo.c.gps_lat,
    photo.c.gps_lon,
    photo.c.local_orientation,
    photo.c.stack_badges,
    in_bits(
        photo.c.is_video,
        photo.c.has_motion_clip,
        photo.c.is_removed,
        photo.c.is_trashed,
        photo.c.has_raw_variant,
        photo.c.is_hdr,
    ),
)
USER_COLUMNS = (user.c.id, user.c.username, user.c.first_name, user.c.last_name)


class Versions(msgspec.Struct, frozen=True):
    """What the caller's lists depend on beside `Viewer.list_version`; `default_filter` is the stored JSON."""

    epoch: str | None
    settings_version: str | None
    default_filter: str | None


def _fact(name: str) -> object:
    return select(fact.c.value).where(fact.c.name == name).scalar_subquery()


_VERSIONS = Statement(
    select(
        _fact("epoch"),  # type: ignore[call-overload]
        _fact("settings_version"),
        select(user.c.default_timeline_filter).where(user.c.id == bindparam("viewer_id")).scalar_subquery(),
    ),
    Versions,
)


def get_versions(tx: Tx, viewer_id: int) -> Versions:
    return tx.one(_VERSIONS, viewer_id=viewer_id)
