"""Names and published numbers of this room's jobs; names are stored with waiting jobs and never change."""

from typing import Final

CLASSIFY_MEDIA: Final = "classify_media"
CLASSIFY_MEDIA_TYPE: Final = 17
EXTRACT_TEXT: Final = "extract_text"
EXTRACT_TEXT_TYPE: Final = 18

# What kinds of stacks are called.
STACK_NAMES: Final = {
    "burst": "Burst Sequence",
    "bracket": "Exposure Bracket",
    "manual": "Manual Stack",
}
