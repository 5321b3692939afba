"""Names and published numbers of this room's jobs; names are stored with waiting jobs and never change."""

from typing import Final

SCAN_FACES: Final = "scan_faces"
SCAN_FACES_TYPE: Final = 7
GROUP_FACES: Final = "group_faces"
GROUP_FACES_TYPE: Final = 8
