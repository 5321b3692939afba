"""How this room's lists and details are answered: with an ETag, lists from memory while nothing changed."""

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec
from urllib.parse import parse_qsl

from librephotos.accounts.server import server_of, viewer_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.caching import answer_versioned
from librephotos.http.paging import PageClass, PageRequest, parse_page
from librephotos.http.rendering import Ready, json_bytes
from librephotos.kit import json
from librephotos.kit.ids import parse_int
from librephotos.photos.queries.grid import get_versions

P = ParamSpec("P")


def query_of(request: ApiRequest) -> Mapping[str, str]:
    """The last value of each parameter."""
    return dict(parse_qsl(_query_text(request), keep_blank_values=True))


def page_of(request: ApiRequest, sizes: PageClass) -> PageRequest:
    base = server_of(request).proxies.link_base(request.scope)
    return parse_page(base, _query_text(request), sizes)


def parse_album_id(text: str) -> int:
    """Raises NotFound for what is no number."""
    album_id = parse_int(text)
    if album_id is None:
        raise NotFound
    return album_id


async def answer_own(
    request: ApiRequest,
    key: tuple[Any, ...],
    query: Callable[Concatenate[Tx, Viewer, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Ready:
    """Answer what a query says of the caller's own albums, out of memory while none of their lists changed.

    `key` names the answer among all of this caller's.
    """
    viewer, server = viewer_of(request), server_of(request)
    if viewer.is_limited:
        # The versions say nothing of which photos are in the albums that a key is limited to.
        return json_bytes(json.dump_bytes(await server.db.read_heavy(query, viewer, *args, **kwargs)))
    versions = await server.db.read_known(get_versions, viewer.user_id)

    async def make() -> bytes:
        return json.dump_bytes(await server.db.read_heavy(query, viewer, *args, **kwargs))

    whole = (viewer.user_id, viewer.list_version, versions.epoch, versions.settings_version, *key)
    return await answer_versioned(request, whole, make, server.lists)


def _query_text(request: ApiRequest) -> str:
    text: bytes = request.scope["query_string"]
    return text.decode("latin-1")
