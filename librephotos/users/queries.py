"""All SQL of accounts but their hand-over: reading for each kind of reader, creating, changing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, true, update

from librephotos.accounts import setup
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import photo, user
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, NotFound
from librephotos.http.paging import OffsetRequest, Page
from librephotos.kit import clock
from librephotos.people.queries.counting import PERSONS
from librephotos.photos.changes import rated_anew
from librephotos.users.profile import DELETED_USERNAME, listed_user, managed_user
from librephotos.users.rows import UserRow
from librephotos.users.schemas import ListedUser, ManagedUser, PhotoSample

TAKEN = "A user with that username already exists."
SAMPLES = 10

_COLUMNS = [user.c[name] for name in UserRow.__struct_fields__]
_IS_PERSON = user.c.username != DELETED_USERNAME
_IS_LISTED = and_(user.c.is_active.is_(True), _IS_PERSON)
_IS_PUBLIC = and_(_IS_LISTED, user.c.public_sharing.is_(True))


def _page_of(condition: ColumnElement[bool]) -> Statement[UserRow]:
    rows = select(*_COLUMNS).where(condition).order_by(user.c.id)
    return Statement(rows.limit(bindparam("size")).offset(bindparam("skip")), UserRow)


def _count_of(condition: ColumnElement[bool]) -> Statement[int]:
    return Statement(select(func.count()).select_from(user).where(condition), scalar)


def _one_of(condition: ColumnElement[bool]) -> Statement[UserRow]:
    return Statement(select(*_COLUMNS).where(condition, user.c.id == bindparam("user_id")), UserRow)


_LISTED, _COUNT_LISTED, _ONE_LISTED = _page_of(_IS_LISTED), _count_of(_IS_LISTED), _one_of(_IS_LISTED)
_PUBLIC, _COUNT_PUBLIC, _ONE_PUBLIC = _page_of(_IS_PUBLIC), _count_of(_IS_PUBLIC), _one_of(_IS_PUBLIC)
_MANAGED, _COUNT_MANAGED, _ONE_MANAGED = _page_of(_IS_PERSON), _count_of(_IS_PERSON), _one_of(_IS_PERSON)


def find_visible(tx: Tx, viewer: Viewer, user_id: int) -> UserRow:
    """Return an active account that the caller may see. Raises NotFound, the same for hidden and unknown."""
    row = tx.first(_ONE_PUBLIC if viewer.is_anonymous else _ONE_LISTED, user_id=user_id)
    if row is None:
        raise NotFound.of("User")
    return row


def get_managed(tx: Tx, user_id: int) -> UserRow:
    """Return any person's account, inactive ones too. Raises NotFound."""
    row = tx.first(_ONE_MANAGED, user_id=user_id)
    if row is None:
        raise NotFound.of("User")
    return row


def list_rows(tx: Tx, viewer: Viewer, page: OffsetRequest) -> tuple[int, list[UserRow]]:
    """Return how many active accounts the caller may see, and one page of them."""
    rows, count = (_PUBLIC, _COUNT_PUBLIC) if viewer.is_anonymous else (_LISTED, _COUNT_LISTED)
    return tx.one(count), tx.all(rows, size=page.limit, skip=page.offset)


def list_for_strangers(tx: Tx, viewer: Viewer, page: OffsetRequest) -> Page[ListedUser]:
    count, rows = list_rows(tx, viewer, page)
    samples = list_samples(tx, [row.id for row in rows])
    return page.answer(count, [listed_user(row, samples.get(row.id, [])) for row in rows])


def list_with_samples(
    tx: Tx, viewer: Viewer, page: OffsetRequest
) -> tuple[int, list[tuple[UserRow, list[PhotoSample]]]]:
    count, rows = list_rows(tx, viewer, page)
    samples = list_samples(tx, [row.id for row in rows])
    return count, [(row, samples.get(row.id, [])) for row in rows]


def list_managed(tx: Tx, page: OffsetRequest) -> Page[ManagedUser]:
    rows = tx.all(_MANAGED, size=page.limit, skip=page.offset)
    return page.answer(tx.one(_COUNT_MANAGED), [managed_user(row) for row in rows])


# Public and visible: what is hidden, trashed or without thumbnails stays out, whatever its public flag says.
_IS_SAMPLE = and_(
    photo.c.is_public.is_(True),
    photo.c.is_hidden.is_(False),
    photo.c.is_trashed.is_(False),
    photo.c.is_removed.is_(False),
    photo.c.aspect_ratio.is_not(None),
)
_SAMPLE_COLUMNS = (
    photo.c.owner_id,
    photo.c.image_hash,
    photo.c.rating,
    photo.c.taken_local,
    photo.c.is_video,
)
_NUMBERED = (
    select(
        *_SAMPLE_COLUMNS,
        func.row_number().over(partition_by=photo.c.owner_id, order_by=photo.c.id).label("place"),
    )
    .where(_IS_SAMPLE, is_in(photo.c.owner_id, "owners"))
    .subquery()
)
_SAMPLES = statement(
    select(*(_NUMBERED.c[column.name] for column in _SAMPLE_COLUMNS))
    .where(_NUMBERED.c.place <= SAMPLES)
    .order_by(_NUMBERED.c.owner_id, _NUMBERED.c.place)
)


