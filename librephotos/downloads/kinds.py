"""The name and published number of this room's job."""

from typing import Final

PACK: Final = "pack"
PACK_TYPE: Final = 9
