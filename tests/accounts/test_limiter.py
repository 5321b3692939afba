"""Guessing: what is counted together, who is refused, who never is, and how little comes through."""

import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import httpx
import pytest
from sqlalchemy import bindparam, func, insert, select, update

from librephotos.accounts.attempt_rows import prune_attempts
from librephotos.accounts.keys.text import mint_key
from librephotos.accounts.site_settings import store_site_settings
from librephotos.db.statements import Statement, as_row, scalar, statement
from librephotos.db.tables import audit_event, known_device, login_attempt, session
from librephotos.kit import clock
from tests.accounts.guessing import (
    AVAILABLE,
    OBTAIN,
    PASSWORD,
    Somebody,
    add_user,
    cheapen,
    exhaust,
    new_address,
    prolong,
)
from tests.conftest import NewInstance
from tests.databases import ON_POSTGRESQL, NewDatabase
from tests.instance import KEY, Account, Instance

PROXIED = {"LIBREPHOTOS_TRUSTED_PROXIES": "127.0.0.1"}
_LIMITED = Statement(
    select(func.sum(audit_event.c.occurrence_count)).where(audit_event.c.kind == "limited"), scalar
)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Instance]:
    """A server behind a proxy, so that every caller has an address of their own; it has an admin."""
    folder = tmp_path_factory.mktemp("guarded")
    data = folder / "data"
    data.mkdir()
    one = Instance(data, folder / "library", new_database(data), dict(PROXIED))
    one.start()
    one.add_user("founder", is_admin=True)
    yield one
    one.stop()


@pytest.fixture
def person(guarded: Instance) -> Account:
    return add_user(guarded)


def refusal_of(answer: httpx.Response) -> tuple[int, list[str], int]:
    """Return the status, the fields of the entries, and the seconds to wait."""
    entries = answer.json()["errors"]
    seconds = int(answer.headers["retry-after"])
    assert entries[0]["message"] == f"Request was throttled. Expected available in {seconds} seconds."
    return answer.status_code, [entry["field"] for entry in entries], seconds


def is_shape_of_a_refusal(answer: httpx.Response) -> bool:
    status, fields, seconds = refusal_of(answer)
    return (status, fields) == (429, ["detail"]) and 1 <= seconds <= 900


def test_after_ten_failures_a_network_waits_and_a_right_password_does_not_help(
    guarded: Instance, person: Account
):
    stranger = Somebody(guarded)
    names = [add_user(guarded).username for _ in range(11)]
    assert [stranger.obtain(name).status_code for name in names] == [401] * 11
    prolong(guarded)
    for answer in (
        stranger.obtain(person.username, person.password),
        stranger.basic(person.username, person.password),
        stranger.obtain("nobody-of-that-name"),
    ):
        assert is_shape_of_a_refusal(answer)
        assert "set-cookie" not in answer.headers
    # The account itself has nothing to do with it.
    assert Somebody(guarded).obtain(person.username, person.password).status_code == 200


@pytest.mark.parametrize("exists", [True, False])
def test_all_spellings_and_both_ways_in_count_against_one_account(guarded: Instance, exists: bool):
    name = add_user(guarded).username if exists else f"missing-{new_address()}"
    spelled = [name, name.upper(), f" {name}", f"{name}\t", name.title()]
    for number in range(11):
        somebody = Somebody(guarded)
        ask = somebody.basic if number % 2 else somebody.obtain
        assert ask(spelled[number % len(spelled)]).status_code == 401
    prolong(guarded)
    for spelling in spelled:
        assert is_shape_of_a_refusal(Somebody(guarded).obtain(spelling, PASSWORD))
        assert is_shape_of_a_refusal(Somebody(guarded).basic(spelling, PASSWORD))


