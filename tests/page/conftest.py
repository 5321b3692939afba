"""A library with photos for tests in a browser, and a browser signed in to it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from librephotos.accounts.cookies import REFRESH_COOKIE, REFRESH_PATH
from tests.conftest import NewInstance
from tests.instance import Account, Instance
from tests.library.scanning import draw
from tests.page.browser import launched

# A busy machine draws slowly.
expect.set_options(timeout=20_000)

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
    """A browser at the page: `errors` are what it complained of, `fetched` what it asked for.

    `account` is who is signed in to it, from `open_library` on.
    """

    page: Page
    instance: Instance
    account: Account | None = None
    errors: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.instance.base_url

    def sign_in(self, password: str = PASSWORD, name: str = NAME) -> None:
        self.page.goto(self.base)
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def open_library(self, path: str = "/") -> None:
        """Come back with the cookie that a sign-in leaves; the form itself has tests of its own."""
        self.come_back()
        self.page.goto(self.base + path)
        self.page.locator("[data-index='0'] .picture.loaded").wait_for()

    def come_back(self) -> None:
        assert self.account is not None
        cookie = {"name": REFRESH_COOKIE, "value": self.account.refresh, "domain": "127.0.0.1"}
        self.page.context.add_cookies(
            [{**cookie, "path": REFRESH_PATH, "httpOnly": True, "sameSite": "Strict"}]  # type: ignore[list-item]
        )


def switch(box: Locator, on: bool = True) -> None:
    """Tick a box, or take the tick away, and wait until the server has said what holds."""
    box.click()
    expect(box).to_have_attribute("aria-busy", "false")
    expect(box).to_be_checked(checked=on)


# No longer than a module: while it is open, its event loop runs in the thread of all other tests.
@pytest.fixture(scope="module")
def browser_contexts() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def context(browser_contexts: Browser) -> Iterator[BrowserContext]:
    with a_desktop(browser_contexts) as one:
        yield one


def a_desktop(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport=DESKTOP, locale="en-US", color_scheme="light", reduced_motion="reduce"
    )


def a_phone(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        locale="en-US",
        color_scheme="dark",
        reduced_motion="reduce",
    )


def visit(context: BrowserContext, instance: Instance, account: Account | None = None) -> Visit:
    made = Visit(context.new_page(), instance, account)
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
def owned(tmp_path_factory: pytest.TempPathFactory, new_database) -> Iterator[tuple[Instance, Account]]:
    """A server with a worker, and the owner of its scanned library of twelve pictures."""
    folder = tmp_path_factory.mktemp("scanned")
    data = folder / "data"
    data.mkdir()
    instance = Instance(data, folder / "library", new_database(data))
    # Beside it there is room for the libraries of others.
    own = instance.library / NAME
    draw_library(own)
    instance.start(with_worker=True)
    owner = instance.add_user(NAME, PASSWORD, is_admin=True, scan_directory=str(own))
    with instance.client(owner.bearer) as client:
        scan(client)
    yield instance, owner
    instance.stop()


def scan(client: httpx.Client) -> None:
    """Have the library read, and wait for it."""
    job_id = client.post("/api/scanphotos/").json()["job_id"]
    while True:
        jobs = client.get("/api/jobs/").json()["results"]
        if next(job for job in jobs if job["job_id"] == job_id)["finished"]:
            return
        time.sleep(0.05)


@pytest.fixture
def scanned(owned: tuple[Instance, Account]) -> Instance:
    return owned[0]


@pytest.fixture
def owner(owned: tuple[Instance, Account]) -> Account:
    """The owner on a device of its own: another test may have signed out all others."""
    instance, account = owned
    return instance.open_session(account)


@pytest.fixture
def client(scanned: Instance, owner: Account) -> Iterator[httpx.Client]:
    """A client signed in as the owner."""
    with scanned.client(owner.bearer) as signed_in:
        yield signed_in


@pytest.fixture
def library(context: BrowserContext, scanned: Instance, owner: Account) -> Visit:
    return visit(context, scanned, owner)


@pytest.fixture
def empty_server(context: BrowserContext, new_instance: NewInstance) -> Visit:
    """A server on its first run whose library folder holds a folder with pictures."""
    one = new_instance(start=False)
    draw_library(one.library / "Pictures")
    one.start(with_worker=True)
    return visit(context, one)
