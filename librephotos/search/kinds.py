"""Names and published numbers of this room's jobs; names are stored with waiting jobs and never change."""

from typing import Final

EMBED_PICTURES: Final = "embed_pictures"
EMBED_PICTURES_TYPE: Final = 6