def test_a_refusal_is_the_same_for_an_account_that_exists_and_one_that_does_not(
    guarded: Instance, person: Account
):
    missing = f"missing-{new_address()}"
    exhaust(guarded, person.username)
    exhaust(guarded, missing)
    one, other = (Somebody(guarded).obtain(name, PASSWORD) for name in (person.username, missing))
    # The seconds left may differ by one while this runs.
    for answer in (one, other):
        assert is_shape_of_a_refusal(answer)
    seconds = [answer.headers["retry-after"] for answer in (one, other)]
    assert abs(int(seconds[0]) - int(seconds[1])) <= 2
    assert one.text.replace(seconds[0], "n") == other.text.replace(seconds[1], "n")
    assert list(one.headers) == list(other.headers)


def test_a_browser_that_signed_in_before_is_let_in_from_anywhere(guarded: Instance, person: Account):
    browser = Somebody(guarded)
    assert browser.obtain(person.username, person.password).status_code == 200
    exhaust(guarded, person.username)
    browser.move()
    assert browser.obtain(person.username, person.password).status_code == 200
    token = browser.client.cookies["lp_device"]
    assert browser.obtain(person.username, person.password).status_code == 200
    assert browser.client.cookies["lp_device"] == token
    assert is_shape_of_a_refusal(Somebody(guarded).obtain(person.username, person.password))


def test_a_browser_known_to_one_account_is_a_stranger_to_another(guarded: Instance, person: Account):
    other = add_user(guarded)
    browser = Somebody(guarded)
    assert browser.obtain(other.username, other.password).status_code == 200
    exhaust(guarded, person.username)
    assert is_shape_of_a_refusal(browser.obtain(person.username, person.password))


def test_one_browser_is_known_to_all_who_share_it(guarded: Instance, person: Account):
    other = add_user(guarded)
    browser = Somebody(guarded)
    for account in (person, other):
        assert browser.obtain(account.username, account.password).status_code == 200
    for account in (person, other):
        exhaust(guarded, account.username)
        browser.move()
        assert browser.obtain(account.username, account.password).status_code == 200


def test_a_cookie_that_is_none_of_ours_is_replaced_and_makes_nobody_known(guarded: Instance, person: Account):
    exhaust(guarded, person.username)
    other = add_user(guarded)
    for forged in (b"x" * 22, b"", b"x" * 5000, b"\xe9\xff"):
        somebody = Somebody(guarded)
        cookie = (b"cookie", b"lp_device=" + forged)
        somebody.client.headers = httpx.Headers([*somebody.client.headers.raw, cookie])
        assert is_shape_of_a_refusal(somebody.obtain(person.username, person.password))
        answer = somebody.obtain(other.username, other.password)
        assert answer.status_code == 200
        mark = answer.headers.get_list("set-cookie")[-1]
        assert mark.startswith("lp_device=")
        assert mark.partition("; ")[0].encode("latin-1") != cookie[1]


def test_without_cookies_network_and_user_agent_of_an_earlier_success_are_known(
    guarded: Instance, person: Account
):
    program = Somebody(guarded, user_agent="sync 1.0")
    assert program.basic(person.username, person.password).status_code == 200
    exhaust(guarded, person.username)
    for ask in (program.obtain, program.basic):
        program.client.cookies.clear()
        assert ask(person.username, person.password).status_code == 200
    assert is_shape_of_a_refusal(
        Somebody(guarded, program.address, "sync 2.0").obtain(person.username, person.password)
    )


def test_a_known_device_guesses_no_further_than_a_stranger_and_blocks_itself_alone(
    guarded: Instance, person: Account
):
    lost, kept = Somebody(guarded), Somebody(guarded)
    for device in (lost, kept):
        assert device.obtain(person.username, person.password).status_code == 200
    cheapen(guarded, person.username)
    for _ in range(11):
        lost.move()
        assert lost.obtain(person.username).status_code == 401
    prolong(guarded)
    lost.move()
    assert is_shape_of_a_refusal(lost.obtain(person.username, person.password))
    assert kept.obtain(person.username, person.password).status_code == 200
    assert Somebody(guarded).obtain(person.username, person.password).status_code == 200


