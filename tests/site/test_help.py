"""`GET /api/help` says how to authenticate, in commands that run as they are pasted."""

import json
import shlex
import subprocess

import httpx
import pytest

from librephotos.site.help import build_help
from tests.conftest import NewInstance
from tests.instance import Instance


def run(command: str) -> str:
    """Run a command as somebody who pasted it into a shell."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


def test_anyone_gets_help_with_every_key(anonymous: httpx.Client, instance: Instance):
    answer = anonymous.get("/api/help")
    base = instance.base_url
    assert answer.status_code == 200
    help_ = answer.json()
    assert help_["about"]
    assert [type(name) for name in help_["authentication"]["default_authentication_classes"]] == [str, str]
    jwt = help_["authentication"]["jwt"]
    assert (jwt["obtain"], jwt["refresh"]) == (
        f"{base}/api/auth/token/obtain/",
        f"{base}/api/auth/token/refresh/",
    )
    assert "Bearer" in jwt["how_to"] and "cookie" in jwt["how_to"]
    assert "base64" in help_["authentication"]["basic"]["how_to"]
    assert help_["useful_endpoints"] == {
        "api_root": f"{base}/",
        "help": f"{base}/api/help",
        "photos": f"{base}/api/photos/",
        "search": f"{base}/api/photos/searchlist/",
    }
    assert (help_["account"]["sessions"], help_["account"]["events"]) == (
        f"{base}/api/auth/sessions/",
        f"{base}/api/auth/events/",
    )
    assert set(help_["examples"]) >= {"obtain_token_curl", "call_api_with_bearer", "call_api_with_basic"}
    assert help_["authentication"]["api_key"]["manage"] == f"{base}/api/auth/keys/"
    assert "{base}" not in answer.text
    assert "public" in help_["scopes"]


def test_the_documentation_is_this_servers_own_page(anonymous: httpx.Client):
    address = anonymous.get("/api/help").json()["documentation"]["api_authentication"]
    page = anonymous.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/api/auth/token/obtain/" in page.text


def test_the_closing_slash_does_not_matter_and_a_bad_header_does(anonymous: httpx.Client):
    assert anonymous.get("/api/help/").json() == anonymous.get("/api/help").json()
    bad = anonymous.get("/api/help", headers={"Authorization": "Bearer broken"})
    assert bad.status_code == 401
    assert bad.headers["www-authenticate"] == 'Bearer realm="api"'
    assert anonymous.post("/api/help").status_code == 405


def test_help_names_the_documents_with_debug(new_instance: NewInstance):
    instance = new_instance(debug="true")
    with instance.client() as client:
        endpoints = client.get("/api/help").json()["useful_endpoints"]
        for name, path in [("openapi_schema", "schema"), ("swagger_ui", "swagger"), ("redoc", "redoc")]:
            assert endpoints[name] == f"{instance.base_url}/api/{path}"
            assert client.get(endpoints[name]).status_code == 200


def test_the_examples_run_when_pasted(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user(password="mypassword")
    help_ = anonymous.get("/api/help").json()
    examples = help_["examples"]
    assert set(help_["placeholders"]) == {
        "myuser",
        "mypassword",
        "<access_token>",
        "<refresh_token>",
        "<api_key>",
    }

    def fill(command: str, **tokens: str) -> str:
        for placeholder, value in {
            "myuser": account.username,
            **{f"<{k}>": v for k, v in tokens.items()},
        }.items():
            command = command.replace(placeholder, value)
        return command

    pair = json.loads(run(fill(examples["obtain_token_curl"])))
    assert list(pair) == ["refresh", "access"]
    access = json.loads(run(fill(examples["refresh_token_curl"], refresh_token=pair["refresh"])))
    assert list(access) == ["access"]
    by_bearer = json.loads(run(fill(examples["call_api_with_bearer"], access_token=access["access"])))
    by_basic = json.loads(run(fill(examples["call_api_with_basic"])))
    assert by_bearer == by_basic
    made = json.loads(run(fill(examples["create_api_key_curl"])))
    assert json.loads(run(fill(examples["call_api_with_key"], api_key=made["key"]))) == by_basic
    if anonymous.get("/api/photos/").status_code != 404:
        assert by_bearer["results"] == []


@pytest.mark.parametrize(
    "host", ["x';touch pwned;'", "x$(touch pwned)", "x`touch pwned`", 'x";touch pwned;"']
)
def test_a_host_name_cannot_smuggle_a_command_into_the_examples(host: str):
    for command in (help_ := build_help(f"http://{host}", debug=False)).examples.__struct_fields__:
        words = shlex.split(getattr(help_.examples, command))
        assert any(word.startswith(f"http://{host}/api/") for word in words)
