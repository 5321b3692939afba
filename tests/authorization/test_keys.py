"""Every route with an API key: with exactly its scope, with every other one, with a limit, and where none counts.

Generated from the route table, over the rows of the matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import refuse_undeclared
from librephotos.accounts.scopes import GRANTABLE, PUBLIC, SCOPES, SERVER_READ
from librephotos.app import ROUTES
from librephotos.errors import BadSetting
from librephotos.photos.paths import ARCHIVES
from tests.authorization.matrix import MATRIX, MEDIA, Row
from tests.authorization.test_matrix import ask, looks
from tests.authorization.world import World, make_world
from tests.instance import Account, Instance
from tests.keys import Key, add_key

HANDLERS = {
    (method, path): route for route in ROUTES for path in route.paths for method in route.http_methods
}


@dataclass
class Ring:
    """The world, and its people's keys by what they hold: each is made once."""

    world: World
    keys: dict[object, Key]
    empty_album: int

    def key(self, owner: Account, *scopes: str, albums: list[int] | None = None) -> Key:
        known = (owner.user_id, scopes, tuple(albums or ()))
        if known not in self.keys:
            self.keys[known] = add_key(self.world.instance, owner, *scopes, albums=albums)
        return self.keys[known]


@pytest.fixture(scope="module")
def ring(instance: Instance) -> Ring:
    world = make_world(instance)
    return Ring(world, {}, world.builder.add_album(world.victim))


@pytest.fixture
def http(instance: Instance) -> Iterator[httpx.Client]:
    with instance.client() as client:
        yield client


def reads_credentials(handler: BaseRouteHandler) -> bool:
    return handler.opt.get("credentials") != "ignored"


def routes_with(*, grantable: bool) -> list[tuple[str, str]]:
    return sorted(
        place
        for place, handler in HANDLERS.items()
        if SCOPES[handler.opt["scope"]].is_grantable == grantable
        and handler.opt["scope"] != PUBLIC
        and reads_credentials(handler)
    )


def all_but(scope: str) -> tuple[str, ...]:
    return tuple(sorted(GRANTABLE - {scope}))


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    body = answer.json()
    if "errors" not in body:
        # Uploads have a shape of their own.
        return list(body.items())
    return [(entry["field"], entry["message"]) for entry in body["errors"]]


def ways(row: Row, key: Key) -> list[dict[str, Any]]:
    """A key in the header and, where Basic counts, as a password."""
    return [{"headers": key.bearer}, *([{"auth": key.basic}] if row.takes_basic else [])]


def lacks(scope: str) -> list[tuple[str, str]]:
    return [("detail", f"This API key lacks the scope {scope}."), ("code", "missing_scope")]


@pytest.mark.parametrize(("method", "route"), routes_with(grantable=True), ids=lambda part: part)
def test_a_key_with_exactly_the_scope_does_what_its_owner_may(
    ring: Ring, http: httpx.Client, method: str, route: str
):
    world, row = ring.world, MATRIX[method, route]
    scope = HANDLERS[method, route].opt["scope"]
    expected = [(world.victim, row.owner), (world.unrelated, row.stranger)]
    # An admin's key is a plain user's, but for what it is given to read of the server.
    expected.append((world.admin, row.admin if scope == SERVER_READ else row.stranger))
    for owner, status in expected:
        key = ring.key(owner, scope)
        for credentials in ways(row, key):
            answer = ask(http, method, world, row, **credentials)
            assert answer.status_code == status, (owner.username, answer.text)
            if owner is world.unrelated:
                for secret in row.secrets(world):
                    assert secret.encode() not in answer.content
            if row.unknown is not None and answer.status_code == 404:
                unknown = ask(http, method, world, row, row.unknown(world), **credentials)
                assert looks(unknown) == looks(answer)


@pytest.mark.parametrize(("method", "route"), routes_with(grantable=True), ids=lambda part: part)
def test_a_key_with_every_other_scope_is_told_the_one_it_lacks(
    ring: Ring, http: httpx.Client, method: str, route: str
):
    world, row = ring.world, MATRIX[method, route]
    scope = HANDLERS[method, route].opt["scope"]
    for owner in (world.victim, world.admin):
        key = ring.key(owner, *all_but(scope))
        for credentials in ways(row, key):
            answer = ask(http, method, world, row, **credentials)
            assert answer.status_code == 403
            assert errors(answer) == lacks(scope)
            assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(("method", "route"), routes_with(grantable=False), ids=lambda part: part)
def test_no_key_touches_credentials_users_and_settings(
    ring: Ring, http: httpx.Client, method: str, route: str
):
    world, row = ring.world, MATRIX[method, route]
    scope = HANDLERS[method, route].opt["scope"]
    for owner in (world.victim, world.admin):
        # Even one that holds the scope in the database.
        for key in (ring.key(owner, *sorted(GRANTABLE)), ring.key(owner, scope)):
            for credentials in ({"headers": key.bearer}, {"auth": key.basic}):
                answer = ask(http, method, world, row, **credentials)
                assert answer.status_code == 403
                message = f"This needs the scope {scope}, which no API key can hold. Sign in instead."
                assert errors(answer) == [("detail", message), ("code", "missing_scope")]


