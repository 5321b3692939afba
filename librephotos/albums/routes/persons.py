"""The photos of persons by days. Both are deprecated: `/api/albums/date/list/?person=` shows the same."""

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.albums.queries.person_albums import get_person_album, list_person_albums
from librephotos.albums.routes.answers import answer_own, page_of, parse_album_id
from librephotos.albums.schemas import GroupedPerson, GroupedPersonDetail
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import TINY, Page


@get("/api/albums/person/", scope="people:read", query=("page", "page_size"))
async def list_albums_of_persons(request: ApiRequest) -> Response[Page[GroupedPerson]]:
    """The caller's persons by name, each with all photos by days."""
    asked = page_of(request, TINY)
    return await answer_own(request, ("person albums", asked), list_person_albums, asked)


@get("/api/albums/person/{person_id:str}/", scope="people:read")
async def get_album_of_person(request: ApiRequest, person_id: str) -> Response[GroupedPersonDetail]:
    """The photos of one person by days, newest first."""
    row_id = parse_album_id(person_id)
    return await answer_own(request, ("person album", row_id), get_person_album, row_id)


ROUTES: list[BaseRouteHandler] = [list_albums_of_persons, get_album_of_person]
