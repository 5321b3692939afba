"""Tags follow the keywords of photos: what a file's keywords said goes with them, what a person added stays.

Every caller ends its transaction with `photos_changed`.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, id_list, is_in, statement, upsert
from librephotos.db.tables import photo_tag, tag
from librephotos.db.transactions import Tx

FROM_FILE: Final = "file"

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


def follow_keywords(tx: Tx, owner_id: int, photo_id: int, keywords: Sequence[str]) -> None:
    """Give a photo the tags of its keywords, and take those away that only a keyword had given it."""
    present = tx.all(_TAGS_OF, photo_id=photo_id)
    names = {name for _, name, _ in present}
    gone = [tag_id for tag_id, name, source in present if source == FROM_FILE and name not in keywords]
    new = [name for name in dict.fromkeys(keywords) if name not in names]
    if gone:
        tx.execute(_REMOVE, photo_id=photo_id, tag_ids=id_list(gone))
        tx.touch(tag, gone)
    if new:
        ids = _get_or_create(tx, owner_id, new)
        tx.execute_many(
            _ADD, [{"photo_id": photo_id, "tag_id": ids[name], "source": FROM_FILE} for name in new]
        )


def _get_or_create(tx: Tx, owner_id: int, names: Sequence[str]) -> dict[str, int]:
    tx.lock(f"tags of {owner_id}")
    rows = [{"owner_id": owner_id, "name": name, "modified_at": UNSTAMPED} for name in sorted(names)]
    tx.execute_many(_INSERT_TAG, rows)
    ids: dict[str, int] = dict(tx.all(_BY_NAME, owner=owner_id, names=id_list(names)))
    tx.touch(tag, ids.values())
    return ids
