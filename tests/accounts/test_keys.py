"""API keys over HTTP: shown once, refused in words, rotated, revoked at once, and nothing of them kept."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, func, select

from librephotos.accounts.keys.queries import MOST_KEYS
from librephotos.accounts.keys.text import mint_key, parse_key
from librephotos.accounts.passwords import hash_password
from librephotos.accounts.pruning import prune_logins
from librephotos.accounts.scopes import GRANTABLE, SCOPES
from librephotos.db.statements import Statement, as_row, scalar
from librephotos.db.tables import api_key, audit_event, metadata
from librephotos.db.tables import user as user_table
from librephotos.kit import clock, json
from librephotos.kit.logs import scrub
from tests.builders import Builder, change_row
from tests.conftest import NewInstance
from tests.instance import Account, Instance
from tests.keys import Key, add_key

KEYS = "/api/auth/keys/"
PROTECTED = "/api/rqavailable/"
NOT_VALID = "Given token not valid for any token type"
WRONG = "Invalid username/password."
SHOWN = [
    "id",
    "name",
    "prefix",
    "scopes",
    "albums",
    "state",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_address",
    "replaced_by",
    "overlap_ends_at",
]


@pytest.fixture
def builder(instance: Instance) -> Builder:
    return Builder(instance)


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(entry["field"], entry["message"]) for entry in answer.json()["errors"]]


def refused(cause: str) -> list[tuple[str, str]]:
    return [("detail", NOT_VALID), ("code", "token_not_valid"), ("messages", cause)]


def make(client: httpx.Client, **fields: Any) -> Any:  # JSON
    answer = client.post(KEYS, json={"name": "script", "scopes": ["jobs:read"], **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def ask(client: httpx.Client, text: str, path: str = PROTECTED) -> httpx.Response:
    return client.get(path, headers={"Authorization": f"Bearer {text}"})


def soon(seconds: float) -> str:
    return clock.iso(clock.now() + int(seconds * clock.SECOND))


def test_a_key_is_shown_once(client: httpx.Client, anonymous: httpx.Client):
    answer = client.post(KEYS, json={"name": " backup ", "scopes": ["jobs:read", "photos:read", "jobs:read"]})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert list(made) == [*SHOWN, "key"]
    assert (made["name"], made["scopes"], made["albums"]) == ("backup", ["photos:read", "jobs:read"], None)
    assert (made["state"], made["expires_at"], made["last_used_at"]) == ("active", None, None)
    assert made["key"].startswith(f"{made['prefix']}_")
    assert ask(anonymous, made["key"]).status_code == 200
    listed, one = client.get(KEYS), client.get(f"{KEYS}{made['id']}/")
    assert listed.json()["count"] == 1
    assert list(one.json()) == SHOWN
    secret = made["key"].removeprefix(made["prefix"])
    assert secret not in listed.text + one.text


def test_any_spelling_of_the_scheme_counts(client: httpx.Client, anonymous: httpx.Client):
    text = make(client)["key"]
    for header in (f"bearer {text}", f"BEARER   {text}"):
        assert anonymous.get(PROTECTED, headers={"Authorization": header}).status_code == 200
    assert anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {text} {text}"}).status_code == 401
    for other in ("Token", "ApiKey", "JWT"):
        answer = anonymous.get(PROTECTED, headers={"Authorization": f"{other} {text}"})
        assert errors(answer) == [("detail", "Authentication credentials were not provided.")]


def test_a_key_that_cannot_be_used_says_why(
    instance: Instance, anonymous: httpx.Client, user: Account, stranger: Account
):
    good = add_key(instance, user, "jobs:read").text
    past, future = clock.now() - clock.MINUTE, clock.now() + clock.DAY
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    other_secret = mint_key()
    expected = {
        wrong: "API key is mistyped (checksum)",
        good[:-1]: f"API key is mistyped (it has {len(good)} characters)",
        good[:-1] + "-": "API key is mistyped (characters)",
        mint_key(): "API key is unknown",
        add_key(instance, user, "jobs:read", expires_at=past).text: "API key is expired",
        add_key(instance, user, "jobs:read", revoked_at=past).text: "API key is revoked",
        add_key(instance, user, "jobs:read", overlap_ends_at=past).text: "API key was replaced",
        # The id is known, the secret is another's.
        add_key(
            instance, user, "jobs:read", digest=parse_key(other_secret).digest
        ).text: "API key is unknown",
    }
    for text, cause in expected.items():
        for path in (PROTECTED, "/api/help", f"/media/photos/{'0' * 32}1"):
            answer = ask(anonymous, text, path)
            assert answer.status_code == 401
            assert errors(answer) == refused(cause)
            assert answer.headers["www-authenticate"] == 'Bearer realm="api"'
    for columns in ({"expires_at": future}, {"overlap_ends_at": future}):
        assert ask(anonymous, add_key(instance, user, "jobs:read", **columns).text).status_code == 200


def test_a_key_is_a_password_of_its_owner_alone(
    instance: Instance, anonymous: httpx.Client, user: Account, stranger: Account
):
    key = add_key(instance, user, "jobs:read")

    def status(name: str, password: str) -> int:
        return anonymous.get(PROTECTED, auth=httpx.BasicAuth(name, password)).status_code

    assert status(user.username, key.text) == 200
    assert status(user.username.upper(), key.text) == 200
    for name in (stranger.username, "nobody", "", "a\0b", f"{user.username} "):
        answer = anonymous.get(PROTECTED, auth=httpx.BasicAuth(name, key.text))
        assert (answer.status_code, errors(answer)) == (401, [("detail", WRONG)])
    for text in (key.text[:-1], mint_key(), f"{key.text} "):
        assert status(user.username, text) == 401
    revoked = add_key(instance, user, "jobs:read", revoked_at=clock.now())
    assert status(user.username, revoked.text) == 401


def test_a_key_as_password_costs_no_password_hash(instance: Instance, anonymous: httpx.Client):
    # Every wrong password of this account costs a hash; the key of the same account does not.
    account = instance.add_user(password="mypassword")
    keys = [add_key(instance, account, "jobs:read") for _ in range(20)]
    started = time.perf_counter()
    for key in keys:
        assert anonymous.get(PROTECTED, auth=key.basic).status_code == 200
    twenty_keys = time.perf_counter() - started
    started = time.perf_counter()
    hash_password("x")
    assert twenty_keys < 4 * 5 * max(time.perf_counter() - started, 0.05)


def test_a_password_that_looks_like_a_key_still_opens(instance: Instance, anonymous: httpx.Client):
    password = mint_key()
    account = instance.add_user(password=password)
    answer = anonymous.get(PROTECTED, auth=httpx.BasicAuth(account.username, password))
    assert answer.status_code == 200
    # It is a password all the same, with everything that its owner may do.
    assert anonymous.get(KEYS, auth=httpx.BasicAuth(account.username, password)).status_code == 200
    pair = anonymous.post(
        "/api/auth/token/obtain/", json={"username": account.username, "password": password}
    )
    assert pair.status_code == 200


def test_a_key_is_no_password_for_signing_in(instance: Instance, anonymous: httpx.Client, user: Account):
    key = add_key(instance, user, *sorted(GRANTABLE))
    answer = anonymous.post("/api/auth/token/obtain/", json={"username": user.username, "password": key.text})
    assert answer.status_code == 401
    assert anonymous.post("/api/auth/token/refresh/", json={"refresh": key.text}).status_code == 401


def test_keys_are_listed_newest_first_by_pages(client: httpx.Client, instance: Instance, user: Account):
    made = [add_key(instance, user, "jobs:read") for _ in range(3)]
    page = client.get(f"{KEYS}?page_size=2").json()
    assert (page["count"], [one["id"] for one in page["results"]]) == (3, [made[2].key_id, made[1].key_id])
    assert [one["id"] for one in client.get(page["next"]).json()["results"]] == [made[0].key_id]


def test_only_the_name_of_a_key_changes(client: httpx.Client):
    made = make(client)
    path = f"{KEYS}{made['id']}/"
    assert client.patch(path, json={"name": "other"}).json()["name"] == "other"
    for field in ("scopes", "albums", "expires_at"):
        answer = client.patch(path, json={"name": "x", field: made[field] or ["photos:read"]})
        assert answer.status_code == 400
        assert errors(answer) == [(field, "This cannot be changed; make another key.")]
    assert client.get(path).json()["name"] == "other"
    assert client.get(path).json()["scopes"] == made["scopes"]
    assert client.put(path, json={"name": "x"}).status_code == 405


REQUIRED = "This field is required."


WISH: dict[str, Any] = {"name": "x", "scopes": ["jobs:read"]}
EMPTY = "This list may not be empty."
IN_FUTURE = "Ensure this time is in the future."


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"name": " ", "scopes": []}, [("name", "This field may not be blank."), ("scopes", EMPTY)]),
        ({"name": "a\0"}, [("name", "Null characters are not allowed.")]),
        ({"name": "x" * 101}, [("name", "Ensure this field has no more than 100 characters.")]),
        ({"scopes": ["jobs:red"]}, [("scopes", '"jobs:red" is not a valid choice.')]),
        ({"scopes": ["{0}"]}, [("scopes", '"{0}" is not a valid choice.')]),
        ({"scopes": {"a": 1}}, [("scopes", "Expected a list of items.")]),
        ({"scopes": [True]}, [("scopes", "Not a valid string.")]),
        ({"scopes": ["public"]}, [("scopes", '"public" is not for API keys.')]),
        ({"scopes": ["account:manage"]}, [("scopes", '"account:manage" is not for API keys.')]),
        ({"scopes": ["server:read"]}, [("scopes", '"server:read" is for keys of admins.')]),
        ({"albums": []}, [("albums", EMPTY)]),
        ({"albums": [True]}, [("albums", "A valid integer is required.")]),
        ({"albums": [987654321]}, [("albums", 'Invalid pk "987654321" - object does not exist.')]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, [("expires_at", IN_FUTURE)]),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, [("expires_at", IN_FUTURE)]),
        (
            {"expires_at": "9999-12-31T23:59:59-12:00"},
            [("expires_at", "Ensure this time is within 100 years, or leave it out.")],
        ),
    ],
)
def test_a_wrong_wish_is_refused_in_words(
    client: httpx.Client, wish: dict[str, Any], expected: list[tuple[str, str]]
):
    assert errors(client.post(KEYS, json={})) == [("name", REQUIRED), ("scopes", REQUIRED)]
    answer = client.post(KEYS, json={**WISH, **wish})
    assert answer.status_code == 400
    assert errors(answer) == expected
    assert client.get(KEYS).json()["count"] == 0


def test_forms_say_lists_as_words(client: httpx.Client, builder: Builder, user: Account):
    albums = [builder.add_album(user) for _ in range(2)]
    answer = client.post(
        KEYS, data={"name": "x", "scopes": "photos:read, albums:read", "albums": f"{albums[0]} {albums[1]}"}
    )
    assert answer.status_code == 201
    assert answer.json()["scopes"] == ["photos:read", "albums:read"]
    assert answer.json()["albums"] == albums


def test_albums_that_the_owner_does_not_see_are_unknown(
    client: httpx.Client, builder: Builder, user: Account, stranger: Account
):
    own, foreign, shared = builder.add_album(user), builder.add_album(stranger), builder.add_album(stranger)
    builder.share_album(shared, user)
    wish = {"name": "x", "scopes": ["photos:read"]}
    answer = client.post(KEYS, json={**wish, "albums": [own, foreign]})
    assert errors(answer) == [("albums", f'Invalid pk "{foreign}" - object does not exist.')]
    assert client.post(KEYS, json={**wish, "albums": [own, shared, own]}).json()["albums"] == [own, shared]


def test_an_end_is_kept(client: httpx.Client, anonymous: httpx.Client):
    made = make(client, expires_at=soon(1.2))
    assert ask(anonymous, made["key"]).status_code == 200
    time.sleep(1.3)
    assert errors(ask(anonymous, made["key"])) == refused("API key is expired")
    assert client.get(f"{KEYS}{made['id']}/").json()["state"] == "expired"
    # A time without a zone is UTC.
    assert make(client, expires_at="2100-01-01T00:00:00")["expires_at"] == "2100-01-01T00:00:00Z"


def test_others_keys_do_not_exist(
    instance: Instance, client: httpx.Client, stranger: Account, admin: Account
):
    key = add_key(instance, stranger, "jobs:read")
    unknown = client.get(f"{KEYS}987654321/")
    for path in (f"{KEYS}{key.key_id}/", f"{KEYS}rubbish/", f"{KEYS}-1/"):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (404, unknown.content)
    with instance.client(admin.bearer) as by_admin:
        assert by_admin.delete(f"{KEYS}{key.key_id}/").status_code == 404
        assert by_admin.get(KEYS).json()["count"] == 0
    assert ask(client, key.text).status_code == 200


def test_revoked_is_revoked(client: httpx.Client, anonymous: httpx.Client):
    made = make(client)
    path = f"{KEYS}{made['id']}/"
    assert ask(anonymous, made["key"]).status_code == 200
    for _ in range(2):
        assert client.delete(path).status_code == 204
        assert errors(ask(anonymous, made["key"])) == refused("API key is revoked")
    assert client.get(path).json()["state"] == "revoked"
    assert client.post(f"{path}rotate/").status_code == 400


def test_revocation_holds_at_once_in_every_process(new_instance: NewInstance):
    instance = new_instance(api_processes=2)
    account = instance.add_user()
    key = add_key(instance, account, "jobs:read")

    def call(_: object) -> int:
        # A connection each, so that every process gets some.
        return httpx.get(f"{instance.base_url}{PROTECTED}", headers=key.bearer, timeout=30).status_code

    with ThreadPoolExecutor(4) as threads, instance.client(account.bearer) as client:
        assert set(threads.map(call, range(40))) == {200}
        assert client.delete(f"{KEYS}{key.key_id}/").status_code == 204
        assert set(threads.map(call, range(40))) == {401}


def test_a_rotated_key_works_beside_the_new_one_for_a_while(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
):
    album = builder.add_album(user)
    old = make(client, albums=[album], scopes=["photos:read"], expires_at=soon(3600))
    answer = client.post(f"{KEYS}{old['id']}/rotate/", json={"overlap_seconds": 1})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    new = answer.json()
    assert new["key"] != old["key"]
    for field in ("name", "scopes", "albums"):
        assert new[field] == old[field]
    assert new["expires_at"] > old["expires_at"]
    shown = client.get(f"{KEYS}{old['id']}/").json()
    assert (shown["state"], shown["replaced_by"]) == ("overlapping", new["id"])
    for text in (old["key"], new["key"]):
        assert ask(anonymous, text, "/api/photos/").status_code == 200
    # An old key makes no second successor.
    assert client.post(f"{KEYS}{old['id']}/rotate/").status_code == 400
    time.sleep(1.1)
    assert errors(ask(anonymous, old["key"], "/api/photos/")) == refused("API key was replaced")
    assert ask(anonymous, new["key"], "/api/photos/").status_code == 200
    assert client.get(f"{KEYS}{old['id']}/").json()["state"] == "replaced"


def test_an_overlap_is_a_day_unless_said_and_a_week_at_most(client: httpx.Client):
    made = make(client)
    path = f"{KEYS}{made['id']}/rotate/"
    for wrong in (-1, 7 * 86400 + 1, "long", True):
        assert client.post(path, json={"overlap_seconds": wrong}).status_code == 400
    new = client.post(path).json()
    ends = client.get(f"{KEYS}{made['id']}/").json()["overlap_ends_at"]
    assert soon(86300) < ends < soon(86500)
    assert client.post(f"{KEYS}{new['id']}/rotate/", json={"overlap_seconds": 0}).status_code == 201
    assert client.get(f"{KEYS}{new['id']}/").json()["state"] == "replaced"


def test_parallel_rotations_make_one_successor(client: httpx.Client, instance: Instance, user: Account):
    made = make(client)
    path = f"{instance.base_url}{KEYS}{made['id']}/rotate/"
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: httpx.post(path, headers=user.bearer, timeout=30), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400, 400]


def test_there_is_a_most_of_keys_that_work(client: httpx.Client, instance: Instance, user: Account):
    keys = [add_key(instance, user, "jobs:read") for _ in range(MOST_KEYS)]
    wish = {"name": "x", "scopes": ["jobs:read"]}
    refusal = client.post(KEYS, json=wish)
    assert refusal.status_code == 400
    assert errors(refusal) == [("detail", f"There are {MOST_KEYS} keys that work; revoke one first.")]
    assert client.post(f"{KEYS}{keys[0].key_id}/rotate/").status_code == 400
    client.delete(f"{KEYS}{keys[0].key_id}/")
    assert client.post(KEYS, json=wish).status_code == 201


def test_a_disabled_account_loses_its_keys_and_gets_none_back(
    instance: Instance, anonymous: httpx.Client, admin: Account
):
    account = instance.add_user()
    key = add_key(instance, account, "jobs:read")
    with instance.client(admin.bearer) as client:
        path = f"/api/manage/user/{account.user_id}/"
        assert client.patch(path, json={"is_active": False}).status_code == 200
        answer = ask(anonymous, key.text)
        assert errors(answer) == [("detail", "User is inactive"), ("code", "user_inactive")]
        assert anonymous.get(PROTECTED, auth=key.basic).status_code == 401
        assert client.patch(path, json={"is_active": True}).status_code == 200
    assert errors(ask(anonymous, key.text)) == refused("API key is revoked")


def test_a_deleted_account_takes_its_keys_along(instance: Instance, anonymous: httpx.Client, admin: Account):
    account = instance.add_user()
    key = add_key(instance, account, "jobs:read")
    with instance.client(admin.bearer) as client:
        assert client.delete(f"/api/manage/user/{account.user_id}/").status_code == 405
        assert client.delete(f"/api/delete/user/{account.user_id}/").status_code == 204
    assert errors(ask(anonymous, key.text)) == refused("API key is unknown")
    with instance.db.snapshot() as tx:
        assert tx.one(_COUNT_ROWS, of=key.key_id) == 0


_COUNT_ROWS = Statement(
    select(func.count()).select_from(api_key).where(api_key.c.id == bindparam("of")), scalar
)


def test_a_new_password_leaves_keys_alone(client: httpx.Client, user: Account, anonymous: httpx.Client):
    made = make(client)
    path = f"/api/user/{user.user_id}/"
    assert client.patch(path, json={"password": "another password"}).status_code == 200
    assert ask(anonymous, made["key"]).status_code == 200


def test_a_keys_admin_is_no_admin_without_being_given_it(
    instance: Instance, anonymous: httpx.Client, admin: Account
):
    other = instance.add_user(email="known-to-admins@example.org")
    path = f"/api/user/{other.user_id}/"
    with instance.client(admin.bearer) as client:
        made = make(client, scopes=["server:read", "account:read", "jobs:read"])
        assert "known-to-admins" in client.get(path).text
    for asked in (path, "/api/user/"):
        answer = ask(anonymous, made["key"], asked)
        assert answer.status_code == 200
        assert other.username in answer.text
        assert "known-to-admins" not in answer.text
    assert ask(anonymous, made["key"], "/api/dirtree/").status_code == 200
    with instance.db.transaction() as tx:
        change_row(tx, user_table, admin.user_id, is_staff=False, is_superuser=False)
    # The key's owner is no admin any more, and so the key reads the server no more.
    assert ask(anonymous, made["key"], "/api/dirtree/").status_code == 403
    assert ask(anonymous, made["key"]).status_code == 200


def test_the_last_use_is_noted(client: httpx.Client, anonymous: httpx.Client):
    made = make(client)
    path = f"{KEYS}{made['id']}/"
    assert client.get(path).json()["last_used_at"] is None
    ask(anonymous, made["key"])
    deadline = time.monotonic() + 10
    while (shown := client.get(path).json())["last_used_at"] is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shown["last_used_at"] is not None
    assert shown["last_address"] == "127.0.0.1"
    ask(anonymous, made["key"])
    time.sleep(0.3)
    # At most once a minute.
    assert client.get(path).json()["last_used_at"] == shown["last_used_at"]


def test_from_where_a_key_is_used_is_recorded_once_an_hour(
    client: httpx.Client, instance: Instance, user: Account, anonymous: httpx.Client
):
    made = make(client)
    for _ in range(3):
        assert ask(anonymous, made["key"]).status_code == 200
        assert anonymous.get(PROTECTED, auth=(user.username, made["key"])).status_code == 200
    rows = _sign_ins(instance, user, at_least=1)
    assert [(method, address, count) for method, address, count, _ in rows] == [("key", "127.0.0.1", 1)]
    assert json.loads(rows[0][-1]) == {"key": made["id"]}


def test_so_is_a_key_that_is_used_as_a_password_and_nothing_else(
    client: httpx.Client, instance: Instance, user: Account, anonymous: httpx.Client
):
    made = make(client)
    for _ in range(3):
        assert anonymous.get(PROTECTED, auth=(user.username, made["key"])).status_code == 200
    rows = _sign_ins(instance, user, at_least=1)
    assert [(method, address, count) for method, address, count, _ in rows] == [("key", "127.0.0.1", 1)]
    assert json.loads(rows[0][-1]) == {"key": made["id"]}


def test_a_use_from_elsewhere_is_recorded_right_after_one_from_home(new_instance: NewInstance):
    one = new_instance(trusted_proxies="127.0.0.1")
    account = one.add_user()
    key = add_key(one, account, "jobs:read")
    with one.client() as asking:
        # A household has a whole /64 of addresses.
        for place in (
            "192.0.2.1",
            "192.0.2.1",
            "198.51.100.7",
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8:0:1::1",
        ):
            headers = {"Authorization": f"Bearer {key.text}", "X-Forwarded-For": place}
            assert asking.get(PROTECTED, headers=headers).status_code == 200
    rows = _sign_ins(one, account, at_least=4)
    assert sorted((address, count) for _, address, count, _ in rows) == [
        *[("192.0.2.1", 1), ("198.51.100.7", 1), ("2001:db8:0:1::1", 1), ("2001:db8::1", 1)],
    ]


def _sign_ins(instance: Instance, account: Account, *, at_least: int) -> list[tuple[Any, ...]]:
    """Wait for so many rows, and a moment longer for one too many."""
    deadline = time.monotonic() + 10
    while True:
        with instance.db.snapshot() as tx:
            rows = tx.all(_SIGN_INS, of=account.user_id)
        if len(rows) >= at_least or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    time.sleep(0.3)
    with instance.db.snapshot() as tx:
        return tx.all(_SIGN_INS, of=account.user_id)


_SIGN_INS = Statement(
    select(
        audit_event.c.method, audit_event.c.address, audit_event.c.occurrence_count, audit_event.c.detail
    ).where(audit_event.c.actor_id == bindparam("of"), audit_event.c.kind == "sign_in"),
    as_row,
)


def test_the_strict_policy_asks_for_a_fresh_login_or_the_password(new_instance: NewInstance):
    instance = new_instance(password_policy="strict")
    account = instance.add_user(password="a long pass phrase")
    wish = {"name": "x", "scopes": ["jobs:read"]}
    foreign = instance.signer.mint_access({"user_id": str(account.user_id)}).text
    with instance.client(account.bearer) as fresh:
        made = fresh.post(KEYS, json=wish)
        assert made.status_code == 201
    with instance.client({"Authorization": f"Bearer {foreign}"}) as stale:
        for path in (KEYS, f"{KEYS}{made.json()['id']}/rotate/"):
            assert errors(stale.post(path, json=wish)) == [("current_password", REQUIRED)]
            wrong = stale.post(path, json={**wish, "current_password": "wrong"})
            assert errors(wrong) == [("current_password", "The current password is not right.")]
            right = stale.post(path, json={**wish, "current_password": account.password})
            assert right.status_code == 201
        # Ending a key needs nothing: it must be easy.
        assert stale.delete(f"{KEYS}{made.json()['id']}/").status_code == 204
    with instance.client() as client:
        assert client.post(KEYS, json=wish, auth=account.basic).status_code == 201


def test_what_happens_to_keys_is_recorded(
    client: httpx.Client, instance: Instance, user: Account, admin: Account
):
    made = make(client, name="backup")
    path = f"{KEYS}{made['id']}/"
    client.patch(path, json={"name": "other"})
    new = client.post(f"{path}rotate/", json={"overlap_seconds": 60}).json()
    for _ in range(2):
        client.delete(f"{KEYS}{new['id']}/")
    with instance.client(admin.bearer) as by_admin:
        by_admin.patch(f"/api/manage/user/{user.user_id}/", json={"is_active": False})
    with instance.db.snapshot() as tx:
        rows = tx.all(_EVENTS, of=user.user_id)
    assert [kind for kind, *_ in rows] == [
        *("key_created", "key_changed", "key_rotated", "key_revoked", "key_revoked"),
    ]
    for kind, actor, method, target, _ in rows[:4]:
        owner = new if kind == "key_revoked" else made
        assert (actor, method) == (user.user_id, "bearer")
        assert target == f"key {owner['id']} ({owner['prefix']})"
    assert json.loads(rows[2][-1]) == {"name": "other", "successor": new["id"], "overlap_seconds": 60}
    assert json.loads(rows[4][-1]) == {"count": 1, "because": "the account was disabled"}


_EVENTS = Statement(
    select(
        audit_event.c.kind,
        audit_event.c.actor_id,
        audit_event.c.method,
        audit_event.c.target,
        audit_event.c.detail,
    )
    .where(audit_event.c.subject_id == bindparam("of"), audit_event.c.kind.like("key_%"))
    .order_by(audit_event.c.id),
    as_row,
)


def test_logs_hide_keys():
    text = mint_key()
    assert scrub(f"GET /?key={text}&x=1") == f"GET /?key={text[:12]}(hidden)&x=1"


def everything(instance: Instance) -> Iterator[str]:
    """Every value of every row, and what the server logged."""
    with instance.db.snapshot() as tx:
        for table in metadata.sorted_tables:
            for row in tx.all(Statement(select(*table.c), as_row)):
                yield from (str(value) for value in row)
    yield instance.log()


def test_nothing_of_the_secret_is_kept_or_logged(new_instance: NewInstance):
    instance = new_instance()
    account = instance.add_user(password="mypassword")
    with instance.client(account.bearer) as client, instance.client() as anonymous:
        made = make(client)
        rotated = client.post(f"{KEYS}{made['id']}/rotate/").json()
        for text in (made["key"], rotated["key"]):
            ask(anonymous, text)
            ask(anonymous, text[:-1])
            ask(anonymous, text, "/api/photos/")
            anonymous.get(PROTECTED, auth=httpx.BasicAuth(account.username, text))
            anonymous.get(PROTECTED, auth=httpx.BasicAuth("nobody", text))
            anonymous.get(f"{PROTECTED}?api_key={text}")
            anonymous.get("/media/photos/x", headers={"Authorization": f"Bearer {text}"})
        client.delete(f"{KEYS}{made['id']}/")
        ask(anonymous, made["key"])
        kept = "\n".join(everything(instance))
    assert made["prefix"].removeprefix("lp_") in kept, "the dump shows the row"
    for text in (made["key"], rotated["key"]):
        secret = text[12:]
        encoded = base64.b64encode(f"{account.username}:{text}".encode()).decode()
        for part in (secret[:12], secret[8:20], secret[-12:], encoded[-16:]):
            assert part not in kept
    if instance.database_url.startswith("sqlite"):
        raw = b"".join(path.read_bytes() for path in instance.data.glob("librephotos.sqlite*"))
        assert parse_key(rotated["key"]).digest.encode() in raw
        assert rotated["key"][12:24].encode() not in raw


def test_keys_long_ended_are_forgotten(instance: Instance, user: Account):
    ended = clock.now() - 31 * clock.DAY
    gone: list[Key] = [
        add_key(instance, user, "jobs:read", **{column: ended})
        for column in ("revoked_at", "expires_at", "overlap_ends_at")
    ]
    kept = [
        add_key(instance, user, "jobs:read"),
        add_key(instance, user, "jobs:read", revoked_at=clock.now() - clock.DAY),
    ]
    instance.db.commit(prune_logins)
    with instance.db.snapshot() as tx:
        assert [tx.one(_COUNT_ROWS, of=key.key_id) for key in (*gone, *kept)] == [0, 0, 0, 1, 1]


def test_the_list_of_scopes_is_the_one_that_the_help_tells(anonymous: httpx.Client):
    told = anonymous.get("/api/help").json()
    assert told["scopes"] == {scope.name: scope.meaning for scope in SCOPES.values()}
    assert set(told["authentication"]["api_key"]["scopes"]) == GRANTABLE
