"""Names under which several photos lie, which may be halves of one."""

from sqlalchemy import bindparam, distinct, func, select

from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.library.file_kinds import SIDECAR

_DOUBLES = Statement(
    select(file.c.stem_key)
    .where(
        file.c.owner_id == bindparam("owner"),
        file.c.stem_key > bindparam("after"),
        file.c.photo_id.is_not(None),
        file.c.kind != SIDECAR,
        file.c.is_missing.is_(False),
    )
    .group_by(file.c.stem_key)
    .having(func.count(distinct(file.c.photo_id)) > 1)
    .order_by(file.c.stem_key)
    .limit(bindparam("size")),
    scalar,
)
_PATHS = Statement(
    select(file.c.path_bytes).where(
        file.c.owner_id == bindparam("owner"),
        is_in(file.c.stem_key, "keys"),
        file.c.photo_id.is_not(None),
        file.c.kind != SIDECAR,
    ),
    bytes,
)


def list_doubles(tx: Tx, owner_id: int, after: int, size: int) -> list[int]:
    """Return the next numbers of stems that files of several photos have, in order."""
    return tx.all(_DOUBLES, owner=owner_id, after=after, size=size)


def list_paths(tx: Tx, owner_id: int, stem_keys: list[int]) -> list[bytes]:
    return tx.all(_PATHS, owner=owner_id, keys=id_list(stem_keys))
