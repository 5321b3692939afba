"""First run and sign-up: who may come in, what is refused, and that one of many becomes the admin."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from librephotos.accounts import facts, setup, site_settings
from librephotos.db.statements import statement
from librephotos.db.tables import job, user
from librephotos.kit import clock
from tests.conftest import NewInstance
from tests.instance import Account, Instance

BODY = {"username": "ann", "password": "mypassword", "email": "", "first_name": "Ann", "last_name": ""}
_USERS = statement(
    select(user.c.username, user.c.is_superuser, user.c.is_staff, user.c.scan_directory)
    .where(user.c.username != "deleted")
    .order_by(user.c.id)
)
_JOBS = statement(select(job.c.kind, job.c.job_type))


@pytest.fixture
def open_registration(instance: Instance) -> Iterator[None]:
    with instance.db.transaction() as tx:
        site_settings.store_site_settings(tx, {"allow_registration": True})
    yield
    with instance.db.transaction() as tx:
        site_settings.store_site_settings(tx, {"allow_registration": False})


def messages(answer: httpx.Response) -> dict[str, str]:
    return {entry["field"]: entry["message"] for entry in answer.json()["errors"]}


def users_of(one: Instance) -> list[tuple[object, ...]]:
    with one.db.snapshot() as tx:
        return tx.all(_USERS)


def test_the_first_account_becomes_admin_owns_the_root_and_is_scanned(new_instance: NewInstance) -> None:
    one = new_instance()
    with one.client() as client:
        assert client.get("/api/firsttimesetup/").json() == {"isFirstTimeSetup": True}
        answer = client.post("/api/user/", json={**BODY, "username": "ANN", "is_superuser": False})
        assert answer.status_code == 201
        assert answer.content == b'{"username":"ann","email":"","first_name":"Ann","last_name":""}'
        assert client.get("/api/firsttimesetup").json() == {"isFirstTimeSetup": False}
        pair = client.post(
            "/api/auth/token/obtain/", json={"username": "ann", "password": "mypassword"}
        ).json()
        assert (
            client.get("/api/manage/user/", headers={"Authorization": f"Bearer {pair['access']}"}).status_code
            == 200
        )
        assert client.post("/api/user/", json={**BODY, "username": "bob"}).status_code == 401
    name, is_superuser, is_staff, directory = users_of(one)[0]
    assert (name, bool(is_superuser), bool(is_staff)) == ("ann", True, True)
    assert directory == str(one.library.resolve())
    with one.db.snapshot() as tx:
        assert tx.all(_JOBS) == [("scan", 1)]


def test_of_fifty_parallel_sign_ups_exactly_one_becomes_admin(new_instance: NewInstance) -> None:
    one = new_instance()

    def sign_up(number: int) -> int:
        body = {**BODY, "username": f"user{number}"}
        return httpx.post(f"{one.base_url}/api/user/", json=body, timeout=60).status_code

    with ThreadPoolExecutor(50) as threads:
        statuses = list(threads.map(sign_up, range(50)))
    assert sorted(statuses) == [201, *[401] * 49]
    assert len(users_of(one)) == 1


def test_a_superuser_that_once_existed_keeps_set_up_closed(new_instance: NewInstance) -> None:
    one = new_instance()
    with one.db.transaction() as tx:
        facts.set_fact(tx, facts.FIRST_ADMIN_AT, str(clock.now()))
    with one.client() as client:
        assert client.get("/api/firsttimesetup/").json() == {"isFirstTimeSetup": False}
        assert client.post("/api/user/", json=BODY).status_code == 401


def test_closed_set_up_opens_with_the_printed_token_only(new_instance: NewInstance) -> None:
    one = new_instance()
    with one.db.transaction() as tx:
        facts.set_fact(tx, setup.CLOSES_AT, str(clock.now() - clock.HOUR))
        facts.set_fact(tx, setup.TOKEN_HASH, hashlib.sha256(b"printed").hexdigest())
    with one.client() as client:
        assert client.post("/api/user/", json=BODY).status_code == 403
        refused = client.post("/api/user/", json={**BODY, "setup_token": "guessed"})
        assert refused.status_code == 403, refused.text
        assert refused.json()["errors"][0]["message"] == setup.CLOSED
        assert users_of(one) == []
        assert client.post("/api/user/", json={**BODY, "setup_token": "printed"}).status_code == 201


def test_without_registration_nobody_signs_up(anonymous: httpx.Client, client: httpx.Client) -> None:
    for who, status in ((anonymous, 401), (client, 403)):
        assert who.post("/api/user/", json=BODY).status_code == status
        # The right to ask comes before what is asked.
        assert who.post("/api/user/", json={}).status_code == status


def test_with_registration_open_flags_in_the_body_change_nothing(
    instance: Instance, open_registration: None, anonymous: httpx.Client, client: httpx.Client
) -> None:
    for number, who in enumerate((anonymous, client)):
        name = f"open-{number}"
        body = {**BODY, "username": name, "is_superuser": True, "is_staff": True, "scan_directory": "/"}
        assert who.post("/api/user", json=body).status_code == 201
        assert (name, False, False, "") in [
            (row[0], bool(row[1]), bool(row[2]), row[3]) for row in users_of(instance)
        ]


def test_all_errors_of_a_sign_up_come_together_in_order(
    open_registration: None, anonymous: httpx.Client, user: Account
) -> None:
    empty = anonymous.post("/api/user/", json={})
    assert empty.status_code == 400
    required = "This field is required."
    assert [(e["field"], e["message"]) for e in empty.json()["errors"]] == [
        (name, required) for name in ("username", "password", "email", "first_name", "last_name")
    ]
    bad = anonymous.post(
        "/api/user/",
        json={
            "username": user.username.upper(),
            "password": "ab",
            "email": "nope",
            "first_name": "",
            "last_name": "",
        },
    )
    assert messages(bad) == {
        "username": "A user with that username already exists.",
        "password": "Ensure this field has at least 3 characters.",
        "email": "Enter a valid email address.",
    }


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"username": "a b"}, "username", "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."),  # noqa: E501
        ({"username": "x" * 151}, "username", "Ensure this field has no more than 150 characters."),
        ({"username": "Deleted"}, "username", "A user with that username already exists."),
        ({"username": " "}, "username", "This field may not be blank."),
        ({"username": None}, "username", "This field may not be null."),
        ({"password": "x" * 129}, "password", "Ensure this field has no more than 128 characters."),
        ({"password": ""}, "password", "This field may not be blank."),
        ({"password": ["a"]}, "password", "Not a valid string."),
        ({"email": "a@b"}, "email", "Enter a valid email address."),
        ({"first_name": None}, "first_name", "This field may not be null."),
    ],
)  # fmt: skip
def test_a_bad_field_has_its_published_text(
    open_registration: None, anonymous: httpx.Client, changes: dict[str, object], field: str, text: str
) -> None:
    answer = anonymous.post("/api/user/", json={**BODY, "username": "fresh", **changes})
    assert (answer.status_code, messages(answer)) == (400, {field: text})


def test_a_superuser_creates_accounts_with_any_setting(instance: Instance, admin: Account) -> None:
    folder = instance.library / f"of-{admin.user_id}"
    folder.mkdir()
    body = {
        "username": f"Made-{admin.user_id}",
        "password": "secret",
        "is_superuser": True,
        "scan_directory": str(folder),
        "confidence": 0.4,
        "header_size": "small",
    }
    with instance.client(admin.bearer) as client:
        answer = client.post("/api/user/", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["username"] == f"made-{admin.user_id}"
        assert (made["is_superuser"], made["confidence"], made["header_size"]) == (True, 0.4, "small")
        assert made["scan_directory"] == str(folder.resolve())
        assert client.get(f"/api/manage/user/{made['id']}/").json()["is_staff"] is True
        initial = client.post(
            "/api/user/", json={"username": "initial-one", "password": "abc", "scan_directory": "initial"}
        )
        assert initial.json()["scan_directory"] == ""
        taken = client.post("/api/user/", json={**body, "scan_directory": ""})
        assert messages(taken) == {"username": "A user with that username already exists."}


def test_staff_who_are_no_superusers_sign_others_up_without_rights(instance: Instance) -> None:
    staff = instance.add_user(is_staff=True)
    with instance.client(staff.bearer) as client:
        name = f"by-staff-{staff.user_id}"
        answer = client.post("/api/user/", json={**BODY, "username": name, "is_superuser": True})
        assert (answer.status_code, list(answer.json())) == (
            201,
            ["username", "email", "first_name", "last_name"],
        )
        assert (
            client.post(
                "/api/manage/user/", json={"username": "x1", "password": "abc", "is_superuser": True}
            ).status_code
            == 403
        )
    assert (name, False) in [(row[0], bool(row[1])) for row in users_of(instance)]


def test_a_folder_of_their_own_is_made_but_a_found_one_is_not_given_to_strangers(
    new_instance: NewInstance,
) -> None:
    one = new_instance()
    root = one.add_user("root", is_admin=True)
    with one.db.transaction() as tx:
        site_settings.store_site_settings(
            tx, {"auto_create_user_directory": True, "allow_registration": True}
        )
    (one.library / "found").mkdir()
    with one.client() as client:
        for name in ("new", "found", ".."):
            client.post("/api/user/", json={**BODY, "username": name})
        made = client.post(
            "/api/user/", json={"username": "found2", "password": "abc"}, headers=root.bearer
        ).json()
    directories = {row[0]: row[3] for row in users_of(one)}
    library = one.library.resolve()
    assert directories["new"] == str(library / "new")
    assert (library / "new").is_dir()
    assert directories["found"] == ""
    assert directories[".."] == ""
    assert Path(str(made["scan_directory"])) == library / "found2"
