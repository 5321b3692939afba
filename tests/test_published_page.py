"""The published page "API authentication", read from top to bottom against a running server.

Each test is a paragraph of the page, in its order and under its headings; the commands are the page's own, run by
the real `curl`, with nothing but `<backend>` and the tokens filled in.
"""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest

from librephotos.page.documents import DOCUMENTS
from tests.builders import Builder, Photo
from tests.databases import NewDatabase
from tests.instance import KEY, Account, Instance
from tests.needs import IN_CI

OBTAIN = r"""
curl -X POST "http://<backend>/api/auth/token/obtain/" \
  -H 'Content-Type: application/json' \
  -d '{"username":"myuser","password":"mypassword"}'
"""
REFRESH = r"""
curl -X POST "http://<backend>/api/auth/token/refresh/" \
  -H 'Content-Type: application/json' \
  -d '{"refresh":"<refresh_token>"}'
"""
CALL_WITH_BEARER = r"""
curl -H 'Authorization: Bearer <access_token>' \
  "http://<backend>/api/photos/"
"""
CALL_WITH_BASIC = """
curl -u myuser:mypassword "http://<backend>/api/photos/"
"""
HELP = "http://<backend>/api/help"
SCHEMA, SWAGGER, REDOC = (f"http://<backend>/api/{name}" for name in ("schema", "swagger", "redoc"))

FRONTEND = "https://photos.example.org"
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def first_message(self) -> str:
        message: str = self.json["errors"][0]["message"]
        return message


class Reader:
    """Somebody with a shell, the page, and a server."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def run(self, command: str, more: str = "", **tokens: str) -> Answer:
        """Run a command of the page as pasted; `more` is what a reader adds to it."""
        filled = command.strip().replace("<backend>", f"127.0.0.1:{self.instance.port}")
        for name, value in tokens.items():
            filled = filled.replace(f"<{name}_token>", value)
        assert "<" not in filled
        done = subprocess.run(
            ["bash", "-c", f"{filled} -sS --include {more}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        head, _, body = done.stdout.partition("\n\n")
        status_line, *lines = head.splitlines()
        headers: dict[str, str] = {}
        for line in lines:
            name, value = line.split(": ", 1)
            # Cookies come in lines of their own.
            headers[name.lower()] = f"{headers[name.lower()]}\n{value}" if name.lower() in headers else value
        return Answer(int(status_line.split()[1]), headers, body)

    def get(self, address: str, more: str = "") -> Answer:
        return self.run(f'curl "{address}"', more)

    def obtain(self) -> dict[str, str]:
        return dict(self.run(OBTAIN).json)


def served(folder: Path, new_database: NewDatabase, **environment: str) -> Instance:
    (folder / "data").mkdir()
    return Instance(folder / "data", folder / "library", new_database(folder / "data"), environment).start()


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Instance]:
    """A fresh server that a frontend on another origin uses; its first account is the reader's."""
    instance = served(tmp_path_factory.mktemp("published"), new_database, LIBREPHOTOS_CORS_ORIGINS=FRONTEND)
    with instance.client() as client:
        account = {"username": "myuser", "password": "mypassword", "email": ""}
        made = client.post("/api/user/", json={**account, "first_name": "", "last_name": ""})
        assert made.status_code == 201, made.text
    yield instance
    instance.stop()


@pytest.fixture(scope="module")
def reader(backend: Instance) -> Reader:
    return Reader(backend)


@pytest.fixture(scope="module")
def photo(backend: Instance, reader: Reader) -> Photo:
    """A photo of the reader's, with its thumbnails."""
    access = reader.obtain()["access"]
    user_id = int(jwt.decode(access, KEY, algorithms=["HS256"])["user_id"])
    return Builder(backend).add_photo(Account(user_id, "myuser", "mypassword", access, "", ""))


# LibrePhotos secures most API endpoints and requires authentication by default.


@pytest.mark.parametrize(
    "path", ["photos/", "albums/date/list/", "jobs/", "storagestats/", "timezones/", "manage/user/"]
)
def test_endpoints_require_authentication_by_default(reader: Reader, path: str):
    refused = reader.get(f"http://<backend>/api/{path}")
    assert refused.status == 401
    assert refused.first_message == "Authentication credentials were not provided."


def test_with_403_a_known_caller_is_refused_what_is_not_theirs_to_do(backend: Instance, reader: Reader):
    member = backend.add_user(password="another password")
    refused = reader.get("http://<backend>/api/manage/user/", f"-u {member.username}:'another password'")
    assert refused.status == 403
    assert refused.first_message == "You do not have permission to perform this action."


