"""The published tables of rules, and lenient reading of what users stored."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from librephotos.kit.patterns import is_pattern, search_groups
from librephotos.kit.tag_names import is_tag_name
from librephotos.library.date_rules import (
    PREDEFINED_DATE_RULES,
    default_date_rules,
    parse_date_rules,
    tags_needed,
)
from librephotos.stacks.burst_rules import PREDEFINED_BURST_RULES, default_burst_rules


def test_the_default_rules_stand_in_the_published_order():
    assert [rule["id"] for rule in default_date_rules()] == [14, 16, 1, 15, 2, 11, 3, 4, 5]
    assert [rule["id"] for rule in default_burst_rules()] == [1, 2, 3, 101, 102]


def test_all_sixteen_date_rules_and_eight_burst_rules_are_predefined():
    assert sorted(rule["id"] for rule in PREDEFINED_DATE_RULES) == list(range(1, 17))
    assert sorted(rule["id"] for rule in PREDEFINED_BURST_RULES) == [1, 2, 3, 4, 5, 101, 102, 103]
    assert all("is_default" in rule for rule in (*PREDEFINED_DATE_RULES, *PREDEFINED_BURST_RULES))


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (14, {"rule_type": "user_defined"}),
        (16, {"rule_type": "exif", "exif_tag": "XMP:DateCreated"}),
        (1, {"rule_type": "exif", "exif_tag": "EXIF:DateTimeOriginal"}),
        (15, {"rule_type": "exif", "exif_tag": "EXIF:ModifyDate"}),
        (2, {"exif_tag": "QuickTime:CreateDate", "source_tz": "utc", "report_tz": "gps_timezonefinder"}),
        (11, {"exif_tag": "Composite:GPSDateTime", "source_tz": "utc", "report_tz": "gps_timezonefinder"}),
        (3, {"rule_type": "path"}),
        (4, {"exif_tag": "QuickTime:CreateDate", "report_tz": "user_default", "transform_tz": 1}),
        (5, {"rule_type": "path", "predefined_regexp": "whatsapp"}),
        (6, {"rule_type": "exif", "exif_tag": "QuickTime:CreateDate"}),
        (7, {"rule_type": "filesystem", "file_property": "mtime", "report_tz": "user_default"}),
        (8, {"rule_type": "filesystem", "file_property": "mtime"}),
        (9, {"rule_type": "filesystem", "file_property": "ctime", "report_tz": "user_default"}),
        (10, {"rule_type": "filesystem", "file_property": "ctime"}),
        (12, {"exif_tag": "Composite:GPSDateTime", "source_tz": "utc", "report_tz": "user_default"}),
        (13, {"exif_tag": "Composite:GPSDateTime"}),
    ],
)
def test_each_predefined_rule_has_its_published_parameters(number, options):
    (rule,) = [rule for rule in PREDEFINED_DATE_RULES if rule["id"] == number]
    assert options.items() <= rule.items()
    assert ("transform_tz" in rule) == ("report_tz" in rule)


def test_burst_rules_have_their_published_parameters():
    rules = {rule["id"]: rule for rule in PREDEFINED_BURST_RULES}
    assert [rules[number]["category"] for number in (1, 5, 101, 103)] == ["hard", "hard", "soft", "soft"]
    assert [number for number, rule in rules.items() if rule["enabled"]] == [1, 2, 3]
    assert (rules[101]["interval_ms"], rules[101]["require_same_camera"]) == (2000, True)
    assert (rules[103]["interval_ms"], rules[103]["require_same_camera"]) == (5000, False)
    assert rules[102]["similarity_threshold"] == 15
    assert [rules[number]["pattern_type"] for number in (3, 4, 5)] == ["all", "burst_suffix", "custom"]
    assert rules[5]["custom_pattern"] == "" and all(rule["description"] for rule in rules.values())


def test_an_array_and_a_text_holding_one_read_the_same():
    assert parse_date_rules(json.dumps(default_date_rules())) == parse_date_rules(default_date_rules())
    assert len(parse_date_rules(default_date_rules())) == 9


def test_unknown_keys_are_kept_and_wrong_ones_count_as_absent():
    (rule,) = parse_date_rules(
        [{"id": "7", "rule_type": "exif", "exif_tag": 5, "mine": [1], "transform_tz": "true"}]
    )
    assert (rule.id, rule.exif_tag, rule.transform_tz, rule.raw["mine"]) == (7, "", True, [1])


@pytest.mark.parametrize(
    "stored", [None, 5, "", "{", "null", '"text"', {}, [None, 1, [], {}, {"id": 1, "rule_type": "x"}]]
)
def test_what_is_no_rule_is_left_out(stored):
    assert parse_date_rules(stored) == []


def test_the_tags_needed_are_those_named_and_the_offsets_but_never_an_option():
    rules = parse_date_rules(
        [
            {
                "id": 1,
                "rule_type": "exif",
                "exif_tag": "EXIF:DateTimeOriginal",
                "condition_exif": "EXIF:Model//Canon",
            },
            {"id": 2, "rule_type": "exif", "exif_tag": "-if"},
            {"id": 3, "rule_type": "exif", "exif_tag": "EXIF:A\n-o"},
            {"id": 4, "rule_type": "path", "condition_exif": "x y//z"},
        ]
    )
    assert tags_needed(rules) == [
        "EXIF:DateTimeOriginal",
        "EXIF:Model",
        "EXIF:OffsetTimeOriginal",
        "EXIF:OffsetTime",
    ]


@pytest.mark.parametrize("name", ["", "-if", ":a", "a b", "a\n", "a*", "a<b", "é", "a" * 101])
def test_what_is_no_tag_name_is_refused(name):
    assert not is_tag_name(name)


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|a)*b", r"(.*)*x", r"a*a*a*a*a*a*a*a*b", r"(?:a{0,50}){0,50}b"]
)
def test_a_catastrophic_pattern_is_stopped_and_not_tried_again(pattern):
    started = time.monotonic()
    for _ in range(20):
        assert search_groups(pattern, "a" * 4000 + "!") is None or True
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("pattern", ["(", "[", "*", "(?P<a", "x" * 1001, "(?<=a+)b\\", "\\"])
def test_a_bad_pattern_matches_nothing(pattern):
    search_groups(pattern, "text")
    assert not is_pattern(pattern) or search_groups(pattern, "text") is None


def test_groups_that_took_no_part_are_empty():
    assert search_groups(r"(a)|(b)", "b") == ("b", "", "b")


@settings(deadline=None)
@given(st.text(), st.text())
def test_no_pattern_makes_it_raise(pattern, text):
    search_groups(pattern, text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["id", "rule_type", "exif_tag", "transform_tz", "x"]), inner)
    ),
)


@settings(deadline=None)
@given(JSON)
def test_nothing_stored_makes_it_raise(stored):
    parse_date_rules(stored)
