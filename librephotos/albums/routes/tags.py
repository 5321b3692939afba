"""Tags: the list, one of them, tagging, merging."""

from typing import Any

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.albums.filters import parse_media
from librephotos.albums.inputs import TagInput, TagMergeInput, TagPhotosInput
from librephotos.albums.queries import tag_edits
from librephotos.albums.queries.tags import TagQuery, get_grouped_tag, get_tag, list_tags
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id, query_of
from librephotos.albums.routes.places import NARROWING, PAGED
from librephotos.albums.schemas import Tag, TagDetail, TagItem
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import STANDARD, Page
from librephotos.http.refusals import Errors, Mistake
from librephotos.http.search import parse_search
from librephotos.kit.ids import parse_int
from librephotos.photos.keys import PhotoKey, find_key
from librephotos.photos.selection import Named, Selection, parse_selection

# What names no photo has no tags.
NO_PHOTO = PhotoKey("", False)
WRITES: dict[str, Any] = {"scope": "albums:write", "status_code": 200, "refusals": {400: (Errors, Mistake)}}


@get("/api/tags/", scope="albums:read", direct=True, query=(*PAGED, "photo"))
async def list_own_tags(request: ApiRequest) -> Response[Page[TagItem]]:
    """The caller's tags by name; `photo` narrows to those of one photo."""
    query, asked = query_of(request), page_of(request, STANDARD)
    name = query.get("photo")
    wanted = TagQuery(parse_search(query.get("search")), (find_key(name) or NO_PHOTO) if name else None)
    return await answer_own(request, ("tags", wanted, asked), list_tags, wanted, asked)


@post("/api/tags/", scope="albums:write", body=TagInput, answers={200: Tag, 201: Tag})
async def create_tag(request: ApiRequest, viewer: Viewer, db: Database) -> Response[Tag]:
    """Make a tag; the answer is 200 when there was one of this name."""
    data = bind(TagInput, await read_fields(request))
    made, is_new = await db.write(tag_edits.create_tag, viewer, data.name)
    return Response(made, status_code=201 if is_new else 200)


@get("/api/tags/{tag_id:str}/", scope="albums:read", direct=True, query=NARROWING)
async def get_tag_photos(request: ApiRequest, tag_id: str) -> Response[TagDetail]:
    """The photos of one tag by days, newest first."""
    row_id, wanted = parse_album_id(tag_id), parse_media(query_of(request))
    return await answer_own(request, ("tag", row_id, wanted), get_grouped_tag, row_id, wanted)


@patch("/api/tags/{tag_id:str}/", scope="albums:write", body=TagInput)
async def rename_tag(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> Tag:
    return await _rename(request, viewer, db, tag_id)


@put("/api/tags/{tag_id:str}/", scope="albums:write", body=TagInput)
async def replace_tag(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> Tag:
    """As PATCH."""
    return await _rename(request, viewer, db, tag_id)


@delete("/api/tags/{tag_id:str}/", scope="albums:write")
async def delete_tag(viewer: Viewer, db: Database, tag_id: str) -> None:
    """Delete a tag, never its photos."""
    await db.write(tag_edits.delete_tag, viewer, parse_album_id(tag_id))


@post("/api/tags/{tag_id:str}/add/", **WRITES, body=TagPhotosInput)
async def tag_photos(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> Tag:
    """Tag photos: all of them, or none when one is unknown."""
    row_id, selection = await _photos(request, viewer, db, tag_id)
    return await db.write(tag_edits.tag_photos, viewer, row_id, selection)


@post("/api/tags/{tag_id:str}/remove/", **WRITES, body=TagPhotosInput)
async def untag_photos(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> Tag:
    """Untag photos; those without the tag are passed over."""
    row_id, selection = await _photos(request, viewer, db, tag_id)
    return await db.write(tag_edits.untag_photos, viewer, row_id, selection)


@post(
    "/api/tags/{tag_id:str}/merge/",
    scope="albums:write",
    status_code=200,
    body=TagMergeInput,
    refusals={400: (Errors, Mistake), 404: (Errors, None)},
)
async def merge_tag(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> Tag:
    """Let the photos of another tag join this one; the other is deleted."""
    row_id = parse_album_id(tag_id)
    await db.read(get_tag, viewer, row_id)
    data = bind(TagMergeInput, await read_fields(request))
    if data.tag in (None, ""):
        raise Refusal(400, {"error": "No tag provided"})
    is_number = isinstance(data.tag, str | int) and not isinstance(data.tag, bool)
    source = parse_int(str(data.tag)) if is_number else None
    return await db.write(tag_edits.merge_tag, viewer, row_id, source)


async def _rename(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> Tag:
    row_id = parse_album_id(tag_id)
    await db.read(get_tag, viewer, row_id)
    data = bind(TagInput, await read_fields(request))
    return await db.write(tag_edits.rename_tag, viewer, row_id, data.name)


async def _photos(request: ApiRequest, viewer: Viewer, db: Database, tag_id: str) -> tuple[int, Selection]:
    """Raises NotFound for an unknown tag, Refusal for a request without photos."""
    row_id = parse_album_id(tag_id)
    await db.read(get_tag, viewer, row_id)
    data = bind(TagPhotosInput, await read_fields(request))
    if data.select_all:
        return row_id, parse_selection(data)
    if not data.photos:
        raise Refusal(400, {"error": "No photos provided"})
    return row_id, Named(tuple(dict.fromkeys(data.photos)))


ROUTES: list[BaseRouteHandler] = [
    list_own_tags,
    create_tag,
    get_tag_photos,
    rename_tag,
    replace_tag,
    delete_tag,
    tag_photos,
    untag_photos,
    merge_tag,
]
