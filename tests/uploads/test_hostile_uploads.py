"""Chunks, names and types that are wrong, by mistake or on purpose."""

import hashlib
import os
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import bindparam, update

from librephotos.db.statements import statement
from librephotos.db.tables import upload
from librephotos.kit import clock
from tests.instance import Account, Instance
from tests.keys import add_key
from tests.library.scanning import Library
from tests.uploads.conftest import Draw
from tests.uploads.sending import Sender

MISSING = "0" * 32


def drafts(instance: Instance) -> list[str]:
    folder = instance.data / "uploads"
    return (
        sorted(name for name in os.listdir(folder) if not name.endswith(".lock")) if folder.exists() else []
    )


def detail(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_chunks_must_follow_each_other(idle_sender: Sender, picture: Draw):
    content = picture(1)
    upload_id = idle_sender.chunk(content[:700]).json()["upload_id"]
    for start in (0, 699, 701, 10**12):
        answer = idle_sender.chunk(content[700:900], start=start, upload_id=upload_id)
        assert answer.status_code == 400
        assert answer.json() == {"detail": "Offsets do not match", "offset": 700}
    assert idle_sender.chunk(content[700:], start=700, upload_id=upload_id).json()["offset"] == len(content)
    assert idle_sender.complete(upload_id, content, "a.jpg").status_code == 200


@pytest.mark.parametrize("span", ["bytes 0-99/100", "bytes 0-98/99999999999", "bytes 0-5000/1"])
def test_a_chunk_of_another_length_than_told_is_refused(idle_sender: Sender, span: str):
    before = drafts(idle_sender.instance)
    assert detail(idle_sender.chunk(b"x" * 98, span=span)) == (400, "File size doesn't match headers")
    assert drafts(idle_sender.instance) == before


@pytest.mark.parametrize("span", ["", "bytes", "bytes a-b/c", "lines 5-9/10", "bytes 5-/9", "-" * 300])
def test_without_a_range_that_can_be_read_a_chunk_is_the_first(idle_sender: Sender, span: str):
    answer = idle_sender.chunk(b"x" * 98, span=span)
    assert (answer.status_code, answer.json()["offset"]) == (200, 98)


def test_a_first_chunk_begins_at_the_beginning(idle_sender: Sender):
    answer = idle_sender.chunk(b"x" * 98, start=5)
    assert (answer.status_code, answer.json()) == (400, {"detail": "Offsets do not match", "offset": 0})


def test_somebody_elses_upload_is_an_unknown_one(idle_sender: Sender, picture: Draw, stranger: Account):
    content = picture(2)
    upload_id = idle_sender.chunks(content, 500)
    other = Sender(idle_sender.instance, stranger)
    for unknown in (upload_id, MISSING, "../../etc/passwd", "%00", "nul\0", "x" * 5000, "é"):
        assert detail(other.chunk(b"more", start=len(content), upload_id=unknown)) == (404, "Not found.")
        assert detail(other.complete(unknown, content, "a.jpg")) == (404, "Not found.")
    assert idle_sender.complete(upload_id, content, "a.jpg").status_code == 200


def test_a_wrong_checksum_leaves_the_upload_usable(idle_sender: Sender, picture: Draw):
    content = picture(3)
    upload_id = idle_sender.chunks(content[:800], 400)
    assert detail(idle_sender.complete(upload_id, content, "a.jpg")) == (400, "md5 checksum does not match")
    assert detail(idle_sender.complete(upload_id, content, "a.jpg", md5="é")) == (
        400,
        "md5 checksum does not match",
    )
    assert idle_sender.chunk(content[800:], start=800, upload_id=upload_id).status_code == 200
    assert idle_sender.complete(upload_id, content, "a.jpg").status_code == 200


def test_both_fields_are_required(idle_sender: Sender):
    upload_id = idle_sender.chunk(b"x").json()["upload_id"]
    wanted = (400, "Both 'upload_id' and 'md5' are required")
    assert detail(idle_sender.complete("", b"x", "a.jpg")) == wanted
    assert detail(idle_sender.complete(upload_id, b"x", "a.jpg", md5=" ")) == wanted
    with idle_sender.client() as client:
        assert detail(client.post("/api/upload/complete/", json={})) == wanted
        assert detail(client.post("/api/upload/complete/", json=[1])) == wanted
        answer = client.post(
            "/api/upload/complete/", content=b"{", headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400 and "JSON" in answer.json()["detail"]


def test_a_completion_of_another_kind_or_size_is_refused_in_the_same_shape(idle_sender: Sender):
    with idle_sender.client() as client:
        text = {"Content-Type": "text/plain"}
        assert client.post("/api/upload/complete/", content=b"x", headers=text).status_code == 415
        answer = client.post("/api/upload/complete/", data={"filename": "x" * 34_000_000})
        assert detail(answer) == (413, "The request body is too large.")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "page.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "drawing.png"),
        (b"%PDF-1.7 ...", "scan.pdf"),
        (b"MZ\x90\x00" + bytes(200), "picture.jpg"),
        (b"just words", "notes.nef"),
        (b"", "empty.jpg"),
    ],
)
def test_what_is_no_media_is_refused_and_thrown_away(
    idle: Library, idle_sender: Sender, content: bytes, name: str
):
    before = drafts(idle_sender.instance)
    upload_id = idle_sender.chunks(content, 1000)
    assert detail(idle_sender.complete(upload_id, content, name)) == (400, "File type not allowed")
    assert idle_sender.complete(upload_id, content, name).status_code == 404
    assert drafts(idle_sender.instance) == before
    assert not any((idle.folder / "uploads").rglob("*.*"))


