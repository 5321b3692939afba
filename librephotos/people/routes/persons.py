"""Persons: the list, one of them, making, naming, merging, deleting; and who appears with whom."""

import asyncio

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.paging import STANDARD, Page
from librephotos.http.search import parse_search
from librephotos.kit import json
from librephotos.people.graphs import draw_graph
from librephotos.people.inputs import PersonChangeInput, PersonInput, PersonReplaceInput
from librephotos.people.queries import person_edits as edits
from librephotos.people.queries import persons
from librephotos.people.queries.together import list_pairs
from librephotos.people.routes.answers import answer_own, page_of, parse_person_id
from librephotos.people.schemas import ChangedPerson, Person, SocialGraph
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.routes.answering import answer, key_of, query_of


@get("/api/persons/", scope="people:read", direct=True, query=("page", "page_size", "search"))
async def list_persons(request: ApiRequest) -> Response[Page[Person]]:
    """The caller's named persons by name, those without faces too."""
    asked = page_of(request, STANDARD)
    terms = parse_search(query_of(request).get("search"))
    return await answer_own(request, ("persons", asked), persons.list_persons, terms, asked)


@post("/api/persons/", scope="people:write", body=PersonInput)
async def create_person(request: ApiRequest, viewer: Viewer, db: Database) -> Person:
    """Make a person, or answer the caller's one of this name."""
    data = bind(PersonInput, await read_fields(request))
    return await db.write(edits.create_person, viewer, data.name)


@get("/api/persons/{person_id:str}/", scope="people:read", direct=True)
async def get_person(request: ApiRequest, person_id: str) -> Response[Person]:
    """One named person."""
    row_id = parse_person_id(person_id)
    return await answer_own(request, ("person", row_id), persons.get_person, row_id)


@patch("/api/persons/{person_id:str}/", scope="people:write", body=PersonChangeInput)
async def change_person(request: ApiRequest, viewer: Viewer, db: Database, person_id: str) -> ChangedPerson:
    """Rename a person, or else choose a cover. A name that another person has makes the two one: the older stays."""
    row_id = parse_person_id(person_id)
    await db.read(persons.get_person, viewer, row_id)
    data = bind(PersonChangeInput, await read_fields(request))
    if "newPersonName" in data.model_fields_set:
        return await db.write(edits.rename_person, viewer, row_id, data.newPersonName)
    if "cover_photo" in data.model_fields_set:
        return await db.write(edits.set_cover, viewer, row_id, data.cover_photo)
    return await db.read(edits.changed_person, viewer, row_id)


@put("/api/persons/{person_id:str}/", scope="people:write", body=PersonReplaceInput)
async def replace_person(request: ApiRequest, viewer: Viewer, db: Database, person_id: str) -> ChangedPerson:
    """As PATCH, with `name` required, which changes nothing, and without the cover."""
    row_id = parse_person_id(person_id)
    await db.read(persons.get_person, viewer, row_id)
    data = bind(PersonReplaceInput, await read_fields(request))
    if "newPersonName" in data.model_fields_set:
        return await db.write(edits.rename_person, viewer, row_id, data.newPersonName)
    return await db.read(edits.changed_person, viewer, row_id)


@delete("/api/persons/{person_id:str}/", scope="people:write")
async def delete_person(viewer: Viewer, db: Database, person_id: str) -> None:
    """Delete a person; the faces are nobody's then."""
    await db.write(edits.delete_person, viewer, parse_person_id(person_id))


@get("/api/socialgraph/", scope="people:read")
async def get_social_graph(request: ApiRequest) -> Response[SocialGraph]:
    """Who appears together on the caller's photos, placed for drawing."""
    viewer, server = viewer_of(request), server_of(request)
    versions = await server.db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        pairs = await server.db.read_heavy(list_pairs, viewer)
        return json.dump_bytes(await asyncio.to_thread(draw_graph, pairs))

    return await answer(request, viewer, key_of(viewer, versions, "together"), make, server.lists)


ROUTES: list[BaseRouteHandler] = [
    list_persons,
    create_person,
    get_person,
    change_person,
    replace_person,
    delete_person,
    get_social_graph,
]
