"""What the two policies accept, and the list of common passwords."""

import gzip
import unicodedata
from pathlib import Path

import pytest

import librephotos.accounts
from librephotos.accounts.password_policy import (
    BLANK,
    MIN_LISTED_CHARS,
    MIN_STRICT,
    NUMERIC,
    TOO_COMMON,
    TOO_LONG,
    TOO_SHORT,
    TOO_SHORT_STRICT,
    Owner,
    fold,
    host_names,
    list_problems,
)
from librephotos.settings import Settings
from tools.pack_common_passwords import folded, pack, read_list

LIST = Path(librephotos.accounts.__file__).parent / "common_passwords.txt.gz"
ANN = Owner(
    username="ann.archer",
    email="toxophilite@fletcher-works.example",
    first_name="Annabella",
    last_name="Archer",
    hosts=("pictures.meadow.example", "nas"),
)
NOBODY = Owner()


def problems(password: str, policy: str = "strict", owner: Owner = NOBODY) -> list[str]:
    return list_problems(password, policy, owner)


def test_published_takes_3_to_128_characters_of_any_kind():
    assert problems("abc", "published") == []
    assert problems("ab", "published") == [TOO_SHORT]
    assert problems("x" * 128, "published") == []
    assert problems("x" * 129, "published") == [TOO_LONG]
    for easy in ("password", "12345678", "ann.archer", " b "):
        assert problems(easy, "published", ANN) == []


@pytest.mark.parametrize("policy", ["published", "strict"])
@pytest.mark.parametrize("blank", [" ", "            ", "\t\n\u00a0\u2003        "])
def test_blanks_alone_are_no_password_for_nobody_could_sign_in_with_them(policy: str, blank: str):
    assert problems(blank, policy) == [BLANK]


@pytest.mark.parametrize("policy", ["published", "strict"])
def test_characters_are_counted_once_composed(policy: str):
    umlauts = unicodedata.normalize("NFD", "\u00fc\u00f6\u00e4\u00eb" * 32)
    assert len(umlauts) == 256
    assert problems(umlauts, policy) == []
    assert problems(umlauts + "x", policy) == [TOO_LONG]
    assert problems("o\u0308" * 500_000, policy) == [TOO_LONG]
    # Two characters, though four code points as sent.
    assert problems("u\u0308o\u0308", "published") == [TOO_SHORT]
    assert TOO_SHORT_STRICT in problems("u\u0308o\u0308a\u0308x1q!", "strict")


def test_strict_wants_8_characters_and_no_digits_alone():
    assert problems("kq7vx9z") == [TOO_SHORT_STRICT]
    assert problems("kq7vx9zw") == []
    assert problems("8264915037") == [NUMERIC]


def test_outer_blanks_are_part_of_the_password_and_hide_nothing():
    assert problems("  kq7vx9 ") == []
    assert problems("  sunshine  ") == [TOO_COMMON]


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop",
        "QwErTyUiOp",
        "trustno1",
        "sunshine1",
        "Sunshine2026",
        "iloveyou!!",
        "dragon99!",
        "librephotos",
        "LibrePhotos2026!",
        "1234-librephotos",
        "Passwort!1",
    ],
)
def test_strict_refuses_what_is_common_in_any_case_and_with_a_short_tail(password: str):
    assert TOO_COMMON in problems(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "kq7vx9!2", "purple-tiger-9931", "sunshine over the 3 bridges"],
)
def test_strict_takes_what_is_not(password: str):
    assert problems(password, owner=ANN) == []


@pytest.mark.parametrize(
    ("password", "what"),
    [
        ("ann.archer1", "username"),
        ("toxophilite", "email address"),
        ("Toxophilite2026", "email address"),
        ("annabella9", "first name"),
        ("Meadow2026", "name of this server"),
        ("pictures.meadow.example", "name of this server"),
    ],
)
def test_strict_refuses_words_of_the_person_and_of_the_place(password: str, what: str):
    assert f"The password is too similar to the {what}." in problems(password, owner=ANN)


def test_the_server_is_called_by_its_public_address_and_its_allowed_hosts():
    settings = Settings(public_url="https://Pictures.Example:8443/x", allowed_hosts="nas,pictures.example")
    assert host_names(settings) == ("nas", "pictures.example")
    assert host_names(Settings()) == ()


def test_the_list_is_long_folded_and_packs_to_the_same_bytes():
    entries = read_list(LIST)
    assert len(entries) > 50_000
    assert sum(len(entry) >= MIN_STRICT for entry in entries) > 20_000
    assert all(entry == fold(entry) and len(entry) >= MIN_LISTED_CHARS for entry in entries)
    assert folded(iter([entries])) == entries == sorted(set(entries))
    assert gzip.decompress(pack(entries)) == gzip.decompress(LIST.read_bytes())


def test_every_entry_long_enough_is_refused():
    for entry in read_list(LIST)[::97]:
        if len(entry) >= MIN_STRICT:
            assert TOO_COMMON in problems(entry.upper()), entry
