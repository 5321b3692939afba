"""The web page as it is served, and the pages that the server writes itself."""

import re

import httpx
import pytest
from playwright.sync_api import Browser

from librephotos.page.routes import SCREENS
from tests.instance import Instance
from tests.page.browser import opened

AUTHENTICATION = "/docs/api-authentication"


@pytest.mark.parametrize("path", [AUTHENTICATION, f"{AUTHENTICATION}/"])
def test_a_page_of_the_server_names_it_and_loads_nothing_from_elsewhere(
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
    page = anonymous.get(AUTHENTICATION, headers={"Host": "<script>alert(1)</script>"})
    assert "<script>" not in page.text


@pytest.mark.parametrize("path", ["/", *(screen.replace("{shown:str}", "x") for screen in SCREENS)])
def test_every_screen_is_the_page_and_nothing_inline_may_run(anonymous: httpx.Client, path: str):
    page = anonymous.get(
        path.replace("{album_id:str}", "7").replace("{sought:str}", "x"), headers={"Accept": "text/html"}
    )
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style| on[a-z]+=| style=", page.text)
    assert "http" not in page.text


def test_scripts_are_small_compressed_and_kept(anonymous: httpx.Client):
    page = anonymous.get("/")
    names = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', page.text)
    assert len(names) >= 2
    total = 0
    for name in names:
        with anonymous.stream("GET", name, headers={"Accept-Encoding": "gzip"}) as answer:
            total += len(b"".join(answer.iter_raw()))
            assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        plain = anonymous.get(name, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers and len(plain.content) > 0
    assert total < 150_000
    again = anonymous.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_file_of_the_page_is_not_found(anonymous: httpx.Client):
    for name in ("nothing.js", "..%2findex.html", "%2e%2e/routes.py"):
        assert anonymous.get(f"/assets/{name}").status_code == 404


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/upload", "/albums/7/nothing", "/docs/nothing", "/apis"])
def test_whoever_types_a_wrong_address_gets_the_page_and_programs_get_json(
    anonymous: httpx.Client, path: str
):
    typed = anonymous.get(path, headers={"Accept": BROWSER})
    assert (typed.status_code, typed.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert typed.text == anonymous.get("/").text
    assert "script-src 'self';" in typed.headers["content-security-policy"]
    assert typed.headers["cache-control"] == "no-store"
    for accept in ("application/json", "*/*", "application/json, text/html"):
        answer = anonymous.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "Not found.")


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/assets/nothing.js"])
def test_what_is_no_address_of_the_page_stays_json_for_browsers_too(anonymous: httpx.Client, path: str):
    answer = anonymous.get(path, headers={"Accept": BROWSER})
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("application/json")


def test_a_page_knows_head_and_no_other_method(anonymous: httpx.Client):
    head = anonymous.head("/")
    assert head.status_code == 200 and head.content == b""
    assert anonymous.post("/").status_code == 405


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_page_on_authentication_fits_phones_and_desktops(
    browser_contexts: Browser, instance: Instance, width: int, scheme: str
):
    with opened(browser_contexts) as (page, _, errors):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{instance.base_url}{AUTHENTICATION}")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "736px"
        assert errors == []