def test_a_success_forgives_what_the_device_itself_got_wrong(guarded: Instance, person: Account):
    device = Somebody(guarded)
    for _ in range(3):
        assert device.obtain(person.username, person.password).status_code == 200
        cheapen(guarded, person.username)
        assert [device.obtain(person.username).status_code for _ in range(9)] == [401] * 9
    assert device.obtain(person.username, person.password).status_code == 200


def test_an_account_of_ones_own_does_not_pay_for_guesses_at_others(guarded: Instance):
    thief, victims = add_user(guarded), [add_user(guarded) for _ in range(11)]
    somebody = Somebody(guarded)
    for victim in victims:
        assert somebody.obtain(thief.username, thief.password).status_code == 200
        assert somebody.obtain(victim.username).status_code == 401
    prolong(guarded)
    assert is_shape_of_a_refusal(somebody.obtain(victims[0].username))
    assert somebody.obtain(thief.username, thief.password).status_code == 200


def test_what_basic_remembers_tells_nothing_to_a_stranger_who_is_blocked(guarded: Instance, person: Account):
    at_home = Somebody(guarded)
    assert at_home.basic(person.username, person.password).status_code == 200
    # Another hash would be another password, of which nothing is remembered.
    exhaust(guarded, person.username, cheaply=False)
    assert is_shape_of_a_refusal(Somebody(guarded).basic(person.username, person.password))
    assert is_shape_of_a_refusal(Somebody(guarded, at_home.address).basic(person.username, person.password))
    assert at_home.basic(person.username, person.password).status_code == 200
    # Somebody in the same house with the same program counts as the device, and stops it as well.
    twin = Somebody(guarded, at_home.address, at_home.user_agent)
    assert [twin.basic(person.username).status_code for _ in range(11)] == [401] * 11
    prolong(guarded)
    assert is_shape_of_a_refusal(twin.basic(person.username))
    assert is_shape_of_a_refusal(twin.basic(person.username, person.password))


def test_an_ipv6_network_counts_as_one_and_its_neighbours_do_not(guarded: Instance, person: Account):
    prefix = f"2001:db8:{new_address()[3:5].strip('.')}:7"
    for number in range(11):
        name = add_user(guarded).username
        assert Somebody(guarded, f"{prefix}::{number:x}").obtain(name).status_code == 401
    prolong(guarded)
    assert is_shape_of_a_refusal(
        Somebody(guarded, f"{prefix}:1:2:3:4").obtain(person.username, person.password)
    )
    neighbour = Somebody(guarded, f"{prefix.removesuffix(':7')}:8::1")
    assert neighbour.obtain(person.username, person.password).status_code == 200


def test_sign_ups_count_names_that_are_taken(guarded: Instance, person: Account):
    with guarded.db.transaction() as tx:
        store_site_settings(tx, {"allow_registration": True})
    body = {"password": "mypassword", "email": "", "first_name": "", "last_name": ""}
    stranger = Somebody(guarded)
    for _ in range(11):
        answer = stranger.client.post("/api/user/", json={**body, "username": person.username})
        assert answer.status_code == 400
    prolong(guarded)
    assert is_shape_of_a_refusal(stranger.client.post("/api/user/", json={**body, "username": "quite-new"}))
    assert is_shape_of_a_refusal(stranger.obtain(person.username, person.password))
    elsewhere = Somebody(guarded)
    answers = [
        elsewhere.client.post("/api/user/", json={**body, "username": f"new-{number}-{new_address()}"})
        for number in range(12)
    ]
    assert {answer.status_code for answer in answers} == {201}


def test_a_forged_forwarding_header_changes_nothing(new_instance: NewInstance):
    direct = new_instance()
    account = add_user(direct)
    for _ in range(11):
        assert Somebody(direct).obtain(add_user(direct).username).status_code == 401
    prolong(direct)
    assert is_shape_of_a_refusal(Somebody(direct).obtain(account.username, account.password))
    # Behind the proxy the last hop counts, whatever the caller wrote before it.
    proxied = new_instance(trusted_proxies="127.0.0.1")
    account = add_user(proxied)
    for number in range(11):
        somebody = Somebody(proxied, f"10.9.9.{number}, 203.0.113.5")
        assert somebody.obtain(add_user(proxied).username).status_code == 401
    prolong(proxied)
    forger = Somebody(proxied, "10.8.8.8, 203.0.113.5")
    assert is_shape_of_a_refusal(forger.obtain(account.username, account.password))


