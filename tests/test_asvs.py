"""docs/asvs.md is true: no requirement is missing, and every test, module and setting that it names is there.

So is the table of known holes in docs/security.md.
"""

import ast
import re
from collections import Counter
from functools import cache

import pytest

from librephotos.db.tables import user
from tests.instance import REPOSITORY

DOCUMENT = (REPOSITORY / "docs" / "asvs.md").read_text()
SECURITY = (REPOSITORY / "docs" / "security.md").read_text()
SETTINGS = (REPOSITORY / "docs" / "settings.md").read_text()
PACKAGE = REPOSITORY / "librephotos"

# Of OWASP ASVS 5.0.0: the requirements of levels 1 and 2 by section; all of chapters 6 to 10, and those on cookies and
# credentials of others.
LEVELS: dict[int, dict[str, str]] = {
    1: {
        "6.1": "1",
        "6.2": "1 2 3 4 5 6 7 8",
        "6.3": "1 2",
        "6.4": "1 2",
        "7.2": "1 2 3 4",
        "7.4": "1 2",
        "8.1": "1",
        "8.2": "1 2",
        "8.3": "1",
        "9.1": "1 2 3",
        "9.2": "1",
        "10.4": "1 2 3 4 5",
        "3.3": "1",
        "3.5": "1",
        "14.2": "1",
    },
    2: {
        "6.1": "2 3",
        "6.2": "9 10 11 12",
        "6.3": "3 4",
        "6.4": "3 4",
        "6.5": "1 2 3 4 5",
        "6.6": "1 2 3",
        "6.8": "1 2 3 4",
        "7.1": "1 2 3",
        "7.3": "1 2",
        "7.4": "3 4 5",
        "7.5": "1 2",
        "7.6": "1 2",
        "8.1": "2",
        "8.2": "3",
        "8.4": "1",
        "9.2": "2 3 4",
        "10.1": "1 2",
        "10.2": "1 2",
        "10.3": "1 2 3 4",
        "10.4": "6 7 8 9 10 11",
        "10.5": "1 2 3 4 5",
        "10.6": "1 2",
        "10.7": "1 2 3",
        "3.3": "2 3 4",
        "11.4": "2",
        "11.5": "1",
    },
}
REQUIREMENTS = {
    f"{section}.{number}": level
    for level, sections in LEVELS.items()
    for section, numbers in sections.items()
    for number in numbers.split()
}
STATES = ("met", "partly", "open", "deviates", "n/a")
ROW = re.compile(
    r"^\| (v5\.0\.0-[^|]*) \| ([^|]*) \| ([^|]+) \| ([^|]*) \| ([^|]*)\| ([^|]*)\|$", re.MULTILINE
)
REASON = re.compile(r"^\| ([0-9][0-9., ]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
MODULE = re.compile(r"`([\w/]+\.(?:py|html))`")
SETTING = re.compile(r"LIBREPHOTOS_\w+")
SECTION = re.compile(r"\]\(#([\w-]+)\)")


def ids_of(cell: str) -> list[str]:
    return [each.strip().removeprefix("v5.0.0-") for each in cell.split(",")]


ROWS = [(ids_of(cells[0]), *(cell.strip() for cell in cells[1:])) for cells in ROW.findall(DOCUMENT)]


@cache
def list_tests(path: str) -> frozenset[str]:
    """The names of the tests in a file, read without importing it."""
    tree = ast.parse((REPOSITORY / path).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")
    )


# What became known of servers of this API: its number, or what it is called without one.
HOLES = (
    "CVE-2023-22903",
    "GHSA-wg72-3rf2-wvp5",
    "ZeroPath",
    "CVE-2026-57943",
    *("#1860", "#1861", "#1980", "#1981", "#1982", "#2008"),
    "GHSA-phvg-g65q-rhq3",
    "GHSA-hq2w-x39h-8wmp",
    "of the same kind",
    "GHSA-6367-m327-c4pf",
    "a draft",
    *("no id",) * 4,
    "#76",
    "#403",
)


def test_every_known_hole_has_a_test_that_names_it():
    section = SECURITY.split("\n## Holes that such servers had\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| (`tests/[^|]+) \|$", section, re.MULTILINE)
    assert len(rows) == 16
    assert Counter(name for known_as, _ in rows for name in known_as.split(", ")) == Counter(HOLES)
    for known_as, proof in rows:
        named = TEST.findall(proof)
        assert named and all(test in list_tests(path) for path, test in named), known_as
        told = " ".join(docstring(path, test) for path, test in named)
        assert [name for name in known_as.split(", ") if " " not in name and name not in told] == []


def docstring(path: str, test: str) -> str:
    tree = ast.parse((REPOSITORY / path).read_text())
    (node,) = (each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == test)
    return ast.get_docstring(node) or ""


def test_every_requirement_stands_there_once_with_its_level():
    found = Counter(each for row in ROWS for each in row[0])
    assert found == Counter(REQUIREMENTS.keys())
    for ids, level, *_ in ROWS:
        assert {str(REQUIREMENTS[each]) for each in ids} == {level}, ids


def test_nothing_that_looks_like_a_row_is_left_out():
    assert len(ROWS) == len(re.findall(r"^\| v5", DOCUMENT, re.MULTILINE))
    assert DOCUMENT.count("v5.0.0-") == len(REQUIREMENTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][0])
