"""Photos shared one by one between users: those given to the viewer, and those the viewer gave."""

from sqlalchemy import Select, bindparam, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, scalar
from librephotos.db.tables import photo, photo_share, user
from librephotos.db.transactions import Tx
from librephotos.http.paging import Page, PageRequest
from librephotos.photos.grid import pig_photo
from librephotos.photos.queries.gatherings import get_owner
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.schemas import PigPhoto, SimpleUser
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID
from librephotos.sharing.schemas import SharedPhoto

_SHARED = photo_share.join(photo, photo.c.id == photo_share.c.photo_id)
_TO_ME = (photo_share.c.user_id == VIEWER_ID, IS_VISIBLE)
_FROM_ME = (IS_OWN, IS_VISIBLE)
_OLDEST_FIRST = (photo.c.taken_local.asc().nulls_last(), photo.c.id, photo_share.c.user_id)


def _count(*condition: object) -> Statement[int]:
    return Statement(select(func.count()).select_from(_SHARED).where(*condition), scalar)  # type: ignore[arg-type]


def _page(rows: Select[tuple[object, ...]]) -> Statement[Row]:
    ordered = rows.order_by(*_OLDEST_FIRST).limit(bindparam("size")).offset(bindparam("skipped"))
    return Statement(ordered, as_row, raw=True)


_COUNT_TO_ME, _COUNT_FROM_ME = _count(*_TO_ME), _count(*_FROM_ME)
_LIST_TO_ME = _page(
    select(*USER_COLUMNS, *GRID_COLUMNS)
    .select_from(_SHARED.join(user, user.c.id == photo.c.owner_id))
    .where(*_TO_ME)
)
_LIST_FROM_ME = _page(
    select(*USER_COLUMNS, *GRID_COLUMNS)
    .select_from(_SHARED.join(user, user.c.id == photo_share.c.user_id))
    .where(*_FROM_ME)
)


def list_shared_to_me(tx: Tx, viewer: Viewer, asked: PageRequest) -> Page[PigPhoto]:
    """Return a page of the photos that others shared with the viewer one by one, the oldest first."""
    count: int = tx.one(_COUNT_TO_ME, viewer_id=viewer.user_id)
    page = asked.settle(count)
    owners: dict[int, SimpleUser] = {}
    items = []
    for row in tx.all(_LIST_TO_ME, viewer_id=viewer.user_id, size=page.size, skipped=page.offset):
        owner = owners.setdefault(row[0], SimpleUser(*row[:4]))
        items.append(pig_photo(row[4:], owner, viewer))
    return page.answer(count, items)


def list_shared_from_me(tx: Tx, viewer: Viewer, asked: PageRequest) -> Page[SharedPhoto]:
    """Return a page of the viewer's photos with those they are shared with, a row for each, the oldest photo first."""
    count: int = tx.one(_COUNT_FROM_ME, viewer_id=viewer.user_id)
    page = asked.settle(count)
    owner = get_owner(tx, viewer)
    rows = tx.all(_LIST_FROM_ME, viewer_id=viewer.user_id, size=page.size, skipped=page.offset)
    return page.answer(
        count, [SharedPhoto(row[0], SimpleUser(*row[:4]), pig_photo(row[4:], owner, viewer)) for row in rows]
    )
