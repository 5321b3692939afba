"""Duplicate groups: the list, one of them, keeping a photo, taking that back, dismissing, and the search."""

from typing import Any

from litestar import delete, get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.jobs.queries import enqueue_job
from librephotos.kit.ids import parse_uuid
from librephotos.stacks.inputs import DuplicatesInput, ResolveInput
from librephotos.stacks.kinds import (
    DETECT_DUPLICATES,
    DETECT_DUPLICATES_TYPE,
    DUPLICATE_KINDS,
    REVIEW_STATUSES,
)
from librephotos.stacks.numbering import parse_numbered
from librephotos.stacks.queries import duplicates, resolving
from librephotos.stacks.queries.duplicates import GroupQuery
from librephotos.stacks.refusals import UNKNOWN, UNUSABLE, mistake
from librephotos.stacks.schemas import (
    Dismissed,
    DuplicateGroup,
    DuplicateItem,
    DuplicateOptions,
    DuplicatesQueued,
    DuplicateStats,
    Numbered,
    Resolved,
    Reverted,
    Unlinked,
)

KEPT_REQUIRED = "keep_photo_hash is required"
REVIEWS: dict[str, Any] = {"scope": "photos:write", "status_code": 200}


@get("/api/duplicates", scope="photos:read", query=("duplicate_type", "status", "page", "page_size"))
async def list_duplicates(request: ApiRequest, viewer: Viewer, db: Database) -> Numbered[DuplicateItem]:
    """The caller's groups of at least two photos, the newest first; other words than the published narrow nothing."""
    query = dict(request.query_params)
    kind, status = query.get("duplicate_type", ""), query.get("status", "")
    wanted = GroupQuery(kind if kind in DUPLICATE_KINDS else "", status if status in REVIEW_STATUSES else "")
    return await db.read_heavy(duplicates.list_groups, viewer, wanted, parse_numbered(query))


@get("/api/duplicates/stats", scope="photos:read")
async def get_duplicate_stats(viewer: Viewer, db: Database) -> DuplicateStats:
    """How many groups of which kind and state, and what throwing the others away would save."""
    return await db.read_heavy(duplicates.get_stats, viewer)


@get("/api/duplicates/{group_id:str}", scope="photos:read", refusals=UNKNOWN)
async def get_duplicate_group(viewer: Viewer, db: Database, group_id: str) -> DuplicateGroup:
    """One group with its photos by time, and which of them to keep."""
    return await db.read(duplicates.get_group, viewer, parse_uuid(group_id))


@post("/api/duplicates/{group_id:str}/resolve", **REVIEWS, refusals=UNUSABLE, body=ResolveInput)
async def resolve_duplicate_group(
    request: ApiRequest, viewer: Viewer, db: Database, group_id: str
) -> Resolved:
    """Keep one photo, which gets what the others have; they go to the trash unless `trash_others` is false."""
    uuid = parse_uuid(group_id)
    await db.read(resolving.require_group, viewer, uuid)
    data = bind(ResolveInput, await read_fields(request))
    if not data.keep_photo_hash:
        raise mistake(KEPT_REQUIRED)
    count = await db.write(
        resolving.resolve,
        viewer,
        uuid,
        data.keep_photo_hash,
        origin_of(request),
        trash_others=data.trash_others,
    )
    return Resolved(data.keep_photo_hash, count)


@post("/api/duplicates/{group_id:str}/dismiss", **REVIEWS, refusals=UNKNOWN)
async def dismiss_duplicate_group(
    request: ApiRequest, viewer: Viewer, db: Database, group_id: str
) -> Dismissed:
    """Say that these are no duplicates; no two of them are found again."""
    await db.write(resolving.dismiss, viewer, parse_uuid(group_id), origin_of(request))
    return Dismissed()


@post("/api/duplicates/{group_id:str}/revert", **REVIEWS, refusals=UNUSABLE)
async def revert_duplicate_group(
    request: ApiRequest, viewer: Viewer, db: Database, group_id: str
) -> Reverted:
    """Undo a resolve: photos come back from the trash, and what the kept one was given goes back."""
    return Reverted(await db.write(resolving.revert, viewer, parse_uuid(group_id), origin_of(request)))


@delete("/api/duplicates/{group_id:str}/delete", **REVIEWS, refusals=UNKNOWN)
async def delete_duplicate_group(
    request: ApiRequest, viewer: Viewer, db: Database, group_id: str
) -> Unlinked:
    """Forget a group, never its photos; a later search may find it again."""
    return Unlinked(await db.write(resolving.drop, viewer, parse_uuid(group_id), origin_of(request)))


@post("/api/duplicates/detect", scope="photos:write", status_code=202, body=DuplicatesInput)
async def detect_duplicates(request: ApiRequest, viewer: Viewer, db: Database) -> DuplicatesQueued:
    """Find copies and pictures that look alike among all the caller's photos."""
    options = bind(DuplicatesInput, await read_fields(request)).options()
    await db.write(enqueue_job, viewer.user_id, DETECT_DUPLICATES_TYPE, DETECT_DUPLICATES, options)
    return DuplicatesQueued(DuplicateOptions(**options))


ROUTES: list[BaseRouteHandler] = [
    list_duplicates,
    get_duplicate_stats,
    get_duplicate_group,
    resolve_duplicate_group,
    dismiss_duplicate_group,
    revert_duplicate_group,
    delete_duplicate_group,
    detect_duplicates,
]