@pytest.mark.parametrize(("method", "route"), sorted(HANDLERS), ids=lambda part: part)
def test_a_key_counts_in_no_address_and_no_cookie(ring: Ring, http: httpx.Client, method: str, route: str):
    world, row = ring.world, MATRIX[method, route]
    text = ring.key(world.victim, *sorted(GRANTABLE)).text
    anonymous = ask(http, method, world, row)
    names = ("api_key", "access_token", "key", "token", "jwt")
    params = dict.fromkeys(names, text)
    by_address = ask(http, method, world, row, params=params)
    assert by_address.status_code == anonymous.status_code == row.anonymous
    cookie = "; ".join(f"{name}={text}" for name in names)
    assert ask(http, method, world, row, headers={"Cookie": cookie}).status_code == row.anonymous
    for header in ("X-Api-Key", "Proxy-Authorization"):
        assert ask(http, method, world, row, headers={header: text}).status_code == row.anonymous
    assert text not in by_address.text


@pytest.mark.parametrize(("method", "route"), sorted(HANDLERS), ids=lambda part: part)
def test_a_key_that_is_limited_to_albums_comes_in_only_where_its_limit_is_kept(
    ring: Ring, http: httpx.Client, method: str, route: str
):
    world, row, handler = ring.world, MATRIX[method, route], HANDLERS[method, route]
    scope = handler.opt["scope"]
    if not reads_credentials(handler) or (scope != PUBLIC and scope not in GRANTABLE):
        return
    key = ring.key(world.victim, *sorted(GRANTABLE), albums=[ring.empty_album])
    answer = ask(http, method, world, row, headers=key.bearer)
    if scope == PUBLIC:
        assert answer.status_code == row.owner
    elif not handler.opt.get("narrows"):
        assert answer.status_code == 403
        assert errors(answer)[1] == ("code", "limited_key")
    else:
        assert answer.status_code == (404 if row.unknown is not None else row.owner)
        assert world.photo.uuid not in answer.text
        assert world.photo.image_hash not in answer.text


@pytest.mark.parametrize("kind", sorted(MEDIA))
def test_media_need_the_scope_of_photos_and_archives_that_of_downloads(
    ring: Ring, http: httpx.Client, kind: str
):
    world, row = ring.world, MEDIA[kind]
    scope = "downloads:read" if kind == ARCHIVES else "photos:read"
    key, other = ring.key(world.victim, scope), ring.key(world.victim, *all_but(scope))
    for credentials in ({"headers": key.bearer}, {"auth": key.basic}):
        assert ask(http, "GET", world, row, **credentials).status_code == row.owner
    stranger = ring.key(world.unrelated, scope)
    assert ask(http, "GET", world, row, headers=stranger.bearer).status_code == row.stranger
    for credentials in ({"headers": other.bearer}, {"auth": other.basic}):
        refused = ask(http, "GET", world, row, **credentials)
        assert refused.status_code == 403
        assert errors(refused) == lacks(scope)
    anonymous = ask(http, "GET", world, row)
    assert anonymous.status_code == 403
    in_cookie = ask(http, "GET", world, row, headers={"Cookie": f"jwt={key.text}"})
    assert looks(in_cookie) == looks(anonymous)
    in_address = ask(http, "GET", world, row, params={"api_key": key.text, "jwt": key.text})
    assert looks(in_address) == looks(anonymous)


def test_a_key_counts_as_its_owner_where_anybody_may_read(ring: Ring, http: httpx.Client):
    world = ring.world
    path = f"/api/photos/{world.photo.uuid}/"
    assert http.get(path).status_code == 404
    assert http.get(path, headers=ring.key(world.victim, "photos:read").bearer).status_code == 200
    assert errors(http.get(path, headers=ring.key(world.victim, "jobs:read").bearer)) == lacks("photos:read")


def test_a_route_without_a_known_scope_stops_the_start():
    class Route:
        def __init__(self, **opt: object) -> None:
            self.opt, self.paths = opt, {"/api/new/"}

    refuse_undeclared([Route(scope="photos:read"), Route(scope=PUBLIC)])  # type: ignore[list-item]
    for wrong in ({}, {"scope": "photo:read"}, {"scope": "admin"}, {"scope": ""}):
        with pytest.raises(BadSetting, match="/api/new/"):
            refuse_undeclared([Route(**wrong)])  # type: ignore[list-item]


def test_every_row_has_its_route():
    rows: dict[tuple[str, str], Row] = MATRIX
    assert set(rows) == set(HANDLERS)
