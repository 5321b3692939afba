"""Sessions as people see them: listed, ended, limited; and what an end cuts off, with two API processes too."""

import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, select, update

from librephotos.accounts.devices import device_name
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import audit_event, session
from librephotos.kit import clock
from tests.conftest import NewInstance
from tests.instance import Account, Instance

OBTAIN = "/api/auth/token/obtain/"
REFRESH = "/api/auth/token/refresh/"
SESSIONS = "/api/auth/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PASSWORD = "correct horse"
_KINDS = Statement(
    select(audit_event.c.kind)
    .where(audit_event.c.subject_id == bindparam("user_id"))
    .order_by(audit_event.c.id),
    scalar,
)


def kinds_of(instance: Instance, account: Account) -> list[str]:
    with instance.db.snapshot() as tx:
        return tx.all(_KINDS, user_id=account.user_id)


def sign_in(instance: Instance, account: Account, user_agent: str = FIREFOX) -> dict[str, str]:
    with instance.client({"User-Agent": user_agent}) as client:
        answer = client.post(OBTAIN, json={"username": account.username, "password": account.password})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access']}"}


def change_session(instance: Instance, sid: str, **columns: Any) -> None:
    change = update(session).where(session.c.sid == bindparam("of_sid")).values(**columns)
    with instance.db.transaction() as tx:
        assert tx.execute(statement(change), of_sid=sid) == 1


def wait_for_use(instance: Instance, sid: str, after: int) -> None:
    used = Statement(select(session.c.last_used_at).where(session.c.sid == bindparam("of_sid")), scalar)
    deadline = time.monotonic() + 30
    while True:
        with instance.db.snapshot() as tx:
            if tx.one(used, of_sid=sid) > after:
                return
        assert time.monotonic() < deadline, "no use was noted"
        time.sleep(0.02)


@pytest.fixture
def person(instance: Instance) -> Account:
    return instance.add_user(password=PASSWORD)


def test_the_list_tells_device_address_times_and_which_one_asks(instance: Instance, person: Account):
    tokens = sign_in(instance, person)
    with instance.client(bearer(tokens)) as client:
        answer = client.get(SESSIONS).json()
    assert list(answer) == ["count", "next", "previous", "results"]
    assert answer["count"] == 2
    here, other = answer["results"]
    assert here["current"] is True
    assert other["current"] is False
    assert here["device"] == "Firefox on Linux"
    assert here["user_agent"] == FIREFOX
    assert here["address"] == "127.0.0.1"
    assert here["method"] == "password"
    assert other["method"] == "test"
    assert here["created_at"] <= here["last_used_at"] < here["expires_at"]
    assert here["created_at"].endswith("Z")


def test_the_list_is_paged_and_takes_a_fixed_number_of_statements(instance: Instance, person: Account):
    for _ in range(4):
        sign_in(instance, person)
    with instance.client(person.bearer) as client:
        first = client.get(f"{SESSIONS}?page_size=2").json()
        assert first["count"] == 5
        assert len(first["results"]) == 2
        last = client.get(f"{SESSIONS}?page_size=2&page=last").json()
        assert len(last["results"]) == 1
        assert client.get(f"{SESSIONS}?page=9").status_code == 404


def test_a_person_ends_one_session_and_its_tokens_stop_at_once(instance: Instance, person: Account):
    tokens = sign_in(instance, person)
    with instance.client() as client:
        listed = client.get(SESSIONS, headers=person.bearer).json()["results"]
        (target,) = [each["id"] for each in listed if not each["current"]]
        assert client.delete(f"{SESSIONS}{target}/", headers=person.bearer).status_code == 204
        assert client.get("/api/photos/", headers=bearer(tokens)).status_code == 401
        refused = client.post(REFRESH, json={"refresh": tokens["refresh"]})
        assert refused.status_code == 401
        assert client.get("/api/photos/", headers=person.bearer).status_code == 200
        assert client.get(SESSIONS, headers=person.bearer).json()["count"] == 1
        # Ended ones are like unknown ones.
        assert client.delete(f"{SESSIONS}{target}/", headers=person.bearer).status_code == 404
    assert kinds_of(instance, person)[-1] == "session_ended"


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "99999999999999999999", "9223372036854775807"])
def test_an_id_that_is_none_is_a_404(instance: Instance, person: Account, wrong: str):
    with instance.client(person.bearer) as client:
        assert client.delete(f"{SESSIONS}{wrong}/").status_code == 404


