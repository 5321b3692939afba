"""A headless Chromium for tests that look at pages, and a record of what they fetch."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.needs import lack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a browser whose contexts are the tests' own affair."""
    executable = find_chromium()
    if executable is None:
        lack("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser) -> Iterator[tuple[Page, list[str], list[str]]]:
    """Give a page, the addresses that were really fetched, and the console's errors."""
    fetched: list[str] = []
    errors: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    # What the page's policy blocks never leaves the browser: only requests that got an answer or a network error
    # count.
    page.on("response", lambda response: fetched.append(response.url))
    page.on(
        "requestfailed",
        lambda request: fetched.append(request.url) if "csp" not in str(request.failure) else None,
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page, fetched, errors
    finally:
        page.close()
