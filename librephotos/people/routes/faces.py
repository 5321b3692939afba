"""Faces: groups and lists for labelling, labelling, drawing, deleting, and the jobs that find and group them."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, server_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import REGULAR, Page
from librephotos.http.refusals import Errors, Failed
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.schemas import Started
from librephotos.people.drawing import NAME_LENGTH, draw, refusal
from librephotos.people.face_filters import parse_filter, parse_suggesting
from librephotos.people.inputs import DrawInput, FacesInput, LabelInput
from librephotos.people.kinds import GROUP_FACES, GROUP_FACES_TYPE, SCAN_FACES, SCAN_FACES_TYPE
from librephotos.people.queries import faces, labelling
from librephotos.people.routes.answers import answer_own, page_of
from librephotos.people.schemas import DeletedFaces, Drawn, FaceGroup, FacePlot, Labelled, PersonFace
from librephotos.photos.routes.answering import query_of

SUGGESTING = ("inferred", "analysis_method", "min_confidence")
STARTS: dict[str, Any] = {"scope": "people:write", "refusals": {403: (Errors, Failed)}}


@get("/api/faces/incomplete/", scope="people:read", query=SUGGESTING)
async def list_face_groups(request: ApiRequest) -> Response[list[FaceGroup]]:
    """Whom faces are labelled with, or with `inferred=true` whom they may be, by name; those of nobody last."""
    query = query_of(request)
    wanted, is_inferred = parse_suggesting(query), query.get("inferred", "").lower() == "true"
    key = ("face groups", wanted, is_inferred)
    return await answer_own(request, key, faces.list_groups, wanted, is_inferred=is_inferred)


@get("/api/faces/", scope="people:read", query=("page", "page_size", "person", "order_by", *SUGGESTING))
async def list_faces(request: ApiRequest) -> Response[Page[PersonFace]]:
    """The faces of one person, labelled with `inferred=false` and suggested otherwise, or (0) of nobody."""
    wanted, asked = parse_filter(query_of(request)), page_of(request, REGULAR)
    base = server_of(request).proxies.origin(request.scope).base
    return await answer_own(request, ("faces", wanted, asked), faces.list_faces, wanted, asked, base)


@post(
    "/api/labelfaces/",
    scope="people:write",
    status_code=200,
    body=LabelInput,
    refusals={400: (Errors, Failed)},
)
async def label_faces(request: ApiRequest, viewer: Viewer, db: Database) -> Labelled:
    """Say whose the caller's faces are; `Unknown - Other` takes labels away. Other faces are passed over."""
    data = bind(LabelInput, await read_fields(request))
    name = data.person_name.strip()
    if not name:
        raise refusal("person_name is required")
    if len(name) > NAME_LENGTH:
        raise refusal(f"person_name has more than {NAME_LENGTH} characters")
    return await db.write(labelling.label_faces, viewer, data.face_ids, name)


@post(
    "/api/addface/",
    scope="people:write",
    body=DrawInput,
    refusals={400: (Errors, Failed), 404: Failed, 409: Failed},
)
async def add_face(request: ApiRequest, viewer: Viewer, db: Database) -> Drawn:
    """Draw a face on an own photo by hand; `box` has edges as fractions of the picture as it is shown."""
    data = bind(DrawInput, await read_fields(request))
    settings = server_of(request).settings
    return Drawn(True, await draw(db, settings, viewer, data.photo, data.person_name, data.box))


@post("/api/deletefaces/", scope="people:write", status_code=200, body=FacesInput)
async def delete_faces(request: ApiRequest, viewer: Viewer, db: Database) -> DeletedFaces:
    """Say that the caller's faces among these are none; a later scan leaves them alone. Others are passed over."""
    data = bind(FacesInput, await read_fields(request))
    return await db.write(labelling.delete_faces, viewer, data.face_ids)


@post("/api/scanfaces/", **STARTS, status_code=200)
async def scan_faces(request: ApiRequest, viewer: Viewer, db: Database) -> Started:
    """Look for faces on all the caller's photos."""
    return await _scan(server_of(request), viewer)


@get("/api/scanfaces/", **STARTS)
async def scan_faces_by_get(request: ApiRequest, viewer: Viewer, db: Database) -> Started:
    """As POST, for clients that ask so."""
    return await _scan(server_of(request), viewer)


@post("/api/trainfaces/", **STARTS, status_code=200)
async def train_faces(request: ApiRequest, viewer: Viewer, db: Database) -> Started:
    """Group the caller's faces by how they look."""
    if not server_of(request).settings.feature_face_cluster:
        raise Refusal(403, {"status": False, "message": "Face clustering is switched off."})
    return await _start(db, viewer, GROUP_FACES_TYPE, GROUP_FACES)


@post("/api/clusterfaces/", scope="people:read", status_code=200)
async def plot_faces(viewer: Viewer) -> FacePlot:
    """Faces placed by how much they look alike; empty as long as faces are not compared."""
    return FacePlot(True, [])


@get("/api/clusterfaces/", scope="people:read")
async def plot_faces_by_get(viewer: Viewer) -> FacePlot:
    """As POST, for clients that ask so."""
    return FacePlot(True, [])


async def _scan(server: Server, viewer: Viewer) -> Started:
    if not server.settings.feature_face_detection:
        raise Refusal(403, {"status": False, "message": "Face detection is switched off."})
    return await _start(server.db, viewer, SCAN_FACES_TYPE, SCAN_FACES)


async def _start(db: Database, viewer: Viewer, job_type: int, kind: str) -> Started:
    return Started(status=True, job_id=await db.write(enqueue_job, viewer.user_id, job_type, kind))


ROUTES: list[BaseRouteHandler] = [
    list_face_groups,
    list_faces,
    label_faces,
    add_face,
    delete_faces,
    scan_faces,
    scan_faces_by_get,
    train_faces,
    plot_faces,
    plot_faces_by_get,
]
