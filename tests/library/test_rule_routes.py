"""Zones and rules as the editors read them: JSON inside a JSON text."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest


def twice(client: httpx.Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    text = answer.json()
    assert isinstance(text, str)
    return json.loads(text)


def test_zones_are_all_there_with_aliases(client: httpx.Client) -> None:
    names = twice(client, "/api/timezones/")
    assert 550 < len(names) < 650
    assert names == sorted(set(names))
    assert {"US/Eastern", "Europe/Lisbon", "UTC", "Asia/Calcutta"} <= set(names)
    for name in names[::40]:
        assert ZoneInfo(name).key == name


def test_date_rules_are_in_order_and_marked(client: httpx.Client) -> None:
    default, offered = twice(client, "/api/defaultrules/"), twice(client, "/api/predefinedrules")
    assert [rule["id"] for rule in default] == [14, 16, 1, 15, 2, 11, 3, 4, 5]
    assert offered[: len(default)] == default
    assert {rule["id"] for rule in offered} == set(range(1, 17))
    assert [rule["is_default"] for rule in offered] == [True] * 9 + [False] * 7


def test_burst_rules_are_in_order_and_marked(client: httpx.Client) -> None:
    default, offered = twice(client, "/api/defaultburstrules/"), twice(client, "/api/predefinedburstrules/")
    assert [rule["id"] for rule in default] == [1, 2, 3, 101, 102]
    assert [rule["id"] for rule in offered] == [1, 2, 3, 101, 102, 4, 5, 103]
    assert [rule["enabled"] for rule in offered] == [True] * 3 + [False] * 5


@pytest.mark.parametrize(
    "name", ["timezones", "defaultrules", "predefinedrules", "defaultburstrules", "predefinedburstrules"]
)
def test_they_are_for_people_who_signed_in(anonymous: httpx.Client, name: str) -> None:
    assert anonymous.get(f"/api/{name}/").status_code == 401
