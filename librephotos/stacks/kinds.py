"""Names and published numbers of this room's jobs, and of kinds of groups; names are stored and never change."""

from typing import Final, Literal, get_args

DETECT_BURSTS: Final = "detect_bursts"
DETECT_BURSTS_TYPE: Final = 1
DETECT_DUPLICATES: Final = "detect_duplicates"
DETECT_DUPLICATES_TYPE: Final = 15
# What follows a scan: new photos only, bursts and duplicates.
DETECT_NEW: Final = "detect_new"
DETECT_NEW_TYPE: Final = 15

StackKind = Literal["burst", "bracket", "manual"]
DuplicateKind = Literal["exact_copy", "visual_duplicate"]
ReviewStatus = Literal["pending", "resolved", "dismissed"]
STACK_KINDS: Final[tuple[StackKind, ...]] = get_args(StackKind)
DUPLICATE_KINDS: Final[tuple[DuplicateKind, ...]] = get_args(DuplicateKind)
REVIEW_STATUSES: Final[tuple[ReviewStatus, ...]] = get_args(ReviewStatus)
DUPLICATE_NAMES: Final = {"exact_copy": "Exact Copies", "visual_duplicate": "Visual Duplicates"}
STATUS_NAMES: Final = {"pending": "Pending Review", "resolved": "Resolved", "dismissed": "Dismissed"}

BURST: Final = "burst"
BRACKET: Final = "bracket"
MANUAL: Final = "manual"
EXACT: Final = "exact_copy"
VISUAL: Final = "visual_duplicate"
PENDING: Final = "pending"
RESOLVED: Final = "resolved"
DISMISSED: Final = "dismissed"

# Bits of 64 in which two pictures may differ, by the word that a user's settings have for it.
SENSITIVITY: Final = {"strict": 5, "normal": 10, "loose": 15}
NORMAL_THRESHOLD: Final = 10
# Beyond this, pictures that have nothing in common begin to be alike.
MAX_THRESHOLD: Final = 20
