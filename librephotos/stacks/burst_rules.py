"""The rules by which bursts are found: the table, the defaults, and a lenient reading of what users stored."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from librephotos.kit import json
from librephotos.kit.ids import parse_int

Json = dict[str, Any]

MAX_RULES: Final = 100
DEFAULT_INTERVAL_MS: Final = 2000
DEFAULT_SIMILARITY: Final = 15


class BurstRule(msgspec.Struct, frozen=True):
    """One enabled rule. Conditions are regular expressions, that on EXIF behind the name of a tag and `//`."""

    rule_type: str
    is_soft: bool = False
    pattern_type: str = "all"
    custom_pattern: str = ""
    interval_ms: int = DEFAULT_INTERVAL_MS
    same_camera: bool = True
    similarity_threshold: int = DEFAULT_SIMILARITY
    condition_path: str = ""
    condition_filename: str = ""
    condition_exif: str = ""


def _burst(number: int, name: str, rule_type: str, description: str, **options: Any) -> Json:
    flags = {"enabled": options.pop("enabled", False), "is_default": options.pop("is_default", False)}
    category = "soft" if number > 100 else "hard"
    fields = {"id": number, "name": name, "rule_type": rule_type, "category": category}
    return {**fields, **flags, "description": description, **options}


PREDEFINED_BURST_RULES: Final[tuple[Json, ...]] = (
    _burst(
        1,
        "EXIF Burst Mode Tag",
        "exif_burst_mode",
        "Photos that the camera marked as taken in burst or continuous mode within the same second.",
        enabled=True,
        is_default=True,
    ),
    _burst(
        2,
        "EXIF Sequence Number",
        "exif_sequence_number",
        "Photos that the camera numbered as one sequence within the same second.",
        enabled=True,
        is_default=True,
    ),
    _burst(
        3,
        "Filename Burst Pattern",
        "filename_pattern",
        "File names that only differ in a burst suffix, such as IMG_0001_BURST01 or IMG_0001 (2).",
        enabled=True,
        is_default=True,
        pattern_type="all",
    ),
    _burst(
        101,
        "Timestamp Proximity",
        "timestamp_proximity",
        "Photos of the same camera taken at most two seconds apart.",
        is_default=True,
        interval_ms=2000,
        require_same_camera=True,
    ),
    _burst(
        102,
        "Visual Similarity",
        "visual_similarity",
        "Photos in a row that look nearly the same.",
        is_default=True,
        similarity_threshold=15,
    ),
    _burst(
        4,
        "Filename Burst Suffix Only",
        "filename_pattern",
        "File names that only differ in a suffix _BURST and a number.",
        pattern_type="burst_suffix",
    ),
    _burst(
        5,
        "Custom Filename Pattern",
        "filename_pattern",
        "File names that only differ in what your own regular expression matches.",
        pattern_type="custom",
        custom_pattern="",
    ),
    _burst(
        103,
        "Timestamp Proximity (Loose)",
        "timestamp_proximity",
        "Photos of any camera taken at most five seconds apart.",
        interval_ms=5000,
        require_same_camera=False,
    ),
)


def default_burst_rules() -> list[Json]:
    """Return what a new user starts with, in order."""
    return [dict(rule) for rule in PREDEFINED_BURST_RULES if rule["is_default"]]


_TYPES: Final = {
    "exif_burst_mode": False,
    "exif_sequence_number": False,
    "filename_pattern": False,
    "timestamp_proximity": True,
    "visual_similarity": True,
}


def parse_burst_rules(stored: object) -> list[BurstRule]:
    """Return the enabled rules of a user's `burst_detection_rules`, hard ones first; what is of no use is left out.

    None means the default ones. Which rules are hard follows from their type.
    """
    value: object = stored
    if isinstance(stored, str):
        try:
            value = json.loads(stored)
        except ValueError:
            value = None
    rules = default_burst_rules() if stored is None else value if isinstance(value, list) else []
    found = [_rule(each) for each in rules[:MAX_RULES] if isinstance(each, Mapping)]
    usable = [rule for rule in found if rule is not None]
    return sorted(usable, key=lambda rule: rule.is_soft)


def _rule(fields: Mapping[str, Any]) -> BurstRule | None:
    rule_type = fields.get("rule_type")
    if fields.get("enabled") is not True or not isinstance(rule_type, str) or rule_type not in _TYPES:
        return None
    return BurstRule(
        rule_type=rule_type,
        is_soft=_TYPES[rule_type],
        pattern_type=_text(fields, "pattern_type") or "all",
        custom_pattern=_text(fields, "custom_pattern"),
        interval_ms=_number(fields, "interval_ms", DEFAULT_INTERVAL_MS),
        same_camera=fields.get("require_same_camera") is not False,
        similarity_threshold=_number(fields, "similarity_threshold", DEFAULT_SIMILARITY),
        condition_path=_text(fields, "condition_path"),
        condition_filename=_text(fields, "condition_filename"),
        condition_exif=_text(fields, "condition_exif"),
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _number(fields: Mapping[str, Any], name: str, default: int) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    if isinstance(value, float):
        return int(value) if 0 <= value < 1e15 else default
    found = parse_int(str(value).strip())
    return default if found is None else found
