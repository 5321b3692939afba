"""What tells of a photo whether it was taken of a screen, and the marks that nobody has set by hand."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Boolean, bindparam, or_, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import file, photo, photo_metadata
from librephotos.db.transactions import Tx
from librephotos.photos.categories import is_screenshot
from librephotos.photos.changes import photos_changed
from librephotos.photos.storing import refresh_search_text
from librephotos.photos.visibility import IS_KEPT

AT_ONCE: Final = 200


class _Look(msgspec.Struct, frozen=True):
    """What tells a screenshot; `metadata_id` is None when nothing was read."""

    photo_id: int
    path: str | None
    mime: str | None
    metadata_id: int | None
    camera_make: str | None
    camera_model: str | None
    gps_lat: float | None


_LOOKS = Statement(
    select(
        photo.c.id,
        file.c.path,
        file.c.mime,
        photo_metadata.c.photo_id,
        photo_metadata.c.camera_make,
        photo_metadata.c.camera_model,
        photo.c.gps_lat,
    )
    .select_from(
        photo.outerjoin(file, file.c.id == photo.c.main_file_id).outerjoin(
            photo_metadata, photo_metadata.c.photo_id == photo.c.id
        )
    )
    .where(is_in(photo.c.id, "photo_ids")),
    _Look,
)
_IS_UNMARKED = photo.c.is_screenshot.is_(False) & photo.c.is_document.is_(False)
_AUTOMATIC = Statement(
    select(photo.c.id)
    .where(
        photo.c.owner_id == bindparam("owner"),
        photo.c.id > bindparam("after"),
        photo.c.is_video.is_(False),
        photo.c.category_source == "auto",
        IS_KEPT,
        or_(bindparam("with_marked", type_=Boolean()), _IS_UNMARKED),
    )
    .order_by(photo.c.id)
    .limit(AT_ONCE),
    scalar,
)
# Somebody may have said meanwhile what a photo is.
_MARK = Statement(
    update(photo)
    .where(
        is_in(photo.c.id, "photo_ids"),
        photo.c.category_source == "auto",
        photo.c.is_screenshot != bindparam("screenshot", type_=Boolean()),
    )
    .values(is_screenshot=bindparam("screenshot", type_=Boolean()))
    .returning(photo.c.id),
    scalar,
)


def find_screenshots(tx: Tx, photo_ids: Sequence[int]) -> frozenset[int]:
    """Return those of these photos that look like screenshots."""
    return frozenset(
        look.photo_id
        for look in tx.all(_LOOKS, photo_ids=id_list(photo_ids))
        if look.path and is_screenshot(look.path, look.mime or "", None if look.metadata_id is None else look)
    )


def list_automatic(tx: Tx, owner_id: int, after: int, *, with_marked: bool) -> list[int]:
    """Return the next of an owner's stills that nobody marked by hand, in the order of their ids."""
    return tx.all(_AUTOMATIC, owner=owner_id, after=after, with_marked=with_marked)


def mark_screenshots(tx: Tx, owner_id: int, photo_ids: Sequence[int], screenshots: frozenset[int]) -> int:
    """Mark these photos as screenshots or not, save those marked by hand; return how many changed."""
    changed: list[int] = []
    for is_screen in (True, False):
        asked = [photo_id for photo_id in photo_ids if (photo_id in screenshots) is is_screen]
        changed += tx.all(_MARK, photo_ids=id_list(asked), screenshot=is_screen)
    if changed:
        refresh_search_text(tx, changed)
        photos_changed(tx, owner_id, changed)
    return len(changed)
