"""Holes that servers of this API once had, each attacked as it was: uploads, paths, tags of files, and other servers.

The others stand in `test_advisories.py`; docs/security.md lists all.
"""

import http.client
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from librephotos.accounts.site_settings import store_site_settings
from librephotos.photos.paths import BIG
from tests.authorization.matrix import MEDIA
from tests.authorization.test_no_foreign_change import state
from tests.authorization.world import World
from tests.builders import Builder
from tests.instance import Account, Instance
from tests.library.scanning import Library, draw
from tests.nextcloud.servers import answering, listing
from tests.uploads.sending import Sender

# Files outside of what a kind may serve: nobody may get a byte of it.
PLANTED = b"planted-secret-b1d7 that no address leads to"
# Tag names that ExifTool would take for options: run a command file, write elsewhere, read another file.
OPTIONS = (
    "-if",
    "-o/tmp/planted",
    "-w planted.txt",
    "-execute",
    "-stay_open\nFalse",
    "EXIF:Make\n-o\nplanted.jpg",
    "EXIF:Make -o planted.jpg",
    "-TagsFromFile=/etc/passwd",
    "EXIF:Make<FileName",
    "FileName=planted.jpg",
    "-@",
)


@pytest.fixture
def planted(world: World) -> Iterator[Path]:
    """A file in the data folder beside what is served from there."""
    path = world.instance.data / "planted.txt"
    path.write_bytes(PLANTED)
    yield path
    path.unlink()


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_nobody_uploads_without_an_account_into_anothers_or_beside_their_folder(
    world: World, tmp_path: Path
) -> None:
    """Found by ZeroPath in 2024 (PRs #1379, #1476): the owner was a form field, the name was taken as sent."""
    attacker = Library.make(world.instance)
    draw(tmp_path / "a.jpg", 1)
    picture = (tmp_path / "a.jpg").read_bytes()
    victims = world.photo.path.parent
    before, everything = state(world), below(world.instance.library)
    for headers in (
        {},
        {"Cookie": "jwt=x", "Sec-Fetch-Site": "same-origin"},
        {"Authorization": "Basic dTpw"},
    ):
        nobody = Sender(world.instance, world.victim, headers)
        chunk = nobody.chunk(picture, fields={"user": str(world.victim.user_id)})
        assert chunk.status_code == 403
        for name in ("a.jpg", f"{victims}/a.jpg"):
            done = nobody.complete("0" * 32, picture, name, user=str(world.victim.user_id))
            assert done.status_code == 403
    sender = Sender(world.instance, attacker.owner)
    names = (
        f"{victims}/stolen.jpg",
        f"../../{victims.name}/stolen.jpg",
        f"..\\..\\{victims.name}\\stolen.jpg",
        f"..%2f..%2f{victims.name}%2fstolen.jpg",
        "....//....//stolen.jpg",
        f"{world.instance.data}/derived/stolen.jpg",
    )
    for number, name in enumerate(names):
        content = picture + bytes([number])
        upload_id = sender.chunks(content, 10_000)
        answer = sender.complete(upload_id, content, name, user=str(world.victim.user_id))
        assert answer.status_code == 200, answer.text
    page = b"<html><script>alert(1)</script></html>"
    for name in ("page.html", "page.jpg", "page.svg", "page.jpg.html"):
        assert sender.upload(page, name).status_code == 400
    # All of it lies in the attacker's own folder, under a plain name.
    new = below(world.instance.library) - everything
    own = f"{attacker.folder.name}/uploads"
    assert len([name for name in new if name.endswith(".jpg")]) == len(names)
    assert all(name in (own, f"{own}/web") or name.startswith(f"{own}/web/") for name in new), new
    assert not list(world.instance.data.rglob("stolen*"))
    assert state(world) == before


def spellings(*names: str) -> Iterator[str]:
    """The ways up that a careless server follows, in front of each name and by themselves."""
    for name in names:
        for up in (
            "../",
            "..\\",
            "..%2f",
            "..%5c",
            "%2e%2e/",
            "%2e%2e%2f",
            "%2e%2e%5c",
            "..%252f",
            "..%c0%af",
            "....//",
        ):
            for depth in (1, 3):
                yield up * depth + name
        yield from (name, f"/{name}", f"//{name}", quote(f"/{name}", safe=""), f"C:\\{name}", f"%00{name}")
        yield from (f"{name}%00.webp", f"x.webp/../../{name}", f"x%5c..%5c..%5c{name}", f"file:///{name}")


def test_no_spelling_of_a_media_path_leads_out_of_its_folder(world: World, planted: Path) -> None:
    """An advisory's draft: addresses were joined to the media folder, so that `..\\` read any file, even the key."""
    names = (
        "planted.txt",
        str(planted)[1:],
        "etc/passwd",
        f"{world.photo.path.parent.name}/{world.photo.path.name}",
    )
    kinds = [*(f"/media/{kind}/" for kind in MEDIA), "/media/", "/media/protected_media/", "/media/zip/..\\"]
    kinds += ["/api/downloads/", "/assets/", "/protected_media/", "/original/"]
    original = world.photo.path.read_bytes()
    line = http.client.HTTPConnection("127.0.0.1", world.instance.port, timeout=60)
    for headers in ({}, world.victim.bearer, world.unrelated.cookie, world.admin.bearer):
        for kind in kinds:
            for spelling in spellings(*names):
                line.putrequest("GET", kind + spelling.replace("\n", ""), skip_accept_encoding=True)
                for header in headers.items():
                    line.putheader(*header)
                line.endheaders()
                answer = line.getresponse()
                body = answer.read()
                assert answer.status in (400, 401, 403, 404), (kind, spelling)
                assert PLANTED not in body and b"root:" not in body and body != original, (kind, spelling)
    line.close()


