"""What holds for every route there is: both forms of its path, HEAD, and no more statements for more rows.

Generated from the route table by the rows of the authorization matrix, so that a new route is asked as well.
"""

import asyncio
import re
import secrets
from collections.abc import Iterator
from inspect import signature
from typing import Any

import httpx
import pytest

from librephotos.accounts.server import Server
from librephotos.app import ROUTES, Application
from librephotos.db.database import Database
from librephotos.db.transactions import Connection
from librephotos.settings import Settings
from tests.authorization.matrix import MATRIX, Row
from tests.authorization.world import World, make_world
from tests.builders import Builder, Photo
from tests.databases import ON_POSTGRESQL
from tests.instance import KEY, Instance
from tests.places.arranging import LISBON, locate

READ = sorted(route for method, route in MATRIX if method == "GET")
WRITE = sorted((method, route) for method, route in MATRIX if method != "GET")
# Reading starts a job here, as the published API has it.
TRIGGERS = {route for route in READ if ("POST", route) in MATRIX and MATRIX["POST", route].body is None}


@pytest.fixture(scope="module")
def world(instance: Instance) -> World:
    return make_world(instance)


@pytest.fixture(scope="module")
def http(instance: Instance) -> Iterator[httpx.Client]:
    with instance.client() as client:
        yield client


def both_forms(path: str) -> tuple[str, str]:
    bare, mark, query = path.partition("?")
    bare = bare.rstrip("/") or "/"
    slashed = bare if bare == "/" else f"{bare}/"
    return bare + mark + query, slashed + mark + query


