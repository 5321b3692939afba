"""Where a photo's file lies, for admins who look why it cannot be served."""

import msgspec
from sqlalchemy import bindparam, select

from librephotos.db.statements import Statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx
from librephotos.photos.keys import PhotoKey


class MainFile(msgspec.Struct, frozen=True):
    """`path` is None for a photo without main file."""

    path: bytes | None


def _by(column: object) -> Statement[MainFile]:
    return Statement(
        select(file.c.path_bytes)
        .select_from(photo.outerjoin(file, file.c.id == photo.c.main_file_id))
        .where(column == bindparam("wanted"))
        .order_by(photo.c.id)
        .limit(1),
        lambda path: MainFile(None if path is None else bytes(path)),
    )


_BY_UUID, _BY_HASH = _by(photo.c.uuid), _by(photo.c.image_hash)


def find_main_file(tx: Tx, key: PhotoKey) -> MainFile | None:
    """Return where the main file of anybody's photo lies, None for an unknown photo."""
    return tx.first(_BY_UUID if key.is_uuid else _BY_HASH, wanted=key.value)
