"""Commands as people type them: what they print, and the status they end with."""

import json
import os
import pwd
import subprocess

import pytest
from PIL import Image
from sqlalchemy import select

from librephotos.accounts.keys.text import parse_key
from librephotos.accounts.passwords import hash_password
from librephotos.accounts.secret_key import FILE_NAME, PREVIOUS_NAME, new_key
from librephotos.db.statements import statement
from librephotos.db.tables import audit_event, day, thing_album
from tests import ready
from tests.builders import Builder, change_row


@pytest.fixture
def run(new_instance):
    instance = new_instance(start=False)

    def command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        settings = {**instance.settings, "LIBREPHOTOS_PORT": "8000", **environment}
        return ready.run(*arguments, environment=settings)

    command.instance = instance
    return command


def test_help_teaches_by_examples(run):
    done = run("serve", "--help")
    assert done.returncode == 0
    assert "librephotos serve --library" in done.stdout


def test_accounts_are_made_listed_and_given_passwords(run):
    made = run("user", "create", "Ann", LIBREPHOTOS_PASSWORD="mypassword")
    assert (made.returncode, made.stdout) == (0, "Made the admin ann.\n")
    bob = run("user", "create", "bob")
    assert "Made the user bob." in bob.stdout
    assert "Password: " in bob.stdout
    listed = run("user", "list").stdout
    assert "ann" in listed and "bob" in listed and "deleted" not in listed
    assert run("user", "password", "bob", LIBREPHOTOS_PASSWORD="another").returncode == 0
    assert run("user", "create", "ann").returncode == 2
    assert "no user eve" in run("user", "password", "eve").stderr
    assert run("user", "create", "Deleted").returncode == 2
    assert run("user", "create", "eve", LIBREPHOTOS_PASSWORD="ab").returncode == 2


@pytest.mark.timeout(300)
def test_keys_are_made_listed_and_revoked(run):
    run("user", "create", "ann", LIBREPHOTOS_PASSWORD="mypassword")
    made = run("key", "create", "Ann", "--name", "back[b]up", "--scope", "photos:read", "--expires", "30")
    assert made.returncode == 0, made.stderr
    said, text = made.stdout.splitlines()
    key_id = parse_key(text) and said.split()[3]
    assert said == f"Made the key {key_id} (back[b]up) of ann. It is shown this once:"
    listed = run("key", "list").stdout
    assert text[:11] in listed and text[12:] not in listed
    assert "active  back[b]up\n    photos:read; made" in listed and "never used" in listed
    assert run("key", "list", "ann").stdout == listed
    assert "No API key exists" in run("key", "list", "bob").stdout
    changed = run("user", "password", "ann", LIBREPHOTOS_PASSWORD="another")
    assert "Its API keys (1) go on working" in changed.stdout
    assert run("key", "revoke", key_id).stdout == f"Revoked the key {key_id}.\n"
    assert "revoked" in run("key", "list").stdout
    assert "API keys" not in run("user", "password", "ann", LIBREPHOTOS_PASSWORD="a third").stdout
    assert run("key", "revoke", key_id).returncode == 2
    run("user", "create", "bob")
    for wrong, complaint in {
        ("eve", "--scope", "photos:read"): "no active user eve",
        ("ann", "--scope", "photos:red"): '"photos:red" is not a valid choice.',
        ("ann", "--scope", "account:manage"): "not for API keys",
        ("ann", "--scope", "photos:read", "--album", "7"): "object does not exist",
        ("bob", "--scope", "server:read"): "for keys of admins",
    }.items():
        refused = run("key", "create", *wrong, "--name", "x")
        assert refused.returncode == 2
        assert complaint in refused.stderr, refused.stderr
        assert "lp_" not in refused.stdout


def test_what_is_done_to_accounts_by_hand_stands_in_the_audit_log(run):
    run("user", "create", "Ann", LIBREPHOTOS_PASSWORD="mypassword")
    run("user", "password", "ann", LIBREPHOTOS_PASSWORD="another")
    columns = (audit_event.c.kind, audit_event.c.target, audit_event.c.method, audit_event.c.actor_name)
    with run.instance.db.snapshot() as tx:
        told = tx.all(statement(select(*columns).order_by(audit_event.c.id)))
    person = pwd.getpwuid(os.getuid()).pw_name
    assert told == [
        ("user_created", "ann", "cli", person),
        ("password_changed", "ann", "cli", person),
    ]


def test_a_scan_without_a_library_says_what_to_do(run):
    done = run("scan")
    assert done.returncode == 2
    assert "scan directory" in done.stderr