# ### Authentication methods


def test_the_access_token_is_short_lived(reader: Reader):
    claims = jwt.decode(reader.obtain()["access"], KEY, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 300


def test_obtain_and_refresh_also_set_a_jwt_cookie(reader: Reader):
    obtained = reader.run(OBTAIN)
    refreshed = reader.run(REFRESH, refresh=obtained.json["refresh"])
    for answer in (obtained, refreshed):
        assert answer.headers["set-cookie"].startswith(f"jwt={answer.json['access']}; Path=/")


@pytest.mark.parametrize("cookie", ["sessionid=abcdef", "csrftoken=abcdef; sessionid=abcdef", "jwt={access}"])
def test_session_authentication_is_not_enabled_for_api_endpoints(reader: Reader, cookie: str):
    cookie = cookie.format(access=reader.obtain()["access"])
    assert reader.get("http://<backend>/api/photos/", f"-H 'Cookie: {cookie}'").status == 401


def test_no_endpoint_opens_a_session(reader: Reader):
    """Nothing that the server sets is a session: one cookie holds the access token, the other opens nothing."""
    cookies = dict(
        line.split(";")[0].split("=", 1) for line in reader.run(OBTAIN).headers["set-cookie"].split("\n")
    )
    assert set(cookies) == {"jwt", "lp_device"}
    device = f"-b lp_device={cookies['lp_device']}"
    assert reader.get("http://<backend>/api/photos/", device).status == 401
    assert reader.get("http://<backend>/media/avatars/any.png", device).status == 403
    assert "set-cookie" not in reader.run(CALL_WITH_BASIC).headers


# ### Obtain a JWT access token


def test_obtain_answers_with_access_and_refresh_tokens_as_in_the_example(reader: Reader):
    answer = reader.run(OBTAIN)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json) == ["refresh", "access"]
    assert all(TOKEN.fullmatch(token) for token in answer.json.values())


def test_another_password_obtains_nothing(reader: Reader):
    answer = reader.run(OBTAIN.replace("mypassword", "guessed"))
    assert answer.status == 401
    assert answer.json == {
        "errors": [{"field": "detail", "message": "No active account found with the given credentials"}]
    }
    assert "set-cookie" not in answer.headers


def test_refresh_gives_a_new_access_token(reader: Reader):
    obtained = reader.obtain()
    answer = reader.run(REFRESH, refresh=obtained["refresh"])
    assert answer.status == 200
    assert list(answer.json) == ["access"]
    assert TOKEN.fullmatch(answer.json["access"])
    assert answer.json["access"] != obtained["access"]
    assert reader.run(CALL_WITH_BEARER, access=answer.json["access"]).status == 200
    # As often as needed, until it expires or is blacklisted.
    assert reader.run(REFRESH, refresh=obtained["refresh"]).status == 200


# ### Call APIs using the JWT access token


def test_the_token_in_the_authorization_header_calls_the_api(reader: Reader, photo: Photo):
    answer = reader.run(CALL_WITH_BEARER, access=reader.obtain()["access"])
    assert answer.status == 200
    assert [one["image_hash"] for one in answer.json["results"]] == [photo.image_hash]


def test_in_a_browser_the_jwt_cookie_is_used_for_media(reader: Reader, photo: Photo, tmp_path: Path):
    jar = tmp_path / "cookies.txt"
    thumbnail = f"http://<backend>/media/thumbnails_big/{photo.image_hash}.webp"
    assert reader.get(thumbnail, "--output /dev/null --dump-header -").status == 403
    assert reader.run(OBTAIN, f"-c {jar}").status == 200
    answer = reader.get(thumbnail, f"-b {jar} --output /dev/null --dump-header -")
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/webp"


def test_for_pure_api_calls_the_cookie_does_not_do(reader: Reader, tmp_path: Path):
    jar = tmp_path / "cookies.txt"
    reader.run(OBTAIN, f"-c {jar}")
    assert reader.get("http://<backend>/api/photos/", f"-b {jar}").status == 401


# ### Call APIs using Basic auth (optional)


def test_basic_calls_the_api(reader: Reader, photo: Photo):
    answer = reader.run(CALL_WITH_BASIC)
    assert answer.status == 200
    assert answer.json["count"] == 1
    assert reader.run(CALL_WITH_BASIC.replace("mypassword", "guessed")).status == 401


# ### Helpful endpoints


