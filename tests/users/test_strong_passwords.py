"""What the strict policy takes and refuses, through the profile that people change their password in."""

import gzip

import pytest

from librephotos.accounts import password_policy
from tests.conftest import NewInstance
from tests.instance import REPOSITORY, Account, Instance

TOO_COMMON = "This password is too common."


@pytest.fixture
def strict(new_instance: NewInstance) -> Instance:
    one = new_instance(password_policy="strict")
    one.add_user("root", is_admin=True)
    return one


def change_password(one: Instance, account: Account, password: str) -> tuple[int, str]:
    """Return the status and, where the password was refused, the reason."""
    with one.client(account.bearer) as client:
        answer = client.patch(f"/api/user/{account.user_id}/", json={"password": password})
    return answer.status_code, "" if answer.is_success else answer.json()["errors"][0]["message"]


def test_any_mixture_of_characters_up_to_128_is_a_password(strict: Instance):
    account = strict.add_user("ann")
    for password in (
        "onlysmallletters",
        "SHOUTINGALLDAY",
        "¿quién/va\\allá?",
        "пароль из слов",
        "🦆🧭🪁🫖🧲🪗🛶🧵",
        "\"<& ' ;--${x}",
        "between " * 8,
        "x7 Q" * 32,
    ):
        assert change_password(strict, account, password) == (200, ""), password
        with strict.client() as client:
            body = {"username": "ann", "password": password}
            assert client.post("/api/auth/token/obtain/", json=body).status_code == 200, password
    assert change_password(strict, account, "x7 Q" * 32 + "x")[0] == 400
    # The one kind that is refused for what it consists of.
    assert change_password(strict, account, "84915037261940") == (400, "This password is entirely numeric.")


def test_strict_refuses_common_passwords_and_words_of_this_place(strict: Instance):
    account = strict.add_user("ann")
    for password in ("iloveyou1", "Sunshine1", "qwertyuiop", "LibrePhotos", "photos2024!", "--Welcome--"):
        assert change_password(strict, account, password) == (400, TOO_COMMON), password


def test_the_list_holds_three_thousand_passwords_that_are_long_enough():
    """The standard wants so many of those that the other rules would take."""
    packed = (REPOSITORY / "librephotos" / "accounts" / "common_passwords.txt.gz").read_bytes()
    listed = set(gzip.decompress(packed).decode().split())
    long_enough = {word for word in listed if len(word) >= password_policy.MIN_STRICT and not word.isdigit()}
    assert len(long_enough) >= 3_000
    assert all(password_policy.is_common(word) for word in sorted(long_enough)[::100])
