"""A forgotten password in a real browser: the link is asked for, opened, taken out of the address bar and used."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.accounts.test_password_resets import BASE, link_in, person, send_by, wait_for
from tests.databases import NewDatabase
from tests.instance import Instance
from tests.page.conftest import visit
from tests.page.test_screens import accessible
from tests.site.test_email import MailServer, mail_server  # noqa: F401


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("forgotten")
    (folder / "data").mkdir()
    environment = {"LIBREPHOTOS_PUBLIC_URL": BASE}
    one = Instance(folder / "data", folder / "library", new_database(folder / "data"), environment).start()
    one.add_user("founder", is_admin=True)
    yield one
    one.stop()


def test_somebody_who_forgot_the_password_gets_back_in(
    context: BrowserContext,
    public: Instance,
    mail_server: MailServer,  # noqa: F811
) -> None:
    shown = visit(context, public)
    page = shown.page
    name = f"hanna{mail_server.port}"
    person(public, name, f"{name}@example.org")
    page.goto(public.base_url)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    send_by(public, mail_server.port)
    page.reload()
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    accessible(shown)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("a mail with a link is on its way")
    wait_for(lambda: mail_server.mails)
    link = link_in(mail_server.mails[0])
    address = f"{public.base_url}/password-reset/confirm/{link['uid']}/{link['token']}"
    page.goto(address)
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    expect(page).to_have_url(f"{public.base_url}/password-reset")
    accessible(shown)
    page.get_by_label("New password").fill("password1")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("This password is too common.")).to_be_visible()
    page.get_by_label("New password").fill("violet tram 42 evening")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    page.goto(address)
    page.get_by_label("New password").fill("another tram 42 evening")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("This link has ended")
    accessible(shown)
    page.get_by_role("link", name="Go to sign-in").click()
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill("violet tram 42 evening")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    assert shown.errors == []
    # The page tells nobody else where it was.
    assert all(url.startswith((public.base_url, "data:", "blob:")) for url in shown.fetched)
