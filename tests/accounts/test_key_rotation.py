"""A new signing key: nobody is signed out by a rotation, everybody after a leak, and no server needs a restart."""

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from librephotos.accounts.key_rotation import refuse_rotation, rotate_key
from librephotos.accounts.secret_key import (
    FILE_NAME,
    PREVIOUS_NAME,
    KeySource,
    SigningKeys,
    load_signing_keys,
    new_key,
)
from librephotos.accounts.tokens import ACCESS, REFRESH, TokenError, TokenSigner
from librephotos.db.statements import statement
from librephotos.db.tables import audit_event
from librephotos.errors import BadSetting
from librephotos.settings import Settings
from tests import ready
from tests.conftest import NewInstance
from tests.instance import Account, Instance

PROTECTED = "/api/rqavailable/"
DAY = 86_400
WEEK = 7 * DAY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def make_previous_end(data: Path, seconds: int) -> None:
    """Let the previous key count for so many seconds from now."""
    path = data / PREVIOUS_NAME
    key = path.read_text().splitlines()[1]
    draft = path.with_name("draft")
    draft.write_text(f"{int(time.time()) + seconds}\n{key}\n")
    draft.replace(path)


def test_a_rotation_keeps_the_old_key_as_long_as_its_refresh_tokens_live(settings: Settings):
    old = load_signing_keys(settings)
    assert old.previous == ""
    until = rotate_key(settings, keep_previous=True)
    new = load_signing_keys(settings)
    assert new.current != old.current
    assert new == SigningKeys(new.current, old.current, until)
    assert abs((until or 0) - time.time() - WEEK) < 60
    assert [mode(settings.data / name) for name in (FILE_NAME, PREVIOUS_NAME)] == [0o600, 0o600]
    # Nothing is left beside the two.
    assert sorted(path.name for path in settings.data.iterdir()) == [FILE_NAME, PREVIOUS_NAME]


def test_after_a_leak_the_old_key_is_gone(settings: Settings):
    old = load_signing_keys(settings)
    rotate_key(settings, keep_previous=True)
    assert rotate_key(settings, keep_previous=False) is None
    new = load_signing_keys(settings)
    assert (new.previous, new.previous_until) == ("", None)
    assert not (settings.data / PREVIOUS_NAME).exists()
    assert old.current not in "".join(path.read_text() for path in settings.data.iterdir())


def test_the_previous_key_counts_no_longer_than_that(settings: Settings):
    source = KeySource(settings)
    old = TokenSigner(source.keys.current)
    rotate_key(settings, keep_previous=True)
    signer = TokenSigner("", source=source)
    token = old.mint_refresh({"user_id": "1"}).text
    assert signer.verify(token, REFRESH).user_id == 1
    make_previous_end(settings.data, 3)
    assert signer.renew() is True
    access = old.mint_access({"user_id": "1"}).text
    assert signer.verify(access, ACCESS).user_id == 1
    time.sleep(3.1)
    # Without any change of a file.
    assert signer.renew() is True
    assert signer.renew() is False
    for text, kind in ((token, REFRESH), (access, ACCESS)):
        with pytest.raises(TokenError, match="Token is invalid"):
            signer.verify(text, kind)
    with pytest.raises(TokenError):
        signer.verify(access, ACCESS)
    assert load_signing_keys(settings).previous == ""


def test_two_processes_agree_at_every_moment(settings: Settings):
    """One has seen the rotation and the other has not: what each signs counts at the other all the same."""
    quick = TokenSigner("", source=KeySource(settings))
    slow = TokenSigner("", source=KeySource(settings))
    before = slow.mint_access({"user_id": "1"}).text
    rotate_key(settings, keep_previous=True)
    fresh = quick.mint_access({"user_id": "2"}).text
    # Not called by any clock meanwhile: the signature that fits no key is what makes it look.
    assert slow.verify(fresh, ACCESS).user_id == 2
    assert quick.verify(before, ACCESS).user_id == 1
    assert TokenSigner(load_signing_keys(settings).current).verify(slow.mint_access({}).text, ACCESS)


def test_what_was_verified_before_is_verified_again_after_a_change(settings: Settings):
    signer = TokenSigner("", source=KeySource(settings))
    access = signer.mint_access({"user_id": "1"}).text
    token = signer.verify(access, ACCESS)
    rotate_key(settings, keep_previous=False)
    assert signer.renew()
    assert token.generation != signer.generation
    with pytest.raises(TokenError, match="Token is invalid"):
        signer.verify(access, ACCESS)


