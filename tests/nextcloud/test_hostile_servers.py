"""Servers that lie, lead elsewhere or break off, and imports that are killed: nothing is lost and nothing is harmed."""

import datetime
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from librephotos.accounts.site_settings import store_site_settings
from librephotos.accounts.vault import Vault
from librephotos.db.statements import statement
from librephotos.db.tables import user
from librephotos.errors import LibrePhotosError
from librephotos.jobs.registry import Report
from librephotos.nextcloud.jobs import import_files
from librephotos.nextcloud.reaching import (
    BAD_CERTIFICATE,
    REDIRECTS,
    UNENCRYPTED,
    Remote,
    Target,
    parse_target,
)
from librephotos.nextcloud.schemas import Trouble
from librephotos.settings import Settings
from librephotos.users.app_password import seal_app_password
from librephotos.users.outside import PRIVATE, is_public
from tests.databases import NewDatabase
from tests.library.in_process import Host, InProcessLibrary, Killed, PlainRun, hosted
from tests.library.scanning import draw
from tests.nextcloud.servers import BASE, PASSWORD, USER, Answer, answering, listing, response, served_folder


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Host]:
    with hosted(tmp_path_factory.mktemp("nextcloud"), new_database) as host:
        with host.db.transaction() as tx:
            store_site_settings(tx, {"nextcloud_enabled": True})
        yield host


@pytest.fixture
def library(host: Host) -> InProcessLibrary:
    return InProcessLibrary(host)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    draw(tmp_path / "picture.jpg", 1)
    return (tmp_path / "picture.jpg").read_bytes()


def import_from(
    library: InProcessLibrary, address: str, *, ends_after: int | None = None, **settings: Any
) -> Report | None:
    """Import all of a server's files; to the given checkpoint, if there is one, which returns None."""
    host, user_id = library.host, library.user_id
    entered = {
        "nextcloud_server_address": address,
        "nextcloud_username": USER,
        "nextcloud_app_password": seal_app_password(Vault(host.data), user_id, PASSWORD),
        "nextcloud_scan_directory": "/",
    }
    with host.db.transaction() as tx:
        tx.execute(statement(user.update().where(user.c.id == user_id).values(entered)))
    run = PlainRun(host, user_id, ends_after)
    run.settings = host.settings.model_copy(
        update={"private_hosts": "127.0.0.1", "upload_free_bytes": 0, **settings}
    )
    try:
        return import_files(run)
    except Killed:
        return None


def stored(library: InProcessLibrary) -> dict[str, bytes]:
    return {
        str(path.relative_to(library.folder)): path.read_bytes()
        for path in library.folder.rglob("*")
        if path.is_file()
    }


def error_of(library: InProcessLibrary, address: str) -> str:
    with pytest.raises(LibrePhotosError) as caught:
        import_from(library, address)
    return caught.value.message


def test_a_kill_at_any_checkpoint_loses_nothing_and_leaves_no_part(library: InProcessLibrary, tmp_path: Path):
    cloud = tmp_path / "cloud"
    for seed in range(3):
        draw(cloud / f"{seed % 2}" / f"{seed}.jpg", seed)
    whole = {path.read_bytes() for path in cloud.rglob("*.jpg")}
    with served_folder(cloud) as dav:
        ends_after = 0
        while import_from(library, dav.url, ends_after=ends_after) is None:
            assert set(stored(library).values()) <= whole
            ends_after += 1
        assert ends_after > 6
        again = import_from(library, dav.url)
    assert again is not None
    assert again.result["here_already"] == 3
    assert sorted(stored(library)) == [
        f"uploads/nextcloud/{name}" for name in ("0/0.jpg", "0/2.jpg", "1/1.jpg")
    ]
    # Nothing but the last file before each kill may be asked for a second time.
    assert len(dav.fetched) <= 6
    states = library.rows(f"SELECT pending, is_missing FROM file WHERE owner_id = {library.user_id}")
    assert len(states) == 3


