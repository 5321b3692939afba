"""Every route against every kind of caller, generated from the route table; the media mount included.

The owner is asked first, so that a refusal of the others is never the refusal of a broken address.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from librephotos.app import ROUTES
from librephotos.photos.paths import AVATARS, EMBEDDED, FACES
from tests.authorization.matrix import DISCLOSING, MATRIX, MEDIA, SITUATIONS, VISITED, Row
from tests.authorization.world import World, add_situations, make_world, share_all_with_visitors
from tests.instance import REPOSITORY, Account, Instance

# Differs from call to call whoever asks.
VOLATILE = frozenset({"connection", "date", "set-cookie"})


@pytest.fixture(scope="module")
def world(instance: Instance) -> World:
    return make_world(instance)


@pytest.fixture(scope="module")
def situated(world: World) -> World:
    add_situations(world)
    return world


@pytest.fixture(autouse=True)
def signed_in(world: World) -> None:
    """A route may end the sessions of whoever asks: everybody comes to the next one signed in."""
    world.revive_sessions()


@pytest.fixture
def http(instance: Instance) -> Iterator[httpx.Client]:
    with instance.client() as client:
        yield client


def ask(
    http: httpx.Client, method: str, world: World, row: Row, path: str = "", **options: object
) -> httpx.Response:
    body = row.body
    if row.unknown_body is not None and path:
        body = row.unknown_body
    if body is not None:
        options["json"] = body(world)
    return http.request(method, path or row.path(world), **options)


def looks(answer: httpx.Response) -> tuple[object, ...]:
    """What a caller can tell two answers apart by."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in VOLATILE)
    return answer.status_code, headers, answer.content


def stale(account: Account, instance: Instance) -> str:
    """A cookie whose session has ended."""
    return (
        f"jwt={instance.signer.mint_access({'user_id': str(account.user_id), 'sid': 'ended-long-ago'}).text}"
    )


def routes() -> list[tuple[str, str]]:
    return sorted((method, path) for route in ROUTES for path in route.paths for method in route.http_methods)


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(routes()) - set(MATRIX) == set()
    assert set(MATRIX) - set(routes()) == set()
    assert {AVATARS, EMBEDDED, FACES} <= set(MEDIA)


@pytest.mark.parametrize(("method", "route"), sorted(MATRIX), ids=lambda part: part)
def test_a_route_admits_whom_its_row_says(world: World, http: httpx.Client, method: str, route: str):
    row = MATRIX[method, route]
    first = ask(http, method, world, row, headers=world.victim.bearer)
    assert first.status_code == row.owner, first.text
    drive(world, http, method, row)
    anonymous = ask(http, method, world, row)
    assert anonymous.status_code == row.anonymous
    for cookie in (world.victim.cookie["Cookie"], stale(world.victim, world.instance)):
        # The cookie is nobody's credential here.
        by_cookie = ask(http, method, world, row, headers={"Cookie": cookie})
        assert by_cookie.status_code == anonymous.status_code
        if row.anonymous in (401, 404):
            assert looks(by_cookie) == looks(anonymous)


@pytest.mark.parametrize("kind", sorted(MEDIA))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_kind_of_media_admits_whom_its_row_says(world: World, http: httpx.Client, method: str, kind: str):
    row = MEDIA[kind]
    first = ask(http, method, world, row, headers=world.victim.bearer)
    assert first.status_code == row.owner, first.text
    drive(world, http, method, row)
    assert ask(http, method, world, row, headers=world.victim.cookie).status_code == row.owner
    assert ask(http, method, world, row, headers=world.unrelated.cookie).status_code == row.stranger
    anonymous = ask(http, method, world, row)
    assert anonymous.status_code == row.anonymous
    assert anonymous.headers["x-media-error"] == "authentication"
    assert looks(
        ask(http, method, world, row, headers={"Cookie": stale(world.victim, world.instance)})
    ) == looks(anonymous)
    if row.unknown is not None:
        assert looks(ask(http, method, world, row, row.unknown(world))) == looks(anonymous)
    for broken in ("Bearer rubbish", "Bearer", "Basic !"):
        assert ask(http, method, world, row, headers={"Authorization": broken}).status_code == 401
    # A Bearer header wins over a usable cookie; a Basic header does not hide one.
    with_cookie = {"Authorization": "Bearer rubbish", **world.victim.cookie}
    assert ask(http, method, world, row, headers=with_cookie).status_code == 401
    with_cookie["Authorization"] = "Basic !"
    assert ask(http, method, world, row, headers=with_cookie).status_code == row.owner


def drive(world: World, http: httpx.Client, method: str, row: Row) -> None:
    """Ask as everybody who has credentials, by Bearer and by Basic."""
    for account, status in (
        (world.victim, row.owner),
        (world.unrelated, row.stranger),
        (world.admin, row.admin),
    ):
        for credentials in ({"headers": account.bearer}, {"auth": account.basic}):
            answer = ask(http, method, world, row, **credentials)
            if "auth" in credentials and not row.takes_basic:
                assert answer.status_code == row.anonymous
                continue
            assert answer.status_code == status, (account.username, answer.text)
            if account is world.unrelated:
                for secret in row.secrets(world):
                    assert secret.encode() not in answer.content
            if row.unknown is not None and answer.status_code == 404:
                unknown = ask(http, method, world, row, row.unknown(world), **credentials)
                assert looks(unknown) == looks(answer), "foreign and unknown can be told apart"


