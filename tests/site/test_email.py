"""How mail is sent: stored, sealed, told to admins only, and tried with a real mail server."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import httpx
import pytest

from librephotos.accounts.mail_settings import change_mail_settings, get_mail_settings
from tests.instance import Account, Instance
from tests.photos.rows import read_all

PATH = "/api/email-config/"
KEYS = [
    "provider",
    "from_email",
    "host",
    "port",
    "use_tls",
    "use_ssl",
    "username",
    "has_secret",
    "is_configured",
    "presets",
]
SECRET = "planted-mail-secret-3f1c"


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail for whoever it knows, and says what it was told."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[str] = []
        self.port = self.server_address[1]


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer
    answers: ClassVar[dict[str, str]] = {"EHLO": "250 here", "DATA": "354 go on", "QUIT": "221 bye"}

    def handle(self) -> None:
        self.say("220 here")
        for line in self.rfile:
            verb = line[:4].decode().upper()
            if verb == "RCPT" and b"nobody" in line:
                self.say("550 no such person")
                continue
            self.say(self.answers.get(verb, "250 fine"))
            if verb == "DATA":
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(text.decode())
                self.say("250 taken")
            if verb == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def mail_settings_kept(instance: Instance) -> Iterator[None]:
    """Leave the installation's settings of mail as they were: other tests share it."""
    before = instance.db.commit(get_mail_settings)
    try:
        yield
    finally:
        kept = {name: getattr(before, name) for name in before.__struct_fields__}
        instance.db.commit(change_mail_settings, kept)


@pytest.fixture
def root(instance: Instance, admin: Account) -> Iterator[httpx.Client]:
    with mail_settings_kept(instance), instance.client(admin.bearer) as client:
        yield client


def test_mail_is_configured_tried_and_never_tells_its_password(
    instance: Instance, root: httpx.Client, client: httpx.Client, admin: Account, mail_server: MailServer
) -> None:
    def change(**changes: Any) -> dict[str, Any]:
        answer = root.post(PATH, json=changes)
        assert (answer.status_code, list(answer.json())) == (200, KEYS), answer.text
        assert answer.json() == root.get(PATH.rstrip("/")).json()
        return dict(answer.json())

    def can_mail() -> bool:
        return bool(client.get("/api/sitesettings").json()["email_configured"])

    first = root.get(PATH).json()
    assert (first["provider"], first["port"], first["use_tls"], first["is_configured"]) == (
        "disabled",
        587,
        True,
        False,
    )
    assert first["presets"]["sendgrid"]["default_username"] == "apikey"
    assert (first["presets"]["mailgun"]["port"], "host" in first["presets"]["ses"]) == (587, False)
    refused = root.post(f"{PATH}test/", json={})
    assert (refused.status_code, refused.json()) == (
        400,
        {"status": False, "message": "Email is not configured."},
    )
    assert not can_mail()
    assert change(provider="brevo", from_email="me@example.org", secret=SECRET)["is_configured"] is True
    assert can_mail()
    # The password was for another server.
    own = {"host": "127.0.0.1", "port": mail_server.port, "use_tls": False}
    assert change(provider="own", **own)["has_secret"] is False
    assert change(secret=SECRET, username="")["has_secret"] is True
    assert change(secret="")["has_secret"] is True
    assert not [value for (value,) in read_all(instance, "SELECT value FROM site_setting") if SECRET in value]
    no_recipient = root.post(f"{PATH}test", json={})
    assert (no_recipient.status_code, no_recipient.json()["status"]) == (400, False)
    sent = root.post(f"{PATH}test/", json={"to": "you@example.org"})
    assert sent.json() == {"status": True, "message": "Test email sent to you@example.org."}
    (mail,) = mail_server.mails
    assert "From: me@example.org" in mail
    assert "To: you@example.org" in mail
    told = root.post(f"{PATH}test/", json={"to": "nobody@example.org"})
    assert (told.status_code, told.json()["status"]) == (200, False)
    assert "no such person" in told.json()["message"]
    assert change(clear_secret=True)["has_secret"] is False
    assert change(provider="disabled")["is_configured"] is False


def test_bad_input_is_named_and_others_are_refused(root: httpx.Client, client: httpx.Client) -> None:
    for field, value in (
        ("port", -1), ("port", True), ("port", "x"), ("use_tls", "perhaps"), ("from_email", "x"), ("provider", ""),
        ("host", "x\x00"), ("from_email", "a@example.org\nBcc: b@example.org"),
    ):  # fmt: skip
        answer = root.post(PATH, json={field: value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), (field, value)
    assert root.post(f"{PATH}test/", json={"to": "x"}).status_code == 400
    for method, path in (("GET", PATH), ("POST", PATH), ("POST", f"{PATH}test/")):
        assert client.request(method, path, json={} if method == "POST" else None).status_code == 403
