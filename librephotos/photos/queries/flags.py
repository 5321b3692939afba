"""Bulk changes: favourites, hiding, the trash, the public flag, the category, and shares with other users."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Boolean, bindparam, delete, insert, select, update

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import photo, photo_share, user
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput
from librephotos.photos.changes import photos_changed
from librephotos.photos.queries.categories import find_screenshots
from librephotos.photos.queries.details import list_details
from librephotos.photos.queries.selections import Choice, Selected, list_selected
from librephotos.photos.schemas import PhotoDetail
from librephotos.photos.selection import Grid, Selection
from librephotos.photos.storing import refresh_search_text

Flag = Literal["favorite", "hidden", "trashed", "public"]
Category = Literal["photo", "screenshot", "document", "auto"]
# Details of more photos than these are not sent along.
DETAILED_PHOTOS: Final = 100


class Changed(msgspec.Struct, frozen=True):
    """What became of each photo of a bulk request, in its order."""

    changed: list[Choice]
    unchanged: list[Choice]
    updated: list[PhotoDetail] = []
    not_updated: list[PhotoDetail] = []


def _setter(**columns: Any) -> Statement[Any]:
    return statement(update(photo).where(is_in(photo.c.id, "photo_ids")).values(columns))


_SET: dict[Flag, Statement[Any]] = {
    "favorite": _setter(rating=bindparam("new")),
    "hidden": _setter(is_hidden=bindparam("new", type_=Boolean())),
    "trashed": _setter(is_trashed=bindparam("new", type_=Boolean())),
    "public": _setter(is_public=bindparam("new", type_=Boolean())),
}


def change_flag(
    tx: Tx, viewer: Viewer, selection: Selection, flag: Flag, value: bool, origin: Origin
) -> Changed:
    """Set a flag of the caller's photos. Favourites are those whose rating the caller asks for, or more."""
    choices = list_selected(tx, viewer, selection)
    is_set = _tester(viewer, flag)
    # A grid's photos count whether they change or not, as published; favourites do when they change.
    takes_all = isinstance(selection, Grid) and flag != "favorite"
    changed = [each for each in choices if takes_all or is_set(each.photo) != value]
    done = {each.photo.photo_id for each in changed}
    unchanged = [each for each in choices if each.photo.photo_id not in done]
    new: int | bool = value
    if flag == "favorite":
        new = viewer.favorite_min_rating if value else 0
    _store(tx, viewer, _SET[flag], changed, new=new)
    if flag == "public" and changed:
        _tell(tx, origin, "public photos", photos=len(changed), public=value)
    return _told(tx, viewer, selection, changed, unchanged)


def _tester(viewer: Viewer, flag: Flag) -> Callable[[Selected], bool]:
    if flag == "favorite":
        return lambda each: each.rating >= viewer.favorite_min_rating
    if flag == "hidden":
        return lambda each: each.is_hidden
    return (lambda each: each.is_trashed) if flag == "trashed" else (lambda each: each.is_public)


def _store(
    tx: Tx, viewer: Viewer, change: Statement[Any], choices: Iterable[Choice], **values: object
) -> None:
    photo_ids = [each.photo.photo_id for each in choices]
    if photo_ids:
        tx.execute(change, photo_ids=id_list(photo_ids), **values)
        photos_changed(tx, viewer.user_id, photo_ids)


def _told(
    tx: Tx, viewer: Viewer, selection: Selection, changed: list[Choice], unchanged: list[Choice]
) -> Changed:
    """Add the details that one client reads, of named photos and not too many of them."""
    asked = [*changed, *unchanged]
    if isinstance(selection, Grid) or not asked or len(asked) > DETAILED_PHOTOS:
        return Changed(changed, unchanged)
    details = list_details(tx, viewer, [each.photo.photo_id for each in asked])
    return Changed(changed, unchanged, details[: len(changed)], details[len(changed) :])


def _tell(tx: Tx, origin: Origin, target: str, **detail: Any) -> None:
    record(
        tx,
        Event(kind="share_changed", origin=origin, subject_id=origin.actor_id, target=target, detail=detail),
    )


# --- category


