"""The day list and the photos of a day, under any filter.

Statements are built once per shape of filter: which conditions it has, not their values.
"""

from collections import Counter
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Text, and_, bindparam, exists, func, or_, select, true

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, json_length, scalar
from librephotos.db.tables import day, face, file, person, photo, photo_metadata, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.kit import json
from librephotos.media.orientation import UPRIGHT, shown_ratio
from librephotos.photos.filters import EVERYTHING, PHOTOS, VIDEOS, TimelineFilter
from librephotos.photos.grid import pig_photo, short_color
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.schemas import DayItem, LayoutDay, PigPhoto, SimpleUser
from librephotos.photos.visibility import (
    IS_KEPT,
    IS_OWN,
    IS_PUBLIC,
    IS_READY,
    IS_WITHIN_KEY,
    VIEWER_ID,
    has_not,
    narrowed,
)

UNKNOWN_DAY = "AlbumDate"


_SHOWN_COUNT: ColumnElement[int] = day.c.photo_count - day.c.stacked_count


class DayPage(msgspec.Struct, frozen=True):
    """`number` is None for the last page, `size` None for all items on one page."""

    number: int | None
    size: int | None


class _Timeline(msgspec.Struct, frozen=True):
    """The statements of one shape of filter."""

    days: Statement[Row]
    day: Statement[Row]
    items: Statement[Row]
    items_by_time: Statement[Row]
    layout: Statement[Row]
    placeholders: Statement[Row]


def shape_of(viewer: Viewer, wanted: TimelineFilter) -> TimelineFilter:
    """Return the filter without its values. Favourites need a caller, whose measure they are."""
    return msgspec.structs.replace(
        wanted,
        username=None if wanted.username is None else "",
        person_id=None if wanted.person_id is None else 0,
        folder=None if wanted.folder is None else "",
        modified_since=None if wanted.modified_since is None else 0,
        is_favorite=wanted.is_favorite and not viewer.is_anonymous,
        uses_default=False,
        overridden=frozenset(),
    )


def _has_person() -> ColumnElement[bool]:
    """A face that people labelled so, or one whose suggestion is as likely as the owner asks for."""
    likely = select(user.c.confidence_person).where(user.c.id == VIEWER_ID).scalar_subquery()
    suggested = and_(
        face.c.person_id.is_(None),
        face.c.classification_person_id == person.c.id,
        face.c.classification_probability >= likely,
    )
    return exists().where(
        face.c.photo_id == photo.c.id,
        face.c.is_deleted.is_(False),
        person.c.id == bindparam("person_id"),
        person.c.owner_id == VIEWER_ID,
        or_(face.c.person_id == person.c.id, suggested),
    )


def _in_folder() -> ColumnElement[bool]:
    # Compared by characters: LIKE would ignore case on SQLite, and an order depends on the database's collation.
    folder: BindParameter[str] = bindparam("folder", type_=Text())
    below = func.substr(file.c.path, 1, bindparam("folder_length")) == folder
    return photo.c.id.in_(select(file.c.photo_id).where(file.c.owner_id == VIEWER_ID, below))


def _state(shape: TimelineFilter) -> list[ColumnElement[bool]]:
    return [
        IS_READY,
        IS_KEPT,
        photo.c.is_hidden.is_(True) if shape.is_hidden else has_not("is_hidden"),
        photo.c.is_trashed.is_(True) if shape.is_trashed else has_not("is_trashed"),
    ]


def _choice(shape: TimelineFilter) -> list[ColumnElement[bool]]:
    """What the parameters of the filter narrow, beside the photos' state."""
    chosen: list[ColumnElement[bool]] = []
    if shape.media in (PHOTOS, VIDEOS):
        chosen.append(photo.c.is_video.is_(shape.media == VIDEOS))
    if shape.is_favorite:
        chosen.append(photo.c.rating >= bindparam("favorite_min_rating"))
    if shape.is_screenshot is not None:
        chosen.append(photo.c.is_screenshot.is_(shape.is_screenshot))
    if shape.is_document is not None:
        chosen.append(photo.c.is_document.is_(shape.is_document))
    if shape.person_id is not None:
        chosen.append(_has_person())
    if shape.folder is not None:
        chosen.append(_in_folder())
    return chosen