def test_a_crash_between_the_two_files_signs_nobody_out(settings: Settings):
    old = load_signing_keys(settings)
    # The first of the two has been written, the second has not.
    (settings.data / PREVIOUS_NAME).write_text(f"{int(time.time()) + WEEK}\n{old.current}\n")
    assert load_signing_keys(settings) == SigningKeys(old.current)
    refuse_rotation(settings, may_drop=False)
    rotate_key(settings, keep_previous=True)
    assert load_signing_keys(settings).previous == old.current


def test_files_that_cannot_be_read_leave_a_running_server_as_it_is(settings: Settings):
    source = KeySource(settings)
    keys = source.keys
    (settings.data / FILE_NAME).write_text("weak")
    assert not source.has_changed()
    (settings.data / FILE_NAME).unlink()
    assert not source.has_changed()
    assert source.keys == keys
    # And none is made up by the way.
    assert not (settings.data / FILE_NAME).exists()


def test_the_previous_key_ends_also_while_the_files_cannot_be_read(settings: Settings):
    load_signing_keys(settings)
    rotate_key(settings, keep_previous=True)
    make_previous_end(settings.data, 3)
    source = KeySource(settings)
    current = source.keys.current
    assert source.keys.previous
    (settings.data / FILE_NAME).unlink()
    assert not source.has_changed()
    time.sleep(3.1)
    assert source.has_changed()
    assert source.keys == SigningKeys(current)
    assert not source.has_changed()


@pytest.mark.parametrize("text", ["", "soon\nkey", "9999999999\nweak", "9999999999", "\xff"])
def test_a_broken_previous_key_is_named(settings: Settings, text: str):
    load_signing_keys(settings)
    (settings.data / PREVIOUS_NAME).write_bytes(text.encode("latin-1"))
    with pytest.raises(BadSetting, match=PREVIOUS_NAME):
        load_signing_keys(settings)


@pytest.mark.parametrize("weak", ["changeme", "short", "django-insecure-0123456789-abcdefghijklm", "a" * 50])
def test_a_weak_previous_key_of_a_setting_stops_the_start(tmp_path: Path, weak: str):
    with pytest.raises(BadSetting, match="LIBREPHOTOS_SECRET_KEY_PREVIOUS"):
        load_signing_keys(Settings(data=tmp_path, secret_key_previous=weak))


def test_keys_of_others_are_made_private(settings: Settings):
    load_signing_keys(settings)
    rotate_key(settings, keep_previous=True)
    for name in (FILE_NAME, PREVIOUS_NAME):
        (settings.data / name).chmod(0o644)
    load_signing_keys(settings)
    assert [mode(settings.data / name) for name in (FILE_NAME, PREVIOUS_NAME)] == [0o600, 0o600]


