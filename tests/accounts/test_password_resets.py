"""A forgotten password: asked for by anybody, mailed to whom it belongs, and replaced once."""

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, update

from librephotos.accounts.mail import Mail, NotSent, send_mail
from librephotos.accounts.mail_settings import MailSettings, change_mail_settings
from librephotos.accounts.password_resets import fold_email
from librephotos.accounts.pruning import prune_logins
from librephotos.accounts.vault import Vault
from librephotos.db.statements import statement
from librephotos.db.tables import password_reset, user
from tests.accounts.test_no_secrets import list_values
from tests.databases import NewDatabase
from tests.instance import Instance
from tests.photos.rows import read_all
from tests.site.test_email import MailServer, mail_server  # noqa: F401

ASK = "/api/auth/password/reset/"
CONFIRM = "/api/auth/password/reset/confirm/"
BASE = "https://photos.example.org/home"
ANSWER = {
    "status": True,
    "message": "If an account has this address, a mail with a link is on its way to it.",
}
DEAD = {"status": False, "message": "Invalid or expired reset link"}
NEW = "violet tram 42 evening"
PATIENCE_SECONDS = 30

_SET_EMAIL = statement(
    update(user).where(user.c.id == bindparam("of_user")).values(email=bindparam("address"))
)
_DISABLE = statement(update(user).where(user.c.id == bindparam("of_user")).values(is_active=False))
_EXPIRE = statement(update(password_reset).values(expires_at=1))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Instance]:
    """A server with a public address, behind a proxy, so that tests come from as many places as they like."""
    folder = tmp_path_factory.mktemp("resets")
    (folder / "data").mkdir()
    environment = {"LIBREPHOTOS_PUBLIC_URL": BASE, "LIBREPHOTOS_TRUSTED_PROXIES": "127.0.0.1"}
    one = Instance(folder / "data", folder / "library", new_database(folder / "data"), environment).start()
    one.add_user("founder", is_admin=True)
    yield one
    one.stop()


@pytest.fixture
def post_office(served: Instance, mail_server: MailServer) -> MailServer:  # noqa: F811
    send_by(served, mail_server.port)
    return mail_server


def send_by(served: Instance, port: int, provider: str = "own") -> None:
    settings = {"provider": provider, "host": "127.0.0.1", "port": port, "use_tls": False}
    served.db.commit(change_mail_settings, {**settings, "from_email": "photos@example.org"})


def post(served: Instance, path: str, body: dict[str, Any], place: str, **headers: str) -> httpx.Response:
    return httpx.post(
        served.base_url + path,
        json=body,
        headers={"X-Forwarded-For": place, "Host": "evil.example", **headers},
    )


def ask(served: Instance, email: str | None, place: str, **headers: str) -> None:
    answer = post(served, ASK, {"email": email}, place, **headers)
    assert (answer.status_code, answer.json()) == (200, ANSWER)


def person(served: Instance, name: str, email: str, password: str = "old secret") -> Any:
    account = served.add_user(name, password)
    served.db.commit(lambda tx: tx.execute(_SET_EMAIL, of_user=account.user_id, address=email))
    return account


def wait_for(find: Any) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def link_in(mail: str) -> dict[str, str]:
    plain = mail.replace("=\r\n", "").replace("=3D", "=")
    found = re.search(rf"{BASE}/password-reset/confirm/([\w-]+)/([\w-]+)\r\n", plain)
    assert found, plain
    assert "evil" not in plain
    return {"uid": found[1], "token": found[2]}


def get_link(served: Instance, post_office: MailServer, email: str, place: str) -> dict[str, str]:
    before = len(post_office.mails)
    ask(served, email, place)
    wait_for(lambda: len(post_office.mails) > before)
    return link_in(post_office.mails[-1])


def events(served: Instance, kind: str) -> list[tuple[Any, ...]]:
    return read_all(
        served,
        f"SELECT subject_id, result, detail, occurrence_count FROM audit_event WHERE kind = '{kind}' ORDER BY id",
    )


