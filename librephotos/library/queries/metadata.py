"""Structured metadata in rows: what is known of a photo, its edits, and the log of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import file, metadata_edit, photo, photo_metadata, user
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound, Refusal
from librephotos.kit import clock, ids, json
from librephotos.library.compare import Pending
from librephotos.library.metadata_fields import UNKNOWN_USER, Facts, sidecar_file
from librephotos.library.schemas import MetadataEdit, SidecarFile
from librephotos.photos.keys import PhotoKey
from librephotos.photos.visibility import IS_KEPT, IS_OWN

SHOWN_EDITS = 10
_PHOTO_COLUMNS = (
    *(
        "id",
        "uuid",
        "image_hash",
        "owner_id",
        "added_at",
        "modified_at",
        "taken_local",
        "taken_offset_minutes",
    ),
    *("gps_lat", "gps_lon", "location", "rating"),
)
_METADATA_COLUMNS = (
    *("width", "height", "fstop", "focal_length", "focal_length_35", "iso", "shutter_speed", "camera_make"),
    *("camera_model", "lens", "keywords", "geolocation", "tags", "edits", "source", "version"),
    "from_file",
)
_FACTS = select(
    *(photo.c[name] for name in _PHOTO_COLUMNS), *(photo_metadata.c[name] for name in _METADATA_COLUMNS)
).select_from(photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id))


def _one(is_uuid: bool, is_staff: bool) -> Statement[Facts]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    return Statement(
        _FACTS.where(key == bindparam("key"), IS_KEPT, *(() if is_staff else (IS_OWN,)))
        .order_by(IS_OWN.desc(), photo.c.id)
        .limit(1),
        Facts,
    )


_ONE = {
    (is_uuid, is_staff): _one(is_uuid, is_staff) for is_uuid in (True, False) for is_staff in (True, False)
}
_MANY = Statement(
    _FACTS.where(
        IS_OWN, IS_KEPT, is_in(photo.c.uuid, "uuids") | is_in(photo.c.image_hash, "hashes")
    ).order_by(photo.c.id),
    Facts,
)
_EDIT_COLUMNS = (
    metadata_edit.c.uuid,
    metadata_edit.c.field_name,
    metadata_edit.c.old_value,
    metadata_edit.c.new_value,
    metadata_edit.c.user_id,
    user.c.username,
    metadata_edit.c.is_synced,
    metadata_edit.c.synced_at,
    metadata_edit.c.created_at,
)


def _edit(*row: Any) -> MetadataEdit:
    uuid, name, old, new, user_id, username, is_synced, synced_at, created_at = row
    return MetadataEdit(
        uuid,
        name,
        json.loads(old) if old else None,
        json.loads(new) if new else None,
        user_id,
        username or UNKNOWN_USER,
        bool(is_synced),
        None if synced_at is None else clock.iso_micro(synced_at),
        clock.iso_micro(created_at),
    )


_EDITS = select(*_EDIT_COLUMNS).select_from(
    metadata_edit.outerjoin(user, user.c.id == metadata_edit.c.user_id)
)
_PAGE = Statement(
    _EDITS.where(metadata_edit.c.photo_id == bindparam("photo_id"))
    .order_by(metadata_edit.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skipped")),
    _edit,
)
_COUNT = Statement(
    select(func.count()).select_from(metadata_edit).where(metadata_edit.c.photo_id == bindparam("photo_id")),
    scalar,
)
_ONE_EDIT = Statement(
    _EDITS.where(
        metadata_edit.c.photo_id == bindparam("photo_id"), metadata_edit.c.uuid == bindparam("edit_uuid")
    ),
    _edit,
)
_FIRST_VALUES = Statement(
    select(metadata_edit.c.field_name, metadata_edit.c.old_value)
    .where(metadata_edit.c.photo_id == bindparam("photo_id"))
    .order_by(metadata_edit.c.id.desc()),
    as_row,
)
_EDITED_AT = Statement(
    select(func.max(metadata_edit.c.created_at)).where(metadata_edit.c.photo_id == bindparam("photo_id")),
    scalar,
)
_SIDECARS = Statement(
    select(file.c.id, file.c.path, file.c.added_at, file.c.checked_at)
    .where(file.c.photo_id == bindparam("photo_id"), file.c.kind == 3)
    .order_by(file.c.path_bytes),
    as_row,
)
_ADD_ROW = statement(upsert(photo_metadata, key=["photo_id"], update=[]))
_STORE = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("of_photo"))
    .values(
        edits=bindparam("new_edits"), source=bindparam("new_source"), version=photo_metadata.c.version + 1
    )
)
_SET_RATING = statement(
    update(photo).where(photo.c.id == bindparam("of_photo")).values(rating=bindparam("new_rating"))
)
_LOG = statement(
    insert(metadata_edit).values(
        {
            name: bindparam(f"v_{name}")
            for name in ("uuid", "photo_id", "user_id", "field_name", "old_value", "new_value", "created_at")
        }
    )
)


def get_facts(tx: Tx, viewer: Viewer, key: PhotoKey) -> Facts:
    """Return an own photo's, or anybody's for staff. Raises NotFound."""
    is_staff = viewer.is_staff or viewer.is_superuser
    found = tx.first(_ONE[key.is_uuid, is_staff], key=key.value, viewer_id=viewer.user_id)
    if found is None:
        raise NotFound.of("Photo")
    return found


def list_facts(tx: Tx, viewer: Viewer, uuids: Sequence[str], hashes: Sequence[str]) -> list[Facts]:
    """Return those of the viewer's own photos that have one of these names."""
    return tx.all(_MANY, viewer_id=viewer.user_id, uuids=id_list(uuids), hashes=id_list(hashes))