def test_counts_hold_in_all_processes_and_after_a_restart(new_instance: NewInstance):
    one = new_instance(trusted_proxies="127.0.0.1", api_processes=2)
    account = add_user(one)
    device = Somebody(one)
    assert device.obtain(account.username, account.password).status_code == 200
    missing = "nobody-of-that-name"
    exhaust(one, account.username)
    exhaust(one, missing)

    def refusals() -> set[int]:
        # Each has a connection of its own, and connections are spread over the processes.
        askers = [Somebody(one) for _ in range(8)]
        answers = [each.obtain(name, PASSWORD) for each in askers for name in (account.username, missing)]
        return {answer.status_code for answer in answers}

    assert refusals() == {429}
    one.stop()
    # Another key that signs tokens changes nothing either.
    one.environment["LIBREPHOTOS_SECRET_KEY"] = KEY[::-1]
    one.start()
    assert refusals() == {429}
    again = Somebody(one, device.address, device.user_agent)
    assert again.obtain(account.username, account.password).status_code == 200


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has one installation a database")
def test_counts_hold_on_several_machines(new_instance: NewInstance):
    here, there = (
        new_instance(trusted_proxies="127.0.0.1"),
        new_instance(start=False, trusted_proxies="127.0.0.1"),
    )
    there.database_url = here.database_url
    there.start()
    account = add_user(here)
    exhaust(here, account.username)
    assert is_shape_of_a_refusal(Somebody(there).obtain(account.username, account.password))


def test_a_crowd_tries_no_more_than_one_after_the_other(guarded: Instance):
    account, crowd = add_user(guarded), [Somebody(guarded) for _ in range(40)]
    started = time.monotonic()
    with ThreadPoolExecutor(40) as threads:
        statuses = Counter(threads.map(lambda each: each.obtain(account.username).status_code, crowd))
    # Two hashes run at once, so that one failure may not be counted yet when the next one is tried.
    most = 11 + 1 + math.log2(time.monotonic() - started + 2)
    assert statuses.keys() == {401, 429}
    assert 11 <= statuses[401] <= most


@pytest.mark.timeout(600)
def test_ten_thousand_guesses_lock_nobody_out_and_fewer_than_four_hundred_are_tried(
    new_instance: NewInstance,
):
    one = new_instance(trusted_proxies="127.0.0.1")
    accounts = [add_user(one) for _ in range(50)]
    owners = [Somebody(one) for _ in range(3)]
    for owner, account in zip(owners, accounts, strict=False):
        assert owner.obtain(account.username, account.password).status_code == 200
    addresses = [new_address() for _ in range(20)]
    statuses: Counter[int] = Counter()
    sign_ins: list[int] = []

    def guess(number: int) -> None:
        # One connection an address; each goes through all the accounts, again and again. This client takes a third of
        # the time of the others'.
        line = HTTPConnection("127.0.0.1", one.port, timeout=60)
        headers = {"X-Forwarded-For": addresses[number], "Content-Type": "application/json"}
        for turn in range(500):
            account = accounts[(turn + number) % 50]
            body = {"username": account.username, "password": f"guess {turn}"}
            line.request("POST", OBTAIN, json.dumps(body), headers)
            answer = line.getresponse()
            answer.read()
            statuses[answer.status] += 1
        line.close()

    def look(_: int) -> None:
        for owner, account in zip(owners, accounts, strict=False):
            sign_ins.append(owner.obtain(account.username, account.password).status_code)

    started = time.monotonic()
    with ThreadPoolExecutor(9) as threads:
        guesses = [threads.submit(guess, number) for number in range(20)]
        looks = [threads.submit(look, number) for number in range(4)]
        for each in [*guesses, *looks]:
            each.result()
    seconds = time.monotonic() - started
    look(0)
    assert set(sign_ins) == {200}
    assert statuses.total() == 10_000
    assert statuses.keys() == {401, 429}
    # Ten for nothing, one to be told to wait, then one each time the wait doubles.
    assert statuses[401] <= 20 * (11 + math.log2(seconds + 2)) + 2
    if seconds < 250:
        assert statuses[401] < 400
    with one.db.snapshot() as tx:
        # A refusal is a line in the log; a wait is written down once.
        assert tx.one(_LIMITED) <= statuses[401]


