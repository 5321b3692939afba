"""Every path by which an account gets a password follows the policy in force, and every way in knows its forms."""

import os
import subprocess
import unicodedata
from pathlib import Path

import httpx
import pytest
from sqlalchemy import bindparam, update

from librephotos.accounts import site_settings
from librephotos.db.statements import statement
from librephotos.db.tables import session
from tests import ready
from tests.conftest import NewInstance
from tests.instance import Account, Instance

OBTAIN = "/api/auth/token/obtain/"
COMMON = "This password is too common."
SHORT = "This password is too short. It must contain at least 8 characters."
LONG = "Ensure this field has no more than 128 characters."
BLANK = "This field may not be blank."
NEW = {"email": "", "first_name": "", "last_name": ""}
GOOD = "quite another thing"
COMPOSED = "Zw\u00f6lf Gr\u00fc\u00dfe"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, new_database) -> Instance:
    """A server whose admin switched the strict policy on; the environment says nothing of it."""
    data = tmp_path_factory.mktemp("strict") / "data"
    data.mkdir()
    one = Instance(
        data,
        data.parent / "library",
        new_database(data),
        {"LIBREPHOTOS_PUBLIC_URL": "https://meadow.example"},
    ).start()
    one.add_user("root", is_admin=True)
    with one.db.transaction() as tx:
        site_settings.store_site_settings(tx, {"password_policy": "strict", "allow_registration": True})
    yield one
    one.stop()


def told(answer: httpx.Response) -> dict[str, str]:
    return {entry["field"]: entry["message"] for entry in answer.json()["errors"]}


