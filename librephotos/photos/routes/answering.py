"""What the room's handlers share: the query of a request, and lists under an ETag."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from librephotos.accounts.viewer import Viewer
from librephotos.http.binding import ApiRequest
from librephotos.http.caching import Key, ListCache, answer_versioned
from librephotos.http.rendering import Ready, json_bytes
from librephotos.photos.queries.grid import Versions


def query_of(request: ApiRequest) -> Mapping[str, str]:
    """The last value of each parameter."""
    text = request.scope["query_string"].decode("latin-1")
    return dict(parse_qsl(text, keep_blank_values=True)) if text else {}


def key_of(viewer: Viewer, versions: Versions, *parts: object) -> Key:
    return (viewer.user_id, viewer.list_version, versions.epoch, versions.settings_version, *parts)


async def answer(
    request: ApiRequest,
    viewer: Viewer,
    key: Key,
    make: Callable[[], Awaitable[bytes]],
    cache: ListCache | None = None,
) -> Ready:
    """As `answer_versioned`; the versions say nothing of which photos are in the albums that a key is limited to."""
    if viewer.is_limited:
        return json_bytes(await make())
    return await answer_versioned(request, key, make, cache)
