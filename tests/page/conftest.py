"""A library with photos for tests in a browser, and a browser signed in to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import NewInstance
from tests.instance import Instance
from tests.library.scanning import draw
from tests.page.browser import launched

NAME, PASSWORD = "ann", "violet tram 42 evening"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 960}


def draw_library(folder: Path, count: int = 12) -> None:
    """Write pictures of three days in 2023."""
    for number in range(count):
        taken = f"2023:07:{1 + number % 3:02} 1{number % 10}:05:09"
        draw(folder / f"IMG_{number:04}.jpg", number + 1, size=(300, 200), taken=taken)


@dataclass
class Visit:
    """A browser at the page: `errors` are what it complained of, `fetched` what it asked for."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def sign_in(self, password: str = PASSWORD, name: str = NAME) -> None:
        self.page.goto(self.base)
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def open_library(self) -> None:
        self.sign_in()
        self.page.locator("[data-index='0'] img").wait_for()


# No longer than a module: while it is open, its event loop runs in the thread of all other tests.
@pytest.fixture(scope="module")
def browser_contexts() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def context(browser_contexts: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    is_phone = request.param is PHONE
    one = browser_contexts.new_context(
        viewport=request.param,
        has_touch=is_phone,
        locale="en-US",
        color_scheme="dark" if is_phone else "light",
        reduced_motion="reduce",
    )
    yield one
    one.close()


def visit(context: BrowserContext, instance: Instance) -> Visit:
    made = Visit(context.new_page(), instance.base_url)
    made.page.on("pageerror", lambda error: made.errors.append(str(error)))
    made.page.on(
        "console",
        lambda message: (
            made.errors.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    made.page.on("request", lambda request: made.fetched.append(request.url))
    return made


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory, new_database) -> Iterator[Instance]:
    """A server with a worker and a scanned library of twelve pictures, whose owner can sign in."""
    folder = tmp_path_factory.mktemp("scanned")
    data = folder / "data"
    data.mkdir()
    instance = Instance(data, folder / "library", new_database(data))
    draw_library(instance.library)
    instance.start(with_worker=True)
    instance.add_user(NAME, PASSWORD, is_admin=True, scan_directory=str(instance.library))
    with instance.client(auth=(NAME, PASSWORD)) as client:
        job_id = client.post("/api/scanphotos/").json()["job_id"]
        while True:
            jobs = client.get("/api/jobs/").json()["results"]
            if next(job for job in jobs if job["job_id"] == job_id)["finished"]:
                break
    yield instance
    instance.stop()


@pytest.fixture
def library(context: BrowserContext, scanned: Instance) -> Visit:
    return visit(context, scanned)


@pytest.fixture
def empty_server(context: BrowserContext, new_instance: NewInstance) -> Visit:
    """A server on its first run whose library folder holds a folder with pictures."""
    one = new_instance(start=False)
    draw_library(one.library / "Pictures")
    one.start(with_worker=True)
    return visit(context, one)