def test_a_row_says_what_its_state_asks_for(row: tuple[list[str], str, str, str, str, str]):
    _, _, _, state, where, proof = row
    assert state in STATES
    if state == "met":
        assert where
        assert TEST.search(proof), "what is met names the test that shows it"
    elif state == "n/a":
        assert proof, "what does not apply says why"
        assert not TEST.search(proof)


def test_what_is_not_met_has_its_reason_and_nothing_else_has():
    reasons = Counter(each for ids, _, _ in REASON.findall(DOCUMENT) for each in ids_of(ids))
    unmet = [each for ids, _, _, state, *_ in ROWS if state in ("partly", "open", "deviates") for each in ids]
    assert reasons == Counter(unmet)


def test_every_test_that_is_named_exists():
    named = TEST.findall(DOCUMENT)
    assert DOCUMENT.count("::") == len(named)
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (REPOSITORY / path).is_file() or name not in list_tests(path)
    ]
    assert missing == []


def test_every_module_setting_and_section_that_is_named_exists():
    modules = {path for path in MODULE.findall(DOCUMENT) if not path.startswith("tests/")}
    assert len(modules) > 10
    assert [path for path in modules if not (PACKAGE / path).is_file()] == []
    settings = set(SETTING.findall(DOCUMENT))
    assert len(settings) > 5
    assert [name for name in settings if f"`{name}`" not in SETTINGS] == []
    titles = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(SECTION.findall(DOCUMENT)) - anchors == set()


def test_the_words_listed_are_those_refused():
    section = DOCUMENT.split("### Words that no password is made of")[1].split("\n### ")[0]
    listed = section.split("signs around them:")[1].split(".")[0]
    assert re.findall(r"`(\w+)`", listed) == list(context_words())


def context_words() -> tuple[str, ...]:
    tree = ast.parse((PACKAGE / "accounts" / "password_policy.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "CONTEXT_WORDS" and node.value:
            words: tuple[str, ...] = ast.literal_eval(node.value)
            return words
    raise AssertionError("there are no CONTEXT_WORDS")


def test_accounts_keep_no_end_of_a_password_and_no_hint():
    """An account stores a hash of its password and nothing else about it."""
    about = ("password", "hint", "question", "answer", "secret", "expire", "rotat", "valid")
    columns = {column.name for column in user.c if any(word in column.name for word in about)}
    assert columns == {"password_hash", "nextcloud_app_password", "tokens_valid_from"}
