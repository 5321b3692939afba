"""The pages that the server writes itself."""

import httpx
import pytest

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
