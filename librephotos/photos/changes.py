"""What follows a changed photo elsewhere: counts, places of days, versions, times of change.

Every writer calls `photos_changed` in the transaction of its change. Other rooms follow by what they registered with
`follow`, in every process that writes (`followers.py`).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import bindparam, case, func, literal_column, select, update

from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import day, photo, user
from librephotos.db.tables.photos import VISIBLE
from librephotos.db.transactions import Tx
from librephotos.errors import LibrePhotosError
from librephotos.photos.sights import sights_changed

# Spelled as in the partial indexes, so that they are used.
_IS_VISIBLE: Any = literal_column(VISIBLE)

_DAYS = Statement(
    select(photo.c.day_id).where(is_in(photo.c.id, "photo_ids"), photo.c.day_id.is_not(None)).distinct(),
    scalar,
)
_IN_DAY = (photo.c.day_id == day.c.id, _IS_VISIBLE)
# The place of the day's first photo that has one. Undated photos have no day to tell of, and may be very many.
_FIRST_PLACE = func.coalesce(
    select(photo.c.place)
    .where(*_IN_DAY, photo.c.place != "")
    .order_by(photo.c.taken_local, photo.c.id)
    .limit(1)
    .correlate(day)
    .scalar_subquery(),
    "",
)
_RECOUNT_DAYS = statement(
    update(day)
    .where(is_in(day.c.id, "day_ids"))
    .values(
        photo_count=select(func.count()).select_from(photo).where(*_IN_DAY).correlate(day).scalar_subquery(),
        stacked_count=select(func.count())
        .select_from(photo)
        .where(photo.c.day_id == day.c.id, literal_column("photo.is_stacked"))
        .correlate(day)
        .scalar_subquery(),
        location=case((day.c.date.is_(None), ""), else_=_FIRST_PLACE),
    )
)
_RECOUNT_USER = statement(
    update(user)
    .where(user.c.id == bindparam("owner"))
    .values(
        list_version=user.c.list_version + 1,
        photo_count=select(func.coalesce(func.sum(day.c.photo_count), 0))
        .where(day.c.owner_id == bindparam("owner"))
        .scalar_subquery(),
        public_photo_count=select(func.count())
        .select_from(photo)
        .where(photo.c.owner_id == bindparam("owner"), literal_column(f"is_public AND {VISIBLE}"))
        .scalar_subquery(),
    )
)
_BUMP_LISTS = statement(
    update(user).where(user.c.id == bindparam("owner")).values(list_version=user.c.list_version + 1)
)
_ALL_DAYS = Statement(select(day.c.id).where(day.c.owner_id == bindparam("owner")), scalar)

_RATED = Statement(
    select(photo.c.id)
    .where(photo.c.owner_id == bindparam("owner"), photo.c.rating > 0, photo.c.is_removed.is_(False))
    .order_by(photo.c.id),
    scalar,
)


class Follower(Protocol):
    """What another room keeps of photos, such as the counts of its albums."""

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        """Follow a change of these photos of one owner."""

    def recount(self, tx: Tx, owner_id: int) -> None:
        """Make what is kept of an owner's photos anew, whatever is stored; for repairs."""


class Spreader(Protocol):
    """What decides of some photos by others, such as which of a stack is shown; told before anything is counted."""

    def spread(self, tx: Tx, photo_ids: Sequence[int]) -> Sequence[int]:
        """Follow a change of these photos of one owner; return further photos of theirs that changed by it."""

    def recount(self, tx: Tx, owner_id: int) -> None:
        """Decide anew, whatever is stored; for repairs."""


class NobodyFollows(LibrePhotosError):
    message = "This process writes photos without having loaded what follows them (followers.py)."


_followers: list[Follower] = []
_spreaders: list[Spreader] = []


def follow(*followers: Follower, spreading: Sequence[Spreader] = ()) -> None:
    """Have these told of every change from now on, in this order, those that spread it first."""
    _followers[:] = followers
    _spreaders[:] = spreading


def photos_changed(tx: Tx, owner_id: int, photo_ids: Sequence[int], *, left_days: Iterable[int] = ()) -> None:
    """Follow a change of these photos of one owner. `left_days` are ids of days that photos were moved away from."""
    if not _followers:
        # Counts would be wrong from here on, and nobody would know why.
        raise NobodyFollows
    for spreader in _spreaders if photo_ids else ():
        # Which photos a stack shows changes with any of them, and counts with that.
        photo_ids = sorted({*photo_ids, *spreader.spread(tx, photo_ids)})
    changed = id_list(photo_ids)
    if photo_ids:
        tx.touch(photo, photo_ids)
    days = {*tx.all(_DAYS, photo_ids=changed), *left_days} if photo_ids else set(left_days)
    if days:
        tx.execute(_RECOUNT_DAYS, day_ids=id_list(sorted(days)))
    if photo_ids:
        for each in _followers:
            each.changed(tx, owner_id, photo_ids)
        sights_changed(tx, photo_ids)
    tx.execute(_RECOUNT_USER, owner=owner_id)


def lists_changed(tx: Tx, owner_id: int) -> None:
    """Say that an owner's lists show something else, though no photo changed: an album's title, for instance."""
    tx.execute(_BUMP_LISTS, owner=owner_id)


def rated_anew(tx: Tx, owner_id: int) -> None:
    """Say that the owner's rated photos may be favourites from now on, or no longer."""
    rated = tx.all(_RATED, owner=owner_id)
    tx.touch(photo, rated)
    sights_changed(tx, rated)


def recount_all(tx: Tx, owner_id: int) -> None:
    """Count and name an owner's days anew, and whatever others keep, whatever is stored; for repairs."""
    for spreader in _spreaders:
        spreader.recount(tx, owner_id)
    tx.execute(_RECOUNT_DAYS, day_ids=id_list(tx.all(_ALL_DAYS, owner=owner_id)))
    for each in _followers:
        each.recount(tx, owner_id)
    tx.execute(_RECOUNT_USER, owner=owner_id)
