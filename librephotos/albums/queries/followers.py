"""What people put together by hand, user albums and tags, changes with its photos: the time of change moves."""

from collections.abc import Sequence

from sqlalchemy import Table, select

from librephotos.db.statements import Statement, id_list, is_in, scalar
from librephotos.db.tables import album, album_photo, photo_tag, tag
from librephotos.db.transactions import Tx


class Touched:
    """Groups of photos of which nothing is stored that a changed photo could make wrong, but the time of change."""

    def __init__(self, groups: Table, members: Table, key: str) -> None:
        holding = select(members.c[key]).where(is_in(members.c.photo_id, "photo_ids"))
        self.groups = groups
        self._holding = Statement(holding.distinct(), scalar)

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        tx.touch(self.groups, tx.all(self._holding, photo_ids=id_list(photo_ids)))

    def recount(self, tx: Tx, owner_id: int) -> None:
        """Nothing is counted."""


USER_ALBUMS = Touched(album, album_photo, "album_id")
TAGS = Touched(tag, photo_tag, "tag_id")
