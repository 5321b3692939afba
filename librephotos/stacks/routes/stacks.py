"""Stacks: the list, one of them, making, filling, merging, dissolving, and the search for bursts."""

from typing import Any

from litestar import Response, delete, get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.jobs.queries import enqueue_job
from librephotos.kit.ids import parse_uuid
from librephotos.stacks.inputs import BurstsInput, PhotoInput, PhotosInput
from librephotos.stacks.kinds import DETECT_BURSTS, DETECT_BURSTS_TYPE, STACK_KINDS
from librephotos.stacks.numbering import parse_numbered
from librephotos.stacks.queries import stack_edits, stacks
from librephotos.stacks.refusals import UNKNOWN, UNUSABLE, mistake
from librephotos.stacks.schemas import (
    Added,
    BurstOptions,
    BurstsQueued,
    Dissolved,
    Merged,
    NothingToMerge,
    Numbered,
    PrimaryChosen,
    Removed,
    Stack,
    Stacked,
    StackItem,
    StackStats,
    Unlinked,
)

HASHES_REQUIRED = "photo_hashes is required"
HASH_REQUIRED = "photo_hash is required"
WRITES: dict[str, Any] = {"scope": "photos:write", "status_code": 200, "refusals": UNUSABLE}
DISSOLVES: dict[str, Any] = {"scope": "photos:write", "status_code": 200, "refusals": UNKNOWN}


@get("/api/stacks", scope="photos:read", query=("stack_type", "page", "page_size"))
async def list_stacks(request: ApiRequest, viewer: Viewer, db: Database) -> Numbered[StackItem]:
    """The caller's stacks of at least two photos, the newest first; `stack_type` narrows to burst, bracket, manual."""
    query = dict(request.query_params)
    kind = query.get("stack_type", "")
    wanted = kind if kind in STACK_KINDS else ""
    return await db.read_heavy(stacks.list_stacks, viewer, wanted, parse_numbered(query))


@get("/api/stacks/stats", scope="photos:read")
async def get_stack_stats(viewer: Viewer, db: Database) -> StackStats:
    """How many stacks of which kind, and of how many photos."""
    return await db.read_heavy(stacks.get_stats, viewer)


@get("/api/stacks/{stack_id:str}", scope="photos:read", refusals=UNKNOWN)
async def get_stack(viewer: Viewer, db: Database, stack_id: str) -> Stack:
    """One stack with its visible photos, by time."""
    return await db.read(stacks.get_stack, viewer, parse_uuid(stack_id))


@delete("/api/stacks/{stack_id:str}", **DISSOLVES)
async def dissolve_stack(viewer: Viewer, db: Database, stack_id: str) -> Unlinked:
    """Dissolve a stack; its photos stay."""
    return await db.write(stack_edits.dissolve, viewer, parse_uuid(stack_id))


@delete("/api/stacks/{stack_id:str}/delete", **DISSOLVES)
async def dissolve_stack_by_name(viewer: Viewer, db: Database, stack_id: str) -> Unlinked:
    """As DELETE of the stack itself."""
    return await db.write(stack_edits.dissolve, viewer, parse_uuid(stack_id))


@post("/api/stacks/{stack_id:str}/primary", **WRITES, body=PhotoInput)
async def choose_stack_primary(
    request: ApiRequest, viewer: Viewer, db: Database, stack_id: str
) -> PrimaryChosen:
    """Choose the photo that grids show."""
    uuid = await _known(viewer, db, stack_id)
    data = bind(PhotoInput, await read_fields(request))
    if not data.photo_hash:
        raise mistake(HASH_REQUIRED)
    await db.write(stack_edits.choose_primary, viewer, uuid, data.photo_hash)
    return PrimaryChosen(data.photo_hash)


@post("/api/stacks/{stack_id:str}/add", **WRITES, body=PhotosInput)
async def add_to_stack(request: ApiRequest, viewer: Viewer, db: Database, stack_id: str) -> Added:
    """Add photos to a stack of any kind; those that are in it, unknown or another's are passed over."""
    uuid = await _known(viewer, db, stack_id)
    return await db.write(stack_edits.add_photos, viewer, uuid, await _hashes(request))


@post("/api/stacks/{stack_id:str}/remove", **WRITES, body=PhotosInput, answers={200: (Removed, Dissolved)})
async def remove_from_stack(
    request: ApiRequest, viewer: Viewer, db: Database, stack_id: str
) -> Response[Removed | Dissolved]:
    """Remove photos from a stack; one that fewer than two are left of is dissolved."""
    uuid = await _known(viewer, db, stack_id)
    return Response(await db.write(stack_edits.remove_photos, viewer, uuid, await _hashes(request)))


@post("/api/stacks/manual", scope="photos:write", body=PhotosInput, refusals={400: UNUSABLE[400]})
async def stack_photos(request: ApiRequest, viewer: Viewer, db: Database) -> Stacked:
    """Stack at least two photos; where one is in a manual stack, the others join that."""
    data = bind(PhotosInput, await read_fields(request))
    return await db.write(stack_edits.stack_photos, viewer, data.photo_hashes or [])


@post(
    "/api/stacks/merge",
    scope="photos:write",
    status_code=200,
    body=PhotosInput,
    refusals={400: UNUSABLE[400]},
    answers={200: (Merged, NothingToMerge)},
)
async def merge_stacks(
    request: ApiRequest, viewer: Viewer, db: Database
) -> Response[Merged | NothingToMerge]:
    """Unite the manual stacks of these photos in the oldest of them."""
    return Response(await db.write(stack_edits.merge_stacks, viewer, await _hashes(request)))


@post("/api/stacks/detect", scope="photos:write", status_code=202, body=BurstsInput)
async def detect_stacks(request: ApiRequest, viewer: Viewer, db: Database) -> BurstsQueued:
    """Find bursts anew by the caller's rules; stacks of earlier bursts give way to what is found."""
    data = bind(BurstsInput, await read_fields(request))
    if data.detect_bursts:
        await db.write(enqueue_job, viewer.user_id, DETECT_BURSTS_TYPE, DETECT_BURSTS)
    return BurstsQueued(BurstOptions(data.detect_bursts))


async def _known(viewer: Viewer, db: Database, stack_id: str) -> str | None:
    """Return the id of an own stack, which is looked up before anything is said about the body."""
    uuid = parse_uuid(stack_id)
    await db.read(stacks.require_stack, viewer, uuid)
    return uuid


async def _hashes(request: ApiRequest) -> list[str]:
    data = bind(PhotosInput, await read_fields(request))
    if not data.photo_hashes:
        raise mistake(HASHES_REQUIRED)
    return data.photo_hashes


ROUTES: list[BaseRouteHandler] = [
    list_stacks,
    get_stack_stats,
    get_stack,
    dissolve_stack,
    dissolve_stack_by_name,
    choose_stack_primary,
    add_to_stack,
    remove_from_stack,
    stack_photos,
    merge_stacks,
    detect_stacks,
]