def test_a_file_that_was_placed_before_a_kill_is_taken_as_it_is(library: InProcessLibrary, picture: bytes):
    draft = library.host.data / "uploads" / "in-process.import"
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(picture)
    placed = library.folder / "uploads" / "nextcloud" / "a.jpg"
    placed.parent.mkdir(parents=True)
    # Linked and killed: the draft is one more name of the library's file.
    os.link(draft, placed)

    def answer(method: str, path: str) -> Answer:
        if method == "GET":
            return 200, {}, picture
        return 207, {}, listing(response(f"{BASE}/a.jpg", len(picture)))

    with answering(answer) as dav:
        report = import_from(library, dav.url)
    assert report is not None
    assert report.result["imported"] == 1
    assert stored(library) == {"uploads/nextcloud/a.jpg": picture}
    assert not draft.exists()


def test_hostile_names_and_lengths(library: InProcessLibrary, picture: bytes, tmp_path: Path):
    size = len(picture)
    (tmp_path / "outside").mkdir()
    link = library.folder / "uploads" / "nextcloud" / "linked"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "outside")
    mine = library.folder / "uploads" / "nextcloud" / "mine.jpg"
    mine.write_bytes(b"what lies here already")
    names = [
        "..",
        "%2e%2e",
        "%2e%2e%2fevil.jpg",
        "..%2f..%2fevil.jpg",
        "a%00.jpg",
        "%ff.jpg",
        "deep/er.jpg",
        "%0a.jpg",
    ]
    lies = {"short.jpg": picture[:-9], "long.jpg": picture + b"more"}
    answers = {f"{BASE}/{name}": (200, {}, content) for name, content in lies.items()}
    answers[f"{BASE}/broken.jpg"] = (200, {"Content-Length": str(size)}, picture[: size // 2])
    top = [
        response(f"{BASE}/{name}", size)
        for name in (*names, *lies, "broken.jpg", "mine.jpg", "good%2520.jpg")
    ]
    top += [
        response(f"http://192.0.2.1{BASE}/other%5chost.jpg", size),
        response(f"{BASE}/linked/", is_folder=True),
        response("/etc/passwd.jpg", size),
    ]

    def answer(method: str, path: str) -> Answer:
        if method == "PROPFIND" and path == f"{BASE}/":
            return 207, {}, listing(*top)
        if method == "PROPFIND" and path == f"{BASE}/linked/":
            return (
                207,
                {},
                listing(response(f"{path}x.jpg", size), response(f"{path}y/", is_folder=True), folder=path),
            )
        if method == "PROPFIND":
            return 207, {}, listing(response(f"{path}z.jpg", size), folder=path)
        return answers.get(path, (200, {}, picture))

    with answering(answer) as dav:
        report = import_from(library, dav.url)
    assert report is not None
    assert mine.read_bytes() == b"what lies here already"
    found = stored(library)
    assert len(found) == 2
    assert set(found.values()) == {picture, b"what lies here already"}
    assert os.listdir(tmp_path / "outside") == []
    told = "\n".join(report.errors)
    for part in ("9 names in '/'", "short.jpg", "long.jpg", "broken.jpg"):
        assert part in told
    # Requests go to names below the folder alone, and the literal %20 stays one.
    assert f"GET {BASE}/good%2520.jpg" in dav.asked
    assert all(each.split()[1].startswith(f"{BASE}/") and ".." not in each for each in dav.asked)


BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><d:multistatus xmlns:d="DAV:">&b;</d:multistatus>'
ENTITY = (
    b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d:multistatus xmlns:d="DAV:">&a;</d:multistatus>'
)
NESTED = b'<d:multistatus xmlns:d="DAV:">' + b"<d:response>" * 50_000


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        *(
            ((207, {}, body), "no list of files")
            for body in (BOMB, ENTITY, NESTED, b"", b"\xff\xfe<", b"<html/>")
        ),
        ((200, {}, b"<html>Welcome</html>"), "no list of files"),
        ((302, {"Location": "http://169.254.169.254/latest/"}, b""), REDIRECTS),
        ((503, {}, b""), "status 503"),
        ((207, {}, listing(response("/other/a.jpg", 9), folder="/other/")), "another folder"),
    ],
)
def test_answers_that_are_no_list(library: InProcessLibrary, answer: Answer, sentence: str):
    with answering(lambda method, path: answer) as dav:
        assert sentence in error_of(library, dav.url)
    assert dav.asked == [f"PROPFIND {BASE}/"]
    assert stored(library) == {}


