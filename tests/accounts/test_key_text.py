"""The text of an API key: whatever is sent is a key or refused in words, and typing errors are noticed."""

import math
import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from librephotos.accounts.keys.text import (
    CHECKSUM_CHARS,
    KEY_CHARS,
    PREFIX,
    SECRET_CHARS,
    KeyText,
    Misspelled,
    is_same,
    mint_key,
    parse_key,
)

ALPHABET = string.ascii_letters + string.digits
keys = st.builds(mint_key)


def why_not(text: str) -> str:
    with pytest.raises(Misspelled) as refusal:
        parse_key(text)
    return str(refusal.value)


@given(st.text(max_size=80) | st.text(ALPHABET + "_", min_size=KEY_CHARS, max_size=KEY_CHARS))
@example("")
@example(PREFIX)
@example("lp_" + "é" * (KEY_CHARS - 3))
@example("lp_" + "0" * 8 + "_" + "０" * 38)
@example("\0" * KEY_CHARS)
def test_any_text_is_a_key_or_refused_in_words(text: str):
    try:
        assert isinstance(parse_key(text), KeyText)
    except Misspelled as refusal:
        assert str(refusal).startswith("API key is mistyped (")
        assert len(text) < 12 or text not in str(refusal)


def test_a_key_has_a_prefix_to_be_found_by_and_more_than_160_random_bits():
    made = [mint_key() for _ in range(200)]
    assert all(re.fullmatch(r"lp_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}", text) for text in made)
    assert SECRET_CHARS * math.log2(len(ALPHABET)) > 160
    secrets = {text[12:-CHECKSUM_CHARS] for text in made}
    assert len(secrets) == len({parse_key(text).public_id for text in made}) == 200
    # Every position takes many values: none of the secret is fixed.
    assert all(len({secret[place] for secret in secrets}) > 30 for place in range(SECRET_CHARS))


@given(keys, st.integers(0, KEY_CHARS - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(text: str, place: int, other: str):
    if text[place] != other:
        assert why_not(text[:place] + other + text[place + 1 :]).startswith("API key is mistyped")


@given(keys, st.integers(0, KEY_CHARS - 2))
def test_two_neighbours_swapped_are_noticed(text: str, place: int):
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if swapped != text:
        assert why_not(swapped).startswith("API key is mistyped")


@given(keys, st.integers(0, KEY_CHARS))
def test_a_cut_key_is_noticed(text: str, place: int):
    if place < KEY_CHARS:
        assert why_not(text[:place]) == f"API key is mistyped (it has {KEY_CHARS} characters)"


@given(keys, keys)
def test_the_digest_is_the_keys_own_and_tells_nothing_of_it(one: str, other: str):
    digest = parse_key(one).digest
    assert is_same(digest, parse_key(one).digest)
    assert not is_same(digest, parse_key(other).digest)
    assert one[12:] not in digest
