"""The whole API document against a running server: what it promises holds for every kind of caller, and nothing fails.

Inputs are generated, valid and invalid, the same ones every time.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import bindparam, insert

from librephotos.db.statements import statement
from librephotos.db.tables import worker
from librephotos.kit import clock
from tests.instance import KEY, Account, Instance

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "allow_header_conformance",
)
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# Examples an operation beside those that cover each rule of its schema once: few enough for every run of the suite.
EXAMPLES = 6
# Bodies of more fields are tried as JSON only: how forms are read is the same for all.
FEW_FIELDS = 6
ANONYMOUS = frozenset({"anyone"})
USER = ANONYMOUS | {"signed_in"}
ADMIN = USER | {"admin", "superuser"}

_WORKER = statement(
    insert(worker).values(
        executor=bindparam("executor"),
        host=bindparam("host"),
        pid=bindparam("pid"),
        started_at=bindparam("now"),
        seen_at=bindparam("now"),
    )
)


@pytest.fixture(scope="module")
def expendable(tmp_path_factory: pytest.TempPathFactory, new_database: Any) -> Iterator[Instance]:
    """A server that may be changed in any way: the admin's calls delete users and rewrite settings."""
    folder = tmp_path_factory.mktemp("expendable")
    (folder / "data").mkdir()
    debug = {"LIBREPHOTOS_DEBUG": "true"}
    one = Instance(folder / "data", folder / "library", new_database(folder / "data"), debug)
    one.start()
    with one.db.transaction() as tx:
        # Seen tomorrow: health checks find a living worker, though none runs that would do what is enqueued here.
        tx.execute(_WORKER, executor="none", host="none", pid=0, now=clock.now() + clock.DAY)
    yield one
    one.stop()


def explore(
    instance: Instance, account: Account | None, entering: frozenset[str]
) -> subprocess.CompletedProcess[str]:
    """Call every operation; `entering` are the access rules that let the caller in."""
    headers = {} if account is None else account.bearer
    checks = CHECKS if account is None else (*CHECKS, "unsupported_method")
    with instance.client(headers) as client:
        document = client.get("/api/schema?format=json").json()
    described = instance.data / "document.json"
    described.write_text(json.dumps(bounded(document, entering)))
    command = [
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(CONFIGURATION),
            "run",
            str(described),
        ),
        *("--url", instance.base_url),
        *("--checks", ",".join(checks)),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(EXAMPLES)),
        "--generation-deterministic",
        "--no-shrink",
        *("--max-failures", "20"),
        *("--request-timeout", "20"),
        *("--warnings", "off"),
        "--no-color",
    ]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=580, cwd=instance.data
    )


def lasting(account: Account) -> Account:
    """Return the account with an access token of an hour.

    After the usual five minutes, in which a busy machine is not through, all other operations would only be refused.
    """
    claims = jwt.decode(account.access, options={"verify_signature": False})
    return replace(account, access=jwt.encode({**claims, "exp": claims["exp"] + 3600}, KEY))


def bounded(document: Any, entering: frozenset[str]) -> Any:  # JSON
    """Leave out what would be tried many times over for nothing."""
    schemas = document["components"]["schemas"]
    for methods in document["paths"].values():
        for operation in methods.values():
            if operation["x-access"] not in entering:
                # Refused before anything else is looked at.
                operation.pop("requestBody", None)
                kept = [one for one in operation.get("parameters", ()) if one["in"] == "path"]
                operation["parameters"] = kept
            elif "requestBody" in operation:
                content = operation["requestBody"]["content"]
                schema = content["application/json"]["schema"]
                schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
                if len(schema.get("properties", ())) > FEW_FIELDS:
                    operation["requestBody"]["content"] = {"application/json": content["application/json"]}
    return document


def fails(done: subprocess.CompletedProcess[str]) -> str:
    """What went wrong, readable; empty when everything held."""
    return "" if done.returncode == 0 else done.stdout[-12_000:] + done.stderr[-2_000:]


@pytest.mark.timeout(600)
def test_the_document_holds_for_anonymous_callers(expendable: Instance):
    assert fails(explore(expendable, None, ANONYMOUS)) == ""


@pytest.mark.timeout(600)
def test_the_document_holds_for_a_user(expendable: Instance):
    assert fails(explore(expendable, lasting(expendable.add_user()), USER)) == ""


@pytest.mark.timeout(600)
def test_the_document_holds_for_an_admin(expendable: Instance):
    # The only superuser, whom no call can delete, disable or demote.
    account = lasting(expendable.add_user(is_admin=True))
    assert fails(explore(expendable, account, ADMIN)) == ""
    with expendable.client(account.bearer) as client:
        assert client.get("/api/help").status_code == 200, "the admin was locked out on the way"