def shape(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    return answer.status_code, answer.headers.get("content-type"), answer.headers.get("location")


def test_reading_answers_to_both_forms_of_the_path_and_to_head(world: World, http: httpx.Client):
    odd = []
    for route in READ:
        row = MATRIX["GET", route]
        reader = world.admin if row.owner == 403 else world.victim
        expected = row.admin if reader is world.admin else row.owner
        asked = [
            (method, path, http.request(method, path, headers=reader.bearer))
            for path in both_forms(row.path(world))
            for method in ("GET", "HEAD")
        ]
        for method, path, answer in asked:
            if answer.status_code != expected or shape(answer) != shape(asked[0][2]):
                odd.append((method, path, shape(answer), shape(asked[0][2])))
            if method == "HEAD" and answer.content:
                odd.append((method, path, answer.content[:80]))
    assert odd == []


def test_a_nul_in_an_address_is_no_error_of_the_server(world: World, http: httpx.Client):
    """PostgreSQL holds none in its texts, and refuses even to look for one."""
    odd = []
    for route in ROUTES:
        if route.http_methods - {"OPTIONS"} != {"GET"}:
            continue
        own = {name for name, each in signature(route.fn).parameters.items() if "str" in str(each.annotation)}
        for path in route.paths:
            names = {*route.opt.get("query", ()), *own} - set(re.findall(r"\{(\w+)", path))
            nuls = [{name: "a\0b", "public": "1"} for name in sorted(names)]
            for query in nuls if "{" not in path else [{}, *nuls]:
                address = re.sub(r"\{[^}]*\}", "a%00b", path)
                answer = http.get(address, params=query, headers=world.admin.bearer)
                if answer.status_code >= 500 and answer.status_code != 503:
                    odd.append((address, query, answer.text))
    assert odd == []


def test_writing_answers_to_both_forms_of_the_path(world: World, http: httpx.Client):
    """Without credentials, so that nothing is changed: what is told apart is only whether the route is there."""
    odd = []
    for method, route in WRITE:
        row: Row = MATRIX[method, route]
        answers = [http.request(method, path) for path in both_forms(row.path(world))]
        if len({shape(answer) for answer in answers}) != 1 or answers[0].status_code in (
            301,
            302,
            307,
            308,
            405,
        ):
            odd.append((method, route, [shape(answer) for answer in answers]))
        if row.anonymous == 401 and answers[0].headers["www-authenticate"] != 'Bearer realm="api"':
            odd.append((method, route, "no challenge"))
    assert odd == []


# --- statements


class Counted(Database):
    """Counts what is run on its connections, but for what begins and ends transactions."""

    count = 0

    def _open(self, purpose: str, *, reads_long: bool = False) -> Connection:
        connection: Any = super()._open(purpose, reads_long=reads_long)  # sqlite3
        connection.set_trace_callback(self._saw)
        return connection  # type: ignore[no-any-return]

    def _saw(self, sql: str) -> None:
        self.count += sql.split(None, 1)[0].upper() in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


class Grown:
    """An account with so many of everything, and the addresses of one of each."""

    def __init__(self, instance: Instance, builder: Builder, number: int) -> None:
        name = f"grown-{secrets.token_hex(4)}"
        folder = instance.library / name
        folder.mkdir()
        self.account = instance.add_user(name, scan_directory=str(folder))
        other = instance.add_user()
        photos: list[Photo] = []
        ids: dict[str, object] = {}
        for each in range(number):
            taken = f"2023-07-{each + 1:02}T10:00:00"
            columns: dict[str, Any] = {"gps_lat": 38.7, "gps_lon": -9.1, "is_public": True}
            photos.append(
                builder.add_photo(self.account, taken_local=taken, metadata={}, with_files=False, **columns)
            )
            ids["person_id"] = builder.add_person(self.account, f"Person {each}")
            builder.add_face(photos[-1], person_id=ids["person_id"])
            # And a second one on the first photo, which is asked for by itself.
            builder.add_face(photos[0], person_id=ids["person_id"])
            builder.share_photo(photos[-1], other)
        locate(instance, self.account, LISBON)
        for _ in range(number):
            ids["event"] = builder.add_event(self.account, *photos)
            ids["thing"] = builder.add_thing(self.account, *photos)
            ids["tag_id"] = builder.add_tag(self.account, *photos)
            ids["album"] = builder.add_album(self.account, *photos)
            builder.share_album(int(str(ids["album"])), other)
            builder.share_album(builder.add_album(other, *photos), self.account)
        self.paths = {
            "/api/albums/auto/{album_id:str}": f"/api/albums/auto/{ids['event']}",
            "/api/albums/thing/{album_id:str}": f"/api/albums/thing/{ids['thing']}",
            "/api/albums/user/{album_id:str}": f"/api/albums/user/{ids['album']}",
            "/api/albums/user/edit/{album_id:str}": f"/api/albums/user/edit/{ids['album']}",
            "/api/albums/date/{album_id:str}": f"/api/albums/date/{photos[0].day_id}",
            "/api/albums/person/{person_id:str}": f"/api/albums/person/{ids['person_id']}",
            "/api/persons/{person_id:str}": f"/api/persons/{ids['person_id']}",
            "/api/tags/{tag_id:str}": f"/api/tags/{ids['tag_id']}",
            "/api/user/{user_id:str}": f"/api/user/{self.account.user_id}",
        }
        self.photo = photos[0]
        self.slug = f"{name}-link"
        builder.link_album(int(str(ids["album"])), slug=self.slug)

    def path(self, route: str) -> str | None:
        """The address of a route, None for what is about one thing that is nobody's list."""
        if "{photo_id:str}" in route and "file_hash" not in route:
            route = route.replace("{photo_id:str}", self.photo.uuid)
        route = route.replace("/s/{slug:str}", f"/s/{self.slug}")
        return self.paths.get(route) if "{" in route else route


@pytest.mark.skipif(ON_POSTGRESQL, reason="the statements are the same; SQLite's driver tells of each")
def test_no_route_takes_more_statements_for_more_rows(instance: Instance):
    builder = Builder(instance)
    # The first only fills what is kept for everybody.
    accounts = [Grown(instance, builder, number) for number in (1, 3, 12)]
    db = Counted(instance.database_url)
    settings = Settings(
        data=instance.data, library_roots=str(instance.library), database_url=instance.database_url
    )
    server = Server(settings, db, KEY)
    application = Application(server)

    async def ask() -> dict[str, list[int]]:
        counts: dict[str, list[int]] = {}
        transport = httpx.ASGITransport(app=application)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for route in READ:
                if not route.startswith("/api/") or route in TRIGGERS or MATRIX["GET", route].owner != 200:
                    continue
                for each in accounts:
                    path = each.path(route)
                    if path is not None:
                        db.count = 0
                        answer = await client.get(path, headers=each.account.bearer)
                        assert answer.status_code in (200, 400), (path, answer.text)
                        counts.setdefault(route, []).append(db.count)
        return counts

    try:
        counts = asyncio.run(ask())
    finally:
        server.close()
    assert len(counts) > 60
    assert {route: each for route, each in counts.items() if each[1] != each[2]} == {}
    # The counting itself counts.
    assert all(each[1] > 0 for route, each in counts.items() if "albums" in route)