def command(one: Instance, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return ready.run(*arguments, environment={**one.settings, **environment})


BAD = [
    ("dragon99", COMMON),
    ("kq7vx9z", SHORT),
    ("meadow-pi8", "The password is too similar to the name of this server."),
    ("k" + "q7" * 64, LONG),
    ("         ", BLANK),
]


@pytest.mark.parametrize(("password", "text"), BAD)
def test_strict_holds_on_every_path_of_the_api(strict: Instance, password: str, text: str):
    root, person = strict.add_user(is_admin=True), strict.add_user()
    body = {"password": password, "first_name": "Ann"}
    with strict.client() as client:
        answers = {
            "sign-up": client.post("/api/user/", json={**NEW, "username": "new-one", "password": password}),
            "an admin's creation": client.post(
                "/api/manage/user/", json={"username": "new-one", "password": password}, headers=root.bearer
            ),
            "one's own": client.patch(f"/api/user/{person.user_id}/", json=body, headers=person.bearer),
            "one's own as a form": client.patch(
                f"/api/user/{person.user_id}/", files={"password": (None, password)}, headers=person.bearer
            ),
            "an admin's profile": client.patch(
                f"/api/user/{person.user_id}/", json=body, headers=root.bearer
            ),
            "an admin's": client.patch(
                f"/api/manage/user/{person.user_id}/", json={"password": password}, headers=root.bearer
            ),
            "an admin's own": client.patch(
                f"/api/manage/user/{root.user_id}/", json={"password": password}, headers=root.bearer
            ),
        }
    for path, answer in answers.items():
        assert (answer.status_code, told(answer).get("password")) == (400, text), path


def test_words_of_the_person_count_with_what_the_same_request_brings(strict: Instance):
    root, person = strict.add_user(is_admin=True), strict.add_user()
    similar = "The password is too similar to the {}."
    with strict.client() as client:
        body = {**NEW, "username": "toxophilite", "password": "toxophilite1", "email": "a@example.org"}
        assert told(client.post("/api/user/", json=body)) == {"password": similar.format("username")}
        body = {"password": "fletcherly9", "email": "fletcherly@example.org"}
        answer = client.patch(f"/api/user/{person.user_id}/", json=body, headers=person.bearer)
        assert told(answer) == {"password": similar.format("email address")}
        body = {"password": "Annabellas", "first_name": "Annabella"}
        answer = client.patch(f"/api/manage/user/{person.user_id}/", json=body, headers=root.bearer)
        assert told(answer) == {"password": similar.format("first name")}


def test_the_first_account_follows_the_policy_of_the_environment(new_instance: NewInstance):
    one = new_instance(password_policy="strict")
    with one.client() as client:
        body = {**NEW, "username": "ann", "password": "mypassword"}
        assert told(client.post("/api/user/", json=body)) == {"password": COMMON}
        assert client.post("/api/user/", json={**body, "password": GOOD}).status_code == 201


def test_the_command_line_follows_the_policy_in_force_and_says_so(strict: Instance):
    strict.add_user("cleo", email="hyacinthine@example.org")
    for arguments, password, text in (
        (("user", "create", "dora"), "dragon99", COMMON),
        (("user", "create", "dora", "--email", "asphodeline@example.org"), "asphodeline1", "email address"),
        (("user", "password", "cleo"), "kq7vx9z", SHORT),
        (("user", "password", "cleo"), "hyacinthine", "email address"),
        (("user", "password", "cleo"), "meadow2026", "name of this server"),
    ):
        done = command(strict, *arguments, LIBREPHOTOS_PASSWORD=password)
        assert done.returncode == 2, done.stdout
        assert text in done.stderr
        assert "policy is `strict`" in done.stderr
        assert password not in done.stderr
    assert command(strict, "user", "password", "cleo", LIBREPHOTOS_PASSWORD=GOOD).returncode == 0
    made_up = command(strict, "user", "create", "dora")
    assert made_up.returncode == 0, made_up.stderr


def test_the_first_admin_of_the_settings_follows_it_too(new_instance: NewInstance):
    one = new_instance(
        start=False, admin_username="ann", admin_password="dragon99", password_policy="strict", port=0
    )
    with pytest.raises(AssertionError, match="LIBREPHOTOS_ADMIN_PASSWORD cannot be used"):
        one.start()
    assert "policy is `strict`" in one.log()


def obtain(one: Instance, account: Account, password: str) -> int:
    with one.client() as client:
        answer = client.post(OBTAIN, json={"username": account.username, "password": password})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code


def basic(one: Instance, account: Account, password: str) -> int:
    auth = httpx.BasicAuth(account.username.encode(), password.encode())
    with one.client(auth=auth) as client:
        return client.get("/api/rqavailable/").status_code


@pytest.mark.parametrize("chosen", [COMPOSED, DECOMPOSED])
def test_a_changed_password_is_one_however_it_is_composed(instance: Instance, chosen: str):
    account = instance.add_user()
    with instance.client(account.bearer) as client:
        path = f"/api/user/{account.user_id}/"
        assert client.patch(path, json={"password": chosen}).status_code == 200
    for typed in (COMPOSED, DECOMPOSED, f" {DECOMPOSED} "):
        assert obtain(instance, account, typed) == 200
    for typed in (COMPOSED, DECOMPOSED):
        assert basic(instance, account, typed) == 200
    assert obtain(instance, account, COMPOSED.lower()) == 401


def test_a_stored_password_keeps_its_outer_blanks(instance: Instance):
    account = instance.add_user()
    with instance.client(account.bearer) as client:
        path = f"/api/user/{account.user_id}/"
        assert client.patch(path, json={"password": "  two before"}).status_code == 200
    assert obtain(instance, account, "  two before") == 200
    assert obtain(instance, account, "two before") == 401
    assert basic(instance, account, "  two before") == 200


@pytest.mark.parametrize("account_of", ["somebody", "nobody"])
def test_a_giant_password_is_a_wrong_one_like_any_other_and_costs_no_hash(
    instance: Instance, anonymous: httpx.Client, account_of: str
):
    known = instance.add_user(password="correct horse")
    username = known.username if account_of == "somebody" else "nobody-here"
    wrong = anonymous.post(OBTAIN, json={"username": username, "password": "wrong"})
    before = cpu_seconds(instance)
    for password in ("x" * 129, "x" * 1_000_000, "o\u0308" * 500_000):
        giant = anonymous.post(OBTAIN, json={"username": username, "password": password})
        assert (giant.status_code, giant.content) == (401, wrong.content)
    header = httpx.BasicAuth(username, "x" * 30_000)
    answer = anonymous.get("/api/rqavailable/", auth=header)
    assert (answer.status_code, told(answer)["detail"]) == (401, "Invalid username/password.")
    spent = cpu_seconds(instance) - before
    before = cpu_seconds(instance)
    anonymous.post(OBTAIN, json={"username": username, "password": "wrong"})
    assert spent < cpu_seconds(instance) - before


def test_blanks_around_a_wrong_password_cost_the_same_for_anybody(
    instance: Instance, anonymous: httpx.Client
):
    """Both the text as sent and the trimmed one are tried, whether there is an account with a password or not."""
    known, unset = instance.add_user(password="correct horse"), instance.add_user()
    spent = []
    for username in (known.username, "nobody-here", unset.username):
        before = cpu_seconds(instance)
        answer = anonymous.post(OBTAIN, json={"username": username, "password": "  wrong gr\u00fcn "})
        assert answer.status_code == 401
        spent.append(cpu_seconds(instance) - before)
    assert min(spent) > 0.6 * max(spent), spent


def cpu_seconds(one: Instance) -> float:
    """Return the CPU time of the server's processes so far, which is what hashing takes on a busy machine too."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("the system tells no CPU times")
    assert one.process is not None
    parents, ticks = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # From the state on: parent, user time and system time are the second, twelfth and thirteenth.
        pid = int(path.parent.name)
        parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    ours = {one.process.pid}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(ticks[pid] for pid in ours) / os.sysconf("SC_CLK_TCK")


def test_a_session_that_a_foreign_token_began_is_no_fresh_sign_in(strict: Instance):
    """Under strict it asks for the password: who has an old token has not shown it."""
    account = strict.add_user("erin", "old and long enough")
    foreign = strict.signer.mint_refresh({"user_id": str(account.user_id)}).text
    with strict.client() as client:
        answer = client.post("/api/auth/token/refresh/", json={"refresh": foreign})
        bearer = {"Authorization": f"Bearer {answer.json()['access']}"}
        path = f"/api/user/{account.user_id}/"
        assert told(client.patch(path, json={"password": GOOD}, headers=bearer)) == {
            "current_password": "This field is required."
        }
        body = {"password": GOOD, "current_password": account.password}
        assert client.patch(path, json=body, headers=bearer).status_code == 200


def test_under_strict_a_new_address_of_ones_own_needs_the_password(strict: Instance):
    """Links to reset the password go there. The same address again, as forms send it, changes nothing."""
    account = strict.add_user("frida", "old and long enough")
    old = statement(update(session).where(session.c.sid == bindparam("the_sid")).values(created_at=1))
    strict.db.commit(lambda tx: tx.execute(old, the_sid=account.sid))
    path = f"/api/user/{account.user_id}/"
    with strict.client(account.bearer) as client:
        assert client.patch(path, json={"email": "", "first_name": "Frida"}).status_code == 200
        body = {"email": "frida@example.org"}
        assert told(client.patch(path, json=body)) == {"current_password": "This field is required."}
        wrong = client.patch(path, json={**body, "current_password": "wrong"})
        assert told(wrong) == {"current_password": "The current password is not right."}
        assert client.get(path).json()["email"] == ""
        right = client.patch(path, json={**body, "current_password": account.password})
        assert (right.status_code, right.json()["email"]) == (200, "frida@example.org")


def test_the_web_clients_old_form_goes_on_working_under_both_policies(strict: Instance, instance: Instance):
    for one in (strict, instance):
        account = one.add_user()
        with one.client(account.bearer) as client:
            form = {"password": GOOD, "first_name": "Ann", "last_name": "", "email": "ann@example.org"}
            assert client.patch(f"/api/user/{account.user_id}/", json=form).status_code == 200
            # An empty one, as the form sends it with every other change, is none.
            form = {"password": "", "first_name": "Anna"}
            assert client.patch(f"/api/user/{account.user_id}/", json=form).status_code == 200
        assert obtain(one, account, GOOD) == 200


def test_an_admin_needs_no_password_of_somebody_else(strict: Instance):
    root, person = strict.add_user(is_admin=True), strict.add_user()
    old = statement(update(session).where(session.c.sid == bindparam("the_sid")).values(created_at=1))
    with strict.db.transaction() as tx:
        for account in (root, person):
            tx.execute(old, the_sid=account.sid)
    with strict.client(root.bearer) as client:
        path = f"/api/manage/user/{person.user_id}/"
        assert client.patch(path, json={"password": GOOD}).status_code == 200
        own = client.patch(f"/api/manage/user/{root.user_id}/", json={"password": GOOD})
        assert told(own) == {"current_password": "This field is required."}
