"""HTTP Basic on default endpoints: every row of the published table, and the memory of verified credentials."""

import base64
import time

import httpx
import pytest
from sqlalchemy import bindparam, update

from librephotos.accounts.passwords import hash_password
from librephotos.db.statements import statement
from librephotos.db.tables import user
from tests.instance import Account, Instance

PROTECTED = "/api/rqavailable/"
NOT_ENCODED = "Invalid basic header. Credentials not correctly base64 encoded."
WRONG = "Invalid username/password."


@pytest.fixture(scope="module")
def person(instance: Instance) -> Account:
    return instance.add_user("jürgen.müller", "pass:wört: with colons")


def basic(username: str, password: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode(encoding)).decode()


def ask(client: httpx.Client, header: str) -> httpx.Response:
    return client.get(PROTECTED, headers={"Authorization": header})


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(entry["field"], entry["message"]) for entry in answer.json()["errors"]]


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_basic_credentials_open_a_default_endpoint(anonymous: httpx.Client, person: Account, scheme: str):
    header = basic(person.username, person.password).replace("Basic", scheme)
    assert ask(anonymous, header).status_code == 200


def test_the_user_name_may_be_in_any_case(anonymous: httpx.Client, person: Account):
    assert ask(anonymous, basic(person.username.upper(), person.password)).status_code == 200


def test_latin_1_is_read_where_utf_8_is_not_valid(anonymous: httpx.Client, person: Account):
    assert ask(anonymous, basic(person.username, person.password, "latin-1")).status_code == 200


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Basic", "Invalid basic header. No credentials provided."),
        ("Basic a b", "Invalid basic header. Credentials string should not contain spaces."),
        ("Basic !!!", NOT_ENCODED),
        ("Basic YQ", NOT_ENCODED),
        ("Basic YQ==", NOT_ENCODED),
        ("Basic " + base64.b64encode(b"nocolon").decode(), NOT_ENCODED),
        (basic("nobody", "x"), WRONG),
        (basic("", ""), WRONG),
        (basic("a\x00b", "c\x00d"), WRONG),
    ],
)
def test_unusable_credentials_say_why(anonymous: httpx.Client, header: str, message: str):
    answer = ask(anonymous, header)
    assert answer.status_code == 401
    assert errors(answer) == [("detail", message)]
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'


def test_wrong_password_unknown_and_inactive_are_alike(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    inactive = instance.add_user(password="right", is_active=False)
    answers = [
        ask(anonymous, header)
        for header in (
            basic(person.username, "wrong"),
            basic("nobody", "right"),
            basic(inactive.username, "right"),
            basic(person.username + " ", person.password),
            basic(person.username, person.password + " "),
        )
    ]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {401}
    assert errors(answers[0]) == [("detail", WRONG)]


def test_the_second_call_costs_no_hash(anonymous: httpx.Client, person: Account):
    header = basic(person.username, person.password)
    ask(anonymous, header)
    started = time.perf_counter()
    for _ in range(20):
        assert ask(anonymous, header).status_code == 200
    twenty_remembered = time.perf_counter() - started
    started = time.perf_counter()
    hash_password("x")
    # Twenty hashes would take twenty times one; a factor of five is left for a busy machine.
    assert twenty_remembered < 4 * 5 * max(time.perf_counter() - started, 0.05)


def test_a_changed_password_or_account_counts_at_once(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user(password="first")
    assert ask(anonymous, basic(account.username, "first")).status_code == 200
    set_columns(instance, account, password_hash=hash_password("second"))
    assert ask(anonymous, basic(account.username, "first")).status_code == 401
    assert ask(anonymous, basic(account.username, "second")).status_code == 200
    set_columns(instance, account, is_active=False)
    assert ask(anonymous, basic(account.username, "second")).status_code == 401


def set_columns(instance: Instance, account: Account, **columns: object) -> None:
    with instance.db.transaction() as tx:
        tx.execute(
            statement(
                update(user)
                .where(user.c.id == bindparam("of"))
                .values({name: bindparam(f"v_{name}") for name in columns})
            ),
            of=account.user_id,
            **{f"v_{name}": value for name, value in columns.items()},
        )


def test_a_second_challenge_is_offered_only_when_the_setting_says_so(new_instance):
    offering = new_instance(offer_basic="1")
    with offering.client() as client:
        answer = client.get(PROTECTED)
        assert answer.headers["www-authenticate"] == 'Bearer realm="api", Basic realm="api", charset="UTF-8"'
        for header in ({"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "XMLHttpRequest"}):
            assert client.get(PROTECTED, headers=header).headers["www-authenticate"] == 'Bearer realm="api"'
