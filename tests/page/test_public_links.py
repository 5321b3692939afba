"""Public links in a real browser: made by their owner, opened by somebody without an account, and withdrawn."""

import re

import httpx
from playwright.sync_api import expect

from tests.instance import Instance
from tests.page.conftest import NAME, Visit, a_phone, switch, visit
from tests.page.test_screens import accessible


def test_an_album_is_shared_by_link_opened_by_a_stranger_and_closed_again(
    library: Visit, scanned: Instance, client: httpx.Client
):
    page = library.page
    photos = [each["image_hash"] for each in client.get("/api/photos/").json()["results"]]
    made = client.post("/api/albums/user/edit/", json={"title": "Lisbon by link", "photos": photos})
    album = made.json()["id"]
    library.open_library(f"/albums/{album}")
    page.get_by_role("button", name="Share", exact=True).click()
    opened = page.get_by_label("Open it to everybody who has the link")
    switch(opened)
    address = page.get_by_label("Link", exact=True)
    expect(address).to_have_value(re.compile(r"/public/s/[\w-]{22}$"))
    accessible(library)
    link = address.input_value()
    assert page.context.browser is not None
    with a_phone(page.context.browser) as elsewhere:
        other = visit(elsewhere, scanned)
        answer = other.page.goto(link)
        assert answer is not None
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        expect(other.page.get_by_role("heading", name="Lisbon by link")).to_be_visible()
        expect(other.page.get_by_text(f"Shared by {NAME} · 12 photos")).to_be_visible()
        other.page.locator("[data-index='0'] .picture.loaded").wait_for()
        accessible(other)
        other.page.locator("[data-index='0']").click()
        expect(other.page.get_by_role("dialog")).to_be_visible()
        other.page.locator(".pswp__img").first.wait_for()
        tool = other.page.get_by_role("link", name="Download")
        assert re.search(r"/media/thumbnails_big/\w+\.webp$", tool.get_attribute("href") or "")
        other.page.get_by_role("button", name="Details").click()
        expect(other.page.get_by_text("Nothing more of this photo is shared.")).to_be_visible()
        accessible(other)
        # The owner shares more: camera, time and place, and so the originals.
        for name in ("when a photo was taken", "where it was taken", "camera and settings"):
            switch(page.get_by_label(name))
        other.page.reload()
        expect(other.page.get_by_text(re.compile("July 3, 2023 · 12 photos"))).to_be_visible()
        other.page.locator("[data-index='0']").click()
        tool = other.page.get_by_role("link", name="Download")
        expect(tool).to_have_attribute("href", re.compile(r"/media/photos/\w+$"))
        assert other.page.evaluate("document.cookie") == ""
        # What the server did not take is not shown either: the link is still open.
        page.route("**/useralbum/makepublic", lambda route: route.abort())
        switch(opened)
        page.unroute("**/useralbum/makepublic")
        switch(opened, on=False)
        expect(address).to_have_count(0)
        other.page.reload()
        expect(other.page.get_by_role("heading", name="This link has ended")).to_be_visible()
        accessible(other)
        assert all(url.startswith((other.base, "data:", "blob:")) for url in other.fetched)
        assert not any("/api/auth/" in url for url in other.fetched)
        assert other.errors == []
    client.delete(f"/api/albums/user/{album}/")
    assert library.errors == []


def test_a_photo_is_opened_by_a_link_of_its_own(library: Visit, client: httpx.Client):
    page = library.page
    photo = client.get("/api/photos/").json()["results"][0]
    share = client.post("/api/photo/share", json={"photo_id": photo["id"]}).json()["share"]
    page.goto(library.base + share["url"])
    picture = page.get_by_role("img", name="Shared photo")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    accessible(library)
    client.post("/api/photo/share", json={"photo_id": photo["id"], "action": "disable"})
    page.reload()
    expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()
    assert not any(photo["image_hash"] in url for url in library.fetched)
    assert library.errors == []
