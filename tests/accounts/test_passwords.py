"""Password texts as they are stored, and the forms of a password that verify."""

import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from librephotos.accounts.passwords import (
    MAX_CHARS,
    decoy_hash,
    hash_password,
    is_usable,
    is_weak,
    needs_rehash,
    unusable_password,
    verify_password,
)

COMPOSED = "Gr\u00fc\u00dfe aus K\u00f6ln"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
# Neither form: an é that is composed and an ö that is not.
MIXED = "\u00e9t\u00e9 o\u0308l 12"


def as_is(password: str) -> str:
    """Return what a program stores that hashes what it was sent."""
    return "argon2" + PasswordHasher(time_cost=2, memory_cost=102_400, parallelism=8).hash(password)


def test_a_decoy_is_tried_in_earnest_and_never_verifies():
    decoy, real = decoy_hash(), hash_password("mypassword")
    # The same variant, cost, and lengths of salt and digest: trying it takes as long.
    assert decoy.split("$")[:4] == real.split("$")[:4]
    assert [len(part) for part in decoy.split("$")] == [len(part) for part in real.split("$")]
    assert not needs_rehash(decoy)
    assert not verify_password("mypassword", decoy)
    assert decoy_hash() != decoy


def test_few_threads_make_and_verify_the_same_texts():
    ours, elsewhere = hash_password(COMPOSED, threads=1), as_is(DECOMPOSED)
    assert not needs_rehash(ours)
    # The library itself verifies what we made, and we what it made.
    assert PasswordHasher().verify(ours.removeprefix("argon2"), COMPOSED)
    assert verify_password(COMPOSED, elsewhere, threads=1)
    assert not verify_password("wrong", ours, threads=1)
    for broken in (ours[:-1], ours + "=", ours.replace("v=19", "v=x"), ours.replace("t=2", "t=0"), ours[:60]):
        assert not verify_password(COMPOSED, broken, threads=1)


@pytest.fixture(scope="module")
def stored() -> str:
    return hash_password(DECOMPOSED)


def test_a_password_is_one_however_a_keyboard_composes_it(stored: str):
    assert COMPOSED != DECOMPOSED
    assert verify_password(COMPOSED, stored)
    assert verify_password(DECOMPOSED, stored)
    # Stored elsewhere, or here before, as it was sent.
    elsewhere = as_is(DECOMPOSED)
    assert verify_password(COMPOSED, elsewhere)
    assert verify_password(DECOMPOSED, elsewhere)


def test_a_stored_password_of_no_normal_form_verifies_as_it_was_sent():
    assert unicodedata.normalize("NFC", MIXED) != MIXED != unicodedata.normalize("NFD", MIXED)
    assert verify_password(MIXED, as_is(MIXED))
    assert not verify_password(unicodedata.normalize("NFC", MIXED), as_is(MIXED))


@pytest.mark.parametrize("near", ["grüße aus köln", "Grüße aus Köln ", " Grüße aus Köln", "Gruße aus Koln"])
def test_nothing_else_is_evened_out(stored: str, near: str):
    assert not verify_password(near, stored)


def test_compatibility_forms_stay_different_passwords():
    assert not verify_password("\ufb01ne words", hash_password("fine words"))


@pytest.mark.parametrize("password", ["a" * (MAX_CHARS + 1), "a" * 2_000_000, "o\u0308" * 1_000_000])
def test_a_password_longer_than_any_can_be_is_wrong_and_costs_no_hash(password: str):
    stored = as_is(password)
    began = time.process_time()
    assert not verify_password(password, stored)
    assert not verify_password(password, decoy_hash())
    spent = time.process_time() - began
    began = time.process_time()
    assert not verify_password("wrong", stored)
    assert spent < (time.process_time() - began) / 4


def test_the_longest_password_verifies_in_its_longest_form():
    longest = "\u01d6" * MAX_CHARS  # ü with a macron: three code points when decomposed
    assert verify_password(unicodedata.normalize("NFD", longest), hash_password(longest))


def test_weak_is_what_is_there_and_cheaper_than_today():
    today = hash_password("mypassword")
    for cheaper in ("m=65536,t=2,p=8", "m=102400,t=1,p=8", "m=102400,t=2,p=4"):
        assert is_weak(today.replace("m=102400,t=2,p=8", cheaper))
    assert is_weak("pbkdf2_sha256$260000$salt$aGFzaA==")
    assert not is_weak(today)
    for none in ("", unusable_password(), "!"):
        assert not is_usable(none)
        assert not is_weak(none)
        assert not verify_password("", none)
