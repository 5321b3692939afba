"""Holes that servers of this API once had, each attacked as it was: accounts, jobs, settings, answers that tell.

Those about photos, albums and links stand in `test_advisories_of_sharing.py`, those about files in
`test_advisories_of_files.py`; docs/security.md lists all. Every test attacks over HTTP with what a stranger can know,
and looks at the victim's rows afterwards.
"""

from typing import Any

import httpx

from librephotos.photos.paths import BIG
from tests.accounts.test_password_resets import wait_for
from tests.authorization.matrix import MISSING_HASH, MISSING_ID, MISSING_UUID
from tests.authorization.test_matrix import looks
from tests.authorization.test_no_foreign_change import state
from tests.authorization.world import World
from tests.builders import stored
from tests.conftest import NewInstance
from tests.photos.rows import read_all
from tests.site.test_email import MailServer, mail_server, mail_settings_kept  # noqa: F401

EVIL = "evil.example"
BASE = "https://photos.example.org"
PLANTED_KEY = "planted-map-key-5d20"


def account(world: World) -> list[tuple[Any, ...]]:
    return read_all(world.instance, f'SELECT * FROM "user" WHERE id = {world.victim.user_id}')


def test_people_without_rights_make_and_change_no_accounts(
    world: World, attacker: httpx.Client, anonymous: httpx.Client
) -> None:
    """CVE-2023-22903, GHSA-wg72-3rf2-wvp5: the endpoints of accounts were open to everybody."""
    before = account(world)
    new = {
        "username": "intruder",
        "password": "an intruder's",
        "email": "",
        "first_name": "",
        "last_name": "",
    }
    taken = {"password": "taken over", "email": f"me@{EVIL}", "username": "mine", "scan_directory": "/"}
    rights = {"is_superuser": True, "is_staff": True, "is_active": True}
    of_victim = world.victim.user_id
    for caller, refusal in ((anonymous, 401), (attacker, 403)):
        for path in ("/api/user/", "/api/manage/user/"):
            assert caller.post(path, json={**new, **rights}).status_code == refusal
        for path in (f"/api/user/{of_victim}/", f"/api/manage/user/{of_victim}/"):
            for method in ("PATCH", "PUT", "DELETE"):
                answer = caller.request(method, path, json={**taken, **rights})
                assert answer.status_code in (refusal, 405), (method, path)
        assert caller.get(f"/api/manage/user/{of_victim}/").status_code == refusal
        assert caller.get("/api/manage/user/").status_code == refusal
        assert caller.delete(f"/api/delete/user/{of_victim}/").status_code == refusal
    assert anonymous.get("/api/firsttimesetup/").json() == {"isFirstTimeSetup": False}
    # Nor does anybody give themselves what only admins give.
    own = f"/api/user/{world.unrelated.user_id}/"
    assert attacker.patch(own, json=rights | {"username": "root", "scan_directory": "/"}).status_code == 200
    assert not attacker.get(own).json()["is_superuser"]
    assert attacker.get("/api/manage/user/").status_code == 403
    assert account(world) == before
    assert (
        read_all(world.instance, "SELECT id FROM \"user\" WHERE username IN ('intruder', 'root', 'mine')")
        == []
    )


def test_jobs_and_profiles_are_told_to_whom_they_belong(
    world: World, attacker: httpx.Client, anonymous: httpx.Client
) -> None:
    """#1861: jobs were everybody's, and the list of users gave away addresses and folders."""
    job = world.new_job()
    assert job not in [row["id"] for row in attacker.get("/api/jobs/?page_size=1000").json()["results"]]
    for method, path in (
        ("GET", "/api/jobs/{}/"),
        ("DELETE", "/api/jobs/{}/"),
        *(("POST", f"/api/jobs/{{}}/{action}/") for action in ("cancel", "pause", "resume")),
    ):
        foreign, unknown = (attacker.request(method, path.format(row_id)) for row_id in (job, MISSING_ID))
        assert foreign.status_code == 404
        assert looks(foreign) == looks(unknown)
    assert read_all(world.instance, f"SELECT state FROM job WHERE id = {job}") == [("queued",)]
    world.builder.change_user(world.victim, public_sharing=True, first_name="Vera")
    secrets = ("victim@example.org", 'scan_directory":"/', str(world.photo.path.parent), world.photo.uuid)
    for caller in (attacker, anonymous):
        for path in (f"/api/user/{world.victim.user_id}/", "/api/user/?limit=1000"):
            told = caller.get(path)
            assert "Vera" in told.text
            assert [secret for secret in secrets if secret in told.text] == []
    world.builder.change_user(world.victim, public_sharing=False)
    assert anonymous.get(f"/api/user/{world.victim.user_id}/").status_code == 404


