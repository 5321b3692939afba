"""Names of metadata tags, as they may be handed to a program that reads files."""

import re
from typing import Final

_TAG_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:-]{0,99}")


def is_tag_name(name: str) -> bool:
    """Tell whether this names a tag and nothing else: letters, digits, colons, inner hyphens; never an option."""
    return _TAG_NAME.fullmatch(name) is not None
