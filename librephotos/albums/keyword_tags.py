"""Tags and keywords of photos are two spellings of one thing; here tags follow keywords.

What a file's keywords said goes with them, what a person added stays; what a person writes as keywords holds for both.
Every caller ends its transaction with `photos_changed`.
"""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, id_list, is_in, statement, upsert
from librephotos.db.tables import photo_metadata, photo_tag, tag
from librephotos.db.transactions import Tx
from librephotos.kit import json

FROM_FILE: Final = "file"
FROM_USER: Final = "user"

_TAGS_OF = Statement(
    select(tag.c.id, tag.c.name, photo_tag.c.source)
    .select_from(photo_tag.join(tag, tag.c.id == photo_tag.c.tag_id))
    .where(photo_tag.c.photo_id == bindparam("photo_id")),
    lambda *row: row,
)
_BY_NAME = Statement(
    select(tag.c.name, tag.c.id).where(tag.c.owner_id == bindparam("owner"), is_in(tag.c.name, "names")),
    lambda name, tag_id: (name, tag_id),
)
_INSERT_TAG = statement(upsert(tag, key=["owner_id", "name"], update=["modified_at"]))
_ADD = statement(
    insert(photo_tag).values(
        photo_id=bindparam("photo_id"), tag_id=bindparam("tag_id"), source=bindparam("source")
    )
)
_REMOVE = statement(
    delete(photo_tag).where(
        photo_tag.c.photo_id == bindparam("photo_id"), is_in(photo_tag.c.tag_id, "tag_ids")
    )
)
_SET_KEYWORDS = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("of_photo"))
    .values(keywords=bindparam("new_keywords"))
)


def set_keywords(tx: Tx, owner_id: int, photo_id: int, keywords: Sequence[str] | None) -> None:
    """Store keywords as a person wrote them, and let the photo have the tags of just these names.

    The photo's row of metadata must be there.
    """
    tx.execute(
        _SET_KEYWORDS, of_photo=photo_id, new_keywords=None if keywords is None else json.dumps(keywords)
    )
    words = keywords or ()
    present = tx.all(_TAGS_OF, photo_id=photo_id)
    gone = [tag_id for tag_id, name, _ in present if name not in words]
    _tag(tx, owner_id, photo_id, gone, words, {name for _, name, _ in present}, FROM_USER)


def follow_keywords(tx: Tx, owner_id: int, photo_id: int, keywords: Sequence[str]) -> None:
    """Give a photo the tags of its keywords, and take those away that only a keyword had given it."""
    present = tx.all(_TAGS_OF, photo_id=photo_id)
    names = {name for _, name, _ in present}
    gone = [tag_id for tag_id, name, source in present if source == FROM_FILE and name not in keywords]
    _tag(tx, owner_id, photo_id, gone, keywords, names, FROM_FILE)


def _tag(  # what the photo had, and what it shall have
    tx: Tx,
    owner_id: int,
    photo_id: int,
    gone: Sequence[int],
    wanted: Sequence[str],
    present: Collection[str],
    source: str,
) -> None:
    new = [name for name in dict.fromkeys(wanted) if name not in present]
    if gone or new:
        tx.lock(f"tags of {owner_id}")
    if gone:
        tx.execute(_REMOVE, photo_id=photo_id, tag_ids=id_list(gone))
        tx.touch(tag, gone)
    if new:
        ids = _get_or_create(tx, owner_id, new)
        tx.execute_many(_ADD, [{"photo_id": photo_id, "tag_id": ids[name], "source": source} for name in new])


def _get_or_create(tx: Tx, owner_id: int, names: Sequence[str]) -> dict[str, int]:
    rows = [{"owner_id": owner_id, "name": name, "modified_at": UNSTAMPED} for name in sorted(names)]
    tx.execute_many(_INSERT_TAG, rows)
    ids: dict[str, int] = dict(tx.all(_BY_NAME, owner=owner_id, names=id_list(names)))
    tx.touch(tag, ids.values())
    return ids
