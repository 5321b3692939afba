"""How this room's lists are answered: with an ETag, out of memory while none of the caller's lists changed."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.paging import PageClass, PageRequest, parse_page
from librephotos.http.rendering import Ready
from librephotos.kit import json
from librephotos.kit.ids import parse_int
from librephotos.photos.queries.grid import get_versions
from librephotos.photos.routes.answering import answer, key_of

P = ParamSpec("P")


def page_of(request: ApiRequest, sizes: PageClass) -> PageRequest:
    text: bytes = request.scope["query_string"]
    return parse_page(server_of(request).proxies.link_base(request.scope), text.decode("latin-1"), sizes)


def parse_person_id(text: str) -> int:
    """Raises NotFound for what is no number."""
    person_id = parse_int(text)
    if person_id is None:
        raise NotFound
    return person_id


async def answer_own(
    request: ApiRequest,
    key: tuple[Any, ...],
    query: Callable[Concatenate[Tx, Viewer, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Ready:
    """Answer what a query says of the caller's own people; `key` names the answer among all of this caller's."""
    viewer, server = viewer_of(request), server_of(request)
    versions = await server.db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        return json.dump_bytes(await server.db.read_heavy(query, viewer, *args, **kwargs))

    return await answer(request, viewer, key_of(viewer, versions, *key), make, server.lists)
