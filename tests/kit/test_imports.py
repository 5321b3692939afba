"""Libraries are absent for a while, and only those that are not there already."""

import importlib
import sys

import pytest

from librephotos.kit.imports import absent


def test_what_was_imported_before_stays():
    with absent("json"):
        assert importlib.import_module("json") is sys.modules["json"]


def test_what_is_there_can_be_imported_afterwards():
    name = "librephotos.kit.mounts"
    sys.modules.pop(name, None)
    with absent(name), pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)
    assert importlib.import_module(name).__name__ == name
