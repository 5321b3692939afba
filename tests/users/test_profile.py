"""Changing profiles, settings, pictures and passwords, and what a new password ends."""

import base64
import io
import time
from typing import Any

import httpx
import pytest
from PIL import Image

from librephotos.accounts import site_settings
from librephotos.search.jobs import NO_MODEL
from tests.conftest import NewInstance
from tests.instance import Account, Instance

FORBIDDEN = "You do not have permission to perform this action."


def png(size: tuple[int, int] = (1200, 600)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    return out.getvalue()


def path(account: Account) -> str:
    return f"/api/user/{account.user_id}/"


def first_error(answer: httpx.Response) -> tuple[int, str, str]:
    entry = answer.json()["errors"][0]
    return answer.status_code, entry["field"], entry["message"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_every_writable_setting_is_kept(client: httpx.Client, user: Account, method: str) -> None:
    changes: dict[str, Any] = {
        "email": "new@example.org", "first_name": " Ann ", "last_name": "B", "transcode_videos": True,
        "nextcloud_username": "ann", "nextcloud_scan_directory": "/Photos", "confidence": 0.2, "confidence_person": 0.8,
        "favorite_min_rating": 3, "save_metadata_to_disk": "SIDECAR_FILE", "image_scale": 2, "semantic_search_topk": 10,
        "datetime_rules": '[{"id": 1,  "rule_type": "exif"}]', "default_timezone": "US/Eastern", "public_sharing": True,
        "min_cluster_size": 4, "confidence_unknown_face": 0.6, "min_samples": 2, "cluster_selection_epsilon": 0.1,
        "text_alignment": "left", "header_size": "small", "save_face_tags_to_disk": True, "skip_raw_files": True,
        "stack_raw_jpeg": False, "slideshow_interval": 9, "duplicate_sensitivity": "loose", "duplicate_clear_existing": True,  # noqa: E501
        "default_timeline_filter": {"media": "photos", "favorites": True},
        "public_sharing_defaults": {"share_location": True},
        "llm_settings": {"enabled": True, "sentiment": 1},
        "burst_detection_rules": '[{"id": 1}]',
    }  # fmt: skip
    ignored = {
        "id": 1,
        "username": "other",
        "scan_directory": "/",
        "is_superuser": True,
        "face_recognition_model": "CNN",
        "x": 1,
    }
    answer = client.request(method, path(user), json={**changes, **ignored, "password": ""})
    assert answer.status_code == 200, answer.text
    full = answer.json()
    assert full == client.get(path(user)).json()
    same = {
        name: full[name]
        for name in changes
        if name not in ("first_name", "public_sharing_defaults", "llm_settings", "burst_detection_rules")
    }
    assert same == {name: changes[name] for name in same}
    assert full["first_name"] == "Ann"
    assert full["public_sharing_defaults"]["share_location"] is True
    assert full["public_sharing_defaults"]["share_faces"] is False
    assert (full["llm_settings"]["enabled"], full["llm_settings"]["custom_prompt"]) == (True, "")
    assert full["burst_detection_rules"] == [{"id": 1}]
    assert '"image_scale":2.0' in answer.text
    assert (full["id"], full["username"], full["scan_directory"], full["is_superuser"]) == (
        user.user_id,
        user.username,
        "",
        False,
    )


def test_switching_the_search_by_meaning_on_starts_a_job_that_says_what_is_missing(
    working_instance: Instance,
) -> None:
    ann = working_instance.add_user()
    with working_instance.client(ann.bearer) as client:
        for count in (0, 10, 20):
            assert client.patch(path(ann), json={"semantic_search_topk": count}).status_code == 200
        deadline = time.monotonic() + 30
        (job,) = client.get("/api/jobs/").json()["results"]
        while not job["finished"] and time.monotonic() < deadline:
            time.sleep(0.05)
            (job,) = client.get("/api/jobs/").json()["results"]
    assert (job["job_type"], job["job_type_str"]) == (6, "Calculate Clip Embeddings")
    assert (job["failed"], job["result"]["not_installed"]) == (False, NO_MODEL)


def test_the_whole_object_can_be_sent_back(client: httpx.Client, user: Account) -> None:
    whole = client.get(path(user)).json()
    answer = client.patch(path(user), json=whole)
    assert (answer.status_code, answer.json()) == (200, whole)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"default_timezone": "Mars/Base"}, '"Mars/Base" is not a valid choice.'),
        ({"save_metadata_to_disk": "on"}, '"on" is not a valid choice.'),
        ({"semantic_search_topk": 2**31}, "Ensure this value is less than or equal to 2147483647."),
        ({"min_samples": "many"}, "A valid integer is required."),
        ({"min_samples": 0}, "Ensure this value is greater than or equal to 1."),
        ({"favorite_min_rating": 6}, "Ensure this value is less than or equal to 5."),
        ({"confidence": "high"}, "A valid number is required."),
        ({"confidence": -0.1}, "Ensure this value is greater than or equal to 0."),
        ({"confidence_person": 1.1}, "Ensure this value is less than or equal to 1."),
        ({"transcode_videos": "maybe"}, "Must be a valid boolean."),
        ({"first_name": "x" * 151}, "Ensure this field has no more than 150 characters."),
        ({"first_name": "a\x00b"}, "Null characters are not allowed."),
        ({"datetime_rules": "no json"}, "Value must be valid JSON."),
        ({"default_timeline_filter": {"favorites": 1}}, "favorites must be a boolean."),
        ({"default_timeline_filter": {"x": True}}, "Only media, hide_screenshots, hide_documents and favorites are known."),  # noqa: E501
        ({"avatar": "http://host/a.png"}, "The submitted data was not a file. Check the encoding type on the form."),
        ({"nextcloud_server_address": "http://127.0.0.1:8080"}, "This address leads to a private network; an admin can allow its host by LIBREPHOTOS_PRIVATE_HOSTS."),  # noqa: E501
        ({"nextcloud_server_address": "http://[::ffff:10.0.0.1]/"}, "This address leads to a private network; an admin can allow its host by LIBREPHOTOS_PRIVATE_HOSTS."),  # noqa: E501
        ({"nextcloud_server_address": "file:///etc"}, "Enter a valid URL."),
        ({"nextcloud_app_password": "x" * 65}, "Ensure this field has no more than 64 characters."),
    ],
)  # fmt: skip
def test_a_bad_setting_is_refused_and_nothing_is_stored(
    client: httpx.Client, user: Account, changes: dict[str, Any], text: str
) -> None:
    before = client.get(path(user)).json()
    answer = client.patch(path(user), json={"last_name": "Changed", **changes})
    assert first_error(answer) == (400, next(iter(changes)), text)
    assert client.get(path(user)).json() == before


