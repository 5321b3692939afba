"""A photo's structured metadata: reading it, editing it, and taking edits back."""

from typing import Any

from litestar import get, patch, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.flags import positive_int
from librephotos.http.refusals import Errors, Mistake
from librephotos.kit.ids import parse_uuid
from librephotos.library import metadata
from librephotos.library.edit_inputs import BulkMetadataInput, DescriptionInput, MetadataInput
from librephotos.library.metadata_fields import short_metadata
from librephotos.library.queries import metadata as rows
from librephotos.library.schemas import BulkEdited, EditHistory, PhotoMetadata, ShortMetadata
from librephotos.photos.keys import PhotoKey, parse_key
from librephotos.photos.selection import Keys, keys_of

AT_ONCE = 100
PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
NO_IDS = "photo_ids is required"
TOO_MANY = f"At most {AT_ONCE} photos at once"


@get("/api/photos/{photo_id:str}/metadata/", scope="photos:read")
async def get_metadata(viewer: Viewer, db: Database, photo_id: str) -> PhotoMetadata:
    """Everything that is known of an own photo, or for staff of anybody's."""
    return await db.read(metadata.read_metadata, viewer, parse_key(photo_id))


@patch("/api/photos/{photo_id:str}/metadata/", scope="photos:write", body=MetadataInput)
async def update_metadata(request: ApiRequest, viewer: Viewer, db: Database, photo_id: str) -> PhotoMetadata:
    """Change descriptive fields; null clears, and each change is logged."""
    key = parse_key(photo_id)
    await db.read(rows.get_facts, viewer, key)
    sent = bind(MetadataInput, await read_fields(request)).sent
    return await metadata.edit_metadata(db, viewer, key, sent)


@get("/api/photos/{photo_id:str}/metadata/history/", scope="photos:read")
async def list_metadata_edits(
    viewer: Viewer, db: Database, photo_id: str, page: str | None = None, page_size: str | None = None
) -> EditHistory:
    """The log of edits, newest first."""
    number, size = positive_int(page, 1, 10**9), positive_int(page_size, PAGE_SIZE, MAX_PAGE_SIZE)
    return await db.read(_history, viewer, parse_key(photo_id), number, size)


def _history(tx: Tx, viewer: Viewer, key: PhotoKey, number: int, size: int) -> EditHistory:
    photo_id = rows.get_facts(tx, viewer, key).photo_id
    edits = rows.list_edits(tx, photo_id, size, (number - 1) * size)
    return EditHistory(edits, rows.count_edits(tx, photo_id), number, size)


@post(
    "/api/photos/{photo_id:str}/metadata/revert/{edit_id:str}/",
    scope="photos:write",
    status_code=200,
)
async def revert_metadata_edit(viewer: Viewer, db: Database, photo_id: str, edit_id: str) -> PhotoMetadata:
    """Undo one edit, which is logged as an edit too."""
    return await metadata.revert_edit(db, viewer, parse_key(photo_id), parse_uuid(edit_id))


@post("/api/photos/{photo_id:str}/metadata/revert-all/", scope="photos:write", status_code=200)
async def revert_metadata(viewer: Viewer, db: Database, photo_id: str) -> PhotoMetadata:
    """Drop all that people said of a photo; its file is read again by the next scan."""
    return await metadata.revert_all(db, viewer, parse_key(photo_id))


def _names(value: Any) -> Keys:
    """Return the photos of a bulk request. Raises a refusal of its own shape."""
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refusal(400, {"error": NO_IDS})
    if len(texts) > AT_ONCE:
        raise Refusal(400, {"error": TOO_MANY})
    return keys_of(text.strip() for text in texts)


@get("/api/photos/metadata/bulk/", scope="photos:read", refusals={400: Mistake})
async def list_metadata(
    viewer: Viewer, db: Database, photo_ids: str | None = None
) -> dict[str, ShortMetadata]:
    """Short metadata of those of up to 100 photos, parted by commas, that are the caller's."""
    keys = _names(photo_ids or None)
    found = await db.read(rows.list_facts, viewer, keys.uuids, keys.hashes)
    by_name: dict[str, ShortMetadata] = {}
    for facts in found:
        by_name[facts.uuid if facts.uuid in keys.uuids else facts.image_hash] = short_metadata(facts)
    return by_name


@patch(
    "/api/photos/metadata/bulk/",
    scope="photos:write",
    body=BulkMetadataInput,
    refusals={400: (Mistake, Errors)},
)
async def update_metadata_of_many(request: ApiRequest, viewer: Viewer, db: Database) -> BulkEdited:
    """Tell up to 100 own photos the same; others' are passed over."""
    data = bind(BulkMetadataInput, await read_fields(request))
    if not isinstance(data.photo_ids, list):
        raise Refusal(400, {"error": NO_IDS})
    keys = _names(data.photo_ids)
    if not isinstance(data.updates, dict) or not data.updates:
        raise Refusal(400, {"error": "updates is required"})
    try:
        sent = bind(DescriptionInput, data.updates).sent
    except BadInput as error:
        raise Refusal(400, {"error": " ".join(f"{name}: {text}" for name, text in error.entries)}) from None
    count = await db.write(metadata.describe_many, viewer, keys.uuids, keys.hashes, sent)
    return BulkEdited(count, f"Updated {count} photos")


ROUTES: list[BaseRouteHandler] = [
    get_metadata,
    update_metadata,
    list_metadata_edits,
    revert_metadata_edit,
    revert_metadata,
    list_metadata,
    update_metadata_of_many,
]