def test_time_tells_neither_whether_an_account_exists_nor_whether_a_guess_was_right(
    new_instance: NewInstance,
):
    one = new_instance(trusted_proxies="127.0.0.1", network_failures=1_000_000)
    existing = [one.add_user(password="a password") for _ in range(2)]
    times: dict[str, list[float]] = {
        "existing": [],
        "missing": [],
        "blocked": [],
        "blocked missing": [],
        "right": [],
    }

    def measure(kind: str, name: str, password: str, status: int) -> None:
        somebody = Somebody(one)
        somebody.client.get("/api/healthz")
        started = time.perf_counter()
        answer = somebody.obtain(name, password)
        times[kind].append(time.perf_counter() - started)
        assert answer.status_code == status
        somebody.client.close()

    for turn in range(9):
        # A padded password is compared as sent and trimmed: two hashes, for nobody's account too.
        password = " wrong " if turn % 2 else "wrong"
        measure("existing", existing[0].username, password, 401)
        measure("missing", f"missing-{turn}", password, 401)
    exhaust(one, existing[1].username)
    exhaust(one, "missing")
    for _ in range(60):
        measure("blocked", existing[1].username, "wrong", 429)
        measure("blocked missing", "missing", "wrong", 429)
        measure("right", existing[1].username, "a password", 429)
    medians = {kind: statistics.median(each) for kind, each in times.items()}
    assert 0.5 < medians["existing"] / medians["missing"] < 2, medians
    assert 0.5 < medians["blocked"] / medians["blocked missing"] < 2, medians
    assert 0.5 < medians["blocked"] / medians["right"] < 2, medians
    # What is refused costs no hash.
    assert medians["blocked"] < medians["existing"] / 2, medians


def test_a_parity_server_sends_the_published_cookie_alone_and_knows_devices_by_where_they_are(
    new_instance: NewInstance,
):
    one = new_instance(trusted_proxies="127.0.0.1", cookie_parity="1")
    account, device = add_user(one), Somebody(one)
    answer = device.obtain(account.username, account.password)
    assert answer.headers.get_list("set-cookie") == [f"jwt={answer.json()['access']}; Path=/"]
    exhaust(one, account.username)
    assert device.obtain(account.username, account.password).status_code == 200


def test_nothing_that_names_anybody_is_stored(guarded: Instance, person: Account):
    browser = Somebody(guarded)
    assert browser.obtain(person.username, person.password).status_code == 200
    assert Somebody(guarded, browser.address).obtain(person.username).status_code == 401
    with guarded.db.snapshot() as tx:
        stored = repr([tx.all(statement(select(table))) for table in (login_attempt, known_device)])
    for text in (person.username, browser.address, browser.user_agent, browser.client.cookies["lp_device"]):
        assert text not in stored


