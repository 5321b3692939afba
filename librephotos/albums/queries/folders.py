"""How many of the caller's photos lie below each folder."""

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
_DIRECTORY = Statement(select(user.c.scan_directory).where(user.c.id == VIEWER_ID), scalar)


def count_below(tx: Tx, viewer: Viewer, path: str) -> dict[str, int]:
    """Return the number of visible photos below each folder that lies right in `path`, by name."""
    folder = path.rstrip("/") + "/"
    length = len(folder)
    rows = tx.all(
        _COUNTS, viewer_id=viewer.user_id, folder=folder, folder_length=length, rest_from=length + 1
    )
    return dict(rows)


def get_scan_directory(tx: Tx, viewer: Viewer) -> str:
    return tx.first(_DIRECTORY, viewer_id=viewer.user_id) or ""
