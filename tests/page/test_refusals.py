"""What the server refuses goes back on the screen to what the server keeps, and a sentence says so."""

import re

import httpx
from playwright.sync_api import Page, Route, expect

from tests.page.conftest import Visit
from tests.page.test_screens import accessible, selected

REFUSED = "The album of this name is somebody's."


def refuse(page: Page, *paths: str) -> None:
    """Have the server refuse every change at these paths; what is only read is answered."""

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.fulfill(status=400, json={"errors": [{"field": "detail", "message": REFUSED}]})

    for path in paths:
        page.route(path, answer)


def told(page: Page) -> None:
    """The sentence is there; take it away, so that the next one is another."""
    alert = page.get_by_role("alert").filter(has_text=REFUSED)
    expect(alert).to_be_visible()
    alert.get_by_role("button", name="Close").click()
    expect(alert).to_have_count(0)


def test_the_grid_and_the_viewer_show_what_the_server_keeps(library: Visit):
    page = library.page
    library.open_library()
    refuse(page, "**/api/photosedit/**")
    page.locator("[data-index='1']").focus()
    page.keyboard.press("f")
    told(page)
    expect(page.locator(".thumb .star")).to_have_count(0)
    selected(library, 2)
    page.get_by_role("button", name="Move to trash").click()
    told(page)
    expect(page.locator("[data-index]")).to_have_count(12)
    page.locator("[data-index='3']").click()
    star = page.get_by_role("button", name="Add to favorites")
    star.click()
    told(page)
    expect(star).to_have_attribute("aria-pressed", "false")
    # The picture goes with the photo: the next one takes its place, and gives it back.
    shown = page.locator(".pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)")
    before = shown.get_attribute("src")
    page.get_by_role("button", name="Hide", exact=True).click()
    told(page)
    expect(shown).not_to_have_attribute("src", before or "")
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_attribute("src", before or "")
    page.keyboard.press("Escape")
    # With nothing to ask, what was there before is the best that is known.
    page.route("**/api/**", lambda route: route.abort())
    page.locator("[data-index='1']").focus()
    page.keyboard.press("f")
    expect(page.get_by_text("The server does not answer.").first).to_be_visible()
    expect(page.locator(".thumb .star")).to_have_count(0)
    selected(library, 2)
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator("[data-index]")).to_have_count(12)
    assert library.errors == []


def test_a_photo_that_leaves_the_view_gives_its_place_in_the_viewer_to_the_next(
    library: Visit, client: httpx.Client
):
    page = library.page
    library.open_library()
    page.locator("[data-index='4']").click()
    shown = page.locator(".pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)")
    expect(shown).to_have_count(1)
    before = shown.get_attribute("src") or ""
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("1 photo is in the trash.")).to_be_visible()
    expect(shown).not_to_have_attribute("src", before)
    # The address names the photo that is shown.
    photo = client.get(f"/api/photos/{page.url.rsplit('/', 1)[1]}/").json()
    expect(shown).to_have_attribute("src", re.compile(photo["image_hash"]))
    page.get_by_role("button", name="Undo").click()
    # Behind the viewer.
    expect(page.locator("[data-index]")).to_have_count(12)
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_attribute("src", before)
    page.keyboard.press("Escape")
    expect(page.locator("[data-index]")).to_have_count(12)
    assert library.errors == []


def test_what_is_said_of_a_photo_goes_back_to_what_is_kept(library: Visit):
    page = library.page
    library.open_library()
    page.locator("[data-index='6']").click()
    page.keyboard.press("i")
    taken = page.get_by_role("definition").filter(has_text="2023")
    before = taken.inner_text()
    refuse(page, "**/api/photos/**", "**/api/tags/**", "**/api/photosedit/**")
    page.get_by_role("button", name="3 stars").click()
    told(page)
    expect(page.get_by_role("button", name="3 stars")).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Add a tag").fill("Boats")
    page.keyboard.press("Enter")
    told(page)
    expect(page.get_by_role("link", name="Boats")).to_have_count(0)
    page.get_by_role("button", name="Change the date").click()
    page.get_by_label("Change the date").fill("1999-01-02T03:04:05")
    page.get_by_role("button", name="Save").click()
    told(page)
    expect(taken).to_have_text(before)
    page.get_by_role("button", name="Change the date").click()
    expect(page.get_by_label("Change the date")).to_have_value(re.compile("^2023-"))
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Change the place").click()
    page.get_by_label("Change the place").fill("Lisb")
    page.get_by_role("button", name=re.compile("^Lisbo")).first.click()
    told(page)
    expect(page.get_by_text("Nobody knows where")).to_be_visible()
    # What somebody wrote is not thrown away: it says that it is not kept, and can be sent again.
    page.get_by_label("Caption").fill("At the lake")
    page.get_by_label("Caption").blur()
    expect(page.get_by_text(f"Not saved. {REFUSED}")).to_be_visible()
    expect(page.get_by_label("Caption")).to_have_value("At the lake")
    accessible(library)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Saved.", exact=True).first).to_be_visible()
    expect(page.get_by_text(REFUSED)).to_have_count(0)
    page.get_by_label("Caption").fill("")
    page.get_by_label("Caption").blur()
    expect(page.get_by_text("Saved.", exact=True).nth(1)).to_be_visible()
    assert library.errors == []


def test_a_refused_name_can_be_mended_and_a_dialog_says_what_is_wrong(library: Visit, client: httpx.Client):
    page = library.page
    one, other = (
        client.post("/api/albums/user/edit/", json={"title": title, "photos": []}).json()["id"]
        for title in ("Oslo", "Bergen")
    )
    library.open_library()
    page.goto(f"{library.base}/albums/{one}")
    page.get_by_role("button", name="Rename").click()
    name = page.get_by_label("Name of the album")
    name.fill("Bergen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("You already have an album with this title."))
    expect(page.get_by_role("heading", name="Oslo")).to_be_attached()
    accessible(library)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Rename").click()
    expect(name).to_have_value("Oslo")
    name.fill("Oslo by night")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Oslo by night")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # A sentence about what was done in a dialog is within reach: above what darkens the rest.
    page.get_by_role("button", name="Delete album").click()
    refuse(page, "**/api/albums/user/**")
    page.get_by_role("dialog").get_by_role("button", name="Delete album").click()
    told(page)
    page.unroute_all()
    for album in (one, other):
        client.delete(f"/api/albums/user/{album}/")
    assert library.errors == []
