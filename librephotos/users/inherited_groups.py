"""What the photos of a deleted account were grouped by goes with them: places, things, events, tags, stacks.

Where the heir has a group of the same name, the photos join it.
"""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Table, and_, bindparam, delete, insert, select, update

from librephotos.db.statements import Row, Statement, statement
from librephotos.db.tables import (
    duplicate_group,
    event_album,
    event_photo,
    photo_stack,
    photo_tag,
    place_album,
    place_photo,
    tag,
    thing_album,
    thing_photo,
)
from librephotos.db.transactions import Tx

_GONE: BindParameter[int] = bindparam("gone")
_HEIR: BindParameter[int] = bindparam("heir")


def _handing_over(groups: Table, members: Table, key: str, same: Sequence[str]) -> tuple[Statement[Row], ...]:
    """`same` are the columns by which an owner's groups differ from each other."""
    old, kept = groups.alias("old_group"), groups.alias("kept_group")
    is_same = and_(
        kept.c.owner_id == _HEIR,
        old.c.owner_id == _GONE,
        *(kept.c[name] == old.c[name] for name in same),
    )
    joining = (
        select(kept.c.id, members.c.photo_id)
        .select_from(members)
        .join(old, old.c.id == members.c[key])
        .join(kept, is_same)
    )
    doubles = select(old.c.id).select_from(old).join(kept, is_same)
    return (
        statement(insert(members).from_select([key, "photo_id"], joining)),
        statement(delete(groups).where(groups.c.id.in_(doubles))),
        statement(update(groups).where(groups.c.owner_id == _GONE).values(owner_id=_HEIR)),
    )


_STEPS = (
    *_handing_over(place_album, place_photo, "album_id", ["title"]),
    *_handing_over(thing_album, thing_photo, "album_id", ["thing_type", "title"]),
    *_handing_over(event_album, event_photo, "album_id", ["happened_local"]),
    *_handing_over(tag, photo_tag, "tag_id", ["name"]),
    # No two of these are the same.
    statement(update(photo_stack).where(photo_stack.c.owner_id == _GONE).values(owner_id=_HEIR)),
    statement(update(duplicate_group).where(duplicate_group.c.owner_id == _GONE).values(owner_id=_HEIR)),
)


def hand_over_groups(tx: Tx, gone: int, heir: int) -> None:
    """Before `photos_changed`, which counts the groups that photos joined."""
    for step in _STEPS:
        tx.execute(step, gone=gone, heir=heir)