def test_a_foreign_session_can_not_be_ended(instance: Instance, person: Account, stranger: Account):
    with instance.client() as client:
        (theirs,) = client.get(SESSIONS, headers=stranger.bearer).json()["results"]
        assert client.delete(f"{SESSIONS}{theirs['id']}/", headers=person.bearer).status_code == 404
        assert client.get("/api/photos/", headers=stranger.bearer).status_code == 200


def test_a_person_ends_all_other_sessions(instance: Instance, person: Account):
    others = [sign_in(instance, person) for _ in range(3)]
    with instance.client() as client:
        assert client.delete(SESSIONS, headers=person.bearer).status_code == 204
        for tokens in others:
            assert client.get("/api/photos/", headers=bearer(tokens)).status_code == 401
        (left,) = client.get(SESSIONS, headers=person.bearer).json()["results"]
        assert left["current"] is True
    assert kinds_of(instance, person)[-1] == "sessions_ended"


def test_an_admin_lists_and_ends_anybodys_sessions(instance: Instance, person: Account, admin: Account):
    tokens = sign_in(instance, person)
    path = f"/api/manage/user/{person.user_id}/sessions/"
    with instance.client(admin.bearer) as client:
        listed = client.get(path).json()
        assert listed["count"] == 2
        assert not any(each["current"] for each in listed["results"])
        newest = max(each["id"] for each in listed["results"])
        assert client.delete(f"{path}{newest}/").status_code == 204
        assert client.get("/api/photos/", headers=bearer(tokens)).status_code == 401
        assert client.get("/api/photos/", headers=person.bearer).status_code == 200
        assert client.delete(path).status_code == 204
        assert client.get("/api/photos/", headers=person.bearer).status_code == 401
        assert client.get(path).json()["count"] == 0
        # A session of somebody else is none of this account's.
        (own,) = client.get(SESSIONS).json()["results"]
        assert client.delete(f"{path}{own['id']}/").status_code == 404


def test_staff_may_not_end_a_superusers_sessions(instance: Instance, admin: Account):
    staff = instance.add_user(is_staff=True)
    path = f"/api/manage/user/{admin.user_id}/sessions/"
    with instance.client(staff.bearer) as client:
        assert client.delete(path).status_code == 403
        (theirs,) = client.get(path).json()["results"]
        assert client.delete(f"{path}{theirs['id']}/").status_code == 403
    with instance.client(admin.bearer) as client:
        assert client.get("/api/photos/").status_code == 200


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory: pytest.TempPathFactory, new_database: Any):
    folder = tmp_path_factory.mktemp("two")
    data = folder / "data"
    data.mkdir()
    one = Instance(data, folder / "library", new_database(data), {"LIBREPHOTOS_API_PROCESSES": "2"})
    one.start()
    one.add_user("founder", is_admin=True)
    yield one
    one.stop()


def end_own(client: httpx.Client, person: Account, boss: Account) -> None:
    headers = {"Authorization": f"Basic {basic(person)}"}
    assert client.delete(SESSIONS, headers=headers).status_code == 204


def end_by_admin(client: httpx.Client, person: Account, boss: Account) -> None:
    path = f"/api/manage/user/{person.user_id}/sessions/"
    (only,) = client.get(path, headers=boss.bearer).json()["results"]
    assert client.delete(f"{path}{only['id']}/", headers=boss.bearer).status_code == 204


def disable(client: httpx.Client, person: Account, boss: Account) -> None:
    path = f"/api/manage/user/{person.user_id}/"
    assert client.patch(path, json={"is_active": False}, headers=boss.bearer).status_code == 200


def delete(client: httpx.Client, person: Account, boss: Account) -> None:
    assert client.delete(f"/api/user/{person.user_id}/", headers=boss.bearer).status_code == 204


def change_password(client: httpx.Client, person: Account, boss: Account) -> None:
    path = f"/api/manage/user/{person.user_id}/"
    assert client.patch(path, json={"password": "another horse"}, headers=boss.bearer).status_code == 200


def sign_out(client: httpx.Client, person: Account, boss: Account) -> None:
    assert client.post("/api/auth/token/blacklist/", json={"refresh": person.refresh}).status_code == 200