# Routes on one photo that nobody but its owner may ask, in whatever situation it is.
OWNERS_ONLY = {("GET", "/api/photos/{photo_id:str}/processing")}
# For admins, about anybody's file, and nothing of what it shows.
ADMINS_ONLY = {("GET", "/api/media/diagnostics/{photo_id:str}")}

# By an album's link, for everybody who has it: tests/sharing asks it for photos in every situation.
BY_LINK = {("GET", "/api/public/albums/s/{slug:str}/photos/{photo_id:str}")}


def test_whatever_shows_one_photo_is_asked_for_photos_in_every_situation(situated: World):
    assert set(situated.situations) == set(SITUATIONS)
    shows = {route for route in routes() if route[0] == "GET" and "{photo_id:str}" in route[1]}
    of_photos = {key for key, row in MATRIX.items() if row.of is not None and key[0] == "GET"}
    assert of_photos == shows - OWNERS_ONLY - ADMINS_ONLY - BY_LINK
    assert {kind for kind, row in MEDIA.items() if row.of is None} == {"avatars", "zip"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("situation", sorted(SITUATIONS))
@pytest.mark.parametrize(
    "route", sorted(path for (verb, path), row in MATRIX.items() if row.of is not None and verb == "GET")
)
def test_a_photos_route_admits_whom_its_situation_says(
    situated: World, http: httpx.Client, route: str, situation: str, method: str
):
    row = MATRIX["GET", route]
    admitted = SITUATIONS[situation][0] if row.admits is None else row.admits
    drive_situation(situated, http, method, row, situation, admitted)
    # The cookie is nobody's credential here.
    anonymous = 200 if "anonymous" in admitted else row.anonymous
    for account in (situated.victim, *situated.others.values()):
        answer = http.request(method, address(situated, row, situation), headers=account.cookie)
        assert answer.status_code == anonymous


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("situation", sorted(SITUATIONS))
@pytest.mark.parametrize("kind", sorted(kind for kind, row in MEDIA.items() if row.of is not None))
def test_a_kind_of_media_admits_whom_its_situation_says(
    situated: World, http: httpx.Client, kind: str, situation: str, method: str
):
    row = MEDIA[kind]
    for shares_all in (False, True):
        share_all_with_visitors(situated, shares_all)
        admitted = SITUATIONS[situation][1]
        if kind in DISCLOSING and situation in VISITED and not shares_all:
            admitted = frozenset()
        drive_situation(situated, http, method, row, situation, admitted)
        for name, account in (("owner", situated.victim), *audience(situated)):
            answer = http.request(method, address(situated, row, situation), headers=account.cookie)
            assert answer.status_code == (200 if name == "owner" or name in admitted else 404), name


def address(world: World, row: Row, situation: str) -> str:
    assert row.of is not None
    return row.of(world, world.situations[situation])


def audience(world: World) -> list[tuple[str, Account]]:
    """Everybody with an account, save the owner."""
    return [*world.others.items(), ("unrelated", world.unrelated), ("admin", world.admin)]


def drive_situation(
    world: World, http: httpx.Client, method: str, row: Row, situation: str, admitted: frozenset[str]
) -> None:
    """Ask for a photo as everybody: whoever is not admitted cannot tell it from one that does not exist."""
    path = address(world, row, situation)
    assert row.unknown is not None
    unknown = row.unknown(world)
    for name, account in (("owner", world.victim), *audience(world)):
        for credentials in ({"headers": account.bearer}, {"auth": account.basic}):
            answer = http.request(method, path, **credentials)
            if name == "owner" or name in admitted:
                assert answer.status_code == 200, name
            else:
                assert answer.status_code == 404, name
                assert looks(answer) == looks(http.request(method, unknown, **credentials)), name
    stale_cookie = {"Cookie": stale(world.victim, world.instance)}
    for headers in ({}, stale_cookie):
        answer = http.request(method, path, headers=headers)
        if "anonymous" in admitted:
            assert answer.status_code == 200
        else:
            assert answer.status_code == row.anonymous
            assert looks(answer) == looks(http.request(method, unknown, headers=headers))


def test_without_the_guard_the_matrix_fails(tmp_path: Path):
    """The matrix is only worth something if it notices: a server that lets everybody in must not pass."""
    (tmp_path / "sitecustomize.py").write_text(
        "from librephotos.accounts import guard\nguard.admit = lambda handler, viewer: None\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}",
        "LIBREPHOTOS_TEST_PATH": str(tmp_path),
    }
    wanted = [
        "test_a_route_admits_whom_its_row_says[GET-/api/rqavailable]",
        "test_a_route_admits_whom_its_row_says[GET-/api/manage/user]",
        "test_a_route_admits_whom_its_row_says[DELETE-/api/delete/user/{user_id:str}]",
    ]
    command = [sys.executable, "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist"]
    result = subprocess.run(
        [*command, *(f"{Path(__file__).relative_to(REPOSITORY)}::{name}" for name in wanted)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert f"{len(wanted)} failed" in result.stdout, result.stdout
