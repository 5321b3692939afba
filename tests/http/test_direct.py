"""The short way to the most asked routes answers as the router does, and takes nothing that is not its own."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from litestar import get

from librephotos.app import ROUTES
from librephotos.errors import NotAuthenticated
from librephotos.http.direct import DirectRequest, DirectRoutes
from librephotos.http.rendering import Ready
from tests.builders import Builder
from tests.instance import Account, Instance

DIRECT = sorted(path for route in ROUTES if route.opt.get("direct") for path in route.paths)


@get("/api/things/", direct=True)
async def list_things(request: DirectRequest) -> Ready:
    return Ready(b"list")


@get("/api/things/{name:str}/", direct=True)
async def get_thing(request: DirectRequest, name: str) -> Ready:
    return Ready(name.encode())


@get("/api/things/fixed/")
async def get_fixed(request: DirectRequest) -> Ready:
    return Ready(b"fixed")


@get("/api/{kind:str}/all/", direct=True)
async def list_kind(request: DirectRequest, kind: str) -> Ready:
    return Ready(b"kind")


def answer(path: str, *, method: str = "GET", is_admitted: bool = True) -> bytes:
    sent = []

    async def framework(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.body", "body": b"framework"})

    def guard(_route: Any, viewer: object) -> None:
        assert viewer == "somebody"
        if not is_admitted:
            raise NotAuthenticated

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        raise AssertionError("nobody asks for a body")

    routes = DirectRoutes(framework, [list_things, get_thing, get_fixed], guard)
    asyncio.run(routes({"type": "http", "method": method, "path": path, "viewer": "somebody"}, receive, send))
    body: bytes = sent[-1]["body"]
    return body


@pytest.mark.parametrize("path", ["/api/things/", "/api/things", "/api/things//"])
def test_a_fixed_path_is_found(path: str):
    assert answer(path) == b"list"


@pytest.mark.parametrize("path", ["/api/things/x/", "/api/things/x"])
def test_the_last_part_of_a_path_may_be_a_parameter(path: str):
    assert answer(path) == b"x"


@pytest.mark.parametrize(
    "path", ["/api/things/fixed/", "/api/things/x/y/", "/api//things/", "/api/things//x/", "/api/", "/", ""]
)
def test_all_else_goes_to_the_router(path: str):
    assert answer(path) == b"framework"


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE"])
def test_other_methods_go_to_the_router(method: str):
    assert answer("/api/things/", method=method) == b"framework"


@pytest.mark.parametrize("path", ["/api/things/", "/api/things/x/"])
def test_the_guard_is_asked_first(path: str):
    with pytest.raises(NotAuthenticated):
        answer(path, is_admitted=False)


def test_a_parameter_elsewhere_cannot_be_direct():
    with pytest.raises(ValueError, match="only the last part"):
        DirectRoutes(None, [list_kind], None)  # type: ignore[arg-type]


def test_there_are_direct_routes():
    assert "/api/rqavailable" in DIRECT
    assert "/api/photos/{photo_id:str}" in DIRECT


@pytest.mark.parametrize("path", DIRECT)
def test_both_ways_answer_alike(
    instance: Instance, user: Account, stranger: Account, anonymous: httpx.Client, path: str
):
    """A doubled slash is a spelling that only the router reads."""
    builder = Builder(instance)
    photo = builder.add_photo(user)
    with instance.client(user.bearer) as client:
        day = client.get("/api/albums/date/list/").json()["results"][0]["id"]
    parameters = [photo.uuid, photo.image_hash, day, "0", "é", "x y"] if "{" in path else [""]
    names = [re.sub(r"\{.*\}", parameter, path) for parameter in parameters]
    for account in (user, stranger, None):
        headers = {} if account is None else account.bearer
        for name in names:
            direct, routed = (
                anonymous.get(spelled, headers=headers)
                for spelled in (f"{name}/", f"{name.replace('/api/', '/api//')}/")
            )
            assert direct.status_code == routed.status_code
            assert direct.content.replace(b"/api//", b"/api/") == routed.content.replace(b"/api//", b"/api/")
            assert _told(direct) == _told(routed)


def _told(answer: httpx.Response) -> list[tuple[str, str]]:
    """The headers but those that name the address or the moment."""
    return sorted(
        (name, value)
        for name, value in answer.headers.items()
        if name not in ("date", "etag", "content-length")
    )
