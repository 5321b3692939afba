"""Events: the list, one of them, changing and deleting, and the jobs that make them. GET of those is deprecated."""

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.albums.inputs import EventInput, NewEventInput
from librephotos.albums.kinds import (
    GENERATE_EVENTS,
    GENERATE_EVENTS_TYPE,
    TITLE_EVENTS,
    TITLE_EVENTS_TYPE,
)
from librephotos.albums.queries import events
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id, query_of
from librephotos.albums.routes.places import PAGED
from librephotos.albums.schemas import Event, EventItem
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import STANDARD, Page
from librephotos.http.rendering import json_bytes
from librephotos.http.search import parse_search
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.schemas import Started
from librephotos.kit import json


@get("/api/albums/auto/list/", scope="albums:read", direct=True, query=PAGED)
async def list_event_albums(request: ApiRequest) -> Response[Page[EventItem]]:
    """The caller's events that show any photo, the newest first."""
    asked = page_of(request, STANDARD)
    terms = parse_search(query_of(request).get("search"))
    return await answer_own(request, ("events", asked), events.list_events, terms, asked)


@get("/api/albums/auto/{album_id:str}/", scope="albums:read", direct=True)
async def get_event_album(request: ApiRequest, album_id: str) -> Response[Event]:
    """One event with its people and photos."""
    row_id = parse_album_id(album_id)
    return await answer_own(request, ("event", row_id), events.get_event, row_id)


@patch("/api/albums/auto/{album_id:str}/", scope="albums:write", body=EventInput)
async def change_event_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> Event:
    """Rename an event, or make it a favourite."""
    row_id = parse_album_id(album_id)
    await db.read(events.require_event, viewer, row_id)
    return await _change(viewer, db, row_id, bind(EventInput, await read_fields(request)))


@put("/api/albums/auto/{album_id:str}/", scope="albums:write", body=NewEventInput)
async def replace_event_album(request: ApiRequest, viewer: Viewer, db: Database, album_id: str) -> Event:
    """As PATCH, with a title."""
    row_id = parse_album_id(album_id)
    await db.read(events.require_event, viewer, row_id)
    return await _change(viewer, db, row_id, bind(NewEventInput, await read_fields(request)))


@delete("/api/albums/auto/{album_id:str}/", scope="albums:write")
async def delete_event_album(viewer: Viewer, db: Database, album_id: str) -> None:
    """Delete an event, never its photos."""
    await db.write(events.delete_event, viewer, parse_album_id(album_id))


@post("/api/albums/auto/delete_all/", scope="albums:write", status_code=200)
async def delete_all_event_albums(viewer: Viewer, db: Database) -> Response[str]:
    """Delete all the caller's events, never their photos."""
    await db.write(events.delete_all_events, viewer)
    return json_bytes(json.dump_bytes("success"))


@post("/api/autoalbumgen/", scope="albums:write", status_code=200)
async def generate_event_albums(viewer: Viewer, db: Database) -> Started:
    """Make events of photos taken without a long gap between them."""
    return await _start(viewer, db, GENERATE_EVENTS_TYPE, GENERATE_EVENTS)


@get("/api/autoalbumgen/", scope="albums:write")
async def generate_event_albums_by_get(viewer: Viewer, db: Database) -> Started:
    return await _start(viewer, db, GENERATE_EVENTS_TYPE, GENERATE_EVENTS)


@post("/api/autoalbumtitlegen/", scope="albums:write", status_code=200)
async def title_event_albums(viewer: Viewer, db: Database) -> Started:
    """Title all events again, save those that the caller gave a title."""
    return await _start(viewer, db, TITLE_EVENTS_TYPE, TITLE_EVENTS)


@get("/api/autoalbumtitlegen/", scope="albums:write")
async def title_event_albums_by_get(viewer: Viewer, db: Database) -> Started:
    return await _start(viewer, db, TITLE_EVENTS_TYPE, TITLE_EVENTS)


async def _change(viewer: Viewer, db: Database, album_id: int, data: EventInput) -> Event:
    sent = data.model_fields_set
    await db.write(
        events.change_event,
        viewer,
        album_id,
        data.title if "title" in sent else None,
        data.favorited if "favorited" in sent else None,
    )
    return await db.read_heavy(events.get_event, viewer, album_id)


async def _start(viewer: Viewer, db: Database, job_type: int, kind: str) -> Started:
    return Started(status=True, job_id=await db.write(enqueue_job, viewer.user_id, job_type, kind))


ROUTES: list[BaseRouteHandler] = [
    list_event_albums,
    get_event_album,
    change_event_album,
    replace_event_album,
    delete_event_album,
    delete_all_event_albums,
    generate_event_albums,
    generate_event_albums_by_get,
    title_event_albums,
    title_event_albums_by_get,
]
