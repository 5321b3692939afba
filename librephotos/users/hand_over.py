"""Deleting an account: everything it owns goes to the account `deleted`, every way in and every share ends, at once.

One transaction. Days are merged by date, album titles stay unique, a path that the heir already has keeps the newer
row. The row goes last: tables that refer to it without a hand-over here refuse its deletion.
"""

from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, delete, exists, insert, null, or_, select, true, update

from librephotos.accounts import queries as account_queries
from librephotos.accounts import setup
from librephotos.accounts.keys import queries as key_queries
from librephotos.accounts.passwords import unusable_password
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import (
    album,
    album_link,
    album_share,
    day,
    file,
    job,
    person,
    photo,
    photo_share,
    user,
)
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.photos.changes import photos_changed
from librephotos.photos.tombstones import record_deletions
from librephotos.users.inherited_groups import hand_over_groups
from librephotos.users.profile import DELETED_USERNAME

GONE: BindParameter[int] = bindparam("gone")
HEIR: BindParameter[int] = bindparam("heir")


class Deleted(msgspec.Struct, frozen=True):
    """What is left to do on the disk."""

    avatar: str | None


_FIND_HEIR = Statement(select(user.c.id).where(user.c.username == DELETED_USERNAME), scalar)
_MAKE_HEIR = Statement(
    insert(user)
    .values(
        username=DELETED_USERNAME,
        password_hash=bindparam("stored"),
        is_active=False,
        joined_at=bindparam("now"),
        tokens_valid_from=bindparam("now"),
    )
    .returning(user.c.id),
    scalar,
)


def find_heir(tx: Tx) -> int:
    """Return the id of the account `deleted`, made when it is first needed."""
    tx.lock("heir")
    known: int | None = tx.first(_FIND_HEIR)
    if known is not None:
        return known
    made: int = tx.one(_MAKE_HEIR, stored=unusable_password(), now=clock.now())
    return made


_THEIR_ALBUMS = select(album.c.id).where(album.c.owner_id == GONE)
_THEIR_PHOTOS = select(photo.c.id).where(photo.c.owner_id == GONE)
_WITHDRAW = tuple(
    statement(each)
    for each in (
        delete(album_link).where(album_link.c.album_id.in_(_THEIR_ALBUMS)),
        delete(album_share).where(
            or_(album_share.c.album_id.in_(_THEIR_ALBUMS), album_share.c.user_id == GONE)
        ),
        delete(photo_share).where(
            or_(photo_share.c.photo_id.in_(_THEIR_PHOTOS), photo_share.c.user_id == GONE)
        ),
    )
)
_SHARED_ALBUMS = statement(
    select(album_share.c.album_id, album_share.c.user_id)
    .where(album_share.c.album_id.in_(_THEIR_ALBUMS), album_share.c.user_id != GONE)
    .order_by(album_share.c.user_id, album_share.c.album_id)
)

# A path may be the heir's already, when somebody before used the same folder: the older row gives way.
_older, _newer = file.alias("older"), file.alias("newer")
_DOUBLE_PATHS = (
    select(_older.c.id)
    .select_from(_older)
    .where(
        _older.c.owner_id == HEIR,
        exists(
            select(_newer.c.id).where(_newer.c.owner_id == GONE, _newer.c.path_bytes == _older.c.path_bytes)
        ),
    )
)
_PHOTO_IDS = Statement(select(photo.c.id).where(photo.c.owner_id == GONE), scalar)
_LOSERS = Statement(
    select(file.c.photo_id).where(file.c.id.in_(_DOUBLE_PATHS), file.c.photo_id.is_not(None)).distinct(),
    scalar,
)
_FORGET_MAIN = statement(
    update(photo)
    .where(photo.c.owner_id == HEIR, photo.c.main_file_id.in_(_DOUBLE_PATHS))
    .values(main_file_id=null())
)
_DROP_DOUBLES = statement(delete(file).where(file.c.id.in_(_DOUBLE_PATHS)))
_GIVE_FILES = statement(update(file).where(file.c.owner_id == GONE).values(owner_id=HEIR))

