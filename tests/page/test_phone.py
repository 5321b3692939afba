"""The web page on a phone, by touch: the path from the first run to a shared album, and every other screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.page.conftest import NAME, Visit, a_phone, switch
from tests.page.test_screens import accessible, begin, upload_twice


@pytest.fixture
def context(browser_contexts: Browser) -> Iterator[BrowserContext]:
    with a_phone(browser_contexts) as one:
        yield one


def through_menu(visit: Visit, name: str) -> None:
    visit.page.get_by_role("button", name="Library", exact=True).tap()
    visit.page.get_by_role("link", name=name, exact=True).tap()


def fits(visit: Visit) -> None:
    """Hold what is shown against the rules, and against the width of the screen."""
    accessible(visit)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


class Finger:
    """Touches that last or move, which only the debugger can make."""

    def __init__(self, visit: Visit) -> None:
        self.session = visit.page.context.new_cdp_session(visit.page)

    def touch(self, kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, target: Locator) -> None:
        box = target.bounding_box()
        assert box is not None
        self.touch("touchStart", (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))

    def up(self) -> None:
        self.touch("touchEnd")

    def swipe(self, start: float, end: float, y: float) -> None:
        self.touch("touchStart", (start, y))
        for step in range(1, 9):
            self.touch("touchMove", (start + (end - start) * step / 8, y))
        self.up()


def test_a_phone_is_enough_from_the_first_run_to_a_shared_album(empty_server: Visit, tmp_path: Path):
    page, instance = empty_server.page, empty_server.instance
    begin(empty_server)
    fits(empty_server)
    friend = instance.add_user(first_name="Bea")
    finger = Finger(empty_server)
    # A finger that stays selects, the next one adds.
    finger.down(page.locator("[data-index='0']"))
    expect(page.get_by_role("toolbar")).to_be_visible()
    finger.up()
    page.locator("[data-index='1']").tap()
    expect(page.get_by_role("toolbar", name="2 photos selected")).to_be_visible()
    fits(empty_server)
    page.get_by_role("button", name="Add to album").tap()
    page.get_by_label("Name of the album").fill("Summer")
    fits(empty_server)
    page.get_by_role("button", name="New album").tap()
    expect(page.get_by_text("2 photos were added.")).to_be_visible()
    page.get_by_role("button", name="Library", exact=True).tap()
    fits(empty_server)
    page.get_by_role("link", name="Albums", exact=True).tap()
    page.get_by_role("link", name="Summer").tap()
    expect(page.locator("[data-index]")).to_have_count(2)
    page.get_by_role("button", name="Share").tap()
    switch(page.get_by_label("Bea"))
    fits(empty_server)
    with instance.client(friend.bearer) as client:
        (shared,) = client.get("/api/albums/user/shared/tome/").json()["results"]
    assert (shared["title"], shared["photo_count"]) == ("Summer", 2)
    page.locator("dialog header").get_by_role("button", name="Close").tap()
    fits(empty_server)
    upload_twice(empty_server, tmp_path, through_menu)


def test_a_photo_is_swiped_and_every_screen_fits(library: Visit):
    page = library.page
    library.open_library()
    page.locator("[data-index='0']").tap()
    viewer = page.get_by_role("dialog")
    expect(viewer).to_be_visible()
    page.locator(".pswp__img").first.wait_for()
    first = page.url
    Finger(library).swipe(350, 30, 400)
    page.wait_for_function("first => location.href !== first", arg=first)
    # Chromium takes a tap right after a swipe for the end of it.
    viewer.get_by_role("button", name="Details").click()
    expect(viewer.get_by_text("300 × 200")).to_be_visible()
    fits(library)
    page.go_back()
    expect(viewer).to_have_count(0)
    menu = page.get_by_role("button", name="Library", exact=True)
    # No touch: a busy Chromium takes it for the end of the swipe, too.
    for close in (lambda: page.mouse.click(380, 500), lambda: page.keyboard.press("Escape")):
        menu.click()
        expect(menu).to_have_attribute("aria-expanded", "true")
        close()
        expect(menu).to_have_attribute("aria-expanded", "false")
    for screen, shown in (
        ("Favorites", "Nothing here"),
        ("Recently added", "12 photos · since"),
        ("Albums", "New album"),
        ("Search", "videos only"),
        ("Jobs", "Read photos"),
        ("Account", "(this one)"),
        ("API", f"'username={NAME}'"),
    ):
        through_menu(library, screen)
        expect(page.get_by_text(shown).first).to_be_visible()
        fits(library)
    page.get_by_role("button", name="Library", exact=True).tap()
    page.get_by_role("button", name="Sign out", exact=True).tap()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fits(library)
    assert library.errors == []