def test_nobody_learns_by_a_hash_whether_a_file_is_here(
    world: World, attacker: httpx.Client, anonymous: httpx.Client
) -> None:
    """GHSA-hq2w-x39h-8wmp: hashes are MD5 and owner, so that other answers for known ones told who has which file."""
    photo = world.photo
    pairs = [(photo.uuid, MISSING_UUID), (photo.image_hash, MISSING_HASH)]
    gets = ["/api/photos/{}/", "/api/photos/{}/summary/", "/api/photos/{}/albums/", "/api/exists/{}/"]
    gets += [
        f"/media/{kind}/{{}}" for kind in (BIG, "square_thumbnails", "photos", "video", "embedded_media")
    ]
    gets += ["/api/photos/edit/{}/", "/api/photos/{}/processing/", "/api/media/diagnostics/{}/"]
    named: dict[str, dict[str, Any]] = {
        "/api/photo/share": {"photo_id": "{}"},
        "/api/photosedit/favorite/": {"image_hashes": ["{}"], "favorite": True},
        "/api/photosedit/setdeleted/": {"image_hashes": ["{}"], "deleted": True},
        "/api/photosedit/savecaption/": {"image_hash": "{}", "caption": "x"},
        "/api/photosedit/rotate/": {"image_hash": "{}", "angle": 90},
        "/api/photosedit/duplicate/delete/": {"image_hash": "{}", "path": str(photo.path)},
        "/api/photos/download": {"image_hashes": ["{}"]},
        "/api/addface": {
            "photo": "{}",
            "person_name": "x",
            "box": {"top": 0, "right": 1, "bottom": 1, "left": 0},
        },
    }
    before = state(world)
    for caller in (attacker, anonymous):
        for foreign, unknown in pairs:
            for path in gets:
                for method in ("GET", "HEAD"):
                    seen, missing = (caller.request(method, path.format(name)) for name in (foreign, unknown))
                    assert looks(seen) == looks(missing), (method, path)
                    assert seen.status_code in (200, 401, 403, 404)
            for path, body in named.items():
                method = "DELETE" if path.endswith("/delete/") else "POST"
                seen, missing = (
                    caller.request(method, path, content=stored(body).replace("{}", name), headers=JSON)
                    for name in (foreign, unknown)
                )
                assert looks(seen) == looks(missing), path
    assert state(world) == before


JSON = {"Content-Type": "application/json"}


