"""The lock files fit the ranges, and say what is installed, not where it comes from."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import build_hook

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def read_pins(name: str) -> dict[str, set[str]]:
    """Return the versions pinned for each package; several where Python versions differ."""
    pins: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE
    ):
        pins.setdefault(canonicalize_name(package), set()).add(version)
    return pins


def list_ranges(*groups: str) -> list[Requirement]:
    texts = list(PROJECT["project"]["dependencies"])
    for group in groups:
        texts += [text for text in PROJECT["dependency-groups"][group] if isinstance(text, str)]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize(
    ("name", "groups"),
    [("requirements.lock", ()), ("requirements-dev.lock", ("build", "test", "lint"))],
)
def test_each_lock_fits_the_ranges(name: str, groups: tuple[str, ...]) -> None:
    pins = read_pins(name)
    misfits = [
        str(wanted)
        for wanted in list_ranges(*groups)
        if not all(map(wanted.specifier.contains, pins.get(canonicalize_name(wanted.name), {"absent"})))
    ]
    assert misfits == [], "run make lock"


def test_the_development_lock_holds_the_server_at_the_same_versions() -> None:
    assert read_pins("requirements.lock").items() <= read_pins("requirements-dev.lock").items()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(name: str) -> None:
    assert not re.search(r"://|--index-url|--extra-index-url|--find-links|file:", (ROOT / name).read_text())


def test_the_lock_of_npm_names_no_place_to_fetch_from() -> None:
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_the_hook_asks_for_the_node_of_the_lock() -> None:
    assert build_hook.NODE_REQUIREMENT in PROJECT["dependency-groups"]["build"]