@pytest.mark.parametrize(
    "name", ["", "   ", "...", "/", "///..", "!?*", "CON", "nul.jpg", "com1.tar.jpg", ".."]
)
def test_a_name_of_no_use_is_refused(idle_sender: Sender, picture: Draw, name: str):
    content = picture(4)
    upload_id = idle_sender.chunks(content, 100_000)
    assert detail(idle_sender.complete(upload_id, content, name)) == (400, "The file name cannot be used")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\ann\\IMG 1.jpg", "IMG_1.jpg"),
        ("/etc/cron.d/x.jpg", "x.jpg"),
        (".htaccess.jpg", "htaccess.jpg"),
        ("..hidden.jpg", "hidden.jpg"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("写真 1.jpg", "写真_1.jpg"),
        ("a\x00b\nc.jpg", "ab_c.jpg"),
        ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
    ],
)
def test_only_the_base_name_counts(idle: Library, idle_sender: Sender, picture: Draw, name: str, kept: str):
    content = picture(5)
    assert idle_sender.upload(content, name).status_code == 200
    assert os.listdir(idle.folder / "uploads" / "web") == [kept]


def test_no_chunk_is_told(idle_sender: Sender):
    wanted = (400, "No chunk file was submitted")
    with idle_sender.client() as client:
        assert detail(client.post("/api/upload/")) == wanted
        assert detail(client.post("/api/upload/", json={"upload_id": ""})) == wanted
        assert detail(client.post("/api/upload/", files={"other": ("a", b"x")})) == wanted
        two = [("file", ("a", b"x")), ("file", ("b", b"y"))]
        assert detail(client.post("/api/upload/", files=two)) == (
            400,
            "More than one chunk file was submitted",
        )
        broken = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = client.post("/api/upload/", content=b"--b\r\nnonsense", headers=broken)
        assert answer.status_code == 400 and "Multipart" in answer.json()["detail"]


