"""Which things photos show: what models found in them and the hashtags that people wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from librephotos.albums.hashtags import HASHTAG_TYPE, find_hashtags
from librephotos.albums.queries.kinds import THINGS
from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, statement, upsert_with
from librephotos.db.tables import photo_metadata, thing_album, thing_photo
from librephotos.db.transactions import Tx
from librephotos.kit import json

_MEMBERS: Statement[Row] = Statement(
    select(thing_photo.c.photo_id, thing_album.c.id, thing_album.c.title)
    .select_from(thing_photo.join(thing_album, thing_album.c.id == thing_photo.c.album_id))
    .where(is_in(thing_photo.c.photo_id, "photo_ids"), thing_album.c.thing_type == bindparam("wanted_type")),
    as_row,
)
_MAKE = statement(
    upsert_with(
        thing_album,
        columns=("owner_id", "thing_type", "title", "modified_at"),
        key=["owner_id", "thing_type", "title"],
        changes=lambda excluded: {"modified_at": excluded.modified_at},
    )
)
_FIND: Statement[tuple[str, int]] = Statement(
    select(thing_album.c.title, thing_album.c.id).where(
        thing_album.c.owner_id == bindparam("owner"),
        thing_album.c.thing_type == bindparam("wanted_type"),
        is_in(thing_album.c.title, "titles"),
    ),
    lambda title, album_id: (title, album_id),
)
_CAPTIONS: Statement[Row] = Statement(
    select(photo_metadata.c.photo_id, photo_metadata.c.captions).where(
        is_in(photo_metadata.c.photo_id, "photo_ids"), photo_metadata.c.captions.like("%#%")
    ),
    as_row,
)


def set_things(tx: Tx, owner_id: int, thing_type: str, wanted: Mapping[int, Sequence[str]]) -> None:
    """Have each of these photos be in the things of one type that are named, and in no other of that type.

    For the counts to be right, `photos_changed` or the follower THINGS comes after it.
    """
    members: dict[int, dict[str, int]] = {photo_id: {} for photo_id in wanted}
    for photo_id, album_id, title in tx.all(_MEMBERS, photo_ids=id_list(wanted), wanted_type=thing_type):
        members[photo_id][title] = album_id
    left: dict[int, list[int]] = {}
    joined: dict[str, list[int]] = {}
    for photo_id, titles in wanted.items():
        for title, album_id in members[photo_id].items():
            if title not in titles:
                left.setdefault(album_id, []).append(photo_id)
        for title in titles:
            if title not in members[photo_id]:
                joined.setdefault(title, []).append(photo_id)
    if joined:
        rows = [
            {"owner_id": owner_id, "thing_type": thing_type, "title": title, "modified_at": UNSTAMPED}
            for title in sorted(joined)
        ]
        tx.execute_many(_MAKE, rows)
        albums = dict(tx.all(_FIND, owner=owner_id, wanted_type=thing_type, titles=id_list(joined)))
        tx.touch(thing_album, albums.values())
        THINGS.put(
            tx, [(albums[title], photo_id) for title, photo_ids in joined.items() for photo_id in photo_ids]
        )
    for album_id in sorted(left):
        THINGS.remove(tx, album_id, left[album_id])
    if left:
        THINGS.drop_empty(tx, owner_id, sorted(left))


class Hashtags:
    """Follows what people write under their photos."""

    def changed(self, tx: Tx, owner_id: int, photo_ids: Sequence[int]) -> None:
        captions: dict[int, Any] = {
            photo_id: json.loads(text) for photo_id, text in tx.all(_CAPTIONS, photo_ids=id_list(photo_ids))
        }
        wanted = {photo_id: _hashtags(captions.get(photo_id)) for photo_id in photo_ids}
        set_things(tx, owner_id, HASHTAG_TYPE, wanted)

    def recount(self, tx: Tx, owner_id: int) -> None:
        """The things themselves are counted."""


def _hashtags(captions: Any) -> list[str]:  # JSON
    caption = captions.get("user_caption") if isinstance(captions, dict) else None
    return find_hashtags(caption) if isinstance(caption, str) else []


HASHTAGS = Hashtags()
