"""Keep keywords in one place

What people had written as keywords lay among the other fields that they typed, beside the words of files and tags. It
becomes the photo's keywords, and the photo has the tags of just these names.
"""

import json
import time
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_METADATA = sa.table(
    "photo_metadata", sa.column("photo_id"), sa.column("edits", sa.Text()), sa.column("keywords", sa.Text())
)
_PHOTO = sa.table("photo", sa.column("id"), sa.column("owner_id"))
_TAG = sa.table("tag", sa.column("id"), sa.column("owner_id"), sa.column("name"), sa.column("modified_at"))
_MEMBER = sa.table("photo_tag", sa.column("tag_id"), sa.column("photo_id"), sa.column("source"))


def upgrade() -> None:
    database = op.get_bind()
    rows = database.execute(
        sa.select(_METADATA.c.photo_id, _PHOTO.c.owner_id, _METADATA.c.edits)
        .select_from(_METADATA.join(_PHOTO, _PHOTO.c.id == _METADATA.c.photo_id))
        .where(_METADATA.c.edits.like('%"keywords"%'))
    ).all()
    for photo_id, owner_id, text in rows:
        edits: dict[str, Any] = json.loads(text)
        if "keywords" in edits:
            words: list[str] | None = edits.pop("keywords")
            _store(database, photo_id, words, edits)
            _tag(database, owner_id, photo_id, words or [])


def _store(database: sa.Connection, photo_id: int, words: list[str] | None, edits: dict[str, Any]) -> None:
    stored = {
        "keywords": None if words is None else _text(words),
        "edits": _text(edits) if edits else None,
    }
    database.execute(sa.update(_METADATA).where(_METADATA.c.photo_id == photo_id).values(stored))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _tag(database: sa.Connection, owner_id: int, photo_id: int, words: list[str]) -> None:
    tags = database.execute(
        sa.select(_TAG.c.name, _TAG.c.id)
        .select_from(_MEMBER.join(_TAG, _TAG.c.id == _MEMBER.c.tag_id))
        .where(_MEMBER.c.photo_id == photo_id)
    )
    present: dict[str, int] = dict(tags.all())
    gone = [tag_id for name, tag_id in present.items() if name not in words]
    if gone:
        database.execute(sa.delete(_MEMBER).where(_MEMBER.c.photo_id == photo_id, _MEMBER.c.tag_id.in_(gone)))
    for name in dict.fromkeys(words):
        if name not in present:
            member = {"tag_id": _tag_id(database, owner_id, name), "photo_id": photo_id, "source": "user"}
            database.execute(sa.insert(_MEMBER).values(member))


def _tag_id(database: sa.Connection, owner_id: int, name: str) -> int:
    find = sa.select(_TAG.c.id).where(_TAG.c.owner_id == owner_id, _TAG.c.name == name)
    known = database.execute(find).scalar()
    if known is None:
        row = {"owner_id": owner_id, "name": name, "modified_at": time.time_ns() // 1000}
        database.execute(sa.insert(_TAG).values(row))
        known = database.execute(find).scalar_one()
    return int(known)
