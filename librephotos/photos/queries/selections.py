"""The photos of a bulk request: always the caller's own, and never removed ones."""

from collections.abc import Iterator
from functools import lru_cache

import msgspec
from sqlalchemy import ColumnElement, bindparam, not_, or_, select, true

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, id_list, is_in
from librephotos.db.tables import photo, photo_tag, tag
from librephotos.db.transactions import Tx
from librephotos.kit import json
from librephotos.photos.filters import TimelineFilter
from librephotos.photos.keys import find_key
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.queries.timeline import condition_of, shape_of, values_of
from librephotos.photos.selection import Grid, Named, Selection
from librephotos.photos.visibility import IS_KEPT, IS_OWN, VIEWER_ID


class Selected(msgspec.Struct, frozen=True):
    """A photo with whatever a bulk request may change of it."""

    photo_id: int
    uuid: str
    image_hash: str
    rating: int
    is_hidden: bool
    is_trashed: bool
    is_public: bool
    is_video: bool
    is_screenshot: bool
    is_document: bool
    category_source: str


class Choice(msgspec.Struct, frozen=True):
    """One of the photos meant, by the name that the request gives it, empty for a grid's."""

    text: str
    photo: Selected


_COLUMNS = (
    photo.c.id,
    photo.c.uuid,
    photo.c.image_hash,
    photo.c.rating,
    photo.c.is_hidden,
    photo.c.is_trashed,
    photo.c.is_public,
    photo.c.is_video,
    photo.c.is_screenshot,
    photo.c.is_document,
    photo.c.category_source,
)
_NAMED = Statement(
    select(*_COLUMNS)
    .where(IS_OWN, IS_KEPT, or_(is_in(photo.c.uuid, "uuids"), is_in(photo.c.image_hash, "hashes")))
    .order_by(photo.c.id),
    Selected,
)


def _has_tag() -> ColumnElement[bool]:
    """The photo has a tag of the viewer's own; nobody else's selects anything."""
    tagged = photo_tag.join(tag, tag.c.id == photo_tag.c.tag_id)
    return photo.c.id.in_(
        select(photo_tag.c.photo_id)
        .select_from(tagged)
        .where(tag.c.id == bindparam("tag_id"), tag.c.owner_id == VIEWER_ID)
    )


@lru_cache(maxsize=512)
def _shown(shape: TimelineFilter, only_public: bool, has_tag: bool) -> Statement[Selected]:
    return Statement(
        select(*_COLUMNS)
        .where(
            condition_of(shape, is_limited=False),
            photo.c.is_public.is_(True) if only_public else true(),
            _has_tag() if has_tag else true(),
            not_(is_in(photo.c.uuid, "uuids")),
            not_(is_in(photo.c.image_hash, "hashes")),
        )
        .order_by(photo.c.id),
        Selected,
    )


def lock_photos(tx: Tx, owner_id: int) -> None:
    """Let edits of one owner's photos follow each other, so that each sees what the one before did."""
    tx.lock(f"photos of {owner_id}")


def list_selected(tx: Tx, viewer: Viewer, selection: Selection) -> list[Choice]:
    """Return the photos meant, each once: named ones in the order of the request, a grid's by their ids."""
    lock_photos(tx, viewer.user_id)
    if isinstance(selection, Named):
        return list(_named(tx, viewer, selection))
    return [Choice("", each) for each in _list_shown(tx, viewer, selection)]


def _named(tx: Tx, viewer: Viewer, selection: Named) -> Iterator[Choice]:
    keys = selection.keys
    rows = tx.all(_NAMED, viewer_id=viewer.user_id, uuids=id_list(keys.uuids), hashes=id_list(keys.hashes))
    found: dict[str, list[Selected]] = {}
    for row in rows:
        found.setdefault(row.uuid, []).append(row)
        found.setdefault(row.image_hash, []).append(row)
    taken: set[int] = set()
    for text in selection.texts:
        key = find_key(text)
        for row in found.get(key.value, ()) if key is not None else ():
            if row.photo_id not in taken:
                taken.add(row.photo_id)
                yield Choice(text, row)


def _list_shown(tx: Tx, viewer: Viewer, grid: Grid) -> list[Selected]:
    wanted = grid.wanted
    if wanted.uses_default:
        stored = get_versions(tx, viewer.user_id).default_filter
        wanted = wanted.with_default(json.loads(stored) if stored else None)
    return tx.all(
        _shown(shape_of(viewer, wanted), grid.only_public, grid.tag_id is not None),
        **values_of(viewer, wanted),
        tag_id=grid.tag_id,
        uuids=id_list(grid.excluded.uuids),
        hashes=id_list(grid.excluded.hashes),
    )
