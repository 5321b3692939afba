"""The web page in a real browser on a desktop: from the first run to what a library is for."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.instance import REPOSITORY, Instance
from tests.library.pictures import film
from tests.library.scanning import draw
from tests.library.test_motion_photos import add_motion_photo
from tests.page.conftest import DESKTOP, NAME, PASSWORD, Visit, scan, switch, visit
from tests.videos import make_video

AXE = (REPOSITORY / "web/node_modules/axe-core/axe.min.js").read_text()


def accessible(visit: Visit) -> None:
    """Hold what is shown against the rules of WCAG 2.2 that a program can check, light and dark."""
    page = visit.page
    # Through the debugger, not as a script of the page, whose policy would not have it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    assert violations(page) == []
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    assert violations(page, "color-contrast") == []
    page.emulate_media(color_scheme="dark" if is_dark else "light")


def violations(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    only = {"runOnly": list(rules)} if rules else {}
    options = {"resultTypes": ["violations"], "preload": False, **only}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found["violations"]]


def through_menu(visit: Visit, name: str) -> None:
    visit.page.get_by_role("link", name=name, exact=True).click()


def test_the_first_person_makes_an_account_chooses_a_folder_and_sees_photos_arrive(empty_server: Visit):
    page = empty_server.page
    page.goto(empty_server.base)
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
    begin(empty_server)
    assert empty_server.errors == []
    assert all(url.startswith((empty_server.base, "data:")) for url in empty_server.fetched)


def begin(visit: Visit) -> None:
    """Make the first account, choose the folder with pictures and open the library."""
    page = visit.page
    if page.url == "about:blank":
        page.goto(visit.base)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    accessible(visit)
    page.get_by_label("User name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("button", name=re.compile("^(Open the library|library)$")).first.wait_for()
    if page.get_by_role("heading", name="Where are your photos?").is_visible():
        accessible(visit)
        page.get_by_role("button", name="library", exact=True).click()
        page.get_by_role("button", name="Pictures", exact=True).click()
        page.get_by_role("button", name="Use Pictures").click()
    expect(page.get_by_role("heading", name="12 photos so far")).to_be_visible(timeout=60_000)
    accessible(visit)
    page.get_by_role("button", name="Open the library").click()
    page.locator("[data-index='0'] .picture.loaded").wait_for()


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
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("[data-index='0'] .picture.loaded").wait_for()
    page.reload()
    page.locator("[data-index='0'] .picture.loaded").wait_for()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    assert "eyJ" not in page.url
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


PAINTED = """() => {
  const canvas = document.querySelector('.placeholder');
  const pixels = canvas?.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return !!pixels && pixels.length > 400 && pixels.every((value, place) => place % 4 !== 3 || value === 255);
}"""


def test_the_timeline_shows_days_and_photos_and_moves_by_keyboard(library: Visit):
    page = library.page
    waiting: list[Route] = []
    is_held = True

    def hold(route: Route) -> None:
        if is_held:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/media/**", hold)
    library.come_back()
    page.goto(library.base)
    # Until the pictures come, their ThumbHashes stand for them.
    page.wait_for_function(PAINTED)
    is_held = False
    for route in waiting:
        route.continue_()
    page.locator("[data-index='0'] .picture.loaded").wait_for()
    expect(page.locator(".placeholder")).to_have_count(0)
    expect(page.get_by_role("heading", name="Monday, July 3, 2023")).to_be_visible()
    expect(page.get_by_role("heading", name="Saturday, July 1, 2023")).to_be_attached()
    assert page.locator("[data-index]").count() == 12
    accessible(library)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-index='1']")).to_be_focused()
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("Photo, Monday, July 3, 2023")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    accessible(library)
    page.keyboard.press("Escape")
    # Tab leaves the photos, however many there are.
    page.locator("[data-index='1']").focus()
    page.keyboard.press("x")
    expect(page.get_by_role("toolbar")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".thumb.selected").get_by_role("checkbox")).to_be_focused()
    # The scroll bar of dates may stand between.
    for _ in range(2):
        page.keyboard.press("Tab")
        if page.evaluate("!document.activeElement.closest('.scrubber')"):
            break
    expect(page.get_by_role("button", name="Clear selection")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("toolbar")).to_have_count(0)
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


# How wide the open photo is on the screen.
WIDTH = """[...document.querySelectorAll('.pswp__item[aria-hidden=false] .pswp__img')].at(-1)
  .getBoundingClientRect().width"""


def test_the_wheel_and_a_double_click_zoom_and_a_slideshow_moves_on(library: Visit, client: httpx.Client):
    page = library.page
    client.patch(f"/api/user/{library.account.user_id}/", json={"slideshow_interval": 2})
    library.open_library()
    page.locator("[data-index='0']").click()
    shown = page.locator(".pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)")
    expect(shown).to_have_js_property("complete", value=True)
    whole = shown.evaluate("image => image.getBoundingClientRect().width")
    for zoom in (lambda: page.mouse.wheel(0, -600), lambda: page.mouse.dblclick(640, 480)):
        page.mouse.move(640, 480)
        zoom()
        page.wait_for_function(f"whole => {WIDTH} > 1.5 * whole", arg=whole)
        page.keyboard.press("z")
        page.wait_for_function(f"whole => Math.abs({WIDTH} - whole) < 2", arg=whole)
    first = page.url
    page.get_by_role("button", name="Slideshow").click()
    page.wait_for_function("first => location.href !== first", arg=first)
    page.get_by_role("button", name="Stop slideshow").click()
    client.patch(f"/api/user/{library.account.user_id}/", json={"slideshow_interval": 5})
    assert library.errors == []


def test_an_unknown_photo_says_so_and_leads_home(library: Visit):
    library.come_back()
    library.page.goto(f"{library.base}/photo/00000000-0000-4000-8000-000000000000")
    expect(library.page.get_by_role("alert")).to_contain_text("This photo is no longer there")
    library.page.wait_for_url(f"{library.base}/")


def test_a_wrong_address_says_so_and_leads_home(library: Visit):
    page = library.page
    library.open_library()
    page.goto(f"{library.base}/upload")
    expect(page.get_by_role("heading", name="There is nothing at this address.")).to_be_visible()
    page.locator("#content").get_by_role("link").click()
    page.locator("[data-index='0'] .picture.loaded").wait_for()


def test_jobs_account_and_api_are_there_and_accessible(library: Visit, client: httpx.Client):
    page = library.page
    library.open_library()
    through_menu(library, "Jobs")
    expect(page.get_by_text("Read photos").first).to_be_visible()
    accessible(library)
    through_menu(library, "Account")
    expect(page.get_by_text("(this one)")).to_be_visible()
    expect(page.get_by_label("Names of people, too")).to_be_disabled()
    page.get_by_label("go into sidecars").check()
    expect(page.get_by_text("Saved.")).to_be_visible()
    switch(page.get_by_label("Names of people, too"))
    me = client.get(f"/api/user/{library.account.user_id}/").json()
    assert (me["save_metadata_to_disk"], me["save_face_tags_to_disk"]) == ("SIDECAR_FILE", True)
    page.get_by_label("stay in this library alone").check()
    expect(page.get_by_label("Names of people, too")).to_be_disabled()
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
    expect(page.get_by_text(f"'username={NAME}'")).to_be_visible()
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


def selected(visit: Visit, *indices: int) -> None:
    for index in indices:
        box = visit.page.locator(f".thumb:has([data-index='{index}'])")
        box.hover()
        box.get_by_role("checkbox").click(force=True)


def test_favorites_hiding_and_trash_can_be_undone(library: Visit):
    page = library.page
    library.open_library()
    selected(library, 0, 1)
    expect(page.get_by_role("toolbar")).to_contain_text("2 photos selected")
    accessible(library)
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator("[data-index]")).to_have_count(10)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-index]")).to_have_count(12)
    page.locator("[data-index='0']").focus()
    page.keyboard.press("f")
    expect(page.get_by_text("1 photo is a favorite now.")).to_be_visible()
    through_menu(library, "Favorites")
    expect(page.locator("[data-index]")).to_have_count(1)
    selected(library, 0)
    page.get_by_role("button", name="Remove from favorites").click()
    expect(page.get_by_text("Nothing here")).to_be_visible()
    through_menu(library, "Photos")
    page.locator("[data-index='3']").focus()
    page.keyboard.press("h")
    expect(page.locator("[data-index]")).to_have_count(11)
    through_menu(library, "Hidden")
    selected(library, 0)
    page.get_by_role("button", name="Unhide").click()
    through_menu(library, "Photos")
    expect(page.locator("[data-index]")).to_have_count(12)
    assert library.errors == []


def test_selected_photos_are_shared_tagged_dated_and_downloaded(
    library: Visit, scanned: Instance, client: httpx.Client
):
    page = library.page
    friend = scanned.add_user(first_name="Cleo")
    library.open_library()
    bar = page.get_by_role("toolbar")

    def do(action: str) -> None:
        selected(library, 9, 10)
        if not bar.get_by_role("button", name=action).is_visible():
            bar.get_by_role("button", name="More").click()
            accessible(library)
            page.get_by_role("menuitem", name=action).click()
        else:
            bar.get_by_role("button", name=action).click()

    do("Share")
    accessible(library)
    page.get_by_role("button", name="Cleo").click()
    expect(page.get_by_text("2 photos are shared with Cleo.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    do("Add a tag")
    accessible(library)
    page.get_by_label("Add a tag").fill("Regatta")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("2 photos have the tag .*Regatta"))).to_be_visible()
    do("Change the date")
    accessible(library)
    page.get_by_label("The earliest of them was taken on").fill("2021-05-06T07:08:09")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="May 6, 2021")).to_be_attached()
    days = client.get("/api/albums/date/list/").json()["results"]
    (moved,) = [day for day in days if day["date"] == "2021-05-06"]
    assert moved["numberOfItems"] == 2
    (tag,) = client.get("/api/tags/?search=Regatta").json()["results"]
    assert tag["photo_count"] == 2
    (one, *_) = client.get(f"/api/albums/date/{moved['id']}/").json()["results"]["items"]
    assert friend.user_id not in client.get(f"/api/photos/{one['id']}/").json()["shared_to"]
    page.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_role("heading", name="May 6, 2021")).to_have_count(0)
    with page.expect_download() as saved:
        do("Download")
    assert saved.value.suggested_filename == "photos.zip"
    with zipfile.ZipFile(saved.value.path()) as archive:
        assert len(archive.namelist()) == 2
    assert library.errors == []


def test_moving_pictures_move_unless_somebody_wants_stillness(browser_contexts: Browser, scanned: Instance):
    folder = scanned.library / "moving"
    folder.mkdir()
    add_motion_photo(folder / "live.jpg", 91, film(1, "mp4", seed=3))
    # No browser plays this codec: the page has to ask for another.
    (folder / "old.avi").write_bytes(make_video("avi", codec="mpeg4"))
    mia = scanned.add_user(scan_directory=str(folder))
    with scanned.client(mia.bearer) as client:
        scan(client)
    context = browser_contexts.new_context(viewport=DESKTOP, locale="en-US")
    page = visit(context, scanned, mia)
    page.open_library()
    live = page.page.locator(".thumb:has-text('Live')")
    live.hover()
    expect(page.page.locator(".thumb video")).to_have_js_property("paused", value=False)
    page.page.mouse.move(1, 1)
    expect(page.page.locator(".thumb video")).to_have_count(0)
    page.page.emulate_media(reduced_motion="reduce")
    live.hover()
    page.page.wait_for_timeout(100)
    expect(page.page.locator(".thumb video")).to_have_count(0)
    live.locator("a").click()
    page.page.get_by_role("button", name="Live").click()
    expect(page.page.locator("video.motion")).to_be_visible()
    page.page.keyboard.press("Escape")
    page.page.goto(f"{page.base}/videos")
    page.page.locator("[data-index='0']").click()
    video = page.page.locator(".lp-video")
    expect(video).to_have_js_property("videoWidth", 96, timeout=30_000)
    expect(video).to_have_attribute("src", re.compile(r"\?transcode=1$"))
    assert page.errors == []
    context.close()


def test_views_without_photos_say_what_would_be_there(library: Visit):
    page = library.page
    library.open_library()
    through_menu(library, "Without a date")
    expect(page.get_by_text("Every photo has a date.")).to_be_visible()
    accessible(library)
    through_menu(library, "Recently added")
    expect(page.get_by_text("12 photos · since")).to_be_visible()
    expect(page.locator("[data-index]").first).to_be_visible()
    accessible(library)
    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()


def test_events_are_made_renamed_and_kept_as_albums(library: Visit, client: httpx.Client):
    page = library.page
    name = "Week at the sea"
    library.open_library()
    through_menu(library, "Albums")
    page.get_by_role("button", name=re.compile("Make events|Look for new events")).click()
    page.locator("a[href^='/events/']").first.click(timeout=30_000)
    accessible(library)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the album").fill(name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="Make it an album").click()
    page.wait_for_url("**/albums/*")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    client.post("/api/albums/auto/delete_all/")
    (made,) = client.get(f"/api/albums/user/list/?search={name}").json()["results"]
    client.delete(f"/api/albums/user/{made['id']}/")
    assert library.errors == []


FULL = {"status": 507, "json": {"detail": "No space left"}}


def test_what_fails_is_told_in_a_sentence_with_a_way_on(library: Visit, scanned: Instance, tmp_path: Path):
    page = library.page
    library.open_library()
    away = {"path": "/photos", "username": NAME, "is_online": False, "seen_at": None, "reason": ""}
    away |= {"offline_since": "2026-01-02T03:04:05Z", "watching": "away", "watching_reason": ""}
    page.route("**/api/library/roots/", lambda route: route.fulfill(json={"results": [away]}))
    page.reload()
    expect(page.get_by_text("The drive with this library is offline.")).to_be_visible()
    accessible(library)
    page.unroute("**/api/library/roots/")
    page.get_by_role("button", name="Scan again").click()
    expect(page.get_by_text("The drive with this library is offline.")).to_have_count(0, timeout=30_000)
    page.route("**/api/upload/", lambda route: route.fulfill(**FULL))
    through_menu(library, "Upload")
    draw(tmp_path / "new.jpg", 78, size=(30, 20))
    page.get_by_label("Choose files").set_input_files([tmp_path / "new.jpg"])
    expect(page.get_by_text("The server's disk is full.")).to_be_visible()
    page.get_by_role("button", name="Try again").is_enabled()
    through_menu(library, "Photos")
    page.route("**/media/photos/**", lambda route: route.fulfill(status=404))
    selected(library, 0)
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_text("Its file may be on a drive that is offline.")).to_be_visible()
    page.route("**/api/photosedit/**", lambda route: route.abort())
    selected(library, 1)
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.locator("[data-index]")).to_have_count(12)
    page.unroute("**/api/photosedit/**")
    # By no session of one's own: all end.
    with scanned.client(auth=(NAME, PASSWORD)) as other:
        other.delete("/api/auth/sessions/")
    selected(library, 1)
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_album_is_made_filled_renamed_shared_and_deleted(library: Visit, scanned: Instance):
    page = library.page
    name, person = "Summer", "Bea"
    friend = scanned.add_user(first_name=person)
    library.open_library()
    selected(library, 0, 1, 2)
    page.get_by_role("button", name="Add to album").click()
    page.get_by_label("Name of the album").fill(name)
    accessible(library)
    page.get_by_role("button", name="New album").click()
    expect(page.get_by_text("3 photos were added.")).to_be_visible()
    through_menu(library, "Albums")
    accessible(library)
    page.get_by_role("link", name=name).click()
    expect(page.locator("[data-index]")).to_have_count(3)
    accessible(library)
    page.locator("[data-index='0']").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    selected(library, 0)
    page.get_by_role("button", name="Use as cover").click()
    selected(library, 2)
    page.get_by_role("button", name="Take out of the album").click()
    expect(page.locator("[data-index]")).to_have_count(2)
    page.get_by_role("button", name="Share").click()
    switch(page.get_by_label(person))
    accessible(library)
    page.keyboard.press("Escape")
    expect(page.get_by_text(f"2 photos · {person}")).to_be_visible()
    with scanned.client(friend.bearer) as client:
        shared = client.get("/api/albums/user/shared/tome/").json()["results"]
    assert [(one["title"], one["photo_count"]) for one in shared] == [(name, 2)]
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the album").fill(f"{name}!")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=f"{name}!")).to_be_visible()
    page.get_by_role("button", name="Delete album").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete album").click()
    page.wait_for_url("**/albums")
    expect(page.get_by_text(name)).to_have_count(0)
    assert library.errors == []


def test_what_somebody_says_of_a_photo_stays(library: Visit):
    page = library.page
    caption, tag = "At the lake #summer", "Boats"
    library.open_library()
    page.locator("[data-index='5']").click()
    page.keyboard.press("i")
    page.get_by_label("Caption").fill(caption)
    page.get_by_label("Caption").blur()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    page.get_by_role("button", name="3 stars").click()
    expect(page.get_by_role("button", name="3 stars")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Add a tag").fill(tag)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=tag)).to_be_visible()
    page.get_by_role("button", name="Change the place").click()
    page.get_by_label("Change the place").fill("Lisb")
    page.get_by_role("button", name=re.compile("^Lisbo")).first.click()
    expect(page.get_by_role("definition").get_by_text(re.compile("^Lisbo"))).to_be_visible()
    accessible(library)
    page.get_by_role("button", name="Change the place").click()
    page.get_by_role("button", name="Remove the place").click()
    expect(page.get_by_text("Nobody knows where")).to_be_visible()
    page.get_by_role("button", name=f"Remove the tag {tag}").click()
    expect(page.get_by_role("link", name=tag)).to_have_count(0)
    page.get_by_text("What happened to this file").click()
    expect(page.get_by_text("Thumbnails: done")).to_be_visible()
    page.reload()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("i")
    expect(page.get_by_label("Caption")).to_have_value(caption)
    expect(page.get_by_role("button", name="3 stars")).to_have_attribute("aria-pressed", "true")
    assert library.errors == []


def test_a_search_finds_photos_and_says_where_it_is_wrong(library: Visit):
    page = library.page
    library.open_library()
    through_menu(library, "Search")
    accessible(library)
    page.get_by_label("What are you looking for?").fill("IMG_0003")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 photo found")).to_be_visible()
    expect(page.locator("[data-index]")).to_have_count(1)
    accessible(library)
    page.locator("[data-index='0']").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("What are you looking for?").fill("date:2023-07-02")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("4 photos found")).to_be_visible()
    page.get_by_label("What are you looking for?").fill("rating:9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("At character 1")
    page.go_back()
    expect(page.get_by_text("4 photos found")).to_be_visible()
    assert library.errors == []


def test_files_are_uploaded_once_and_appear_in_the_timeline(
    context: BrowserContext, scanned: Instance, tmp_path: Path
):
    folder = scanned.library / "uploading"
    draw(folder / "old.jpg", 76, size=(300, 200), taken="2023:07:04 10:00:00")
    uploader = scanned.add_user(scan_directory=str(folder))
    with scanned.client(uploader.bearer) as client:
        scan(client)
    here = visit(context, scanned, uploader)
    here.open_library()
    upload_twice(here, tmp_path, through_menu)


def upload_twice(visit: Visit, folder: Path, go: Callable[[Visit, str], None]) -> None:
    page = visit.page
    draw(folder / "new.jpg", 77, size=(300, 200), taken="2024:01:05 10:00:00")
    (folder / "notes.txt").write_text("no picture")
    go(visit, "Upload")
    accessible(visit)
    files = page.get_by_label("Choose files")
    files.set_input_files([folder / "new.jpg", folder / "notes.txt"])
    expect(page.get_by_text("in the library", exact=True)).to_be_visible()
    expect(page.get_by_text("File type not allowed")).to_be_visible()
    files.set_input_files([folder / "new.jpg"])
    expect(page.get_by_text("was in the library already")).to_be_visible()
    accessible(visit)
    go(visit, "Photos")
    # Short where the day is as narrow as its one photo.
    day = page.get_by_role("heading", name=re.compile("^(Friday, January|Jan) 5, 2024$"))
    expect(day).to_be_visible(timeout=30_000)
    assert visit.errors == []
