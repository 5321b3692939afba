"""The whole API document against a running server: what it promises holds for every kind of caller, and nothing fails.

Inputs are generated, valid and invalid, the same ones every time.
"""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.instance import Account, Instance

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "allow_header_conformance",
)
# Examples an operation: enough to meet every parameter and body kind, few enough for every run of the suite.
EXAMPLES = 12
SEED = 20_260_101


@pytest.fixture(scope="module")
def expendable(tmp_path_factory: pytest.TempPathFactory, new_database: Any) -> Iterator[Instance]:
    """A server that may be changed in any way: the admin's calls delete users and rewrite settings."""
    folder = tmp_path_factory.mktemp("expendable")
    (folder / "data").mkdir()
    debug = {"LIBREPHOTOS_DEBUG": "true"}
    one = Instance(folder / "data", folder / "library", new_database(folder / "data"), debug)
    yield one.start()
    one.stop()


def explore(
    instance: Instance, account: Account | None, *more_checks: str
) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{instance.base_url}/api/schema?format=json"),
        *("--url", instance.base_url),
        *("--checks", ",".join([*CHECKS, *more_checks])),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(EXAMPLES)),
        *("--seed", str(SEED)),
        "--generation-deterministic",
        "--no-shrink",
        *("--max-failures", "20"),
        *("--request-timeout", "20"),
        *("--warnings", "off"),
        "--no-color",
    ]
    if account is not None:
        command += ["--header", f"Authorization: {account.bearer['Authorization']}"]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=280, cwd=instance.data
    )


def fails(done: subprocess.CompletedProcess[str]) -> str:
    """What went wrong, readable; empty when everything held."""
    return "" if done.returncode == 0 else done.stdout[-12_000:] + done.stderr[-2_000:]


@pytest.mark.timeout(300)
def test_the_document_holds_for_anonymous_callers(expendable: Instance):
    assert fails(explore(expendable, None)) == ""


@pytest.mark.timeout(300)
def test_the_document_holds_for_a_user(expendable: Instance):
    account = expendable.add_user()
    assert fails(explore(expendable, account, "unsupported_method")) == ""


@pytest.mark.timeout(300)
def test_the_document_holds_for_an_admin(expendable: Instance):
    # The only superuser, whom no call can delete, disable or demote.
    account = expendable.add_user(is_admin=True)
    assert fails(explore(expendable, account, "unsupported_method")) == ""
    with expendable.client(account.bearer) as client:
        assert client.get("/api/help").status_code == 200, "the admin was locked out on the way"
