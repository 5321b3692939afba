"""401 or 403, and what is checked before what: negotiation, credentials, permission, method, body."""

import httpx
import pytest

from tests.instance import Account, Instance

PROTECTED = "/api/rqavailable/"
ADMIN_ONLY = "/api/manage/user/"
SECURITY = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(entry["field"], entry["message"]) for entry in answer.json()["errors"]]


def test_anonymous_is_401_everywhere_and_a_user_403_where_admins_go(
    anonymous: httpx.Client, client: httpx.Client, instance: Instance, admin: Account
):
    for path in (PROTECTED, ADMIN_ONLY, "/api/dirtree/"):
        answer = anonymous.get(path)
        assert answer.status_code == 401
        assert errors(answer) == [("detail", "Authentication credentials were not provided.")]
    answer = client.get(ADMIN_ONLY)
    assert answer.status_code == 403
    assert errors(answer) == [("detail", "You do not have permission to perform this action.")]
    assert "www-authenticate" not in answer.headers
    assert answer.headers["link"] == '</api/help>; rel="help"'
    with instance.client(admin.bearer) as by_admin:
        assert by_admin.get(ADMIN_ONLY).status_code == 200


def test_a_missing_method_is_told_only_to_those_who_may_call_the_path(
    anonymous: httpx.Client, client: httpx.Client
):
    assert anonymous.delete(PROTECTED).status_code == 401
    answer = client.delete(PROTECTED)
    assert answer.status_code == 405
    assert errors(answer) == [("detail", 'Method "DELETE" not allowed.')]
    assert "GET" in answer.headers["allow"]
    assert client.delete(ADMIN_ONLY).status_code == 403
    # Open to anyone for reading only.
    for path, others in (("/api/sitesettings", 403), ("/api/site-settings/", 403), ("/api/user/", 405)):
        assert anonymous.delete(path).status_code == 401
        assert client.delete(path).status_code == others
    assert (anonymous.post("/api/user/1/").status_code, client.post("/api/user/1/").status_code) == (401, 405)


def test_the_content_type_is_looked_at_after_the_caller(anonymous: httpx.Client, client: httpx.Client):
    # A signed-in caller may not write site settings; an anonymous one is not known.
    wrong = {"content": b"x", "headers": {"Content-Type": "text/plain"}}
    assert anonymous.post("/api/sitesettings", **wrong).status_code == 401
    assert client.post("/api/sitesettings", **wrong).status_code == 403


def test_an_admin_learns_of_a_wrong_content_type_and_of_broken_json(instance: Instance, admin: Account):
    with instance.client(admin.bearer) as client:
        wrong = client.post("/api/sitesettings", content=b"x", headers={"Content-Type": "text/plain"})
        assert wrong.status_code == 415
        broken = client.post("/api/sitesettings", content=b"{", headers={"Content-Type": "application/json"})
        assert broken.status_code == 400
        assert errors(broken)[0][1].startswith("JSON parse error - ")


@pytest.mark.parametrize("accept", ["application/xml", "image/png, audio/*", "application/json;q=0"])
def test_an_impossible_accept_is_a_406_before_everything_else(
    anonymous: httpx.Client, client: httpx.Client, accept: str
):
    for caller in (anonymous, client):
        answer = caller.get(PROTECTED, headers={"Accept": accept})
        assert answer.status_code == 406
        assert errors(answer) == [("detail", "Could not satisfy the request Accept header.")]


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/html", "text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"]
)
def test_every_other_accept_gets_json(client: httpx.Client, accept: str):
    answer = client.get(PROTECTED, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


def test_an_unknown_path_is_a_json_404_with_and_without_credentials(
    anonymous: httpx.Client, client: httpx.Client
):
    for caller in (anonymous, client):
        answer = caller.get("/api/does/not/exist")
        assert answer.status_code == 404
        assert errors(answer) == [("detail", "Not found.")]


def test_head_is_get_without_a_body(client: httpx.Client, anonymous: httpx.Client):
    get, head = client.get(PROTECTED), client.head(PROTECTED)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]
    assert anonymous.head(PROTECTED).status_code == 401


def test_options_without_preflight_headers_is_authorized_like_any_method(
    anonymous: httpx.Client, client: httpx.Client
):
    assert anonymous.options(PROTECTED).status_code == 401
    answer = client.options(PROTECTED)
    assert answer.status_code in (200, 204)
    assert "GET" in answer.headers["allow"]
    assert client.options(ADMIN_ONLY).status_code == 403
    assert anonymous.options("/api/auth/token/obtain/").status_code in (200, 204)


def test_every_answer_carries_the_security_headers(anonymous: httpx.Client, client: httpx.Client):
    for answer in (
        anonymous.get(PROTECTED),
        client.get(PROTECTED),
        anonymous.get("/api/x"),
        client.delete(PROTECTED),
    ):
        for name, value in SECURITY.items():
            assert answer.headers.get_list(name) == [value]
        assert {"accept", "authorization", "origin"} <= {
            part.strip().lower() for part in answer.headers["vary"].split(",")
        }


def test_both_slash_forms_and_doubled_slashes_answer_alike(client: httpx.Client):
    for path in ("/api/rqavailable", "/api/rqavailable/", "/api//rqavailable/"):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "FOO"])
def test_an_odd_method_is_a_4xx(instance: Instance, client: httpx.Client, method: str):
    assert 400 <= client.request(method, PROTECTED).status_code < 500


def test_debug_adds_a_hint_to_401_and_403_only(new_instance):
    debugging = new_instance(debug="1")
    account = debugging.add_user()
    with debugging.client() as client:
        for answer in (client.get(PROTECTED), client.get(ADMIN_ONLY, headers=account.bearer)):
            assert errors(answer)[-1][0] == "auth"
            assert "/api/auth/token/obtain/" in errors(answer)[-1][1]
        assert [field for field, _ in errors(client.get("/api/x"))] == ["detail"]