def list_edits(tx: Tx, photo_id: int, size: int = SHOWN_EDITS, skipped: int = 0) -> list[MetadataEdit]:
    """Return edits, newest first."""
    return tx.all(_PAGE, photo_id=photo_id, size=size, skipped=skipped)


def count_edits(tx: Tx, photo_id: int) -> int:
    count: int = tx.one(_COUNT, photo_id=photo_id)
    return count


def get_edit(tx: Tx, photo_id: int, edit_uuid: str | None) -> MetadataEdit:
    """Raises a 404 of its own shape for an edit that is unknown or another photo's."""
    found = tx.first(_ONE_EDIT, photo_id=photo_id, edit_uuid=edit_uuid)
    if found is None:
        raise Refusal(404, {"error": "Edit not found"})
    return found


def first_values(tx: Tx, photo_id: int) -> dict[str, Any]:
    """Return what each field that was ever edited was before its first edit."""
    rows = tx.all(_FIRST_VALUES, photo_id=photo_id)
    return {name: json.loads(old) if old else None for name, old in rows}


def find_edited_at(tx: Tx, photo_id: int) -> int | None:
    return tx.first(_EDITED_AT, photo_id=photo_id)


def list_sidecars(tx: Tx, photo_id: int) -> list[SidecarFile]:
    rows = enumerate(tx.all(_SIDECARS, photo_id=photo_id), 1)
    return [sidecar_file(file_id, path, number, added, seen) for number, (file_id, path, added, seen) in rows]


def store_typed(tx: Tx, photo_id: int, typed: Mapping[str, Any], source: str) -> None:
    """Store what people typed, as the next version."""
    tx.execute(_ADD_ROW, photo_id=photo_id)
    tx.execute(_STORE, of_photo=photo_id, new_edits=json.dumps(typed) if typed else None, new_source=source)


_CLEAR_POSITION = statement(
    update(photo).where(photo.c.id == bindparam("of_photo")).values(user_position=None)
)
# Not more than that, where something is pending already. Beside `queries/files.py`, which the worker alone imports.
_READ_AGAIN = statement(
    update(file)
    .where(
        file.c.id
        == select(photo.c.main_file_id).where(photo.c.id == bindparam("photo_id")).scalar_subquery(),
        file.c.pending == 0,
    )
    .values(pending=int(Pending.METADATA))
)


def forget_position(tx: Tx, photo_id: int) -> None:
    """Let the next scan take the position from the file again."""
    tx.execute(_CLEAR_POSITION, of_photo=photo_id)


def want_metadata(tx: Tx, photo_id: int) -> None:
    """Have the next scan read the metadata of the photo's main file again."""
    tx.execute(_READ_AGAIN, photo_id=photo_id)


def set_rating(tx: Tx, photo_id: int, rating: int) -> None:
    tx.execute(_SET_RATING, of_photo=photo_id, new_rating=rating)


def log_edits(tx: Tx, photo_id: int, user_id: int, changes: Mapping[str, tuple[Any, Any]]) -> None:
    now = clock.now()
    rows = [
        {
            "v_uuid": ids.new_uuid(),
            "v_photo_id": photo_id,
            "v_user_id": user_id,
            "v_field_name": name,
            "v_old_value": json.dumps(old),
            "v_new_value": json.dumps(new),
            "v_created_at": now,
        }
        for name, (old, new) in changes.items()
    ]
    tx.execute_many(_LOG, rows)