_old, _kept = day.alias("old_day"), day.alias("kept_day")
_SAME_DAY = (
    select(_kept.c.id)
    .select_from(_old)
    .join(_kept, _kept.c.date.is_not_distinct_from(_old.c.date))
    .where(_kept.c.owner_id == HEIR, _old.c.owner_id == GONE)
)
_MERGED_DAY = _SAME_DAY.where(_old.c.id == photo.c.day_id).correlate(photo).scalar_subquery()
_JOIN_DAYS = statement(
    update(photo)
    .where(photo.c.owner_id == GONE, exists(_SAME_DAY.where(_old.c.id == photo.c.day_id).correlate(photo)))
    .values(day_id=_MERGED_DAY)
)
_DROP_DAYS = statement(
    delete(day).where(
        day.c.owner_id == GONE,
        exists(
            select(_kept.c.id)
            .where(_kept.c.owner_id == HEIR, _kept.c.date.is_not_distinct_from(day.c.date))
            .correlate(day)
        ),
    )
)
_GIVE_DAYS = statement(update(day).where(day.c.owner_id == GONE).values(owner_id=HEIR))
_GIVE_PHOTOS = statement(update(photo).where(photo.c.owner_id == GONE).values(owner_id=HEIR, is_public=False))
_GIVE_PERSONS = statement(update(person).where(person.c.owner_id == GONE).values(owner_id=HEIR))
_GIVE_ALBUMS = statement(update(album).where(album.c.owner_id == GONE).values(owner_id=HEIR))
_TITLES = statement(
    select(album.c.id, album.c.title).where(album.c.owner_id == bindparam("owner")).order_by(album.c.id)
)
_RENAME = statement(
    update(album).where(album.c.id == bindparam("album_id")).values(title=bindparam("new_title"))
)
_STOP_JOBS = statement(
    update(job)
    .where(job.c.user_id == GONE, job.c.finished_at.is_(None))
    .values(state="cancelled", finished_at=bindparam("now"), result=bindparam("outcome"))
)
_GIVE_JOBS = statement(update(job).where(job.c.user_id == GONE).values(user_id=HEIR))
_OF_USER = statement(select(user.c.username, user.c.avatar).where(user.c.id == bindparam("row_id")))
_DELETE = statement(delete(user).where(user.c.id == bindparam("row_id")))
_EVERYONE_CHANGED = statement(update(user).where(true()).values(list_version=user.c.list_version + 1))


def delete_user(tx: Tx, user_id: int) -> Deleted:
    """Hand over everything and delete the row; who may do so is the caller's question."""
    setup.record_first_admin(tx)
    username, avatar = tx.one(_OF_USER, row_id=user_id)
    heir = find_heir(tx)
    both: dict[str, Any] = {"gone": user_id, "heir": heir}
    account_queries.end_sessions(tx, user_id)
    key_queries.revoke_all(tx, user_id, "the account was deleted")
    for album_id, sharee in tx.all(_SHARED_ALBUMS, gone=user_id):
        record_deletions(tx, sharee, "album_user", [album_id])
    for withdrawal in _WITHDRAW:
        tx.execute(withdrawal, gone=user_id)
    tx.execute(_STOP_JOBS, gone=user_id, now=clock.now(), outcome=json.dumps({"status": "cancelled"}))
    changed = {*tx.all(_PHOTO_IDS, gone=user_id), *tx.all(_LOSERS, **both)}
    for step in (_GIVE_JOBS, _FORGET_MAIN, _DROP_DOUBLES, _GIVE_FILES, _JOIN_DAYS):
        tx.execute(step, **both)
    for step in (_DROP_DAYS, _GIVE_DAYS, _GIVE_PHOTOS, _GIVE_PERSONS):
        tx.execute(step, **both)
    _make_titles_unique(tx, user_id, heir, username)
    tx.execute(_GIVE_ALBUMS, **both)
    hand_over_groups(tx, user_id, heir)
    photos_changed(tx, heir, sorted(changed))
    tx.execute(_DELETE, row_id=user_id)
    tx.execute(_EVERYONE_CHANGED)
    return Deleted(avatar)


def _make_titles_unique(tx: Tx, user_id: int, heir: int, username: str) -> None:
    taken = {title for _, title in tx.all(_TITLES, owner=heir)}
    theirs = tx.all(_TITLES, owner=user_id)
    taken_by_both = taken | {title for _, title in theirs}
    renamed = []
    for album_id, title in theirs:
        if title in taken:
            fresh = unique_title(title, username, taken_by_both)
            taken_by_both.add(fresh)
            renamed.append({"album_id": album_id, "new_title": fresh})
    tx.execute_many(_RENAME, renamed)


def unique_title(title: str, username: str, taken: set[str]) -> str:
    """Return `title (username)`, numbered when that is taken too."""
    fresh, number = f"{title} ({username})", 2
    while fresh in taken:
        fresh, number = f"{title} ({username} {number})", number + 1
    return fresh