def test_credentials_are_asked_in_the_words_of_uploads(
    instance: Instance, idle: Library, user: Account, picture: Draw
):
    content = picture(6)
    none, unusable = (
        (403, "Authentication credentials were not provided"),
        (403, "Authentication credentials were invalid"),
    )
    own = {"Sec-Fetch-Site": "same-origin"}
    stale = instance.signer.mint_access({"user_id": str(user.user_id), "sid": "ended"}).text
    gone = instance.signer.mint_access({"user_id": "987654"}).text
    for headers, wanted in (
        ({}, none),
        ({"Authorization": "Bearer"}, none),
        ({"Authorization": "Bearer a b"}, none),
        ({"Authorization": "Basic dTpw"}, none),
        ({"Authorization": f"Bearer {gone}"}, none),
        ({"Authorization": "Bearer rubbish"}, unusable),
        ({"Authorization": f"Bearer {stale}"}, unusable),
        ({"Cookie": f"jwt={stale}", **own}, unusable),
        ({"Cookie": "jwt=", **own}, unusable),
        ({"Authorization": "Bearer rubbish", **user.cookie, **own}, unusable),
        (user.cookie, (403, "The cookie counts for uploads from this server's own pages only")),
        ({**user.cookie, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, None),
    ):
        answer = Sender(instance, user, headers).chunk(content)
        assert answer.status_code == 403, headers
        assert wanted is None or detail(answer) == wanted, headers
        assert answer.headers["link"] == '</api/help>; rel="help"'
        assert Sender(instance, user, headers).complete(MISSING, content, "a.jpg").status_code == 403
    owner = idle.owner
    for headers in ({**owner.cookie, **own}, {**owner.cookie, "Origin": instance.base_url}):
        assert Sender(instance, owner, headers).upload(content, "a.jpg").status_code == 200


def test_a_key_needs_the_scope(instance: Instance, idle: Library, picture: Draw):
    content = picture(7)
    for scopes, status in ((("photos:read",), 403), (("uploads:write",), 200)):
        key = add_key(instance, idle.owner, *scopes)
        answer = Sender(instance, idle.owner, {"Authorization": f"Bearer {key.text}"}).chunk(content)
        assert answer.status_code == status, answer.text


def test_switched_off_means_not_allowed(instance: Instance, admin: Account, idle_sender: Sender):
    with instance.client(admin.bearer) as client:
        client.post("/api/sitesettings", json={"allow_upload": False})
        try:
            # A body of some MB is read all the same, or the client would see a broken connection.
            assert detail(idle_sender.chunk(b"x" * 5_000_000)) == (403, "Uploading is not allowed")
            assert detail(idle_sender.complete(MISSING, b"", "a.jpg")) == (403, "Uploading is not allowed")
        finally:
            client.post("/api/sitesettings", json={"allow_upload": True})


def test_without_a_scan_directory_the_upload_stays_usable(
    instance: Instance, user: Account, picture: Draw, tmp_path: Path
):
    content = picture(8)
    sender = Sender(instance, user)
    upload_id = sender.chunks(content, 1000)
    status, text = detail(sender.complete(upload_id, content, "a.jpg"))
    assert (status, text[:53]) == (400, "Upload failed: No scan directory configured. Please c")
    gone = instance.add_user(scan_directory=str(instance.library / "gone"))
    other = Sender(instance, gone)
    upload_id = other.chunks(content, 1000)
    status, text = detail(other.complete(upload_id, content, "a.jpg"))
    assert status == 400 and text.startswith(
        f"Upload failed: Scan directory '{instance.library / 'gone'}' does"
    )
    (instance.library / "gone").mkdir()
    assert other.complete(upload_id, content, "a.jpg").status_code == 200


@pytest.mark.parametrize("link", ["uploads", "uploads/web"])
def test_a_link_does_not_lead_uploads_out_of_the_library(
    idle: Library, idle_sender: Sender, picture: Draw, tmp_path: Path, link: str
):
    content = picture(9)
    other = Library.make(idle.instance)
    for target in (tmp_path, idle.instance.data, other.folder):
        place = idle.folder / link
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(target)
        before = sorted(os.listdir(target))
        upload_id = idle_sender.chunks(content, 1000)
        status, text = detail(idle_sender.complete(upload_id, content, "a.jpg"))
        assert status == 400 and "lies outside the library" in text
        assert [name for name in sorted(os.listdir(target)) if name == "web"] == []
        assert (target == idle.instance.data) or sorted(os.listdir(target)) == before
        place.unlink()


def test_an_upload_expires_after_a_day(idle_sender: Sender, picture: Draw):
    content = picture(10)
    upload_id = idle_sender.chunk(content[:100]).json()["upload_id"]
    age = statement(
        update(upload).where(upload.c.upload_id == bindparam("sought")).values(created_at=bindparam("then"))
    )
    with idle_sender.instance.db.transaction() as tx:
        tx.execute(age, sought=upload_id, then=clock.now() - clock.DAY)
    assert detail(idle_sender.chunk(content[100:], start=100, upload_id=upload_id)) == (
        410,
        "Upload has expired",
    )
    assert detail(idle_sender.complete(upload_id, content, "a.jpg")) == (410, "Upload has expired")


def test_two_completions_at_once_import_once(idle: Library, idle_sender: Sender, picture: Draw):
    content = picture(11)
    upload_id = idle_sender.chunks(content, 1000)
    other_id = idle_sender.chunks(content, 1000)
    answers: list[int] = []

    def complete(one: str, name: str) -> None:
        answers.append(idle_sender.complete(one, content, name).status_code)

    threads = [
        threading.Thread(target=complete, args=each)
        for each in ((upload_id, "a.jpg"), (upload_id, "b.jpg"), (other_id, "c.jpg"), (upload_id, "d.jpg"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One of the three and the other upload of the same file; the file is there once.
    assert sorted(answers) == [200, 200, 404, 404]
    assert len(os.listdir(idle.folder / "uploads" / "web")) == 1
    assert len(idle.rows(f"SELECT id FROM file WHERE owner_id = {idle.owner.user_id}")) == 1
    assert drafts(idle.instance) == [
        name for name in drafts(idle.instance) if name not in (upload_id, other_id)
    ]


def test_a_client_that_stops_in_the_middle_leaves_nothing(idle_sender: Sender):
    instance = idle_sender.instance
    before = drafts(instance)
    address = urlsplit(instance.base_url)
    head = (
        "POST /api/upload/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {idle_sender.account.bearer['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 3000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    )
    with socket.create_connection((address.hostname, address.port)) as line:
        line.sendall(head.encode() + b"x" * 2_000_000)
        deadline = time.monotonic() + 10
        while drafts(instance) == before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert drafts(instance) != before
    deadline = time.monotonic() + 10
    while drafts(instance) != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert drafts(instance) == before


def test_what_lies_in_the_library_is_never_written_over(idle: Library, idle_sender: Sender, picture: Draw):
    content = picture(12)
    folder = idle.folder / "uploads" / "web"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"mine")
    (folder / f"a_{idle_sender.hash_of(content)}.jpg").symlink_to(idle.folder / "nothing.jpg")
    assert idle_sender.upload(content, "a.jpg").status_code == 200
    assert (folder / "a.jpg").read_bytes() == b"mine"
    assert (folder / f"a_{idle_sender.hash_of(content)}_2.jpg").read_bytes() == content
    assert not (idle.folder / "nothing.jpg").exists()


def test_the_md5_of_the_answer_is_that_of_the_file(idle_sender: Sender, picture: Draw):
    content = picture(13)
    idle_sender.upload(content, "a.jpg")
    with idle_sender.client() as client:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        for text, wanted in (
            (f"{md5}{idle_sender.account.user_id}", True),
            (f"{md5.upper()}{idle_sender.account.user_id}", True),
            (f"{md5}{idle_sender.account.user_id + 1}", False),
            (md5, False),
            ("nonsense", False),
        ):
            assert client.get(f"/api/exists/{text}/").json() == {"exists": wanted}
