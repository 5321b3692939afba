"""Names and published numbers of this room's jobs; names are stored with waiting jobs and never change."""

from typing import Final

SCAN: Final = "scan"
SCAN_TYPE: Final = 1
# Of uploaded files alone; it counts as a scan.
IMPORT: Final = "import"
DELETE_MISSING: Final = "delete_missing"
DELETE_MISSING_TYPE: Final = 5
REPAIR_VARIANTS: Final = "repair_variants"
REPAIR_VARIANTS_TYPE: Final = 16
WRITE_BACK: Final = "write_back"
# The published list of numbers has none for it.
WRITE_BACK_TYPE: Final = 101
