"""The API document says what the server does: every route, its access and scope, typed answers, every refusal."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import yaml
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from librephotos.accounts.guard import rule_of
from librephotos.accounts.scopes import SCOPES
from librephotos.app import ROUTES, Application
from librephotos.http.openapi import build_document
from librephotos.http.openapi.published import published
from tests.conftest import NewInstance
from tests.instance import REPOSITORY, Instance

Part = dict[str, Any]
TYPES = re.compile(r":\w+(?=})")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    from librephotos.accounts.server import Server
    from librephotos.db.database import Database
    from librephotos.settings import load_settings
    from tests.instance import KEY

    data = tmp_path_factory.mktemp("document")
    settings = load_settings(data=data)
    server = Server(settings, Database(settings.database), KEY)
    yield Application(server)
    server.close()


@pytest.fixture(scope="module")
def document(application: Application) -> Part:
    return build_document(application.framework)


def operations(document: Part) -> Iterator[tuple[str, str, Part]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_of_the_server_is_in_the_document(application: Application, document: Part):
    served = {
        (route.path_format.rstrip("/"), method.lower())
        for route in application.framework.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method != "OPTIONS" and handler.resolve_include_in_schema()
    }
    # The media mount lies beside the router.
    assert {
        (path.rstrip("/"), method)
        for path, method, _ in operations(document)
        if not path.startswith(("/media/", "/api/downloads/"))
    } == served


def test_every_route_states_access_scope_a_typed_answer_and_its_refusals(document: Part):
    for route in ROUTES:
        if not isinstance(route, HTTPRouteHandler) or not route.resolve_include_in_schema():
            continue
        for path, method in product(route.paths, route.http_methods):
            operation = document["paths"][published(TYPES.sub("", path).rstrip("/") or "/")][method.lower()]
            place = (method, path)
            access = operation["x-access"]
            assert access == rule_of(route).__name__, place
            assert operation["x-scope"] == route.opt["scope"], place
            answers = operation["responses"]
            success = [status for status in answers if status.startswith("2")]
            assert success, place
            for status in success:
                # Published as an empty 200.
                is_empty = route.opt.get("answer", ...) is None
                assert status == "204" or is_empty or answers[status]["content"], place
            expected = {"405", "500", "503"}
            if route.opt.get("accept") != "any":
                expected.add("406")
            if route.opt.get("credentials") != "ignored":
                expected.add("401")
            if access in ("admin", "superuser"):
                expected.add("403")
            if "{" in path:
                expected.add("404")
            if "requestBody" in operation:
                expected |= {"400", "413", "415"}
            assert expected <= set(answers), (place, expected - set(answers))
            for status in map(str, route.opt.get("refusals", {})):
                assert answers[status]["description"], place


def test_health_checks_say_what_they_answer_when_something_is_away(document: Part):
    for path, shape in (
        ("postgresql", "Probe"),
        ("queue", "Probe"),
        ("storage", "Probe"),
        ("ready", "Readiness"),
    ):
        answers = document["paths"][f"/api/healthz/{path}"]["get"]["responses"]
        for status in ("200", "503"):
            schema = answers[status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": f"#/components/schemas/{shape}"}
        assert "401" not in answers
    assert document["paths"]["/api/healthz"]["get"]["responses"]["200"]["content"]


def test_shapes_have_short_names_and_may_overlap(document: Part):
    assert "FullUserPage" in document["components"]["schemas"]
    assert not [name for name in document["components"]["schemas"] if "." in name]
    assert "oneOf" not in str(document)


def test_published_shapes_of_refusals_are_told(document: Part):
    scan = document["paths"]["/api/scanphotos/"]["post"]["responses"]["400"]["content"]
    assert scan["application/json"]["schema"] == {"$ref": "#/components/schemas/Failed"}
    assert "content" not in document["paths"]["/api/photos/{photo_id}/summary/"]["get"]["responses"]["404"]


def test_the_command_prints_the_same_document(document: Part):
    command = [sys.executable, "-m", "librephotos.cli", "openapi"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY)
    assert json.loads(done.stdout) == document


def test_the_media_mount_is_in_the_document(document: Part):
    media = document["paths"]["/media/{kind}/{name}"]["get"]
    assert {"cookie": []} in media["security"]
    assert "thumbnails_big" in media["parameters"][0]["schema"]["enum"]


def test_every_operation_names_its_room_access_scope_and_summary(document: Part):
    for path, method, operation in operations(document):
        assert (
            operation["x-access"] in {"anyone", "signed_in", "admin", "superuser"} or operation["x-access"]
        ), (path, method)
        assert operation["x-scope"], (path, method)
        assert operation["tags"], (path, method)
        assert len(operation["summary"]) > 8, (path, method)


def test_open_routes_ask_for_nothing_and_closed_ones_for_bearer_or_basic(document: Part):
    for path, method, operation in operations(document):
        is_open = {} in operation["security"]
        assert is_open == (operation["x-access"] == "anyone"), (path, method)
    assert document["paths"]["/api/auth/token/obtain/"]["post"]["security"] == [{}]
    assert document["security"] == [{"bearer": []}, {"basic": []}]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "basic", "cookie", "key"}


def test_the_scopes_that_api_keys_need_stand_at_every_operation(document: Part):
    assert {scope["name"]: scope["is_grantable"] for scope in document["x-scopes"]} == {
        name: scope.is_grantable for name, scope in SCOPES.items()
    }
    for path, method, operation in operations(document):
        scope = operation["x-scope"]
        needed = [{"key": [scope]}] if SCOPES[scope].is_grantable else []
        assert [each for each in operation["security"] if "key" in each] == needed, (path, method)
        if needed:
            assert "403" in operation["responses"], (path, method)


def test_operation_ids_are_unique(document: Part):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_bodies_may_be_json_form_or_multipart(document: Part):
    body = document["paths"]["/api/auth/token/obtain/"]["post"]["requestBody"]["content"]
    assert list(body) == ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]


def test_refusals_are_our_envelope(document: Part):
    assert document["components"]["schemas"]["Errors"]["required"] == ["errors"]
    answers = document["paths"]["/api/auth/token/obtain/"]["post"]["responses"]
    assert {"200", "400", "401", "405", "406", "413", "415", "429", "500"} <= set(answers)
    assert answers["401"] == {"$ref": "#/components/responses/NotAuthenticated"}
    assert "status_code" not in str(document)


def test_slow_bodies_and_large_headers_are_told(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["responses"]["431"] == {"$ref": "#/components/responses/HeadersTooLarge"}, path
            assert ("408" in operation["responses"]) == (method not in ("get", "head")), (method, path)
    refused = document["paths"]["/api/delete/user/{user_id}/"]["delete"]["responses"]["401"]
    assert "Without a body for an admin who is no superuser." in refused["description"]
    assert refused["content"] and refused["headers"]["WWW-Authenticate"]


def test_every_reference_leads_somewhere(document: Part):
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", str(document))):
        place: Any = document
        for word in reference.split("/"):
            place = place[word]


def test_every_answer_with_a_body_has_a_type(document: Part):
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items():
                assert content.get("schema") not in (None, {}), (path, method, status, kind)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/api/help", "/api/help"),
        ("/api/photos", "/api/photos/"),
        ("/api/user/{user_id}", "/api/user/{user_id}/"),
        ("/api/sitesettings", "/api/sitesettings"),
        ("/api/photosedit/favorite", "/api/photosedit/favorite"),
        ("/api/photos/{photo_id}/metadata/history", "/api/photos/{photo_id}/metadata/history"),
        ("/", "/"),
    ],
)
def test_paths_are_written_as_published(path: str, written: str):
    assert published(path) == written


@pytest.fixture(scope="module")
def debugging(tmp_path_factory: pytest.TempPathFactory, new_database: Any) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("debugging")
    (folder / "data").mkdir()
    one = Instance(
        folder / "data", folder / "library", new_database(folder / "data"), {"LIBREPHOTOS_DEBUG": "true"}
    )
    yield one.start()
    one.stop()


def test_the_schema_is_yaml_unless_json_is_asked_for(debugging: Instance):
    with debugging.client() as client:
        text = client.get("/api/schema")
        assert text.status_code == 200
        assert text.headers["content-type"].split(";")[0] == "application/vnd.oai.openapi"
        document = yaml.load(text.text, yaml.CSafeLoader)  # written in C: ten seconds less
        assert document["openapi"].startswith("3.1")
        for asked in (
            client.get("/api/schema", headers={"Accept": "application/json"}),
            client.get("/api/schema?format=json"),
            client.get(
                "/api/schema/", headers={"Accept": "application/vnd.oai.openapi;q=0.5, application/json"}
            ),
        ):
            assert asked.headers["content-type"] == "application/json"
            assert asked.json() == document


def test_a_browser_gets_the_schema_and_an_impossible_accept_is_refused(debugging: Instance):
    with debugging.client() as client:
        assert client.get("/api/schema", headers={"Accept": "text/html"}).status_code == 200
        assert client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi"}).status_code == 200
        assert client.get("/api/schema", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("path", ["/api/schema", "/api/swagger", "/api/redoc"])
def test_the_documents_are_there_with_debug_only(debugging: Instance, instance: Instance, path: str):
    with debugging.client() as client:
        for form in (path, f"{path}/"):
            assert client.get(form).status_code == 200
            assert client.get(form, headers={"Authorization": "Bearer broken"}).status_code == 401
    with instance.client() as client:
        absent, unknown = client.get(path), client.get("/api/nothing-of-the-kind")
        assert absent.status_code == 404
        assert absent.content == unknown.content
        assert client.post(path).status_code == 404


def test_the_viewers_files_are_ours_and_nothing_else_is_served(debugging: Instance, instance: Instance):
    with debugging.client() as client:
        page = client.get("/api/swagger").text + client.get("/api/redoc").text
        for name in re.findall(r"/api/documents/([\w.-]+)", page):
            asset = client.get(f"/api/documents/{name}")
            assert asset.status_code == 200
            assert asset.headers["content-type"].endswith("charset=utf-8")
        assert "http://" not in page and "https://" not in page
        for path in ("built-from.txt", "..%2froutes.py", "../routes.py", "swagger-ui.css/x"):
            assert client.get(f"/api/documents/{path}").status_code == 404
    with instance.client() as client:
        assert client.get("/api/documents/swagger.js").status_code == 404


def test_debug_adds_a_hint_to_401_and_403_only(debugging: Instance, new_instance: NewInstance):
    account = debugging.add_user()
    with debugging.client() as client:
        refused = client.get("/api/photos/").json()["errors"] if _has(client, "/api/photos/") else None
        bad = client.get("/api/help", headers={"Authorization": "Bearer broken"})
        assert bad.status_code == 401
        assert bad.json()["errors"][-1]["field"] == "auth"
        if refused is not None:
            assert refused[-1]["field"] == "auth"
        missing = client.get("/api/nothing-of-the-kind", headers=account.bearer)
        assert [entry["field"] for entry in missing.json()["errors"]] == ["detail"]


def _has(client: Any, path: str) -> bool:
    return client.get(path).status_code != 404
