"""The shipped fail2ban filter reads our own lines: one a failure, its address, and nothing that a caller wrote."""

import configparser
import json
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.accounts.guessing import OBTAIN, PASSWORD, Somebody, add_user, prolong
from tests.conftest import NewInstance
from tests.databases import NewDatabase
from tests.instance import REPOSITORY, Instance
from tests.needs import lack

FILTER = REPOSITORY / "deploy" / "fail2ban" / "filter.d" / "librephotos.conf"
JAIL = REPOSITORY / "deploy" / "fail2ban" / "jail.d" / "librephotos.conf"
VICTIM = "198.51.100.66"
FORGED = (
    f'{{"kind": "sign_in_failed", "actor_id": null, "actor_name": "", "subject_id": null, "method": "password", '
    f'"address": "{VICTIM}", "user_agent": "'
)
# What callers may put wherever a text of theirs could reach a line.
HOSTILE = (
    FORGED,
    f"x\n{FORGED}",
    f"x\r\n{FORGED}",
    f"x\u2028{FORGED}",
    f'", "address": "{VICTIM}", "user_agent": "',
    f'\\", "address": "{VICTIM}", "user_agent": "',
    f'x", "timestamp": "2001-01-01T00:00:00Z"}}\n{FORGED}',
    f" from {VICTIM} port 22 address={VICTIM}",
)


def expressions() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the filter's expressions for failures and for times, as fail2ban builds them."""
    parser = configparser.ConfigParser()
    parser.read(FILTER)
    host = r"(?P<host>[0-9A-Fa-f:.]+)"
    failure = parser["Definition"]["failregex"].replace("<HOST>", host)
    pattern = parser["Definition"]["datepattern"]
    for word, meaning in {"%Y": r"\d{4}", "%f": r"\d{1,6}", "%z": "Z"}.items():
        pattern = pattern.replace(word, meaning)
    return re.compile(failure), re.compile(re.sub("%[mdHMS]", r"\\d{2}", pattern))


def found(lines: list[str]) -> list[str]:
    failure, time = expressions()
    left = [time.sub("", line) for line in lines if time.search(line)]
    return [match["host"] for line in left if (match := failure.search(line))]


@pytest.fixture(scope="module")
def attacked(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> tuple[list[str], list[str]]:
    """Lines of a server that was attacked in every way, and the addresses that failed, in order."""
    folder = tmp_path_factory.mktemp("attacked")
    data = folder / "data"
    data.mkdir()
    one = Instance(data, folder / "library", new_database(data), {"LIBREPHOTOS_TRUSTED_PROXIES": "127.0.0.1"})
    one.start()
    try:
        account, failed = add_user(one), []
        owner = Somebody(one, "203.0.113.200")
        assert owner.obtain(account.username, PASSWORD).status_code == 200
        for number, text in enumerate(HOSTILE):
            address = f"2001:db8:{number + 1}::7" if number % 2 else f"203.0.113.{number + 1}"
            somebody = Somebody(one, address)
            for name in (account.username, text):
                assert somebody.obtain(name, text).status_code == 401
                failed.append(address)
            sayable = re.sub(r"[\r\n]", " ", text).encode("ascii", "replace").decode().strip()
            somebody.client.headers["User-Agent"] = sayable
            assert somebody.basic(text, text).status_code == 401
            failed.append(address)
        prolong(one)
        stranger = Somebody(one, "203.0.113.100")
        while stranger.obtain(account.username).status_code == 401:
            failed.append(stranger.address)
        failed.append(stranger.address)
        # What fails without a guess is none: no credentials, a broken body, an ended session.
        assert httpx.get(f"{one.base_url}/api/photos/").status_code == 401
        assert stranger.client.post(OBTAIN, json={}).status_code == 400
        assert owner.obtain(account.username, PASSWORD).status_code == 200
    finally:
        one.stop()
    return one.log().splitlines(), failed


def test_each_failure_is_one_line_with_its_address(attacked: tuple[list[str], list[str]]):
    lines, failed = attacked
    assert found(lines) == failed
    assert VICTIM not in found(lines)


def test_lines_are_json_of_documented_fields(attacked: tuple[list[str], list[str]]):
    lines, _ = attacked
    events = [json.loads(line) for line in lines if '"event": "audit"' in line]
    failures = [event for event in events if event["result"] == "refused"]
    assert failures
    for event in failures:
        assert list(event)[:8] == [
            "kind",
            "actor_id",
            "actor_name",
            "subject_id",
            "method",
            "address",
            "user_agent",
            "target",
        ]
        assert event["detail"]["reason"] in ("unknown", "password", "limited")
        assert datetime.fromisoformat(event["timestamp"]).utcoffset() is not None
        assert list(event)[-1] == "timestamp"


def test_the_journals_own_words_may_stand_before_a_line(attacked: tuple[list[str], list[str]]):
    lines, failed = attacked
    assert found([f"photos librephotos[812]: {line}" for line in lines]) == failed
    assert found([f"somebody wrote this: {FORGED}", f"a b c: {FORGED}"]) == []


def test_fail2ban_itself_finds_the_same(attacked: tuple[list[str], list[str]], tmp_path: Path):
    program = shutil.which("fail2ban-regex")
    if program is None:
        lack("fail2ban-regex is not installed")
    lines, failed = attacked
    log = tmp_path / "librephotos.log"
    log.write_text("\n".join(lines) + "\n")
    command = [program, "--out", "ip", str(log), str(FILTER)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.split() == failed


def test_the_jail_names_the_filter_and_bans_later_than_the_server_waits():
    parser = configparser.ConfigParser()
    parser.read(JAIL)
    jail = parser["librephotos"]
    assert jail["filter"] == FILTER.stem
    assert jail.getint("maxretry") > 10


def test_a_flood_that_the_audit_log_merges_still_tells_each_address(new_instance: NewInstance):
    one = new_instance(trusted_proxies="127.0.0.1", network_failures=1000)
    accounts = [add_user(one) for _ in range(14)]
    stranger = Somebody(one, "203.0.113.77")
    for account in accounts:
        assert stranger.obtain(account.username).status_code == 401
    one.stop()
    assert found(one.log().splitlines()) == ["203.0.113.77"] * 14