_SET_CATEGORY = _setter(
    is_screenshot=bindparam("screenshot", type_=Boolean()),
    is_document=bindparam("document", type_=Boolean()),
    category_source=bindparam("source"),
)


def change_category(tx: Tx, viewer: Viewer, selection: Selection, category: Category) -> Changed:
    """Mark photos as what they are, for good; or, with `auto`, look again and let later scans decide.

    Videos are neither screenshots nor documents.
    """
    if category == "auto" and isinstance(selection, Grid):
        raise BadInput.of("category", "auto works with image_hashes only.")
    choices = list_selected(tx, viewer, selection)
    screenshots = _detected(tx, choices) if category == "auto" else frozenset()
    changed: list[Choice] = []
    unchanged: list[Choice] = []
    groups: dict[tuple[bool, bool], list[int]] = {}
    source = "auto" if category == "auto" else "user"
    for each in choices:
        row = each.photo
        marks = (category == "screenshot" or row.photo_id in screenshots, category == "document")
        is_same = (row.is_screenshot, row.is_document, row.category_source) == (*marks, source)
        if is_same or (row.is_video and any(marks)):
            unchanged.append(each)
        else:
            changed.append(each)
            groups.setdefault(marks, []).append(row.photo_id)
    for (screenshot, document), photo_ids in groups.items():
        tx.execute(
            _SET_CATEGORY,
            photo_ids=id_list(photo_ids),
            screenshot=screenshot,
            document=document,
            source=source,
        )
    if changed:
        photo_ids = [each.photo.photo_id for each in changed]
        refresh_search_text(tx, photo_ids)
        photos_changed(tx, viewer.user_id, photo_ids)
    return Changed(changed, unchanged)


def _detected(tx: Tx, choices: Sequence[Choice]) -> frozenset[int]:
    """Return the photos that look like screenshots."""
    stills = [each.photo.photo_id for each in choices if not each.photo.is_video]
    return find_screenshots(tx, stills)


# --- shares with other users

_TARGET = Statement(
    select(user.c.id).where(user.c.id == bindparam("target"), user.c.is_active.is_(True)), scalar
)
_SHARED = Statement(
    select(photo_share.c.photo_id).where(
        photo_share.c.user_id == bindparam("target"), is_in(photo_share.c.photo_id, "photo_ids")
    ),
    scalar,
)
_SHARE = statement(
    insert(photo_share).values(photo_id=bindparam("shared_photo"), user_id=bindparam("target"))
)
_UNSHARE = statement(
    delete(photo_share).where(
        photo_share.c.user_id == bindparam("target"), is_in(photo_share.c.photo_id, "photo_ids")
    )
)
_BUMP = statement(
    update(user).where(user.c.id == bindparam("target")).values(list_version=user.c.list_version + 1)
)


def change_shares(
    tx: Tx, viewer: Viewer, selection: Selection, target_id: int, is_shared: bool, origin: Origin
) -> int:
    """Share the caller's photos with a user, or withdraw them; return how many shares that made or ended.

    Raises BadInput for a user who is unknown, not active, or the caller.
    """
    if target_id == viewer.user_id:
        raise BadInput.of("target_user_id", "You cannot share photos with yourself.")
    if tx.first(_TARGET, target=target_id) is None:
        raise BadInput.of("target_user_id", "There is no such active user.")
    asked = [each.photo.photo_id for each in list_selected(tx, viewer, selection)]
    known = set(tx.all(_SHARED, target=target_id, photo_ids=id_list(asked)))
    changed = [photo_id for photo_id in asked if (photo_id in known) != is_shared]
    if not changed:
        return 0
    if is_shared:
        tx.execute_many(_SHARE, [{"shared_photo": photo_id, "target": target_id} for photo_id in changed])
    else:
        tx.execute(_UNSHARE, target=target_id, photo_ids=id_list(changed))
    photos_changed(tx, viewer.user_id, changed)
    # What is shared with them is in their lists too.
    tx.execute(_BUMP, target=target_id)
    _tell(tx, origin, "photos", photos=len(changed), user=target_id, shared=is_shared)
    return len(changed)
