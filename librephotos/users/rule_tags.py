"""The tags that people's rules of capture times name: none may be anything else than a tag's name.

Whoever reads files by the rules leaves others out once more (`library/date_rules.py`), since older rows may hold some.
"""

import json
from typing import Final

from librephotos.errors import BadInput
from librephotos.kit.tag_names import is_tag_name

FIELD: Final = "datetime_rules"
BAD_TAG: Final = (
    "Rule {} names no tag: letters, digits, colons and hyphens only, such as EXIF:DateTimeOriginal."
)


def refuse_bad_tags(rules: str) -> None:
    """Raise BadInput for a rule, of a text that holds an array of them, whose tag or condition names no tag."""
    for number, rule in enumerate(json.loads(rules), start=1):
        if isinstance(rule, dict) and not all(map(is_tag_name, _named(rule))):
            raise BadInput.of(FIELD, BAD_TAG.format(number))


def _named(rule: dict[str, object]) -> list[str]:
    """Return what stands where tags are named; a condition is `tag//pattern`, and what is empty or no text is none."""
    tag, condition = (
        value if isinstance(value, str) else "" for value in map(rule.get, ("exif_tag", "condition_exif"))
    )
    return [name for name in (tag, condition.partition("//")[0]) if name]