def test_a_server_that_never_ends_is_cut_off(library: InProcessLibrary):
    def answer(method: str, path: str) -> Answer:
        return 207, {"Content-Length": "9999999", "X-Silence": "1"}, listing()[:-9]

    with answering(answer) as dav:
        remote = Remote(parse_target(Settings(private_hosts="127.0.0.1"), dav.url, USER), USER, PASSWORD, 0.3)
        with pytest.raises(Trouble) as caught:
            remote.list_folder(())
    assert caught.value.is_away


def test_no_quota_ends_an_import_and_says_what_was_left(library: InProcessLibrary, tmp_path: Path):
    cloud = tmp_path / "cloud"
    for seed in range(4):
        draw(cloud / f"{seed}.jpg", seed)
    size = max(path.stat().st_size for path in cloud.iterdir())
    with served_folder(cloud) as dav:
        report = import_from(library, dav.url, upload_quota_bytes=size * 2)
    assert report is not None
    assert (report.result["imported"], report.result["left"], report.error_count) == (2, 1, 2)
    assert "may not grow any further" in report.errors[0]
    assert len(dav.fetched) == 2


def test_private_addresses_are_refused_when_connecting(host: Host):
    # Both names are looked up when a connection is made, as is one that was public when it was stored.
    with answering(lambda method, path: (207, {}, listing())) as dav:
        port = int(dav.url.rpartition(":")[2])
        for name in ("localhost", "127.0.0.1"):
            with pytest.raises(Trouble) as caught:
                Remote(Target(False, name, port, (), False), USER, PASSWORD).list_folder(())
            assert caught.value.message == PRIVATE
        assert dav.asked == []
    none = Settings()
    for address in ("http://192.0.2.1", "http://cloud.example.org"):
        with pytest.raises(Trouble, match=UNENCRYPTED):
            parse_target(none, address, USER)
    for address in (
        "ftp://a.org",
        "https://",
        "https://u:p@a.org",
        "https://a.org/%2e%2e/x",
        "https://a..org",
    ):
        with pytest.raises(Trouble):
            parse_target(none, address, USER)
    hidden = (
        "64:ff9b::7f00:1",
        "2002:a00:1::",
        "::ffff:10.0.0.1",
        "fe80::1%eth0",
        "fd00::1",
        "169.254.169.254",
    )
    assert not any(map(is_public, hidden))
    assert is_public("64:ff9b::101:101")


def test_a_certificate_must_be_known_and_of_the_host(
    library: InProcessLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own, other = (certificate(tmp_path / name, name) for name in ("localhost", "cloud.example.org"))
    for path, is_known, is_good in ((own, False, False), (other, True, False), (own, True, True)):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        monkeypatch.setenv("SSL_CERT_FILE", str(path if is_known else tmp_path / "none"))
        with answering(lambda method, path: (207, {}, listing(folder="/dav/")), context) as dav:
            port = int(dav.url.rpartition(":")[2])
            remote = Remote(Target(True, "localhost", port, ("dav",), True), USER, PASSWORD)
            if is_good:
                assert remote.list_folder(()).entries == []
                remote.close()
                continue
            with pytest.raises(Trouble) as caught:
                remote.list_folder(())
            assert caught.value.message == BAD_CERTIFICATE.format("localhost")
            assert dav.asked == []


def certificate(path: Path, name: str) -> Path:
    """Write a key and a certificate for a name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