def test_others_may_not_change_a_profile(
    instance: Instance, anonymous: httpx.Client, client: httpx.Client, stranger: Account, admin: Account
) -> None:
    assert anonymous.patch(path(stranger), json={}).status_code == 401
    for method in ("PATCH", "PUT", "DELETE"):
        assert first_error(client.request(method, path(stranger), json={"first_name": 5})) == (
            403,
            "detail",
            FORBIDDEN,
        )
    assert client.patch("/api/user/987654321/", json={}).status_code == 404
    assert client.patch("/api/user/x/", json={}).status_code == 404
    staff = instance.add_user(is_staff=True)
    with instance.client(staff.bearer) as as_staff:
        assert as_staff.patch(path(stranger), json={"first_name": "Helped"}).status_code == 200
        # Only a superuser changes a superuser, the password above all.
        assert as_staff.patch(path(admin), json={"password": "taken-over"}).status_code == 403
        assert (
            as_staff.patch(f"/api/manage/user/{admin.user_id}/", json={"password": "taken-over"}).status_code
            == 403
        )


def test_a_picture_is_drawn_anew_shown_and_removed(
    instance: Instance, client: httpx.Client, user: Account
) -> None:
    answer = client.patch(
        path(user), files={"avatar": ("me.png", png(), "image/png")}, data={"first_name": "Pic"}
    )
    full = answer.json()
    assert answer.status_code == 200, answer.text
    assert full["avatar"] == f"{instance.base_url}{full['avatar_url']}"
    assert full["first_name"] == "Pic"
    stored = instance.data / "avatars" / full["avatar_url"].removeprefix("/media/avatars/")
    with Image.open(stored) as image:
        assert (image.format, image.size) == ("WEBP", (512, 256))
    second = client.patch(path(user), files={"avatar": ("me.png", png(), "image/png")}).json()
    assert second["avatar_url"] != full["avatar_url"]
    assert not stored.exists()
    gone = client.patch(path(user), json={"avatar": None}).json()
    assert (gone["avatar"], gone["avatar_url"]) == (None, None)
    assert not list((instance.data / "avatars").glob(f"*{user.user_id}-*"))


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", png()[:60], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"]
)
def test_what_is_no_picture_is_refused(client: httpx.Client, user: Account, content: bytes) -> None:
    answer = client.patch(path(user), files={"avatar": ("x.png", content, "image/png")})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "avatar"
    assert client.get(path(user)).json()["avatar"] is None


def obtain(one: Instance, account: Account, password: str) -> httpx.Response:
    with one.client() as client:
        return client.post(
            "/api/auth/token/obtain/", json={"username": account.username, "password": password}
        )