def test_counts_and_devices_are_forgotten_when_their_time_is_over(guarded: Instance, person: Account):
    now = clock.now()
    attempts = {"over": (now - 5, 0), "waits": (now - 5, now + clock.HOUR), "counts": (now + clock.HOUR, 0)}
    devices = {
        "used lately": (400, 10),
        "long unused": (800, 401),
        "came once": (91, 91),
        "came once lately": (89, 89),
    }
    with guarded.db.transaction() as tx:
        for bucket, (window_ends_at, blocked_until) in attempts.items():
            row = {"bucket": bucket, "window_ends_at": window_ends_at, "blocked_until": blocked_until}
            tx.execute(statement(insert(login_attempt).values(row)))
        for digest, (created, used) in devices.items():
            row = {"user_id": person.user_id, "digest": digest}
            times = {"created_at": now - created * clock.DAY, "last_used_at": now - used * clock.DAY}
            tx.execute(statement(insert(known_device).values(**row, **times)))
    guarded.db.commit(prune_attempts)
    names = Statement(select(login_attempt.c.bucket).where(func.length(login_attempt.c.bucket) < 10), scalar)
    left = Statement(
        select(known_device.c.digest).where(known_device.c.user_id == bindparam("user_id")), as_row
    )
    with guarded.db.snapshot() as tx:
        assert set(tx.all(names)) == {"waits", "counts"}
        assert {row[0] for row in tx.all(left, user_id=person.user_id)} == {"used lately", "came once lately"}


def test_keys_that_do_not_work_count_and_one_that_works_is_never_held_back(
    guarded: Instance, person: Account
):
    at_home = Somebody(guarded)
    body = {"name": "sync", "scopes": ["photos:read"]}
    made = at_home.client.post("/api/auth/keys/", json=body, headers=person.bearer)
    assert made.status_code == 201
    key = made.json()["key"]
    ended = at_home.client.post("/api/auth/keys/", json=body, headers=person.bearer).json()
    gone = at_home.client.delete(f"/api/auth/keys/{ended['id']}/", headers=person.bearer)
    assert gone.status_code == 204

    def ask(text: str) -> httpx.Response:
        return at_home.client.get("/api/photos/", headers={"Authorization": f"Bearer {text}"})

    wrong = [f"{key[:-1]}{'x' if key[-1] != 'x' else 'y'}", "lp_", mint_key()]
    for number in range(11):
        assert ask(wrong[number % 3]).status_code == 401
    prolong(guarded)
    for text in wrong:
        assert is_shape_of_a_refusal(ask(text))
    assert is_shape_of_a_refusal(at_home.obtain(person.username, person.password))
    assert ask(key).status_code == 200
    # Whoever has had a key guesses nothing, and is told each time.
    assert [ask(ended["key"]).status_code for _ in range(12)] == [401] * 12
    lines = [json.loads(line) for line in guarded.log().splitlines() if f'"{at_home.address}"' in line]
    reasons = [line["detail"]["reason"] for line in lines if line.get("kind") == "key_refused"]
    assert Counter(reasons) == {"revoked": 12, "misspelled": 8, "unknown": 3}
    assert key not in guarded.log()


def test_a_stolen_token_guesses_the_password_no_faster(new_instance: NewInstance):
    one = new_instance(trusted_proxies="127.0.0.1", password_policy="strict")
    account = add_user(one)
    thief = Somebody(one)
    thief.client.headers.update(account.bearer)
    with one.db.transaction() as tx:
        tx.execute(statement(update(session).values(created_at=1)))

    def change(current: str) -> httpx.Response:
        body = {"password": "quite another thing", "current_password": current}
        return thief.client.patch(f"/api/user/{account.user_id}/", json=body)

    assert [change(f"guess {number}").status_code for number in range(11)] == [400] * 11
    prolong(one)
    assert is_shape_of_a_refusal(change(account.password))
    assert is_shape_of_a_refusal(Somebody(one).obtain(account.username, account.password))


def test_media_answer_guesses_by_basic_like_the_api(guarded: Instance, person: Account):
    exhaust(guarded, person.username)
    somebody = Somebody(guarded)
    auth = httpx.BasicAuth(person.username, person.password)
    for path in ("/media/thumbnails_big/none.webp", AVAILABLE):
        assert is_shape_of_a_refusal(somebody.client.get(path, auth=auth))
    assert somebody.client.post(OBTAIN, json={"username": "x"}).status_code == 400