def list_samples(tx: Tx, user_ids: Sequence[int]) -> dict[int, list[PhotoSample]]:
    """Return the first ten public photos of each account, in one statement."""
    found: dict[int, list[PhotoSample]] = {}
    for owner_id, image_hash, rating, taken_local, is_video in tx.all(_SAMPLES, owners=id_list(user_ids)):
        sample = PhotoSample(
            image_hash=image_hash,
            rating=rating,
            hidden=False,
            exif_timestamp=f"{taken_local}Z" if taken_local else None,
            public=True,
            video=is_video,
        )
        found.setdefault(owner_id, []).append(sample)
    return found


def get_with_samples(tx: Tx, viewer: Viewer, user_id: int) -> tuple[UserRow, list[PhotoSample]]:
    row = find_visible(tx, viewer, user_id)
    return row, list_samples(tx, [user_id]).get(user_id, [])


_NAME_OWNER = Statement(select(user.c.id).where(user.c.username == bindparam("username")), scalar)
_DIRECTORIES = statement(
    select(user.c.username, user.c.scan_directory).where(
        user.c.scan_directory != "", _IS_PERSON, user.c.id != bindparam("but")
    )
)
_OTHER_SUPERUSERS = Statement(
    select(func.count())
    .select_from(user)
    .where(user.c.is_superuser.is_(True), user.c.is_active.is_(True), user.c.id != bindparam("but")),
    scalar,
)
_EVERYONE_CHANGED = statement(update(user).where(true()).values(list_version=user.c.list_version + 1))


def is_taken(tx: Tx, username: str, *, but: int = 0) -> bool:
    """Whether the name is another account's, or the reserved one."""
    if username == DELETED_USERNAME:
        return True
    owner: int | None = tx.first(_NAME_OWNER, username=username)
    return owner is not None and owner != but


def list_directories(tx: Tx, *, but: int = 0) -> list[Row]:
    """Return (username, scan directory) of everybody else who has one."""
    return tx.all(_DIRECTORIES, but=but)


def lock_superusers(tx: Tx) -> None:
    tx.lock("superusers")


def is_last_superuser(tx: Tx, user_id: int) -> bool:
    """Whether no other active superuser is left; callers hold the lock."""
    others: int = tx.one(_OTHER_SUPERUSERS, but=user_id)
    return others == 0


@lru_cache(maxsize=256)
def _update(names: tuple[str, ...]) -> Statement[Row]:
    values: dict[str, Any] = {name: bindparam(f"v_{name}") for name in names}
    values["list_version"] = user.c.list_version + 1
    return statement(update(user).where(user.c.id == bindparam("user_id")).values(values))


def update_columns(tx: Tx, user_id: int, columns: Mapping[str, Any]) -> None:
    """Store columns of one account. Names stand in everybody's lists, so a changed one counts there too."""
    if not columns:
        return
    values = {f"v_{name}": value for name, value in columns.items()}
    tx.execute(_update(tuple(sorted(columns))), user_id=user_id, **values)
    if not columns.keys().isdisjoint(("username", "first_name", "last_name")):
        tx.execute(_EVERYONE_CHANGED)
    if "confidence_person" in columns:
        # Which suggestions count for a person depends on it.
        PERSONS.recount(tx, user_id)
    if "favorite_min_rating" in columns:
        # Which photos are favourites depends on it.
        rated_anew(tx, user_id)
    if not columns.keys().isdisjoint(("username", "first_name", "last_name", "avatar")):
        tx.touch(user, [user_id])


@lru_cache(maxsize=64)
def _insert(names: tuple[str, ...]) -> Statement[int]:
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return Statement(insert(user).values(values).returning(user.c.id), scalar)


def create_user(tx: Tx, columns: Mapping[str, Any]) -> int:
    """Insert an account and return its id. Raises BadInput when the name is taken."""
    if is_taken(tx, columns["username"]):
        raise BadInput.of("username", TAKEN)
    now = clock.now()
    row = {**columns, "joined_at": now, "tokens_valid_from": now}
    user_id: int = tx.one(_insert(tuple(sorted(row))), **row)
    tx.touch(user, [user_id])
    if columns.get("is_superuser"):
        setup.record_first_admin(tx)
    return user_id
