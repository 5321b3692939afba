"""Admins change accounts: directories, flags, and what protects the last superuser."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import NewInstance
from tests.instance import Account, Instance


def path(account: Account) -> str:
    return f"/api/manage/user/{account.user_id}/"


def first_error(answer: httpx.Response) -> tuple[int, str, str]:
    entry = answer.json()["errors"][0]
    return answer.status_code, entry["field"], entry["message"]


@pytest.fixture
def as_admin(instance: Instance, admin: Account) -> Iterator[httpx.Client]:
    with instance.client(admin.bearer) as client:
        yield client


def test_names_flags_and_directories_are_set(
    instance: Instance, as_admin: httpx.Client, user: Account
) -> None:
    folder = instance.library / f"photos-{user.user_id}"
    (folder / "in").mkdir(parents=True)
    body = {
        "username": f"Renamed-{user.user_id}", "email": "r@example.org", "first_name": "R", "skip_raw_files": True,
        "stack_raw_jpeg": False, "scan_directory": f"{folder}/in/..", "upload_directory": str(folder / "in"),
        "confidence": 0.9, "photo_count": 5, "is_staff": True, "password": "",
    }  # fmt: skip
    row = as_admin.patch(path(user), json=body).json()
    assert (row["username"], row["email"], row["first_name"]) == (
        f"renamed-{user.user_id}",
        "r@example.org",
        "R",
    )
    assert (row["skip_raw_files"], row["stack_raw_jpeg"], row["is_staff"]) == (True, False, True)
    assert (row["scan_directory"], row["upload_directory"]) == (
        str(folder.resolve()),
        str(folder.resolve() / "in"),
    )
    assert (row["confidence"], row["photo_count"]) == (0.1, 0)
    again = as_admin.patch(path(user), json={"scan_directory": "", "upload_directory": ""}).json()
    assert (again["scan_directory"], again["upload_directory"]) == (str(folder.resolve()), "")
    assert as_admin.patch(path(user), json=again).json() == again


def test_a_taken_or_empty_name_is_refused(as_admin: httpx.Client, user: Account, stranger: Account) -> None:
    taken = "A user with that username already exists."
    for name in (stranger.username.upper(), "DELETED"):
        assert first_error(as_admin.patch(path(user), json={"username": name})) == (400, "username", taken)
    assert first_error(as_admin.patch(path(user), json={"username": ""})) == (
        400,
        "username",
        "This field may not be blank.",
    )


def test_scan_directories_exist_inside_the_roots_and_never_overlap(
    instance: Instance, as_admin: httpx.Client, user: Account, stranger: Account
) -> None:
    outside = instance.data.parent / "outside"
    outside.mkdir(exist_ok=True)
    base = instance.library / f"over-{user.user_id}"
    (base / "a" / "b").mkdir(parents=True)
    (base / "a2").mkdir()
    (base / "link").symlink_to(outside)
    (base / "file").write_text("x")

    def refusal(directory: object) -> str:
        answer = as_admin.patch(path(user), json={"scan_directory": str(directory)})
        status, field, message = first_error(answer)
        assert (status, field) == (400, "non_field_errors")
        return message

    for missing in (base / "none", base / "file", "relative", "/no/such/place"):
        assert refusal(missing) == "Scan directory does not exist"
    for elsewhere in (outside, base / "link", "/", base / ".." / ".."):
        assert refusal(elsewhere) == "Scan directory must be inside the data root."
    assert as_admin.patch(path(stranger), json={"scan_directory": str(base / "a")}).status_code == 200
    for overlapping in (base, base / "a", base / "a" / "b"):
        assert refusal(overlapping).startswith(
            f"Scan directory overlaps the library of user '{stranger.username}' ({(base / 'a').resolve()})."
        )
    # A sibling whose name begins alike does not overlap.
    assert as_admin.patch(path(user), json={"scan_directory": str(base / "a2")}).status_code == 200
    assert as_admin.patch(path(user), json={"scan_directory": str(base / "a2")}).status_code == 200


def test_parallel_claims_of_one_directory_give_it_to_one(instance: Instance, admin: Account) -> None:
    folder = instance.library / f"contested-{admin.user_id}"
    folder.mkdir()
    accounts = [instance.add_user() for _ in range(8)]

    def claim(account: Account) -> int:
        body = {"scan_directory": str(folder)}
        return httpx.patch(
            f"{instance.base_url}{path(account)}", json=body, headers=admin.bearer, timeout=30
        ).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(claim, accounts)) == [200, *[400] * 7]


def test_a_disabled_account_is_out_at_once(instance: Instance, as_admin: httpx.Client) -> None:
    account = instance.add_user(password="a-password")
    with instance.client() as client:
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 200
        assert as_admin.patch(path(account), json={"is_active": False}).json()["is_active"] is False
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 401
        assert client.post("/api/auth/token/refresh/", json={"refresh": account.refresh}).status_code == 401
        assert client.get("/api/storagestats/", auth=account.basic).status_code == 401
        as_admin.patch(path(account), json={"is_active": True})
        # What ended stays ended.
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 401


def test_only_superusers_set_flags_and_change_superusers(
    instance: Instance, admin: Account, user: Account
) -> None:
    staff = instance.add_user(is_staff=True)
    with instance.client(staff.bearer) as client:
        for flag in ("is_staff", "is_superuser"):
            assert client.patch(path(user), json={flag: True}).status_code == 403
            assert client.patch(path(staff), json={flag: flag == "is_superuser"}).status_code == 403
        assert client.patch(path(user), json={"is_active": False}).status_code == 403
        assert client.patch(path(user), json={"is_active": True, "first_name": "Same"}).status_code == 200
        assert client.patch(path(admin), json={"first_name": "X"}).status_code == 403
    with instance.client(user.bearer) as client:
        assert client.patch(path(user), json={"is_superuser": True}).status_code == 403
    with instance.client(admin.bearer) as client:
        promoted = client.patch(path(user), json={"is_superuser": True}).json()
        assert (promoted["is_superuser"], promoted["is_staff"]) == (True, True)
        assert client.patch(path(user), json={"is_superuser": False}).json()["is_superuser"] is False


def test_the_last_active_superuser_stays(new_instance: NewInstance) -> None:
    one = new_instance()
    first, second = one.add_user("first", is_admin=True), one.add_user("second", is_admin=True)
    with one.client() as client:

        def change(by: Account, whose: Account, **body: bool) -> httpx.Response:
            return client.patch(path(whose), json=body, headers=by.bearer)

        assert change(first, second, is_active=False).status_code == 200
        for body in ({"is_active": False}, {"is_superuser": False}):
            status, field, _ = first_error(change(first, first, **body))
            assert (status, field) == (400, next(iter(body)))
        for address in ("/api/delete/user/", "/api/user/"):
            refused = client.delete(f"{address}{first.user_id}/", headers=first.bearer)
            assert (refused.status_code, refused.content) == (400, b"")
        assert change(first, second, is_active=True).status_code == 200
        assert change(first, first, is_superuser=False).status_code == 200


def test_two_superusers_who_demote_each_other_leave_one(new_instance: NewInstance) -> None:
    one = new_instance()
    pair = one.add_user("first", is_admin=True), one.add_user("second", is_admin=True)

    def demote(by: Account, whose: Account) -> int:
        body = {"is_superuser": False}
        return httpx.patch(
            f"{one.base_url}{path(whose)}", json=body, headers=by.bearer, timeout=30
        ).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(demote, pair, reversed(pair)))
    assert 200 in answers
    with one.client() as client:
        assert client.get("/api/firsttimesetup/").json() == {"isFirstTimeSetup": False}
        rights = [client.get("/api/manage/user/", headers=account.bearer).status_code for account in pair]
    assert 200 in rights
