"""The web page in a real browser, on a desktop and on a phone: from the first run to what a library is for."""

import re

import pytest
from playwright.sync_api import expect

from tests.instance import REPOSITORY
from tests.page.conftest import NAME, PASSWORD, Visit

AXE = REPOSITORY / "web/node_modules/axe-core/axe.min.js"


def accessible(visit: Visit) -> None:
    """Hold what is shown against the rules of WCAG 2.2 that a program can check."""
    # Through the debugger, not as a script of the page, whose policy would not have it.
    visit.page.evaluate(AXE.read_text())
    found = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    problems = [
        (violation["id"], [node["html"][:160] for node in violation["nodes"]])
        for violation in found["violations"]
    ]
    assert problems == []


def through_menu(visit: Visit, name: str) -> None:
    menu = visit.page.get_by_role("button", name="Library", exact=True)
    if menu.is_visible():
        menu.click()
    visit.page.get_by_role("link", name=name, exact=True).click()


def test_the_first_person_makes_an_account_chooses_a_folder_and_sees_photos_arrive(empty_server: Visit):
    page = empty_server.page
    page.goto(empty_server.base)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    accessible(empty_server)
    page.get_by_label("User name").fill("not a name")
    page.get_by_label("Password", exact=True).fill("password1")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Enter a valid username.")).to_be_visible()
    page.get_by_label("User name").fill(NAME)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("This password is too common.")).to_be_visible()
    password = page.get_by_label("Password", exact=True)
    assert password.get_attribute("type") == "password"
    assert password.get_attribute("autocomplete") == "new-password"
    password.fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("button", name=re.compile("^(Open the library|library)$")).first.wait_for()
    if page.get_by_role("heading", name="Where are your photos?").is_visible():
        accessible(empty_server)
        page.get_by_role("button", name="library", exact=True).click()
        page.get_by_role("button", name="Pictures", exact=True).click()
        page.get_by_role("button", name="Use Pictures").click()
    expect(page.get_by_role("heading", name="12 photos so far")).to_be_visible(timeout=30_000)
    accessible(empty_server)
    page.get_by_role("button", name="Open the library").click()
    page.locator("[data-index='0'] img").wait_for()
    assert empty_server.errors == []
    assert all(url.startswith((empty_server.base, "data:")) for url in empty_server.fetched)


def test_password_fields_hide_what_is_typed_and_take_what_is_pasted(library: Visit):
    page = library.page
    page.goto(library.base)
    field = page.get_by_label("Password", exact=True)
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == (
        "password",
        "current-password",
    )
    assert page.get_by_label("User name").get_attribute("autocomplete") == "username"
    # As a password manager fills it in, and as somebody pastes it.
    field.focus()
    page.keyboard.insert_text(PASSWORD)
    assert field.input_value() == PASSWORD
    page.get_by_role("button", name="Show password").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="Hide password").click()
    assert field.get_attribute("type") == "password"


def test_a_wrong_password_says_so_and_the_right_one_lasts_across_reloads(library: Visit):
    page = library.page
    library.sign_in("something else")
    expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")
    accessible(library)
    library.open_library()
    page.reload()
    page.locator("[data-index='0'] img").wait_for()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    assert "eyJ" not in page.url
    through_menu(library, "Account")
    menu = page.get_by_role("button", name="Library", exact=True)
    if menu.is_visible():
        menu.click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_timeline_shows_days_and_photos_and_moves_by_keyboard(library: Visit):
    page = library.page
    library.open_library()
    expect(page.get_by_role("heading", name="Monday, July 3, 2023")).to_be_visible()
    expect(page.get_by_role("heading", name="Saturday, July 1, 2023")).to_be_attached()
    assert page.locator("[data-index]").count() == 12
    accessible(library)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.index") == "1"
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("Photo, Monday, July 3, 2023")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    accessible(library)
    page.keyboard.press("Escape")
    assert library.errors == []


def test_a_photo_opens_with_its_details_and_the_next_one_is_a_key_away(library: Visit):
    page = library.page
    library.open_library()
    page.locator("[data-index='0']").click()
    viewer = page.get_by_role("dialog")
    expect(viewer).to_be_visible()
    first = page.url
    assert "/photo/" in first
    page.keyboard.press("i")
    expect(viewer.get_by_text("300 × 200")).to_be_visible()
    accessible(library)
    page.keyboard.press("i")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("first => location.href !== first", arg=first)
    page.reload()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == f"{library.base}/"
    assert library.errors == []


def test_an_unknown_photo_says_so_and_leads_home(library: Visit):
    library.open_library()
    library.page.goto(f"{library.base}/photo/00000000-0000-4000-8000-000000000000")
    expect(library.page.get_by_role("alert")).to_contain_text("This photo is no longer there")
    library.page.wait_for_url(f"{library.base}/")


def test_jobs_account_and_api_are_there_and_accessible(library: Visit):
    page = library.page
    library.open_library()
    through_menu(library, "Jobs")
    expect(page.get_by_text("Scan Photos").first).to_be_visible()
    accessible(library)
    through_menu(library, "Account")
    expect(page.get_by_text("(this one)")).to_be_visible()
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What is it for?").fill("frame in the kitchen")
    page.get_by_label("photos:read").check()
    accessible(library)
    page.get_by_role("button", name="Create key").click()
    key = page.locator("pre code").inner_text()
    assert re.fullmatch(r"lp_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}", key)
    page.get_by_role("button", name="Revoke").first.click()
    expect(page.get_by_text("frame in the kitchen")).to_have_count(0)
    through_menu(library, "API")
    expect(page.get_by_text(f'"username={NAME}"')).to_be_visible()
    accessible(library)
    assert library.errors == []


def test_a_server_that_is_away_is_told_in_a_sentence(library: Visit):
    library.page.route("**/api/**", lambda route: route.abort())
    library.page.goto(library.base)
    expect(library.page.get_by_role("alert")).to_contain_text("The server does not answer.")
    library.page.unroute("**/api/**")
    library.page.get_by_role("button", name="Try again").click()
    expect(library.page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(("language", "heading"), [("de-DE", "Anmelden"), ("fr-FR", "Sign in")])
def test_the_page_speaks_the_readers_language(browser_contexts, scanned, language: str, heading: str):
    context = browser_contexts.new_context(locale=language)
    page = context.new_page()
    page.goto(scanned.base_url)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == language[:2].replace("fr", "en")
    context.close()
