"""Swagger UI and Redoc draw in a real browser, and nothing is fetched from another host."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from librephotos.page.documents import DOCUMENTS
from tests.instance import Instance
from tests.needs import IN_CI
from tests.page.browser import opened

pytestmark = [
    # Megabytes of script that change with their locked versions alone.
    pytest.mark.long,
    pytest.mark.skipif(
        not IN_CI and not (DOCUMENTS / "swagger-ui-bundle.js").exists(),
        reason="the viewers were not built; `make setup` fetches them",
    ),
]


@pytest.fixture(scope="module")
def debugging(tmp_path_factory: pytest.TempPathFactory, new_database: Any) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("viewers")
    (folder / "data").mkdir()
    one = Instance(
        folder / "data", folder / "library", new_database(folder / "data"), {"LIBREPHOTOS_DEBUG": "true"}
    )
    yield one.start()
    one.stop()


@pytest.mark.parametrize(
    ("path", "drawn"),
    [("/api/swagger", ".opblock-summary-path"), ("/api/redoc", "[data-section-id*='obtain_token']")],
)
def test_the_document_is_drawn_from_this_host_alone(
    browser_contexts: Browser, debugging: Instance, path: str, drawn: str
):
    with opened(browser_contexts) as (page, fetched, errors):
        page.goto(f"{debugging.base_url}{path}")
        page.wait_for_selector(drawn, timeout=60_000)
        assert "/api/auth/token/obtain/" in page.inner_text("body")
        page.wait_for_load_state("networkidle")
        strangers = [url for url in fetched if not url.startswith((debugging.base_url, "data:", "blob:"))]
        assert strangers == []
        assert errors == []