def condition_of(shape: TimelineFilter, is_limited: bool) -> ColumnElement[bool]:
    asked = _asked(shape)
    # Stacks are their owner's; whoever sees some of the photos only may see none of what stands for them.
    is_own_grid = not (shape.is_public or is_limited or shape.modified_since is not None)
    if is_own_grid and not shape.shows_stacked:
        asked = and_(asked, has_not("is_stacked"))
    return narrowed(asked, is_limited)


def _asked(shape: TimelineFilter) -> ColumnElement[bool]:
    since = photo.c.modified_at >= bindparam("modified_since")
    if shape.is_public:
        # Nothing may widen this: hidden and trashed photos are in no gallery.
        changed = since if shape.modified_since is not None else true()
        return and_(IS_PUBLIC, *_state(shape), *_choice(shape), changed)
    if shape.modified_since is not None:
        return and_(IS_OWN, IS_KEPT, since)
    return and_(IS_OWN, *_state(shape), *_choice(shape))


def _day_scope(shape: TimelineFilter) -> ColumnElement[bool]:
    if not shape.is_public:
        return day.c.owner_id == VIEWER_ID
    named = user.c.username == bindparam("username") if shape.username is not None else true()
    return and_(day.c.owner_id == user.c.id, named)


@lru_cache(maxsize=512)
def _timeline(shape: TimelineFilter, is_limited: bool) -> _Timeline:
    condition = and_(photo.c.day_id == day.c.id, condition_of(shape, is_limited))
    scope = _day_scope(shape)
    count: ColumnElement[int] = _SHOWN_COUNT
    location: ColumnElement[str] = day.c.location
    if shape != EVERYTHING or is_limited:  # what every writer counts
        counted = select(func.count()).select_from(photo).where(condition).correlate(day)
        count = counted.scalar_subquery()
    holds_any: ColumnElement[bool] = true()
    if shape.is_public:
        holds_any = exists().where(photo.c.day_id == day.c.id, narrowed(IS_PUBLIC, is_limited)).correlate(day)
    elif is_limited:
        # The day's stored place is that of a photo that may lie outside.
        location = _first_place(condition)
        seen = and_(photo.c.day_id == day.c.id, IS_READY, IS_KEPT, IS_WITHIN_KEY)
        holds_any = exists().where(seen).correlate(day)
    days = select(day.c.id, day.c.date, location, func.count(photo.c.id))
    if shape.is_public:
        days = days.select_from(
            day.join(photo, photo.c.day_id == day.c.id).join(user, user.c.id == day.c.owner_id)
        )
    else:
        days = days.select_from(day.join(photo, photo.c.day_id == day.c.id))
    days = days.where(condition, scope).group_by(day.c.id, day.c.date, day.c.location)
    one_day = (
        select(day.c.id, day.c.date, location, *USER_COLUMNS, count)
        .select_from(day.join(user, user.c.id == day.c.owner_id))
        .where(day.c.id == bindparam("day_id"), scope, holds_any)
    )
    page = (
        select(*GRID_COLUMNS)
        .select_from(photo.outerjoin(file, file.c.id == photo.c.main_file_id))
        .where(photo.c.day_id == bindparam("day_id"), condition_of(shape, is_limited))
        .order_by(photo.c.taken_local.desc(), file.c.path, photo.c.id)
    )
    items = page.limit(bindparam("size")).offset(bindparam("skipped"))
    by_time = (
        select(*GRID_COLUMNS)
        .where(photo.c.day_id == bindparam("day_id"), condition_of(shape, is_limited))
        .order_by(photo.c.taken_local.desc(), photo.c.id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    placeholders = items.with_only_columns(photo.c.thumbhash, photo.c.local_orientation)
    # In the order of the pages of each day, which the ratios stand for.
    layout = (
        select(
            day.c.id,
            day.c.date,
            location,
            photo.c.aspect_ratio,
            photo.c.local_orientation,
            photo.c.dominant_color,
        )
        .select_from(
            day.join(photo, photo.c.day_id == day.c.id).outerjoin(file, file.c.id == photo.c.main_file_id)
        )
        .where(condition, scope)
        .order_by(
            *(day.c.date.desc().nulls_last(), day.c.id),
            *(photo.c.taken_local.desc(), file.c.path, photo.c.id),
        )
    )
    return _Timeline(
        Statement(days.order_by(day.c.date.desc().nulls_last(), day.c.id), as_row),
        Statement(one_day, as_row),
        Statement(items, as_row, raw=True),
        Statement(by_time, as_row, raw=True),
        Statement(layout, as_row),
        Statement(placeholders, as_row),
    )


def _first_place(condition: ColumnElement[bool]) -> ColumnElement[str]:
    """The place of the first photo of a day, under the condition, that has one."""
    found = (
        select(photo.c.place)
        .where(condition, photo.c.place != "")
        .order_by(photo.c.taken_local, photo.c.id)
        .limit(1)
        .correlate(day)
    )
    return func.coalesce(found.scalar_subquery(), "")


def values_of(viewer: Viewer, wanted: TimelineFilter) -> dict[str, Any]:
    return {
        "viewer_id": viewer.user_id,
        "key_id": viewer.key_id,
        "favorite_min_rating": viewer.favorite_min_rating,
        "username": wanted.username,
        "person_id": wanted.person_id,
        "folder": wanted.folder,
        "folder_length": len(wanted.folder or ""),
        "modified_since": wanted.modified_since,
    }


# The main timeline asks for nothing but what every writer counts.
_STORED_DAYS = Statement(
    select(day.c.id, day.c.date, day.c.location, _SHOWN_COUNT)
    .where(day.c.owner_id == VIEWER_ID, _SHOWN_COUNT > 0)
    .order_by(day.c.date.desc().nulls_last(), day.c.id),
    lambda day_id, date, location, count: DayItem(str(day_id), date, location, True, count, []),
)


def list_days(tx: Tx, viewer: Viewer, wanted: TimelineFilter) -> list[DayItem]:
    """Return the days with any photo, newest first, the undated one last."""
    if wanted == EVERYTHING and not viewer.is_limited:
        return tx.all(_STORED_DAYS, viewer_id=viewer.user_id)
    values = values_of(viewer, wanted)
    rows = tx.all(_timeline(shape_of(viewer, wanted), viewer.is_limited).days, **values)
    cities = _list_cities(tx, viewer, [row[0] for row in rows]) if wanted.is_public else None
    return [
        DayItem(str(day_id), date, location if cities is None else cities.get(day_id, ""), True, count, [])
        for day_id, date, location, count in rows
    ]


def list_layout(tx: Tx, viewer: Viewer, wanted: TimelineFilter) -> list[LayoutDay]:
    """Return the viewer's own days that have photos, each with the shapes of its photos in the order of its pages."""
    found: dict[int, LayoutDay] = {}
    colors: dict[int, list[str]] = {}
    statement = _timeline(shape_of(viewer, wanted), viewer.is_limited).layout
    for day_id, date, location, ratio, code, color in tx.all(statement, **values_of(viewer, wanted)):
        one = found.get(day_id)
        if one is None:
            one = found[day_id] = LayoutDay(str(day_id), date, location, [], "")
            colors[day_id] = []
        one.ratios.append(round(shown_ratio(ratio or 1, code) * 100))
        colors[day_id].append(short_color(color))
    for day_id, digits in colors.items():
        found[day_id].colors = "".join(digits)
    return list(found.values())


def list_placeholders(
    tx: Tx, viewer: Viewer, day_id: int, wanted: TimelineFilter, size: int, skipped: int
) -> list[str]:
    """Return the ThumbHashes of a part of one of the viewer's own days, in the order of its pages.

    Empty for photos without one, and for those that somebody turned. Raises NotFound when there are none at all.
    """
    statement = _timeline(shape_of(viewer, wanted), viewer.is_limited).placeholders
    values = values_of(viewer, wanted)
    rows = tx.all(statement, **values, day_id=day_id, size=size, skipped=skipped)
    if not rows:
        raise NotFound.of(UNKNOWN_DAY)
    return [thumbhash if thumbhash and code == UPRIGHT else "" for thumbhash, code in rows]


def get_day(tx: Tx, viewer: Viewer, day_id: int, wanted: TimelineFilter, page: DayPage) -> DayItem:
    """Return a day with one page of its photos. Raises NotFound when it is not the caller's to see."""
    timeline = _timeline(shape_of(viewer, wanted), viewer.is_limited)
    values = {**values_of(viewer, wanted), "day_id": day_id}
    row = tx.first(timeline.day, **values)
    if row is None:
        raise NotFound.of(UNKNOWN_DAY)
    _, date, location, *named, count = row
    if wanted.is_public:
        location = _list_cities(tx, viewer, [day_id]).get(day_id, "")
    owner = SimpleUser(*named)
    size = page.size or max(1, count)
    last = max(1, -(-count // size))
    number = last if page.number is None else min(page.number, last)
    rows = _items(tx, timeline, values, size, (number - 1) * size)
    items: list[PigPhoto] = [pig_photo(each, owner, viewer) for each in rows]
    return DayItem(str(day_id), date, location, False, count, items)


_UUID, _TAKEN_LOCAL = GRID_COLUMNS.index(photo.c.uuid), GRID_COLUMNS.index(photo.c.taken_local)
_IN_ORDER = Statement(
    select(photo.c.uuid)
    .select_from(photo.outerjoin(file, file.c.id == photo.c.main_file_id))
    .where(is_in(photo.c.uuid, "uuids"))
    .order_by(photo.c.taken_local.desc(), file.c.path, photo.c.id),
    scalar,
)


def _items(tx: Tx, timeline: _Timeline, values: dict[str, Any], size: int, skipped: int) -> list[Row]:
    """Return a page of a day's rows, newest first and those of one time by their files' paths.

    Reading every path would take a fifth of the page's time, so that it is done for those of one time alone. Where the
    page begins or ends among such, their paths decide which of them are on it.
    """
    before = 1 if skipped else 0
    rows = tx.all(timeline.items_by_time, **values, size=before + size + 1, skipped=skipped - before)
    times = [row[_TAKEN_LOCAL] for row in rows]
    if len(set(times)) == len(times):
        return rows[before : before + size]
    end = before + size
    if (before and times[:1] == times[1:2]) or (len(rows) > end and times[end - 1] == times[end]):
        return tx.all(timeline.items, **values, size=size, skipped=skipped)
    rows, times = rows[before:end], times[before:end]
    held = Counter(times)
    tied = [place for place, time in enumerate(times) if held[time] > 1]
    by_uuid = {rows[place][_UUID]: rows[place] for place in tied}
    for place, uuid in zip(tied, tx.all(_IN_ORDER, uuids=id_list(by_uuid)), strict=True):
        rows[place] = by_uuid[uuid]
    return rows


# A place list goes from the street to the country; the last but one is the city.
def _cities(is_limited: bool) -> Statement[Row]:
    located = (
        select(
            photo.c.day_id,
            photo_metadata.c.geolocation,
            func.row_number()
            .over(partition_by=photo.c.day_id, order_by=(photo.c.taken_local, photo.c.id))
            .label("place_in_day"),
        )
        .select_from(photo.join(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
        .where(
            is_in(photo.c.day_id, "day_ids"),
            narrowed(IS_PUBLIC, is_limited),
            photo_metadata.c.geolocation.is_not(None),
            json_length(photo_metadata.c.geolocation, "places") > 1,
        )
        .subquery()
    )
    return Statement(
        select(located.c.day_id, located.c.geolocation).where(located.c.place_in_day == 1), as_row
    )


_CITIES = {is_limited: _cities(is_limited) for is_limited in (True, False)}


def _list_cities(tx: Tx, viewer: Viewer, day_ids: list[int]) -> dict[int, str]:
    """Return the city of each day's earliest public photo that has one."""
    rows = tx.all(_CITIES[viewer.is_limited], day_ids=id_list(day_ids), key_id=viewer.key_id)
    return {day_id: str(json.loads(geolocation)["places"][-2]) for day_id, geolocation in rows}