def test_nobody_learns_of_metadata_and_folders_of_others(world: World, attacker: httpx.Client) -> None:
    """The same, where metadata answered 403 beside 404, and folders said whether a path is there."""
    before = state(world)
    for foreign, unknown in ((world.photo.uuid, MISSING_UUID), (world.photo.image_hash, MISSING_HASH)):
        for method, path in (
            *((verb, "/api/photos/{}/metadata/") for verb in ("GET", "PATCH")),
            ("GET", "/api/photos/{}/metadata/history/"),
            ("POST", f"/api/photos/{{}}/metadata/revert/{world.new_edit()}/"),
            ("POST", "/api/photos/{}/metadata/revert-all/"),
            ("POST", "/api/photos/{}/main-file/"),
        ):
            body = {"title": "x", "file_hash": world.photo.image_hash}
            seen, missing = (
                attacker.request(method, path.format(name), json=body) for name in (foreign, unknown)
            )
            assert seen.status_code == 404
            assert looks(seen) == looks(missing), path
        seen, missing = (
            attacker.get(f"/api/photos/metadata/bulk/?photo_ids={name}") for name in (foreign, unknown)
        )
        assert looks(seen) == looks(missing)
    folder = world.instance.library / f"attacker-{world.unrelated.user_id}"
    folder.mkdir()
    world.builder.change_user(world.unrelated, scan_directory=str(folder))
    there = [
        str(world.photo.path.parent),
        str(world.photo.path),
        str(world.instance.data),
        "/",
        "/etc/passwd",
    ]
    away = [f"{there[0]}-none", f"{there[0]}/none", "/no/such/place"]
    through = [f"{folder}/../{world.photo.path.parent.name}", f"{folder}/../none"]
    answers = [
        attacker.get("/api/folders/subfolders/", params={"path": path}) for path in (*there, *away, *through)
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({str(looks(answer)) for answer in answers}) == 1
    shown = attacker.get("/api/albums/date/list/", params={"folder": there[0]})
    assert shown.json()["results"] == []
    after = state(world)
    assert after[:5] == before[:5] and after[6:] == before[6:]


def test_the_key_of_the_map_is_told_to_admins_alone(
    world: World, attacker: httpx.Client, anonymous: httpx.Client
) -> None:
    """GHSA-6367-m327-c4pf: asking for the settings without signing in told the provider's key."""
    with world.instance.client(world.admin.bearer) as admin:
        assert admin.post("/api/sitesettings", json={"map_api_key": PLANTED_KEY}).status_code == 200
        try:
            for path in ("/api/sitesettings", "/api/site-settings", "/api/sitesettings/"):
                assert admin.get(path).json()["map_api_key"] == PLANTED_KEY
                for caller in (anonymous, attacker):
                    told = caller.get(path)
                    assert told.json()["map_api_key"] == "" and PLANTED_KEY not in told.text
                    assert caller.post(path, json={"map_api_key": "x"}).status_code in (401, 403)
        finally:
            admin.post("/api/sitesettings", json={"map_api_key": ""})


def test_a_link_for_a_new_password_leads_to_the_set_address_alone(
    new_instance: NewInstance,
    mail_server: MailServer,  # noqa: F811
) -> None:
    """The link was built from the `Host` header, so that whoever asked for somebody's got the token on a click."""
    one = new_instance(public_url=BASE)
    admin = one.add_user(is_admin=True)
    one.add_user("victim", "victim's password", email="victim@example.org")
    mail = {"provider": "own", "host": "127.0.0.1", "port": mail_server.port, "use_tls": False}
    mail["from_email"] = "photos@example.org"
    with one.client() as client:
        assert client.post("/api/email-config/", json=mail, headers=admin.bearer).status_code == 200
        for number, forged in enumerate(
            (
                {"Host": EVIL},
                {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "http"},
                {"Forwarded": f"host={EVIL}"},
                {"Origin": f"https://{EVIL}", "Referer": f"https://{EVIL}/"},
                {"Host": f"{EVIL}\t@photos.example.org"},
            )
        ):
            asked = client.post(
                "/api/auth/password/reset/", json={"email": "victim@example.org"}, headers=forged
            )
            assert asked.status_code in (200, 400) and EVIL not in asked.text
            if asked.status_code == 200:
                wait_for(lambda count=number: len(mail_server.mails) > count)
                text = mail_server.mails[-1].replace("=\r\n", "")
                assert f"{BASE}/password-reset/confirm/" in text and EVIL not in text


def test_without_a_set_address_no_link_is_mailed(
    world: World,
    anonymous: httpx.Client,
    mail_server: MailServer,  # noqa: F811
) -> None:
    """The same, where no address is set: no link is better than one that a stranger chose."""
    mail = {"provider": "own", "host": "127.0.0.1", "port": mail_server.port, "use_tls": False}
    mail["from_email"] = "photos@example.org"
    refused = "SELECT detail FROM audit_event WHERE kind = 'password_reset_asked' ORDER BY id"
    before = len(read_all(world.instance, refused))
    with mail_settings_kept(world.instance), world.instance.client(world.admin.bearer) as admin:
        assert admin.post("/api/email-config/", json=mail).status_code == 200
        for forged in ({"Host": EVIL}, {"X-Forwarded-Host": EVIL}):
            body = {"email": "victim@example.org"}
            assert anonymous.post("/api/auth/password/reset/", json=body, headers=forged).status_code == 200
        told = wait_for(lambda: read_all(world.instance, refused)[before:])
        assert "LIBREPHOTOS_PUBLIC_URL is not set" in told[0][0]
    assert mail_server.mails == []