def basic(person: Account) -> str:
    return base64.b64encode(f"{person.username}:{person.password}".encode()).decode()


@pytest.mark.parametrize("end", [end_own, end_by_admin, disable, delete, change_password, sign_out])
def test_an_end_cuts_token_and_cookie_at_the_next_request_in_every_process(
    two_processes: Instance, end: Callable[[httpx.Client, Account, Account], None]
):
    person = two_processes.add_user(password=PASSWORD)
    boss = two_processes.add_user(is_admin=True)
    avatar = "/media/avatars/none.png"
    # Many connections, so that both processes have known the token.
    clients = [two_processes.client() for _ in range(12)]
    try:
        for client in clients:
            assert client.get("/api/rqavailable/", headers=person.bearer).status_code == 200
            assert client.get(avatar, headers=person.cookie).status_code == 404
        end(clients[0], person, boss)
        for client in clients:
            assert client.get("/api/rqavailable/", headers=person.bearer).status_code == 401
            # Anonymous: the cookie says nothing any more.
            assert client.get(avatar, headers=person.cookie).status_code == 403
            assert client.post(REFRESH, json={"refresh": person.refresh}).status_code == 401
    finally:
        for client in clients:
            client.close()


def test_an_unused_session_is_over_after_the_idle_limit(new_instance: NewInstance):
    instance = new_instance(session_idle_hours=2)
    person = instance.add_user(password=PASSWORD)
    with instance.client() as client:
        almost = clock.now() - 119 * clock.MINUTE
        change_session(instance, person.sid, last_used_at=almost)
        assert client.get("/api/photos/", headers=person.bearer).status_code == 200
        # That use is noted behind the answer.
        wait_for_use(instance, person.sid, after=almost)
        change_session(instance, person.sid, last_used_at=clock.now() - 121 * clock.MINUTE)
        refused = client.get("/api/photos/", headers=person.bearer)
        assert refused.status_code == 401
        assert refused.json()["errors"][-1]["message"] == "Token is expired"
        assert client.get("/media/avatars/none.png", headers=person.cookie).status_code == 403
        refused = client.post(REFRESH, json={"refresh": person.refresh})
        assert (refused.status_code, refused.json()["errors"][0]["message"]) == (401, "Token is expired")
        assert client.get(SESSIONS, auth=person.basic).json()["count"] == 0


def test_a_session_is_over_after_the_absolute_limit_whatever_it_does(new_instance: NewInstance):
    instance = new_instance(session_absolute_days=3)
    person = instance.add_user(password=PASSWORD)
    tokens = sign_in(instance, person)
    three_days = 3 * 86400
    with instance.client() as client:
        claims = instance.signer.verify(tokens["refresh"], "refresh")
        assert claims.expires_at_seconds - (claims.issued_at_seconds or 0) <= three_days
        sid = claims.sid or ""
        change_session(instance, sid, created_at=clock.now() - 2 * clock.DAY)
        rotated = client.post(REFRESH, json={"refresh": tokens["refresh"], "rotate": True}).json()
        fresh = instance.signer.verify(rotated["refresh"], "refresh")
        # One day is left, however often it is exchanged.
        assert fresh.expires_at_seconds - clock.now_seconds() <= 86400
        change_session(instance, sid, created_at=clock.now() - 3 * clock.DAY)
        assert client.post(REFRESH, json={"refresh": rotated["refresh"]}).status_code == 401
        change_session(instance, sid, expires_at=clock.now())
        assert client.get("/api/photos/", headers=bearer(rotated)).status_code == 401


def test_without_limits_an_old_session_goes_on(instance: Instance, person: Account):
    ages = {"created_at": clock.now() - 300 * clock.DAY, "last_used_at": clock.now() - 6 * clock.DAY}
    change_session(instance, person.sid, **ages)
    with instance.client() as client:
        assert client.get("/api/photos/", headers=person.bearer).status_code == 200
        assert client.post(REFRESH, json={"refresh": person.refresh}).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Unheard", "macOS"),
        ("Dart/3.4 (dart:io)", "Mobile app"),
        ("curl/8.5.0", "curl"),
        ("MyBackup/2.0 (nightly)", "MyBackup"),
        ("", "Unknown device"),
        ("Mozilla/5.0", "Unknown device"),
    ],
)
def test_a_device_has_a_name_that_people_recognise(user_agent: str, name: str):
    assert device_name(user_agent) == name
