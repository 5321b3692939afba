"""Tags as people see them. What a tag counts is counted when it is asked for; lists are kept while nothing changes."""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, exists, func, or_, select, true

from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import MediaFilter
from librephotos.albums.queries.grouped import chosen, own_photos
from librephotos.albums.queries.listed import COVER_COUNT, Search, find_covers, search_values
from librephotos.albums.schemas import GroupedTag, Tag, TagDetail, TagItem
from librephotos.db.statements import Row, Statement, as_row, contains, id_list, is_in, scalar
from librephotos.db.tables import photo, photo_tag, tag
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.photos.groups import group_by_day
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.grid import GRID_COLUMNS
from librephotos.photos.visibility import IS_KEPT, IS_OWN, IS_VISIBLE, VIEWER_ID

MODEL = "Tag"

_TAGGED = photo_tag.join(photo, photo.c.id == photo_tag.c.photo_id)
_IS_OWN_TAG = tag.c.owner_id == VIEWER_ID
_count = (
    select(func.count())
    .select_from(_TAGGED)
    .where(photo_tag.c.tag_id == tag.c.id, IS_VISIBLE)
    .correlate(tag)
    .scalar_subquery()
)
_has_photo = (
    exists(select(photo.c.id).select_from(_TAGGED).where(
        photo_tag.c.tag_id == tag.c.id,
        IS_OWN,
        IS_KEPT,
        or_(photo.c.uuid == bindparam("photo_name"), photo.c.image_hash == bindparam("photo_name")),
    ))
    .correlate(tag)
)  # fmt: skip


class TagQuery(msgspec.Struct, frozen=True):
    """`photo` narrows to the tags of one photo."""

    terms: Search = ()
    photo: PhotoKey | None = None


@lru_cache(maxsize=32)
def _list(term_count: int, has_photo: bool) -> tuple[Statement[int], Statement[Row]]:
    found = [contains(tag.c.name, f"term_{number}") for number in range(term_count)]
    condition = and_(_IS_OWN_TAG, _has_photo if has_photo else true(), *found)
    page = (
        select(tag.c.id, tag.c.name, _count)
        .where(condition)
        .order_by(func.lower(tag.c.name), tag.c.name, tag.c.id)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    return (
        Statement(select(func.count()).select_from(tag).where(condition), scalar),
        Statement(page, as_row),
    )


_ranked = (
    select(
        photo_tag.c.tag_id,
        photo_tag.c.photo_id,
        func.row_number()
        .over(
            partition_by=photo_tag.c.tag_id,
            order_by=(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc()),
        )
        .label("place"),
    )
    .select_from(_TAGGED)
    .where(is_in(photo_tag.c.tag_id, "tag_ids"), IS_VISIBLE)
    .subquery()
)
_COVERS = Statement(
    select(_ranked.c.tag_id, _ranked.c.photo_id)
    .where(_ranked.c.place <= COVER_COUNT)
    .order_by(_ranked.c.tag_id, _ranked.c.place),
    as_row,
)


def list_tags(tx: Tx, viewer: Viewer, wanted: TagQuery, asked: PageRequest) -> Page[TagItem]:
    """Return a page of the viewer's tags by name, those without photos too."""
    counting, listing = _list(len(wanted.terms), wanted.photo is not None)
    scope = {
        "viewer_id": viewer.user_id,
        "photo_name": wanted.photo.value if wanted.photo else "",
        **search_values(wanted.terms),
    }
    count: int = tx.one(counting, **scope)
    page = asked.settle(count)
    rows = tx.all(listing, size=page.size, skipped=page.offset, **scope)
    few: dict[int, list[int]] = {row[0]: [] for row in rows}
    for tag_id, photo_id in tx.all(_COVERS, tag_ids=id_list(few)):
        few[tag_id].append(photo_id)
    covers = find_covers(tx, {photo_id for photo_ids in few.values() for photo_id in photo_ids})
    items = [
        TagItem(tag_id, name, photo_count, [covers[each] for each in few[tag_id] if each in covers])
        for tag_id, name, photo_count in rows
    ]
    return page.answer(count, items)


_ONE = Statement(
    select(tag.c.id, tag.c.name, _count).where(tag.c.id == bindparam("tag_id"), _IS_OWN_TAG), Tag
)


@lru_cache(maxsize=32)
def _photos(wanted: MediaFilter) -> Statement[Row]:
    return Statement(
        select(*GRID_COLUMNS)
        .select_from(_TAGGED)
        .where(photo_tag.c.tag_id == bindparam("tag_id"), IS_OWN, IS_VISIBLE, *chosen(wanted))
        .order_by(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc()),
        as_row,
        raw=True,
    )


def get_tag(tx: Tx, viewer: Viewer, tag_id: int) -> Tag:
    """Raises NotFound for a tag that is not the viewer's."""
    found = tx.first(_ONE, tag_id=tag_id, viewer_id=viewer.user_id)
    if found is None:
        raise NotFound.of(MODEL)
    return found


def get_grouped_tag(tx: Tx, viewer: Viewer, tag_id: int, wanted: MediaFilter) -> TagDetail:
    """Return a tag with its photos by days, newest first. Raises NotFound."""
    found = get_tag(tx, viewer, tag_id)
    photos: list[Any] = own_photos(tx, viewer, _photos(wanted), tag_id=tag_id)
    return TagDetail(GroupedTag(found.id, found.name, group_by_day(photos)))
