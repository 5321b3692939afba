"""Stored secrets: sealed under a key of their own, bound to their place, and nothing but themselves afterwards."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from librephotos.accounts.vault import FILE_NAME, Sealed, Vault
from librephotos.errors import Unavailable

TEXT = "pässword ☂ 1"
PLACE = "user 7 nextcloud_app_password"


def test_what_was_sealed_opens_again_also_in_another_process(tmp_path: Path):
    sealed = Vault(tmp_path).seal(TEXT, PLACE)
    assert Vault(tmp_path).open(sealed, PLACE) == TEXT
    assert TEXT not in sealed
    assert base64.b64encode(TEXT.encode()).decode().rstrip("=") not in sealed


def test_the_same_text_never_looks_the_same(tmp_path: Path):
    vault = Vault(tmp_path)
    assert len({vault.seal(TEXT, PLACE) for _ in range(50)}) == 50


def test_the_key_is_its_owners_alone(tmp_path: Path):
    Vault(tmp_path).seal(TEXT, PLACE)
    path = tmp_path / FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    Vault(tmp_path).seal(TEXT, PLACE)
    assert path.stat().st_mode & 0o777 == 0o600


def test_first_secrets_at_once_agree_on_one_key(tmp_path: Path):
    vaults = [Vault(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda vault: vault.seal(TEXT, PLACE), vaults))
    assert {Vault(tmp_path).open(each, PLACE) for each in sealed} == {TEXT}
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_moved_to_another_place_it_does_not_open(tmp_path: Path):
    vault = Vault(tmp_path)
    with pytest.raises(Sealed):
        vault.open(vault.seal(TEXT, PLACE), "user 8 nextcloud_app_password")


def test_damaged_anywhere_it_does_not_open(tmp_path: Path):
    vault = Vault(tmp_path)
    sealed = vault.seal(TEXT, PLACE)
    for at in range(len(sealed)):
        damaged = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(Sealed):
            vault.open(damaged, PLACE)
    for text in ("", "v1:", "v1:AAAA", "plain text", sealed.removeprefix("v1:"), f"{sealed} "):
        with pytest.raises(Sealed):
            vault.open(text, PLACE)


def test_under_another_key_it_does_not_open(tmp_path: Path):
    sealed = Vault(tmp_path / "one").seal(TEXT, PLACE)
    Vault(tmp_path / "two").seal(TEXT, PLACE)
    with pytest.raises(Sealed):
        Vault(tmp_path / "two").open(sealed, PLACE)


@pytest.mark.parametrize("key", ["", "short", base64.b64encode(bytes(31)).decode(), "ä" * 44])
def test_a_damaged_key_is_named_and_never_replaced(tmp_path: Path, key: str):
    (tmp_path / FILE_NAME).write_text(key)
    with pytest.raises(Unavailable):
        Vault(tmp_path).seal(TEXT, PLACE)
    assert (tmp_path / FILE_NAME).read_text() == key


def test_without_its_key_nothing_opens_and_no_new_one_is_made(tmp_path: Path):
    sealed = Vault(tmp_path).seal(TEXT, PLACE)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(Unavailable):
        Vault(tmp_path).open(sealed, PLACE)
    assert list(tmp_path.iterdir()) == []