def test_a_body_with_nothing_but_a_password_changes_it_and_ends_other_sessions(instance: Instance) -> None:
    account = instance.add_user(password="old-secret")
    other = obtain(instance, account, "old-secret").json()
    basic = {"Authorization": "Basic " + base64.b64encode(f"{account.username}:old-secret".encode()).decode()}
    with instance.client() as client:
        assert client.get(path(account), headers=basic).json()["email"] == ""
        assert (
            client.patch(path(account), json={"password": "new-secret"}, headers=account.bearer).status_code
            == 200
        )
        assert (
            client.get(
                "/api/storagestats/", headers={"Authorization": f"Bearer {other['access']}"}
            ).status_code
            == 401
        )
        assert client.post("/api/auth/token/refresh/", json={"refresh": other["refresh"]}).status_code == 401
        assert client.get("/api/storagestats/", headers=basic).status_code == 401
        # The session that asked goes on.
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 200
        assert client.post("/api/auth/token/refresh/", json={"refresh": account.refresh}).status_code == 200
    assert obtain(instance, account, "old-secret").status_code == 401
    assert obtain(instance, account, "new-secret").status_code == 200


def test_an_admins_new_password_for_somebody_ends_all_of_their_sessions(
    instance: Instance, admin: Account
) -> None:
    account = instance.add_user(password="old-secret")
    with instance.client() as client:
        changed = client.patch(
            f"/api/manage/user/{account.user_id}/", json={"password": "new-secret"}, headers=admin.bearer
        )
        assert changed.status_code == 200
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 401
        assert client.post("/api/auth/token/refresh/", json={"refresh": account.refresh}).status_code == 401
        assert client.get("/api/storagestats/", headers=admin.bearer).status_code == 200


def test_strict_asks_for_the_current_password_unless_just_signed_in(new_instance: NewInstance) -> None:
    one = new_instance(password_policy="strict")
    one.add_user("root", is_admin=True)
    account = one.add_user("ann", "old and long enough", first_name="Zorabelline")
    with one.client() as client:
        for password, text in (
            ("x7 kqv", "This password is too short. It must contain at least 8 characters."),
            ("password1", "This password is too common."),
            ("zorabelline9", "The password is too similar to the first name."),
            ("8264915037", "This password is entirely numeric."),
        ):
            answer = client.patch(path(account), json={"password": password}, headers=account.bearer)
            assert first_error(answer) == (400, "password", text)
        # The test's own session has just begun; make it an old one.
        from sqlalchemy import update

        from librephotos.db.statements import statement
        from librephotos.db.tables import session

        with one.db.transaction() as tx:
            tx.execute(statement(update(session).values(created_at=1)))
        new = {"password": "quite another thing"}
        assert first_error(client.patch(path(account), json=new, headers=account.bearer)) == (
            400,
            "current_password",
            "This field is required.",
        )
        wrong = client.patch(path(account), json={**new, "current_password": "guess"}, headers=account.bearer)
        assert first_error(wrong)[:2] == (400, "current_password")
        right = client.patch(
            path(account), json={**new, "current_password": "old and long enough"}, headers=account.bearer
        )
        assert right.status_code == 200
        fresh = obtain(one, account, "quite another thing").json()
        again = client.patch(
            path(account),
            json={"password": "a third long thing"},
            headers={"Authorization": f"Bearer {fresh['access']}"},
        )
        assert again.status_code == 200


def test_the_site_setting_tightens_the_policy(new_instance: NewInstance) -> None:
    one = new_instance()
    root = one.add_user("root", is_admin=True)
    with one.db.transaction() as tx:
        site_settings.store_site_settings(tx, {"password_policy": "strict"})
    with one.client(root.bearer) as client:
        assert client.post("/api/user/", json={"username": "bob", "password": "abc"}).status_code == 400


@pytest.mark.parametrize("hasher", ["argon2", "pbkdf2_sha256", "pbkdf2_sha1"])
def test_passwords_stored_by_django_sign_in_and_are_upgraded(instance: Instance, hasher: str) -> None:
    from django.conf import settings as django_settings

    if not django_settings.configured:
        django_settings.configure()
    from django.contrib.auth.hashers import make_password
    from django.test.utils import override_settings

    names = ["Argon2PasswordHasher", "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}" for name in names]):
        stored = make_password("from the old house", hasher=hasher)
    account = instance.add_user(password_hash=stored)
    assert obtain(instance, account, "wrong").status_code == 401
    assert obtain(instance, account, "from the old house").status_code == 200
    from librephotos.accounts.queries import get_password_hash

    with instance.db.snapshot() as tx:
        now = get_password_hash(tx, account.user_id)
    assert now.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    assert hasher == "argon2" or now != stored
    assert obtain(instance, account, "from the old house").status_code == 200
