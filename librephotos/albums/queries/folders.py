"""How many of the caller's photos lie below each folder."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Text, bindparam, func, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, position_of, scalar
from librephotos.db.tables import file, photo, user
from librephotos.db.transactions import Tx
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID

_FOLDER: BindParameter[str] = bindparam("folder", type_=Text())
# Compared by characters, as the filter of the timeline does.
_below = func.substr(file.c.path, 1, bindparam("folder_length")) == _FOLDER
_rest = func.substr(file.c.path, bindparam("rest_from"))
_name = func.substr(_rest, 1, position_of("/", _rest) - 1)
_COUNTS: Statement[tuple[str, int]] = Statement(
    select(_name, func.count(photo.c.id.distinct()))
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(file.c.owner_id == VIEWER_ID, _below, position_of("/", _rest) > 1, IS_OWN, IS_VISIBLE)
    .group_by(_name),
    lambda name, count: (name, count),
)
_WITHIN: Statement[int] = Statement(
    select(func.count(photo.c.id.distinct()))
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(file.c.owner_id == VIEWER_ID, _below, IS_OWN, IS_VISIBLE),
    scalar,
)
_DIRECTORY = Statement(select(user.c.scan_directory).where(user.c.id == VIEWER_ID), scalar)


def count_below(tx: Tx, viewer: Viewer, path: str) -> dict[str, int]:
    """Return the number of visible photos below each folder that lies right in `path`, by its path."""
    folder = path.rstrip("/") + "/"
    length = len(folder)
    rows = tx.all(
        _COUNTS, viewer_id=viewer.user_id, folder=folder, folder_length=length, rest_from=length + 1
    )
    return {folder + name: count for name, count in rows}


def count_within(tx: Tx, viewer: Viewer, paths: Sequence[str]) -> dict[str, int]:
    """Return the number of visible photos in each of these folders and below, without those that have none."""
    counts: dict[str, int] = {}
    for path in paths:
        folder = path.rstrip("/") + "/"
        count: int = tx.one(_WITHIN, viewer_id=viewer.user_id, folder=folder, folder_length=len(folder))
        if count:
            counts[path] = count
    return counts


def get_scan_directory(tx: Tx, viewer: Viewer) -> str:
    return tx.first(_DIRECTORY, viewer_id=viewer.user_id) or ""
