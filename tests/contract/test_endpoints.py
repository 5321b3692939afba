"""The published endpoints, one line each in `endpoints.csv`: what is here is in the OpenAPI document, the rest says so.

`state` is `here` or `later`, or `refused` for what no client uses and 405 answers. `mark`
says how much clients need it (core, plus, rare), `since` in which version it came.
`required` names fields of the answer that clients do not do without.
"""

import csv
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.authorization.matrix import MISSING_UUID
from tests.contract.document import answer_fields, document, operation

ROWS = list(csv.DictReader((Path(__file__).parent / "endpoints.csv").open(newline="")))


def name_of(row: dict[str, str]) -> str:
    return f"{row['method']} {row['path']}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_the_index_says_what_is_there(row: dict[str, str]):
    found = operation(row["method"], row["path"])
    assert (found is not None) == (row["state"] == "here"), f"{name_of(row)} is marked {row['state']}"


@pytest.mark.parametrize("row", [row for row in ROWS if row["required"]], ids=name_of)
def test_the_answers_carry_what_clients_require(row: dict[str, str]):
    found = operation(row["method"], row["path"])
    assert found is not None
    missing = set(row["required"].split()) - answer_fields(found)
    assert not missing


def test_every_endpoint_is_named_once():
    names = [(row["method"], re.sub(r"\{[^}]*\}", "{}", row["path"])) for row in ROWS]
    assert len(names) == len(set(names))
    assert {row["state"] for row in ROWS} <= {"here", "later", "refused"}


@pytest.mark.parametrize("row", [row for row in ROWS if row["state"] == "refused"], ids=name_of)
def test_what_is_refused_says_what_there_is_instead(client: httpx.Client, row: dict[str, str]):
    answer = client.request(row["method"], row["path"].replace("{id}", MISSING_UUID), json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, OPTIONS")


def test_every_published_path_answers_with_a_typed_success():
    untyped = []
    for row in ROWS:
        found: Any = operation(row["method"], row["path"]) if row["state"] == "here" else None
        if found is not None and not any(str(status).startswith("2") for status in found["responses"]):
            untyped.append(name_of(row))
    assert untyped == []
    assert document()["openapi"].startswith("3.1")