def test_help_is_a_structured_json_with_instructions_and_example_commands(reader: Reader):
    answer = reader.get(HELP)
    assert answer.status == 200
    help_ = answer.json
    assert help_["authentication"]["jwt"]["obtain"].endswith("/api/auth/token/obtain/")
    assert help_["authentication"]["basic"]["how_to"]
    commands = help_["examples"]
    assert all(command.startswith("curl ") for command in commands.values())
    made = reader.run(commands.pop("create_api_key_curl"))
    assert made.status == 201
    by_key = commands.pop("call_api_with_key").replace("<api_key>", made.json["key"])
    assert reader.run(by_key).status == 200
    # What the page itself teaches.
    assert len(commands) == 4
    tokens = reader.obtain()
    for command in commands.values():
        assert reader.run(command, **tokens).status == 200, command


@pytest.mark.parametrize("address", [SCHEMA, SWAGGER, REDOC])
def test_without_debug_there_is_no_document(reader: Reader, address: str):
    answer = reader.get(address, "-u myuser:mypassword")
    assert answer.status == 404
    assert answer.json == {"errors": [{"field": "detail", "message": "Not found."}]}


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Reader]:
    instance = served(tmp_path_factory.mktemp("development"), new_database, LIBREPHOTOS_DEBUG="1")
    yield Reader(instance)
    instance.stop()


def test_with_debug_there_is_the_schema(development: Reader):
    assert development.get(SCHEMA).body.startswith(("openapi:", "info:"))
    schema = development.get(SCHEMA, "-H 'Accept: application/json'")
    assert schema.status == 200
    assert schema.json["openapi"].startswith("3.")
    assert {"/api/auth/token/obtain/", "/api/auth/token/refresh/", "/api/photos/"} <= set(
        schema.json["paths"]
    )


@pytest.mark.skipif(
    not IN_CI and not (DOCUMENTS / "swagger-ui-bundle.js").exists(),
    reason="the viewers were not built; `make setup` fetches them",
)
@pytest.mark.parametrize("address", [SWAGGER, REDOC])
def test_with_debug_there_are_swagger_and_redoc(development: Reader, address: str):
    page = development.get(address)
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")


def test_with_debug_a_refusal_tells_how_to_authenticate(development: Reader, reader: Reader):
    hint = development.get("http://<backend>/api/photos/").json["errors"][-1]
    assert hint["field"] == "auth"
    assert "/api/auth/token/obtain/" in hint["message"]
    assert "auth" not in [e["field"] for e in reader.get("http://<backend>/api/photos/").json["errors"]]


# ### Troubleshooting 401/403


@pytest.mark.parametrize(
    "header", ["Token {access}", "JWT {access}", "{access}", "Bearer", "Bearer {refresh}"]
)
def test_anything_but_bearer_and_the_access_token_is_401(reader: Reader, header: str):
    filled = header.format(**reader.obtain())
    refused = reader.get("http://<backend>/api/photos/", f"-H 'Authorization: {filled}'")
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'Bearer realm="api"'


def test_a_token_that_is_not_current_is_401_until_refreshed(reader: Reader):
    tokens = reader.obtain()
    claims = jwt.decode(tokens["access"], KEY, algorithms=["HS256"])
    expired = jwt.encode({**claims, "iat": claims["iat"] - 600, "exp": claims["exp"] - 600}, KEY)
    refused = reader.run(CALL_WITH_BEARER, access=expired)
    assert refused.status == 401
    assert [entry["message"] for entry in refused.json["errors"]] == [
        "Given token not valid for any token type",
        "token_not_valid",
        "Token is expired",
    ]
    fresh = reader.run(REFRESH, refresh=tokens["refresh"]).json["access"]
    assert reader.run(CALL_WITH_BEARER, access=fresh).status == 200


def test_a_separate_frontend_may_call_with_credentials(reader: Reader):
    preflight = reader.get(
        "http://<backend>/api/photos/",
        f"-X OPTIONS -H 'Origin: {FRONTEND}' -H 'Access-Control-Request-Method: GET' "
        "-H 'Access-Control-Request-Headers: authorization'",
    )
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == FRONTEND
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    obtained = reader.run(OBTAIN, f"-H 'Origin: {FRONTEND}'")
    assert obtained.headers["access-control-allow-origin"] == FRONTEND
    assert obtained.headers["access-control-allow-credentials"] == "true"
    assert obtained.headers["set-cookie"].startswith("jwt=")


def test_another_origin_gets_no_permission(reader: Reader):
    basic = base64.b64encode(b"myuser:mypassword").decode()
    answer = reader.get(
        "http://<backend>/api/photos/",
        f"-H 'Origin: https://elsewhere.example' -H 'Authorization: Basic {basic}'",
    )
    assert "access-control-allow-origin" not in answer.headers