def test_a_scan_lists_the_files_it_could_not_read_and_ends_with_1(run):
    library = run.instance.library
    Image.new("RGB", (64, 48), "teal").save(library / "good.jpg")
    (library / "cut.jpg").write_bytes((library / "good.jpg").read_bytes()[:200])
    run("user", "create", "ann", "--scan", str(library), LIBREPHOTOS_PASSWORD="mypassword")
    done = run("scan")
    assert done.returncode == 1, done.stderr
    assert "Scan done" in done.stdout
    assert "cut.jpg" in done.stdout
    assert "good.jpg" not in done.stdout
    assert "1 failed: " in done.stdout
    (library / "cut.jpg").unlink()
    full = run("scan", "--user", "ann", "--full", LIBREPHOTOS_QUIET_HOURS="00:00-23:59")
    assert (full.returncode, "1 read" in full.stdout) == (0, True)


@pytest.mark.timeout(300)
def test_a_disk_that_is_away_is_told_by_scan_and_doctor_until_the_losses_are_accepted(run):
    library = run.instance.library
    Image.new("RGB", (64, 48), "teal").save(library / "good.jpg")
    run("user", "create", "ann", "--scan", str(library), LIBREPHOTOS_PASSWORD="mypassword")
    assert run("scan").returncode == 0
    (library / "good.jpg").unlink()
    done = run("scan")
    assert (done.returncode, "its disk may not be mounted" in done.stderr) == (1, True)
    assert "--accept-losses" in done.stderr
    told = run("doctor").stdout
    assert f"warn {library} of ann is offline since 2" in told
    accepted = run("scan", "--accept-losses")
    assert (accepted.returncode, "1 missing" in accepted.stdout) == (0, True)


def test_migrate_says_when_all_is_well(run):
    assert run("migrate").returncode == 0


def test_doctor_names_what_is_wrong(run, tmp_path):
    done = run("doctor", "--library", str(tmp_path / "away"), LIBREPHOTOS_PROT="1")
    assert done.returncode == 1
    assert "is not there; mount it" in done.stdout
    assert "LIBREPHOTOS_PROT is no setting" in done.stdout


def test_doctor_names_accounts_whose_passwords_are_stored_too_weakly(run):
    run("migrate")
    today = hash_password("mypassword")
    run.instance.add_user("strong", password_hash=today)
    run.instance.add_user("unset")
    good = run("doctor")
    assert "All passwords are stored as Argon2id of today's strength" in good.stdout
    assert "LIBREPHOTOS_PASSWORD_POLICY=strict" in good.stdout
    run.instance.add_user("ann", password_hash="pbkdf2_sha256$260000$salt$aGFzaA==")
    run.instance.add_user("bob", password_hash=today.replace("t=2", "t=1"))
    run.instance.add_user("gone", password_hash="pbkdf2_sha1$1$salt$aGFzaA==", is_active=False)
    done = run("doctor", LIBREPHOTOS_PASSWORD_POLICY="strict")
    assert "Passwords stored too weakly (2): ann, bob." in done.stdout
    assert "Signing in once" in done.stdout and "librephotos user password NAME" in done.stdout
    assert "New passwords follow the strict policy" in done.stdout
    for number in range(11):
        run.instance.add_user(f"c{number:02}", password_hash="pbkdf2_sha256$260000$salt$aGFzaA==")
    assert "(13): ann, bob, c00, c01, c02, c03, c04, c05, c06, c07 and 3 more." in run("doctor").stdout


def test_doctor_counts_albums_and_days_anew(run):
    run("migrate")
    owner = run.instance.add_user("ann")
    builder = Builder(run.instance)
    photo = builder.add_photo(owner, with_files=False)
    thing = builder.add_thing(owner, photo)
    with run.instance.db.transaction() as tx:
        change_row(tx, thing_album, thing, photo_count=7, cover_ids="[]")
        change_row(tx, day, photo.day_id, photo_count=7)
    assert "counted anew for 1 accounts" in run("doctor").stdout
    with run.instance.db.snapshot() as tx:
        rows = tx.all(statement(select(thing_album.c.photo_count, thing_album.c.cover_ids)))
        assert rows == [(1, f"[{photo.photo_id}]")]
        assert tx.all(statement(select(day.c.photo_count))) == [(1,)]


def test_doctor_looks_at_both_keys(run):
    folder = run.instance.data
    key = new_key()
    (folder / FILE_NAME).write_text(key)
    (folder / PREVIOUS_NAME).write_text(f"4000000000\n{new_key()}\n")
    for path in (folder / FILE_NAME, folder / PREVIOUS_NAME):
        path.chmod(0o600)
    private = run("doctor", LIBREPHOTOS_SECRET_KEY="").stdout
    assert "readable by its owner only" in private
    assert "The key before it counts until 2096-10-02T07:06:40Z" in private
    assert key not in private
    (folder / PREVIOUS_NAME).chmod(0o640)
    done = run("doctor", LIBREPHOTOS_SECRET_KEY="")
    assert done.returncode == 1
    assert f"Others can read the key {folder / PREVIOUS_NAME}" in done.stdout


def test_the_document_is_printed_without_touching_the_data_folder(run):
    done = run("openapi")
    assert json.loads(done.stdout)["openapi"].startswith("3.1")
    assert list(run.instance.data.iterdir()) == []