def test_a_link_is_mailed_to_whose_address_it_is_and_sets_a_new_password_once(
    served: Instance, post_office: MailServer
) -> None:
    anna = person(served, "anna", "Anna@example.org")
    first = get_link(served, post_office, " anna@EXAMPLE.org ", "203.0.113.1")
    assert "To: Anna@example.org" in post_office.mails[-1]
    link = get_link(served, post_office, "Anna@example.org", "203.0.113.1")
    assert first["token"] != link["token"] and len(link["token"]) == 43
    for missing in ("uid", "token", "new_password"):
        for nothing in ("", None):
            body = {**link, "new_password": NEW, missing: nothing}
            answer = post(served, CONFIRM, body, "203.0.113.1")
            assert answer.status_code == 400
            assert answer.json() == {"status": False, "message": "Missing parameters"}
    for unusable in ({**link, "token": link["token"] + "\0"}, {**link, "uid": "M\0"}):
        answer = post(served, CONFIRM, {**unusable, "new_password": NEW}, "203.0.113.1")
        assert answer.json() == {"status": False, "message": "Invalid or expired reset link"}
    for weak, words in (
        ("abc", "This password is too short. It must contain at least 8 characters."),
        ("password1", "This password is too common."),
        ("anna@example", "The password is too similar to the email address."),
    ):
        answer = post(served, CONFIRM, {**link, "new_password": weak}, "203.0.113.1")
        assert (answer.status_code, answer.json()["status"]) == (400, False)
        assert words in answer.json()["message"]
    assert served.client(anna.bearer).get("/api/auth/account/").status_code == 200
    # Two come at once with the same link.
    answers: list[httpx.Response] = []
    body = {**link, "new_password": NEW}
    threads = [
        threading.Thread(target=lambda: answers.append(post(served, CONFIRM, body, "203.0.113.1")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    done = next(answer for answer in answers if answer.status_code == 200)
    assert done.json() == {"status": True, "message": "Password has been reset"}
    # Every session has ended, and the other link is as dead as the used one.
    assert served.client(anna.bearer).get("/api/auth/account/").status_code == 401
    assert served.client(auth=("anna", "old secret")).get("/api/auth/account/").status_code == 401
    assert served.client(auth=("anna", NEW)).get("/api/auth/account/").status_code == 200
    for dead in (
        first,
        link,
        {**first, "token": "x"},
        {"uid": "é", "token": "\U0001f600"},
        {"uid": "MA", "token": "x"},
    ):
        answer = post(served, CONFIRM, {**dead, "new_password": NEW + "!"}, "203.0.113.1")
        assert (answer.status_code, answer.json()) == (400, DEAD)
    assert [(row[0], row[1]) for row in events(served, "password_reset")] == [(anna.user_id, "ok")]
    assert {(row[0], row[1]) for row in events(served, "password_reset_asked")} == {(anna.user_id, "ok")}
    # Gathered by the hour, of which two may have been touched.
    refused = events(served, "password_reset_refused")
    assert {(row[0], row[1]) for row in refused} == {(None, "refused")}
    assert sum(row[3] for row in refused) == 8
    # Of all this the token stands nowhere.
    secrets = [first["token"], link["token"]]
    assert not [name for name, value in list_values(served) for secret in secrets if secret in value]
    assert not [secret for secret in secrets if secret in served.log()]


def test_a_link_dies_with_the_password_the_address_the_account_and_its_hour(
    served: Instance, post_office: MailServer
) -> None:
    place = "203.0.113.2"

    def is_dead(link: dict[str, str]) -> bool:
        answer = post(served, CONFIRM, {**link, "new_password": NEW}, place)
        return (answer.status_code, answer.json()) == (400, DEAD)

    berta = person(served, "berta", "berta@example.org")
    link = get_link(served, post_office, "berta@example.org", place)
    with served.client(berta.bearer) as client:
        changed = client.patch(f"/api/user/{berta.user_id}/", json={"email": "else@example.org"})
        assert changed.status_code == 200, changed.text
        assert is_dead(link)
        link = get_link(served, post_office, "else@example.org", place)
        assert (
            client.patch(f"/api/user/{berta.user_id}/", json={"password": "newer secret"}).status_code == 200
        )
    assert is_dead(link)
    link = get_link(served, post_office, "else@example.org", place)
    served.db.commit(lambda tx: tx.execute(_EXPIRE))
    assert is_dead(link)
    served.db.commit(prune_logins)
    assert read_all(served, "SELECT id FROM password_reset") == []
    link = get_link(served, post_office, "else@example.org", place)
    served.db.commit(lambda tx: tx.execute(_DISABLE, of_user=berta.user_id))
    assert is_dead(link)


def test_nobody_learns_whether_an_address_is_anybodys_nor_whether_mail_works(
    served: Instance, post_office: MailServer
) -> None:
    cleo = person(served, "cleo", "cleo@example.org")
    person(served, "nameless", "")
    off = person(served, "dora", "dora@example.org")
    served.db.commit(lambda tx: tx.execute(_DISABLE, of_user=off.user_id))
    for number, email in enumerate(
        (
            "dora@example.org",
            "missing@example.org",
            "",
            None,
            "x",
            "cleo@example.org\r\nBcc: x@example.org",
            "ｃleo@example.org",
        )
    ):
        ask(served, email, f"198.51.100.{number}")
    # One thread answers them in their order: whatever the earlier ones had brought is there by now.
    get_link(served, post_office, "cleo@example.org", "198.51.100.9")
    assert len(post_office.mails) == 1
    # A mail server that says no, one that is away, and none at all.
    person(served, "nobody", "nobody@example.org")
    for port, provider, email in (
        (post_office.port, "own", "nobody@example.org"),
        (9, "own", "cleo@example.org"),
        (9, "disabled", "cleo@example.org"),
    ):
        send_by(served, port, provider)
        before = len(events(served, "password_reset_asked"))
        ask(served, email, "198.51.100.10")
        wait_for(lambda count=before: len(events(served, "password_reset_asked")) > count)
    reasons = [row[2] for row in events(served, "password_reset_asked")[-3:]]
    assert "no such person" in reasons[0] and "efused" in reasons[1] and "not configured" in reasons[2]
    assert "password reset not mailed" in served.log() and cleo
    assert httpx.get(f"{served.base_url}/api/sitesettings").json()["password_reset"] is False
    send_by(served, post_office.port)
    assert httpx.get(f"{served.base_url}/api/sitesettings").json()["password_reset"] is True


def test_an_answer_does_not_wait_for_the_mail_server(served: Instance) -> None:
    import socket

    person(served, "emil", "emil@example.org")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        send_by(served, silent.getsockname()[1])
        # It was taken, and the mail server says nothing until this test lets it go.
        ask(served, "emil@example.org", "198.51.100.20")
        silent.settimeout(PATIENCE_SECONDS)
        connection, _ = silent.accept()
        ask(served, "missing@example.org", "198.51.100.20")
        connection.close()


def test_both_who_asks_and_whom_it_is_sent_to_are_limited(served: Instance, post_office: MailServer) -> None:
    for number in range(5):
        ask(served, f"guess-{number}@example.org", "2001:db8:1:2::1")
    refused = post(served, ASK, {"email": "fritz@example.org"}, "2001:db8:1:2::ffff")
    assert refused.status_code == 429
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert re.fullmatch(
        r"Request was throttled\. Expected available in \d+ seconds\.", refused.json()["errors"][0]["message"]
    )
    # From five networks to one address, whether or not it is anybody's; then no more from any.
    person(served, "fritz", "fritz@example.org")
    for email in ("fritz@example.org", "nobodys@example.org"):
        for number in range(5):
            ask(served, email.upper() if number % 2 else email, f"192.0.2.{number}")
        assert post(served, ASK, {"email": email}, "192.0.2.77").status_code == 429
    # Guessing links is limited too, and comes from a network that other guesses come from.
    guess = {"uid": "MQ", "token": "x" * 43, "new_password": NEW}
    statuses = [post(served, CONFIRM, guess, "192.0.2.200").status_code for _ in range(12)]
    assert statuses[:10] == [400] * 10 and statuses[11] == 429


def test_mail_speaks_german_to_german_browsers_and_every_alphabet(
    served: Instance, post_office: MailServer
) -> None:
    person(served, "grete", "grete@müller.example")
    ask(served, "grete@müller.example", "192.0.2.250", **{"Accept-Language": "de-AT,de;q=0.9"})
    wait_for(lambda: post_office.mails)
    mail = post_office.mails[-1]
    assert (
        "To: grete@xn--mller-kva.example" in mail
        and "Neues Passwort =?utf-8?q?f=C3=BCr?= LibrePhotos" in mail
    )
    assert "Hallo grete" in mail and link_in(mail)
    assert fold_email(" Ä.B@Ex ") == "Ä.b@ex"


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_line_break_makes_no_header(served: Instance, field: str) -> None:
    mail = {"to": "a@example.org", "subject": "x", "text": "x", field: "a@example.org\nBcc: b@example.org"}
    settings = MailSettings(
        provider="own", from_email="me@example.org", host="127.0.0.1", port=9, use_tls=False
    )
    with pytest.raises(NotSent, match=r"linefeed|newline|header"):
        send_mail(settings, Vault(served.data), Mail(**mail))
