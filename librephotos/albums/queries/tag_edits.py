"""Making, renaming, merging and deleting tags, and tagging photos. The keywords of the photos follow."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.tags import get_tag
from librephotos.albums.schemas import Tag
from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Row, Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import photo_metadata, photo_tag, tag
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, NotFound, Refusal
from librephotos.kit import json
from librephotos.photos.changes import lists_changed, photos_changed
from librephotos.photos.queries.selections import list_selected, lock_photos
from librephotos.photos.selection import Named, Selection
from librephotos.photos.storing import refresh_search_text
from librephotos.photos.tombstones import record_deletions
from librephotos.photos.visibility import VIEWER_ID

_IS_OWN = tag.c.owner_id == VIEWER_ID
_BY_NAME = Statement(select(tag.c.id).where(_IS_OWN, tag.c.name == bindparam("wanted_name")), scalar)
_INSERT = Statement(
    insert(tag)
    .values(owner_id=bindparam("owner"), name=bindparam("name"), modified_at=UNSTAMPED)
    .returning(tag.c.id),
    scalar,
)
_RENAME = statement(update(tag).where(tag.c.id == bindparam("row_id")).values(name=bindparam("new_name")))
_DELETE = statement(delete(tag).where(tag.c.id == bindparam("row_id")))
_MEMBERS = Statement(select(photo_tag.c.photo_id).where(photo_tag.c.tag_id == bindparam("row_id")), scalar)
_PUT = statement(upsert(photo_tag, key=["tag_id", "photo_id"], update=["source"]))
_TAKE = statement(
    delete(photo_tag).where(
        photo_tag.c.tag_id == bindparam("row_id"), is_in(photo_tag.c.photo_id, "photo_ids")
    )
)
_KEYWORDS: Statement[Row] = Statement(
    select(photo_metadata.c.photo_id, photo_metadata.c.keywords).where(
        is_in(photo_metadata.c.photo_id, "photo_ids")
    ),
    as_row,
)
_SET_KEYWORDS = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("of_photo"))
    .values(keywords=bindparam("new_keywords"))
)


def create_tag(tx: Tx, viewer: Viewer, name: str) -> tuple[Tag, bool]:
    """Return the viewer's tag of this name, and whether it was made just now."""
    tx.lock(f"tags of {viewer.user_id}")
    known: int | None = tx.first(_BY_NAME, wanted_name=name, viewer_id=viewer.user_id)
    if known is not None:
        return get_tag(tx, viewer, known), False
    made: int = tx.one(_INSERT, owner=viewer.user_id, name=name)
    tx.touch(tag, [made])
    lists_changed(tx, viewer.user_id)
    return get_tag(tx, viewer, made), True


def rename_tag(tx: Tx, viewer: Viewer, tag_id: int, name: str) -> Tag:
    """Raises NotFound, and BadInput for a name that another tag of the viewer's has."""
    tx.lock(f"tags of {viewer.user_id}")
    lock_photos(tx, viewer.user_id)
    before = get_tag(tx, viewer, tag_id)
    if tx.first(_BY_NAME, wanted_name=name, viewer_id=viewer.user_id) not in (None, tag_id):
        raise BadInput.of("name", f"Tag '{name}' already exists.")
    tx.execute(_RENAME, row_id=tag_id, new_name=name)
    tx.touch(tag, [tag_id])
    _follow(tx, viewer, tx.all(_MEMBERS, row_id=tag_id), without=before.name, with_name=name)
    return get_tag(tx, viewer, tag_id)


def delete_tag(tx: Tx, viewer: Viewer, tag_id: int) -> None:
    """Delete a tag, never its photos. Raises NotFound."""
    lock_photos(tx, viewer.user_id)
    found = get_tag(tx, viewer, tag_id)
    members = tx.all(_MEMBERS, row_id=tag_id)
    tx.execute(_DELETE, row_id=tag_id)
    record_deletions(tx, viewer.user_id, "tag", [tag_id])
    _follow(tx, viewer, members, without=found.name)


def tag_photos(tx: Tx, viewer: Viewer, tag_id: int, selection: Selection) -> Tag:
    """Tag photos. Raises NotFound for an unknown tag or photo."""
    found = get_tag(tx, viewer, tag_id)
    photo_ids = _selected(tx, viewer, selection)
    rows = [{"tag_id": tag_id, "photo_id": photo_id, "source": "user"} for photo_id in photo_ids]
    tx.execute_many(_PUT, rows)
    tx.touch(tag, [tag_id])
    _follow(tx, viewer, photo_ids, with_name=found.name)
    return get_tag(tx, viewer, tag_id)


def untag_photos(tx: Tx, viewer: Viewer, tag_id: int, selection: Selection) -> Tag:
    """Untag photos; those without the tag are passed over. Raises NotFound for an unknown tag or photo."""
    found = get_tag(tx, viewer, tag_id)
    photo_ids = _selected(tx, viewer, selection)
    tx.execute(_TAKE, row_id=tag_id, photo_ids=id_list(photo_ids))
    tx.touch(tag, [tag_id])
    _follow(tx, viewer, photo_ids, without=found.name)
    return get_tag(tx, viewer, tag_id)


def merge_tag(tx: Tx, viewer: Viewer, tag_id: int, source_id: int | None) -> Tag:
    """Let the photos of another tag join this one, and delete that. Raises NotFound, Refusal with an empty 404."""
    lock_photos(tx, viewer.user_id)
    found = get_tag(tx, viewer, tag_id)
    if source_id == tag_id:
        raise Refusal(400, {"error": "A tag cannot be merged into itself"})
    try:
        source = get_tag(tx, viewer, source_id or 0)
    except NotFound:
        raise Refusal(404) from None
    members = tx.all(_MEMBERS, row_id=source.id)
    rows = [{"tag_id": tag_id, "photo_id": photo_id, "source": "user"} for photo_id in members]
    tx.execute_many(_PUT, rows)
    tx.execute(_DELETE, row_id=source.id)
    record_deletions(tx, viewer.user_id, "tag", [source.id])
    tx.touch(tag, [tag_id])
    _follow(tx, viewer, members, without=source.name, with_name=found.name)
    return get_tag(tx, viewer, tag_id)


def _selected(tx: Tx, viewer: Viewer, selection: Selection) -> list[int]:
    found = list_selected(tx, viewer, selection)
    if isinstance(selection, Named):
        names = {name for each in found for name in (each.photo.uuid, each.photo.image_hash)}
        if any(text.lower() not in names for text in selection.texts):
            raise NotFound("Unknown photo")
    return [each.photo.photo_id for each in found]


def _follow(
    tx: Tx, viewer: Viewer, photo_ids: Sequence[int], *, without: str = "", with_name: str = ""
) -> None:
    """Keep the keywords of photos, and by what they are found, in step with their tags."""
    rows = []
    for photo_id, text in tx.all(_KEYWORDS, photo_ids=id_list(photo_ids)):
        before: list[str] = json.loads(text) if text else []
        after = [word for word in before if word != without or word == with_name]
        if with_name and with_name not in after:
            after.append(with_name)
        if after != before:
            rows.append({"of_photo": photo_id, "new_keywords": json.dumps(after)})
    tx.execute_many(_SET_KEYWORDS, rows)
    refresh_search_text(tx, [int(row["of_photo"]) for row in rows])
    photos_changed(tx, viewer.user_id, photo_ids)