def test_a_setting_gives_the_previous_key_where_no_rotation_left_one(tmp_path: Path):
    old, one = new_key(), new_key()
    assert load_signing_keys(Settings(data=tmp_path, secret_key=one, secret_key_previous=old)) == SigningKeys(
        one, old
    )
    settings = Settings(data=tmp_path, secret_key_previous=old)
    assert load_signing_keys(settings).previous == old
    with pytest.raises(BadSetting, match="Unset it"):
        refuse_rotation(settings, may_drop=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_rotation_by_root_leaves_the_files_to_the_servers_account(settings: Settings):
    load_signing_keys(settings)
    os.chown(settings.data / FILE_NAME, 4_000, 4_001)
    rotate_key(settings, keep_previous=True)
    for name in (FILE_NAME, PREVIOUS_NAME):
        found = (settings.data / name).stat()
        assert (found.st_uid, found.st_gid) == (4_000, 4_001)


# The command, beside servers that run.


def run(one: Instance, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return ready.run(*arguments, environment={**one.settings, "LIBREPHOTOS_PORT": "8000", **environment})


def rotations(one: Instance) -> list[dict[str, object]]:
    columns = (audit_event.c.method, audit_event.c.detail)
    query = select(*columns).where(audit_event.c.kind == "secret_rotated").order_by(audit_event.c.id)
    with one.db.snapshot() as tx:
        found = tx.all(statement(query))
    assert {method for method, _ in found} <= {"cli"}
    return [detail if isinstance(detail, dict) else json.loads(detail) for _, detail in found]


def served_from_a_file(new_instance: NewInstance, **settings: object) -> tuple[Instance, Account]:
    """Return a server that made its own key, and an account with tokens of that key."""
    one = new_instance(secret_key="", **settings)
    one.signer = TokenSigner((one.data / FILE_NAME).read_text())
    return one, one.add_user("ann", "correct horse battery", is_admin=True)


def status(client: httpx.Client, access: str) -> int:
    return client.get(PROTECTED, headers={"Authorization": f"Bearer {access}"}).status_code


def statuses(one: Instance, access: str) -> set[int]:
    """Ask over a connection each time, so that every process answers."""
    found = set()
    for _ in range(8):
        with one.client() as client:
            found.add(status(client, access))
    return found


def test_two_api_processes_take_a_rotation_over_without_a_sign_out_or_a_restart(new_instance: NewInstance):
    one, ann = served_from_a_file(new_instance, api_processes=2)
    forged = one.signer
    assert statuses(one, ann.access) == {200}
    done = run(one, "secret", "rotate")
    assert done.returncode == 0, done.stderr
    assert "Made a new key" in done.stdout
    current = (one.data / FILE_NAME).read_text()
    assert current not in done.stdout + done.stderr
    refreshed = []
    for _ in range(6):
        with one.client() as client:
            answer = client.post("/api/auth/token/refresh/", json={"refresh": ann.refresh})
            assert answer.status_code == 200
            refreshed.append(answer.json()["access"])
    new = TokenSigner(current)
    for access in refreshed:
        assert new.verify(access, ACCESS).user_id == ann.user_id
        assert statuses(one, access) == {200}
    assert statuses(one, ann.access) == {200}
    # At once again it would cost those who have tokens of the first key.
    again = run(one, "secret", "rotate")
    assert again.returncode == 2
    assert "counts until" in again.stderr and "--force" in again.stderr
    assert (one.data / FILE_NAME).read_text() == current
    forced = run(one, "secret", "rotate", "--force")
    assert forced.returncode == 0, forced.stderr
    assert "signs in again" in forced.stdout
    deadline = time.monotonic() + 5
    while statuses(one, ann.access) != {401}:
        assert time.monotonic() < deadline, "the first key still counts"
    assert statuses(one, refreshed[0]) == {200}
    with one.client() as client:
        assert client.post("/api/auth/token/refresh/", json={"refresh": ann.refresh}).status_code == 401
        assert status(client, forged.mint_access({"user_id": str(ann.user_id)}).text) == 401
    told = rotations(one)
    assert [sorted(each) for each in told] == [["previous_until"], ["forced", "previous_until"]]
    assert current not in one.log()


def test_after_a_leak_everybody_signs_in_again_at_once(new_instance: NewInstance):
    one, ann = served_from_a_file(new_instance, api_processes=2)
    # Such as a thief makes; both processes have seen them already.
    forged = [
        one.signer.mint_access({"user_id": str(ann.user_id)}).text,
        one.signer.mint_access({"user_id": str(ann.user_id), "sid": ann.sid}).text,
    ]
    for access in (ann.access, *forged):
        assert statuses(one, access) == {200}
    done = run(one, "secret", "rotate", "--now")
    assert done.returncode == 0, done.stderr
    assert "everybody signs in again" in done.stdout
    # Without waiting: sessions have ended in the database, which every request reads.
    for access in (ann.access, *forged):
        assert statuses(one, access) == {401}
    with one.client() as client:
        for refresh in (ann.refresh, one.signer.mint_refresh({"user_id": str(ann.user_id)}).text):
            assert client.post("/api/auth/token/refresh/", json={"refresh": refresh}).status_code == 401
    time.sleep(2.5)
    late = one.signer.mint_access({"user_id": str(ann.user_id)}).text
    assert statuses(one, late) == {401}
    with one.client() as client:
        body = {"username": "ann", "password": ann.password}
        answer = client.post("/api/auth/token/obtain/", json=body)
        assert answer.status_code == 200
    assert statuses(one, answer.json()["access"]) == {200}
    told = rotations(one)
    assert len(told) == 1
    assert told[0]["previous_until"] is None
    assert told[0]["sessions_ended"] == 1


def test_a_key_that_is_not_in_the_folder_is_not_replaced(new_instance: NewInstance):
    one = new_instance(start=False)
    given = run(one, "secret", "rotate")
    assert given.returncode == 2
    assert "LIBREPHOTOS_SECRET_KEY_PREVIOUS" in given.stderr and "7 days" in given.stderr
    none = run(one, "secret", "rotate", LIBREPHOTOS_SECRET_KEY="")
    assert none.returncode == 2
    assert "no key in" in none.stderr
    # A refusal makes nothing, no key above all.
    assert list(one.data.iterdir()) == []
    assert run(one, "secret").returncode == 2
