"""The pages that the server writes itself."""

import httpx
import pytest

from tests.conftest import NewInstance
from tests.instance import Instance
from tests.page.browser import opened


@pytest.mark.parametrize("path", ["/", "/docs/api-authentication", "/docs/api-authentication/"])
def test_a_page_names_this_server_and_loads_nothing_from_elsewhere(
    anonymous: httpx.Client, instance: Instance, path: str
):
    page = anonymous.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert instance.base_url in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "$" not in page.text
    assert page.text.replace(instance.base_url, "").count("http") == 0


def test_a_host_name_is_escaped(anonymous: httpx.Client):
    page = anonymous.get("/", headers={"Host": "<script>alert(1)</script>"})
    assert "<script>" not in page.text


def test_a_page_knows_head_and_no_other_method(anonymous: httpx.Client):
    head = anonymous.head("/")
    assert head.status_code == 200 and head.content == b""
    assert anonymous.post("/").status_code == 405


def test_the_front_page_leads_to_the_page_on_authentication(instance: Instance):
    with opened() as (page, _, errors):
        page.goto(instance.base_url)
        page.click("text=How to sign in")
        page.wait_for_url("**/docs/api-authentication")
        assert page.inner_text("h1") == "API authentication"
        assert errors == []


def test_the_style_of_a_page_is_known_by_its_hash(instance: Instance):
    with opened() as (page, _, errors):
        page.goto(instance.base_url)
        assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "736px"
        assert errors == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_pages_fit_phones_and_desktops(instance: Instance, width: int, scheme: str):
    with opened() as (page, _, _):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for path in ("/", "/docs/api-authentication"):
            page.goto(f"{instance.base_url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_front_page_makes_the_first_account(new_instance: NewInstance):
    one = new_instance()
    with opened() as (page, fetched, errors):
        page.goto(one.base_url)
        page.fill("#username", "not a name")
        page.fill("#password", "a good long one")
        page.click("text=Create account")
        page.wait_for_selector("#problem:not([hidden])")
        assert page.inner_text("#problem").startswith("User name: Enter a valid username.")
        page.fill("#username", "toxophil")
        for weak, said in (
            ("password1", "Password: This password is too common."),
            ("toxophil-1", "Password: The password is too similar to the username."),
            ("8462957103", "Password: This password is entirely numeric."),
        ):
            page.fill("#password", weak)
            page.click("text=Create account")
            page.wait_for_function(
                "text => document.querySelector('#problem').textContent === text", arg=said
            )
        assert page.is_enabled("text=Create account")
        page.fill("#username", "ann")
        page.fill("#password", "a good long one")
        page.click("text=Create account")
        page.wait_for_selector("#done:not([hidden])")
        assert page.inner_text("h1:visible") == "The account is ready"
        page.goto(one.base_url)
        assert page.inner_text("h1") == "Your photo library is running"
        assert all(url.startswith((one.base_url, "data:")) for url in fetched)
        assert errors == []
    with one.client() as client:
        tokens = client.post(
            "/api/auth/token/obtain/", json={"username": "ann", "password": "a good long one"}
        ).json()
        bearer = {"Authorization": f"Bearer {tokens['access']}"}
        (account,) = client.get("/api/manage/user/", headers=bearer).json()["results"]
        assert (account["username"], account["is_superuser"]) == ("ann", True)
        # From now on passwords follow the strict policy.
        weak = {"username": "bob", "password": "abc", "email": "", "first_name": "", "last_name": ""}
        assert client.post("/api/user/", json=weak, headers=bearer).status_code == 400


def test_set_up_works_without_scripts(new_instance: NewInstance):
    one = new_instance()
    fields = {
        "username": "ann",
        "password": "a good long one",
        "email": "",
        "first_name": "",
        "last_name": "",
        "password_policy": "strict",
    }
    with one.client() as client:
        weak = client.post("/api/user/", data={**fields, "password": "password1"})
        assert (weak.status_code, weak.json()["errors"]) == (
            400,
            [{"field": "password", "message": "This password is too common."}],
        )
        assert client.get("/api/firsttimesetup/").json()["isFirstTimeSetup"] is True
        assert 'action="/api/user/"' in client.get("/").text
        assert client.post("/api/user/", data=fields).status_code == 201
        assert 'action="/api/user/"' not in client.get("/").text
