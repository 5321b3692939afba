"""On a German page the server's own sentences are German, and what has no German words is marked as English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.instance import Instance
from tests.library.scanning import draw
from tests.page.conftest import DESKTOP, PASSWORD, Visit, scan, visit


@pytest.fixture
def german(browser_contexts: Browser) -> Iterator[BrowserContext]:
    with browser_contexts.new_context(viewport=DESKTOP, locale="de-DE", reduced_motion="reduce") as one:
        yield one


def through_menu(visit: Visit, name: str) -> None:
    visit.page.get_by_role("link", name=name, exact=True).click()


def test_what_the_server_says_is_german(german: BrowserContext, scanned: Instance, tmp_path: Path):
    folder = scanned.library / "german"
    draw(folder / "ok.jpg", 95, size=(300, 200), taken="2023:07:04 10:00:00")
    (folder / "broken.jpg").write_bytes((folder / "ok.jpg").read_bytes()[:700])
    person = scanned.add_user("greta", PASSWORD, scan_directory=str(folder))
    with scanned.client(person.bearer) as client:
        scan(client)
    here = visit(german, scanned, person)
    page = here.page
    here.open_library()
    through_menu(here, "Konto")
    page.get_by_label("Bisheriges Passwort").fill(PASSWORD)
    page.get_by_label("Neues Passwort").fill("ab")
    page.get_by_role("button", name="Passwort ändern").click()
    expect(page.get_by_text(re.compile(r"Mindestens \d Zeichen sind nötig\."))).to_be_visible()
    page.get_by_role("button", name="Neuer Schlüssel").click()
    expect(page.get_by_text("Fotos sehen, mit Einzelheiten und Dateien.")).to_be_visible()
    through_menu(here, "Suche")
    page.get_by_label("Wonach suchst du?").fill("rating:9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Bei Zeichen 1: „9“ ist keine Bewertung von 0 bis 5")
    through_menu(here, "Hochladen")
    (tmp_path / "notes.txt").write_text("no picture")
    page.get_by_label("Dateien wählen").set_input_files([tmp_path / "notes.txt"])
    expect(page.get_by_text("Diese Art von Datei wird nicht angenommen.")).to_be_visible()
    through_menu(here, "Aufgaben")
    page.locator("summary").first.click()
    expect(page.get_by_text(re.compile("broken.jpg: Das Bild ist abgeschnitten"))).to_be_visible()
    expect(page.locator("[lang=en]")).to_have_count(0)
    new = "This is a sentence that nobody has put into German."
    answer = {"status": 400, "json": {"status": False, "message": new}}
    page.route("**/api/scanphotos/", lambda route: route.fulfill(**answer))
    page.get_by_role("button", name="Neue Fotos einlesen").click()
    expect(page.get_by_text(new)).to_have_attribute("lang", "en")
    page.unroute_all()
    limited = {"status": 429, "headers": {"Retry-After": "7"}, "json": {"errors": []}}
    page.route("**/api/scanphotos/", lambda route: route.fulfill(**limited))
    page.get_by_role("button", name="Neue Fotos einlesen").click()
    expect(page.get_by_text("Warte 7 Sekunden")).to_be_visible()
    assert here.errors == []
