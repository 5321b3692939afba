"""The audit log on the wire: what gets in, who reads what, filters, pages and JSON lines."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, func, select

from librephotos.accounts.event_pages import Filters, list_events
from librephotos.accounts.events import Event, Origin, record
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import audit_event
from librephotos.http.paging import REGULAR, parse_page
from librephotos.kit import clock
from tests.conftest import NewInstance
from tests.instance import Account, Instance

OBTAIN = "/api/auth/token/obtain/"
OWN = "/api/auth/events/"
ALL = "/api/manage/events/"
PASSWORD = "correct horse"
FORGED = 'evil"}\r\n{"kind":"sign_in","actor_name":"root"}\x00\u2028\x1b[2J'
FIELDS = [
    "id",
    "at",
    "last_at",
    "count",
    "kind",
    "result",
    "actor_id",
    "actor_name",
    "subject_id",
    "method",
    "address",
    "user_agent",
    "target",
    "detail",
]


@pytest.fixture
def person(instance: Instance) -> Account:
    return instance.add_user(password=PASSWORD)


def own(instance: Instance, account: Account) -> list[dict[str, Any]]:
    """Newest first."""
    with instance.client(account.bearer) as client:
        answer = client.get(OWN)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


def about(instance: Instance, boss: Account, account: Account) -> list[dict[str, Any]]:
    """Everything about an account as an admin reads it, oldest first."""
    with instance.client(boss.bearer) as client:
        answer = client.get(ALL, params={"user": str(account.user_id)})
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["results"]))


def test_a_sign_in_is_told_with_who_how_from_where(instance: Instance, person: Account):
    with instance.client({"User-Agent": "Mozilla/5.0 Firefox/1"}) as client:
        client.post(OBTAIN, json={"username": person.username, "password": PASSWORD})
    (event,) = own(instance, person)
    assert list(event) == FIELDS
    assert (event["kind"], event["result"], event["method"]) == ("sign_in", "ok", "password")
    assert (event["actor_id"], event["actor_name"]) == (person.user_id, person.username)
    assert (event["subject_id"], event["target"]) == (person.user_id, person.username)
    assert (event["address"], event["user_agent"]) == ("127.0.0.1", "Mozilla/5.0 Firefox/1")
    assert isinstance(event["detail"]["session"], int)
    assert event["at"].endswith("Z")
    assert event["count"] == 1


@pytest.mark.parametrize("way", ["obtain", "basic"])
def test_failures_are_told_to_the_account_and_merged(instance: Instance, person: Account, way: str):
    with instance.client() as client:
        for _ in range(3):
            if way == "obtain":
                answer = client.post(OBTAIN, json={"username": person.username, "password": "wrong"})
            else:
                answer = client.get("/api/photos/", auth=(person.username, "wrong"))
            assert answer.status_code == 401
    # The hour may have turned in between.
    events = own(instance, person)
    assert sum(event["count"] for event in events) == 3
    assert len(events) <= 2
    for event in events:
        assert (event["kind"], event["result"]) == ("sign_in_failed", "refused")
        assert event["method"] == ("password" if way == "obtain" else "basic")
        assert (event["actor_id"], event["actor_name"]) == (None, "")
        assert event["address"] == "127.0.0.1"
        assert event["detail"] == {"reason": "password"}


def test_a_disabled_account_and_an_unknown_name_are_failures_too(instance: Instance, admin: Account):
    disabled = instance.add_user(password=PASSWORD, is_active=False)
    unknown = "my-secret-typed-into-the-wrong-box"
    with instance.client() as client:
        client.post(OBTAIN, json={"username": disabled.username, "password": PASSWORD})
        client.post(OBTAIN, json={"username": unknown, "password": PASSWORD})
    (event,) = about(instance, admin, disabled)
    assert event["detail"] == {"reason": "inactive"}
    with instance.client(admin.bearer) as client:
        answer = client.get(ALL, params={"kind": "sign_in_failed", "page_size": "200"})
    assert {"reason": "unknown"} in [each["detail"] for each in answer.json()["results"]]
    assert unknown not in answer.text


def test_basic_is_told_when_its_memory_is_filled_not_with_each_request(instance: Instance, person: Account):
    with instance.client() as client:
        for _ in range(5):
            assert client.get("/api/photos/", auth=person.basic).status_code == 200
    (event,) = own(instance, person)
    assert (event["kind"], event["method"], event["count"]) == ("sign_in", "basic", 1)


def test_signing_out_is_told(instance: Instance, person: Account):
    with instance.client() as client:
        pair = client.post(OBTAIN, json={"username": person.username, "password": PASSWORD}).json()
        client.post("/api/auth/token/blacklist/", json={"refresh": pair["refresh"]})
    newest, before = own(instance, person)
    assert newest["kind"] == "signed_out"
    assert newest["detail"] == before["detail"]


def test_a_token_minted_elsewhere_is_told_at_its_first_use(instance: Instance, person: Account):
    foreign = instance.signer.mint_refresh({"user_id": str(person.user_id)}).text
    with instance.client() as client:
        for _ in range(2):
            assert client.post("/api/auth/token/refresh/", json={"refresh": foreign}).status_code == 200
    (event,) = own(instance, person)
    assert (event["kind"], event["method"]) == ("sign_in", "refresh")
    assert event["detail"]["token"] == "external"


def test_the_life_of_an_account_is_told(instance: Instance, admin: Account):
    name = f"anna-{clock.now()}"
    with instance.client(admin.bearer) as client:
        body = {"username": name, "password": PASSWORD, "email": "a@example.org"}
        made = client.post("/api/manage/user/", json=body)
        assert made.status_code == 201, made.text
        user_id = made.json()["id"]
        path = f"/api/manage/user/{user_id}/"
        # A whole row sent back changes nothing and is no event.
        assert client.patch(path, json=made.json()).status_code == 200
        changed = client.patch(path, json={"first_name": "Anna", "is_staff": True})
        assert changed.status_code == 200, changed.text
        assert client.patch(path, json={"password": "another horse"}).status_code == 200
        assert client.patch(path, json={"is_active": False}).status_code == 200
        assert client.delete(f"/api/delete/user/{user_id}/").status_code == 204
        events = client.get(ALL, params={"user": str(user_id)}).json()["results"][::-1]
        assert client.get(ALL, params={"user": name}).json()["count"] == len(events)
    told = [(event["kind"], event["target"], event["detail"]) for event in events]
    assert told == [
        ("user_created", name, {"by": "admin", "is_staff": False, "is_superuser": False}),
        ("user_changed", name, {"fields": ["first_name", "is_staff"], "is_staff": True}),
        ("password_changed", name, {"sessions_ended": 0, "keys_left": 0}),
        ("user_changed", name, {"fields": ["is_active"], "is_active": False}),
        ("user_deleted", name, {"photos": 0}),
    ]
    assert {event["actor_name"] for event in events} == {admin.username}
    assert {event["method"] for event in events} == {"bearer"}


def test_a_person_changing_profile_and_password_is_told(instance: Instance, person: Account):
    with instance.client(person.bearer) as client:
        path = f"/api/user/{person.user_id}/"
        assert client.patch(path, json={"first_name": "", "image_scale": 1}).status_code == 200
        assert own(instance, person) == []
        assert client.patch(path, json={"first_name": "Ben", "password": "another horse"}).status_code == 200
    password, profile = own(instance, person)
    assert profile["kind"] == "user_changed"
    assert profile["detail"] == {"fields": ["first_name"]}
    assert password["kind"] == "password_changed"
    assert "another horse" not in json.dumps([password, profile])


def test_sign_up_and_set_up_are_told(new_instance: NewInstance):
    instance = new_instance()
    body = {"password": PASSWORD, "email": "", "first_name": "", "last_name": ""}
    with instance.client() as client:
        assert client.post("/api/user/", json={**body, "username": "first"}).status_code == 201
        pair = client.post(OBTAIN, json={"username": "first", "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {pair['access']}"
        changed = client.post("/api/sitesettings", json={"allow_registration": True, "map_api_key": "geheim"})
        assert changed.status_code == 200
        del client.headers["Authorization"]
        assert client.post("/api/user/", json={**body, "username": "second"}).status_code == 201
        answer = client.get(ALL, headers={"Authorization": f"Bearer {pair['access']}"})
    told = [(event["kind"], event["actor_name"], event["detail"]) for event in answer.json()["results"][::-1]]
    rights = {"is_staff": False, "is_superuser": False}
    assert told[0] == ("user_created", "", {"by": "set-up", "is_staff": True, "is_superuser": True})
    assert told[2:] == [
        ("settings_changed", "first", {"allow_registration": True, "map_api_key": "set"}),
        ("user_created", "", {"by": "sign-up", **rights}),
    ]
    assert "geheim" not in answer.text


def test_people_read_what_concerns_them_and_not_where_admins_sit(
    instance: Instance, person: Account, admin: Account, stranger: Account
):
    with instance.client({**admin.bearer, "User-Agent": "secret-office"}) as client:
        path = f"/api/manage/user/{person.user_id}/"
        assert client.patch(path, json={"first_name": "Cleo"}).status_code == 200
    (event,) = own(instance, person)
    assert (event["actor_name"], event["address"], event["user_agent"]) == (admin.username, "", "")
    (event,) = own(instance, admin)
    assert (event["address"], event["user_agent"]) == ("127.0.0.1", "secret-office")
    assert own(instance, stranger) == []


def test_a_persons_filters_widen_nothing(instance: Instance, person: Account, admin: Account):
    with instance.client(person.bearer) as client:
        client.post(OBTAIN, json={"username": person.username, "password": PASSWORD})
        answer = client.get(OWN, params={"user": str(admin.user_id), "kind": "user_deleted"})
    assert [event["kind"] for event in answer.json()["results"]] == ["sign_in"]


def seed(instance: Instance, name: str, count: int, **more: Any) -> None:
    origin = Origin("203.0.113.99", "seed", "bearer", 10**9, name)
    with instance.db.transaction() as tx:
        for number in range(count):
            record(tx, Event(kind="share_changed", origin=origin, target=f"album {number}", **more))


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, True),
        ({"kind": "share_changed"}, True),
        ({"kind": "sign_in"}, False),
        ({"result": "ok"}, True),
        ({"result": "refused"}, False),
        ({"address": " 203.0.113.99 "}, True),
        ({"address": "203.0.113.9"}, False),
        ({"address": "x\x00"}, False),
        ({"since": "2020-01-01T00:00:00Z"}, True),
        ({"since": "2999-01-01"}, False),
        ({"until": "2999-01-01T00:00:00+02:00"}, True),
        ({"until": "2020-01-01"}, False),
        ({"kind": "share_changed", "result": "ok", "since": "2020-01-01", "until": "2999-01-01"}, True),
    ],
)
def test_admins_filter(instance: Instance, admin: Account, params: dict[str, str], found: bool):
    name = f"filtered-{clock.now()}"
    seed(instance, name, 2)
    with instance.client(admin.bearer) as client:
        answer = client.get(ALL, params={"user": name, **params})
        assert answer.status_code == 200, answer.text
        assert answer.json()["count"] == (2 if found else 0)


@pytest.mark.parametrize("field", ["kind", "result", "since", "until"])
@pytest.mark.parametrize("value", ["nonsense", "\x00", "2026-99-99", "9" * 40])
def test_a_filter_that_is_none_is_refused(instance: Instance, admin: Account, field: str, value: str):
    with instance.client(admin.bearer) as client:
        answer = client.get(ALL, params={field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_pages_are_ours_and_newest_first(instance: Instance, admin: Account):
    name = f"paged-{clock.now()}"
    seed(instance, name, 5)
    with instance.client(admin.bearer) as client:
        first = client.get(ALL, params={"user": name, "page_size": "2"}).json()
        assert list(first) == ["count", "next", "previous", "results"]
        assert first["count"] == 5
        second = client.get(first["next"]).json()
        assert client.get(ALL, params={"user": name, "page": "9"}).status_code == 404
    targets = [event["target"] for event in [*first["results"], *second["results"]]]
    assert targets == ["album 4", "album 3", "album 2", "album 1"]


@pytest.mark.parametrize("way", ["query", "accept"])
def test_json_lines_are_the_whole_answer_one_event_a_line(instance: Instance, admin: Account, way: str):
    name = f"lines-{clock.now()}"
    seed(instance, name, 1203)
    params = {"user": name} | ({"format": "jsonl"} if way == "query" else {})
    headers = {"Accept": "application/x-ndjson"} if way == "accept" else {}
    with instance.client(admin.bearer) as client:
        answer = client.get(ALL, params=params, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = answer.text.split("\n")
    assert lines.pop() == ""
    events = [json.loads(line) for line in lines]
    assert [event["target"] for event in events] == [f"album {n}" for n in reversed(range(1203))]
    assert list(events[0]) == FIELDS


def test_a_persons_lines_are_their_own(instance: Instance, person: Account, stranger: Account):
    with instance.client() as client:
        client.post(OBTAIN, json={"username": person.username, "password": PASSWORD})
        mine = client.get(f"{OWN}?format=jsonl", headers=person.bearer).text
        theirs = client.get(f"{OWN}?format=jsonl", headers=stranger.bearer).text
    assert [json.loads(line)["kind"] for line in mine.splitlines()] == ["sign_in"]
    assert theirs == ""


def test_an_accept_that_takes_neither_form_is_a_406(instance: Instance, admin: Account):
    with instance.client(admin.bearer) as client:
        for path in (OWN, ALL):
            assert client.get(path, headers={"Accept": "application/xml"}).status_code == 406
            for accept in ("*/*", "application/json", "text/html"):
                answer = client.get(path, headers={"Accept": accept})
                assert answer.headers["content-type"].startswith("application/json")


def test_no_input_forges_a_line_in_the_answer_or_in_the_log(new_instance: NewInstance):
    instance = new_instance()
    boss = instance.add_user("boss", is_admin=True)
    instance.add_user("anna", PASSWORD)
    agent = FORGED.encode("utf-8").replace(b"\r\n", b" ").replace(b"\x00", b"").replace(b"\x1b", b"\x85")
    with instance.client() as client:
        evil = FORGED.replace("\x00", "")
        for username, password in (("anna", evil), (evil, evil), ("anna", PASSWORD)):
            body = {"username": username, "password": password}
            client.post(OBTAIN, json=body, headers={b"User-Agent": agent})  # type: ignore[dict-item]
        instance.db.commit(
            record,
            Event(
                kind="key_created",
                origin=Origin(FORGED, FORGED, FORGED, 1, FORGED),
                target=FORGED,
                detail={FORGED: FORGED},
            ),
        )
        lines = client.get(f"{ALL}?format=jsonl", headers=boss.bearer).text.splitlines()
    events = [json.loads(line) for line in lines]
    # `splitlines` splits at U+2028 and U+0085 too: none of them may be there raw.
    assert [event["kind"] for event in events] == [
        "key_created",
        "sign_in",
        "sign_in_failed",
        "sign_in_failed",
    ]
    for event in events:
        texts = [event[name] for name in ("actor_name", "method", "address", "user_agent", "target")]
        assert all(char.isprintable() for text in [*texts, *event["detail"]] for char in text)
    told = [json.loads(line) for line in instance.log().splitlines() if '"event": "audit"' in line]
    assert [(each["kind"], each["actor_name"]) for each in told] == [
        ("sign_in_failed", ""),
        ("sign_in_failed", ""),
        ("sign_in", "anna"),
    ]
    assert "root" not in [each["actor_name"] for each in told]


def test_a_page_takes_as_many_statements_for_two_events_as_for_two_hundred(instance: Instance):
    counts = set()
    for size in (2, 200):
        name = f"many-{size}-{clock.now()}"
        seed(instance, name, size)
        with instance.db.snapshot() as tx:
            before = tx.statement_count
            page = list_events(tx, Filters(name=name), parse_page("http://x/", "page_size=200", REGULAR))
            assert len(page.results) == size
            counts.add(tx.statement_count - before)
    assert counts == {2}


def test_the_address_is_the_one_behind_a_trusted_proxy_only(new_instance: NewInstance):
    for trusted, address in (("127.0.0.1", "198.51.100.20"), ("", "127.0.0.1")):
        instance = new_instance(trusted_proxies=trusted)
        person = instance.add_user(password=PASSWORD)
        with instance.client({"X-Forwarded-For": "203.0.113.1, 198.51.100.20"}) as client:
            client.post(OBTAIN, json={"username": person.username, "password": PASSWORD})
        assert own(instance, person)[0]["address"] == address


def test_the_account_tells_ways_in_sessions_and_events(instance: Instance, person: Account):
    with instance.client() as client:
        pair = client.post(OBTAIN, json={"username": person.username, "password": PASSWORD}).json()
        answer = client.get("/api/auth/account/", headers={"Authorization": f"Bearer {pair['access']}"})
        by_basic = client.get("/api/auth/account/", auth=person.basic).json()
    facts = answer.json()
    assert (facts["id"], facts["username"]) == (person.user_id, person.username)
    assert facts["sign_in_methods"] == [{"kind": "password", "is_set": True, "is_weak": False}]
    assert facts["sessions"]["count"] == 2
    assert facts["sessions"]["current_id"] == facts["recent_events"][0]["detail"]["session"]
    assert [event["kind"] for event in facts["recent_events"]] == ["sign_in"]
    assert by_basic["sessions"]["current_id"] is None
    assert "argon2" not in answer.text


@pytest.mark.parametrize(
    ("stored", "is_set", "is_weak"),
    [
        ("pbkdf2_sha256$1000$salt$" + "A" * 43 + "=", True, True),
        ("argon2$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43, True, True),
        ("!unusable", False, False),
        ("", False, False),
    ],
)
def test_the_account_tells_of_a_weak_or_missing_password(
    instance: Instance, stored: str, is_set: bool, is_weak: bool
):
    account = instance.add_user(password_hash=stored)
    with instance.client(account.bearer) as client:
        (method,) = client.get("/api/auth/account/").json()["sign_in_methods"]
    assert method == {"kind": "password", "is_set": is_set, "is_weak": is_weak}


def test_recent_events_are_ten(instance: Instance, person: Account):
    with instance.db.transaction() as tx:
        for number in range(15):
            event = Event(kind="share_changed", subject_id=person.user_id, target=str(number))
            record(tx, event)
    with instance.client(person.bearer) as client:
        recent = client.get("/api/auth/account/").json()["recent_events"]
    assert [event["target"] for event in recent] == [str(number) for number in range(14, 4, -1)]


_COUNT = Statement(
    select(func.count()).select_from(audit_event).where(audit_event.c.actor_name == bindparam("name")), scalar
)


def test_a_stream_begun_before_an_event_does_not_tell_it(instance: Instance, admin: Account):
    name = f"stream-{clock.now()}"
    seed(instance, name, 600)
    told: list[bytes] = []
    with (
        instance.client(admin.bearer) as client,
        client.stream("GET", ALL, params={"user": name, "format": "jsonl"}) as answer,
    ):
        pieces = answer.iter_lines()
        told.append(next(pieces).encode())
        seed(instance, name, 100)
        told += [line.encode() for line in pieces]
    assert len(told) == 600
    with instance.db.snapshot() as tx:
        assert tx.one(_COUNT, name=name) == 700


def test_an_anonymous_caller_reads_nothing(anonymous: httpx.Client):
    for path in (OWN, ALL, "/api/auth/account/", "/api/auth/sessions/"):
        assert anonymous.get(path).status_code == 401