def rules_with(tag: str) -> list[str]:
    exif = {"id": 99, "name": "mine", "rule_type": "exif"}
    condition = {"exif_tag": "EXIF:DateTimeOriginal", "condition_exif": f"{tag}//Canon"}
    return [json.dumps([{**exif, "exif_tag": tag}]), json.dumps([{**exif, **condition}])]


def test_rules_with_options_for_tags_are_not_stored(
    instance: Instance, client: httpx.Client, user: Account, admin: Account
) -> None:
    """Tags out of people's rules were handed to ExifTool, which took `-o` and others for options: it wrote files."""
    path = f"/api/user/{user.user_id}/"
    before = client.get(path).json()
    for tag in OPTIONS:
        for rules in rules_with(tag):
            refused = client.patch(path, json={"datetime_rules": rules, "last_name": "Changed"})
            assert refused.status_code == 400, tag
            assert [error["field"] for error in refused.json()["errors"]] == ["datetime_rules"]
        listed = client.patch(path, json={"datetime_rules": json.loads(rules)})
        assert listed.status_code == 400
    assert client.get(path).json() == before
    with instance.client(admin.bearer) as root:
        new = {"username": "ruled", "password": "a password", "datetime_rules": rules_with("-if")[0]}
        assert root.post("/api/user/", json=new).status_code == 400


def test_rules_with_options_that_are_stored_already_reach_no_tool(working_instance: Instance) -> None:
    """The same, of rules that an older version stored."""
    library = Library.make(working_instance)
    draw(library.folder / "a.jpg", 1, taken="2024:05:06 07:08:09")
    before = below(library.folder)
    rules = [rule for tag in OPTIONS for text in rules_with(tag) for rule in json.loads(text)]
    rules.append({"id": 100, "name": "plain", "rule_type": "exif", "exif_tag": "EXIF:DateTimeOriginal"})
    Builder(working_instance).change_user(library.owner, datetime_rules=json.dumps(rules))
    assert not library.scan("/api/fullscanphotos/")["failed"]
    (photo,) = library.photos()
    assert photo["taken_local"] == "2024-05-06T07:08:09"
    assert below(library.folder) == before
    assert not Path("/tmp/planted").exists()
    path = f"/api/user/{library.owner.user_id}/"
    with working_instance.client(library.owner.bearer) as client:
        # Clients send everything back as it was.
        whole = client.get(path).json()
        assert client.patch(path, json=whole).status_code == 200


def test_no_address_of_a_nextcloud_leads_into_the_own_network(
    instance: Instance, client: httpx.Client, user: Account, admin: Account
) -> None:
    """The server could be pointed at machines that only it reaches, and told what they answered."""
    builder = Builder(instance)
    folder = instance.library / f"cloud-{secrets.token_hex(4)}"
    folder.mkdir()
    builder.change_user(user, scan_directory=str(folder))
    with instance.db.transaction() as tx:
        store_site_settings(tx, {"nextcloud_enabled": True})
    try:
        new = {"username": "clouded", "password": "a password"}
        with (
            answering(lambda method, path: (207, {}, listing())) as inner,
            instance.client(admin.bearer) as root,
        ):
            port = inner.url.rpartition(":")[2]
            for host in (
                "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::]",
                "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "10.0.0.1", "192.168.1.1", "172.16.0.1",
                "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1%25eth0]", "LOCALHOST",
            ):  # fmt: skip
                for scheme in ("http", "https"):
                    address = f"{scheme}://{host}:{port}"
                    fields = {"nextcloud_server_address": address, "nextcloud_username": "ann"}
                    refused = client.patch(f"/api/user/{user.user_id}/", json=fields)
                    assert refused.status_code == 400, address
                    assert root.post("/api/user/", json={**new, **fields}).status_code == 400, address
                    # What an older version stored, or whose name led elsewhere when it was stored.
                    builder.change_user(user, nextcloud_username="ann", nextcloud_server_address=address)
                    for method, path in (
                        ("GET", "/api/nextcloud/listdir/?fpath=/"),
                        ("POST", "/api/nextcloud/scanphotos/"),
                    ):
                        used = client.request(method, path)
                        assert (used.status_code, used.json()["status"]) == (400, False), (address, used.text)
            assert inner.asked == []
    finally:
        with instance.db.transaction() as tx:
            store_site_settings(tx, {"nextcloud_enabled": False})


def test_no_picture_is_shown_without_signing_in(world: World, anonymous: httpx.Client) -> None:
    """#403: thumbnails needed no login, and their names are hashes of files that others may have."""
    for kind, row in MEDIA.items():
        for method in ("GET", "HEAD"):
            for headers in ({}, {"Cookie": "jwt="}, {"Cookie": "jwt=stale"}, {"Range": "bytes=0-99"}):
                refused = anonymous.request(method, row.path(world), headers=headers)
                assert (refused.status_code, refused.content) == (403, b""), kind
    for name in (world.photo.uuid, world.photo.image_hash, f"{world.photo.image_hash}.webp"):
        assert anonymous.get(f"/media/{BIG}/{name}").status_code == 403
        # With the cookie alone, as an `<img>` sends it.
        assert anonymous.get(f"/media/{BIG}/{name}", headers=world.victim.cookie).status_code == 200
        assert anonymous.get(f"/media/{BIG}/{name}", headers=world.unrelated.cookie).status_code == 404
